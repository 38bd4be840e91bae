"""Translating pictures of any size: in memory, by tiles, folders and videos, in several processes."""
