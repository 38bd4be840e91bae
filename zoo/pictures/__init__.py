"""Picture files: finding, reading and writing them, and what their values mean to networks."""

from zoo.pictures.bands import in_bands
from zoo.pictures.find import SUFFIXES, find_pictures
from zoo.pictures.format_pair import Formats
from zoo.pictures.formats import RGB, PictureFormat, read_picture
from zoo.pictures.header import NO_LIMIT, Header
from zoo.pictures.read import read_array, read_header
from zoo.pictures.settings import FormatSettings
from zoo.pictures.source import Source, Stream, TooManyPixelsError, UnknownKindError
from zoo.pictures.tiff_tags import Tag
from zoo.pictures.values import to_float, to_uint8
from zoo.pictures.write import encode, fits, write_picture

__all__ = [
    "NO_LIMIT",
    "RGB",
    "SUFFIXES",
    "FormatSettings",
    "Formats",
    "Header",
    "PictureFormat",
    "Source",
    "Stream",
    "Tag",
    "TooManyPixelsError",
    "UnknownKindError",
    "encode",
    "find_pictures",
    "fits",
    "in_bands",
    "read_array",
    "read_header",
    "read_picture",
    "to_float",
    "to_uint8",
    "write_picture",
]
