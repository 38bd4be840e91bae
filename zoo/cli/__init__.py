"""The command line: one small file for each group of commands."""

from zoo.cli.main import command, main

__all__ = ["command", "main"]
