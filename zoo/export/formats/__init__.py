"""The formats that zoo itself exports to."""
