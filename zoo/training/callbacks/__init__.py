"""Keras callbacks of a run: progress, history, sample pictures, curves, clean stops."""
