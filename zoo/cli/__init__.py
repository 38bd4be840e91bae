"""The command line: one small file for each group of commands."""

from zoo.cli.main import main

__all__ = ["main"]
