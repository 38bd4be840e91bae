"""Serving a translator over HTTP: REST as TensorFlow Serving speaks it, pictures in and out, a page, metrics."""
