"""The page that translates in the visitor's own browser: its scripts, its runtime and its smaller weights."""
