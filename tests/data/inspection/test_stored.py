import json

import pytest

from zoo.data.inspection.statistics import Channel, Statistics
from zoo.data.inspection.stored import StoredAs, mode_of, stored_as
from zoo.pictures import Header
from zoo.pictures.settings import FormatSettings


def header(channels=3, dtype="uint8", **more):
    return Header(8, 8, channels, dtype, "PNG", **more)


def values(dtype, least, most, channels=1, labels=None):
    channel = Channel(least, most, (least + most) / 2, 1.0, least, most)
    return Statistics("A", dtype, 4, (channel,) * channels, labels)


CASES = {
    "colours": ([header()], [values("uint8", 0, 255, 3)], {}, ""),
    "grey": ([header(1)], [values("uint8", 0, 200)], {"channels": "grey"}, ""),
    "grey and colours": ([header(1), header()], [values("uint8", 0, 200)], {}, ""),
    "alpha": ([header(4, transparent=True)], [values("uint8", 0, 255, 4)], {}, ""),
    "four channels": ([header(4)], [values("uint8", 0, 255, 4)], {"channels": 4}, ""),
    "12 bits": (
        [header(1, "uint16")],
        [values("uint16", 3, 4080)],
        {"channels": "grey", "range": [0, 4095]},
        "values from 3 to 4,080: 12 bits in use",
    ),
    "a few of 16 bits": (
        [header(12, "uint16")],
        [values("uint16", 180, 4400, 12)],
        {"channels": 12, "range": [180, 4400]},
        "values from 180 to 4,400",
    ),
    "dark": (
        [header(1, "uint16")],
        [Statistics("A", "uint16", 4, (Channel(0, 60000, 90, 30, 20, 180),))],
        {"channels": "grey", "percentiles": [0.5, 99.5]},
        "values from 0 to 60,000",
    ),
    "floats to 1": (
        [header(3, "float32")],
        [values("float32", 0.0, 1.0, 3)],
        {"range": [0.0, 1.0]},
        None,
    ),
    "floats about 0": (
        [header(3, "float32")],
        [values("float32", -0.9, 0.9, 3)],
        {"range": [-1.0, 1.0]},
        None,
    ),
    "heights": (
        [header(1, "float32")],
        [values("float32", -10.5, 8848.0)],
        {"channels": "grey", "range": [-20.0, 8850.0]},
        "values from -10.5 to 8,848",
    ),
    "Hounsfield units": (
        [header(1, "int16")],
        [values("int16", -1024, 3072)],
        {"channels": "grey", "range": [-1024, 3072]},
        "values from -1,024 to 3,072",
    ),
    "one value": (
        [header(1, "int16")],
        [values("int16", -5, -5)],
        {"channels": "grey", "range": [-5, -4]},
        None,
    ),
    "classes": (
        [header(1)],
        [values("uint8", 0, 3, labels=(0, 1, 3))],
        {"classes": 4},
        "likely label maps of 4 classes",
    ),
    "classes and none": (
        [header(1)],
        [values("uint8", 0, 255, labels=(0, 1, 255))],
        {"classes": 2},
        None,
    ),
    "two levels": (
        [header(1)],
        [values("uint8", 0, 255, labels=(0, 255))],
        {"classes": [0, 255]},
        None,
    ),
    "far apart": (
        [header(1)],
        [values("uint8", 0, 200, labels=(0, 100, 200))],
        {"classes": [0, 100, 200]},
        None,
    ),
    "colours as classes": (
        [header()],
        [values("uint8", 0, 128, 3, labels=((0, 0, 0), (128, 0, 0)))],
        {"classes": [[0, 0, 0], [128, 0, 0]]},
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_recipe_is_to_say(name):
    headers, statistics, settings, reason = CASES[name]
    found = stored_as(headers, statistics)
    assert found.settings == settings
    if reason is not None:
        assert found.reason == reason
    assert found.strangers == {}
    FormatSettings.model_validate_json(json.dumps(settings))


ALPHA = "pictures have an alpha channel, which is laid on white and lost"


@pytest.mark.parametrize(
    ("headers", "statistics", "losses"),
    [
        ([header(1, "int16")], [values("int16", -1024, 3072)], ()),
        (
            [header(1, "int16")] * 5,
            [values("int16", -1024, 3072)],
            (
                "the range [-1024, 3072] is that of the pictures that were decoded; values beyond it in others are "
                "clipped (--sample 0 decodes all)",
            ),
        ),
        (
            [header(1, "uint32")],
            [values("uint32", 0, 2**31)],
            (
                "a range of 2,147,483,648 values is more than float32 tells apart: the last digits are lost",
            ),
        ),
        (
            [header(1, "uint16")],
            [Statistics("A", "uint16", 4, (Channel(0, 60000, 90, 30, 20, 180),))],
            (
                "values beyond the percentiles, up to 1 % of a channel, are clipped; range: [0, 60000] would keep "
                "them, but leaves most of the others close together",
            ),
        ),
        (
            [header(4, transparent=True)] * 2,
            [values("uint8", 0, 255, 4)],
            (f"2 {ALPHA}; channels: 4 keeps it as a channel of its own",),
        ),
        (
            [header(), *[header(4, transparent=True)] * 2],
            [values("uint8", 0, 255, 4)],
            (f"2 {ALPHA}",),
        ),
        (
            [header(2, transparent=True), header(1), header(1)],
            [values("uint8", 0, 255, 1)],
            ("1 picture has an alpha channel, which is laid on white and lost",),
        ),
        ([header(4)], [values("uint8", 0, 255, 4)], ()),
    ],
)
def test_what_is_lost_is_said_in_one_sentence(headers, statistics, losses):
    assert stored_as(headers, statistics).losses == losses


def test_what_is_not_like_the_rest_is_counted():
    headers = [header(6)] * 5 + [header(5)] + [header(3, "uint16")] * 2
    found = stored_as(headers, [values("uint8", 0, 255, 6)])
    assert found == StoredAs({"channels": 6}, "", {"16 bits": 2, "5 channels": 1})


@pytest.mark.parametrize(
    ("picture", "mode"),
    [
        (header(1), "grey"),
        (header(3), "RGB"),
        (header(2, transparent=True), "grey with alpha"),
        (header(4, transparent=True), "RGB with alpha"),
        (header(4), "4 channels"),
        (header(3, indexed=True), "palette"),
    ],
)
def test_modes_in_words(picture, mode):
    assert mode_of(picture) == mode


def test_most_of_mixed_pictures_decide():
    many, few = [header()] * 5 + [header(1)], [header(5)] * 2
    found = stored_as([*few, *many], [values("uint8", 0, 255, 3)])
    assert found == StoredAs({}, "", {"5 channels": 2})
    found = stored_as([*few * 4, *many], [values("uint8", 0, 255, 5)])
    assert found == StoredAs({"channels": 5}, "", {"RGB": 5, "grey": 1})
