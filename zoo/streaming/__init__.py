"""Translating more than fits into memory: large pictures by tiles, folders, videos, in several processes."""
