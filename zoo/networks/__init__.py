"""Networks: functional Keras models, channels last, built by plain functions."""
