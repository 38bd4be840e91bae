"""Runs: their directories, what they keep, and the report: one self-contained HTML page."""
