"""Adversarial objectives; reconstruction losses are Keras's own loss classes."""
