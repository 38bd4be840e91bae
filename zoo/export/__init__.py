"""Exports: a trained network as the file or folder that another runtime opens, proven to paint the same pictures."""
