"""Figures on held-out pictures, as Keras metrics."""
