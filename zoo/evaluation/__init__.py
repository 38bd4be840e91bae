"""Judging trained models on pictures: figures with intervals and baselines, and where the errors are."""
