"""The page that translates in the visitor's own browser: its exporter, its runtime and its smaller weights."""
