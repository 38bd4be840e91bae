"""The backbones by library, family and size: plain data, which `zoo list` reads without any of the libraries."""
