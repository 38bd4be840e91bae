"""Picture files: finding, reading and writing them, and what their values mean to networks."""

from zoo.pictures.find import SUFFIXES, find_pictures
from zoo.pictures.formats import RGB, PictureFormat, read_picture
from zoo.pictures.header import Header
from zoo.pictures.read import read_array, read_header
from zoo.pictures.values import to_float, to_uint8
from zoo.pictures.write import write_picture

__all__ = [
    "RGB",
    "SUFFIXES",
    "Header",
    "PictureFormat",
    "find_pictures",
    "read_array",
    "read_header",
    "read_picture",
    "to_float",
    "to_uint8",
    "write_picture",
]
