from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import zoo
from zoo.errors import ZooError
from zoo.pictures import RGB
from zoo.pictures.grid import draw_grid

FLOATS = np.random.default_rng(0).uniform(-1, 1, (2, 8, 8, 3)).astype("float32")


def grid(**columns):
    return np.asarray(draw_grid(columns))


def test_columns_may_be_batches_lists_pictures_and_files(tmp_path) -> None:
    first = RGB.for_people(FLOATS[0])
    Image.fromarray(first).save(tmp_path / "a.png")
    for column in (FLOATS[:1], [FLOATS[0]], FLOATS[0], first, Image.fromarray(first)):
        assert np.array_equal(zoo.show(source=column), grid(source=[first]))
    assert np.array_equal(zoo.show(source=tmp_path / "a.png"), grid(source=[first]))
    assert np.array_equal(zoo.show(source=str(tmp_path / "a.png")), grid(source=[first]))


def test_columns_are_labelled_or_numbered(tmp_path) -> None:
    shown = zoo.show(FLOATS, -FLOATS, labels=["a", "b"])
    assert np.array_equal(shown, grid(a=FLOATS, b=-FLOATS))
    numbered = grid(**{"1": FLOATS, "x": -FLOATS})
    assert np.array_equal(zoo.show(FLOATS, x=-FLOATS), numbered)
    shown.save(tmp_path / "shown.png")
    assert shown._repr_png_().startswith(b"\x89PNG")


def test_grey_many_channels_and_holes_are_shown() -> None:
    grey = np.linspace(-1, 1, 64, dtype="float32").reshape(8, 8)
    expected = grid(x=[np.repeat(RGB.for_people(grey[..., None])[..., :1], 3, -1)])
    assert np.array_equal(zoo.show(x=grey), expected)
    assert np.array_equal(zoo.show(x=grey[..., None]), expected)
    eight = np.random.default_rng(1).uniform(-1, 1, (8, 8, 8))
    assert np.array_equal(zoo.show(x=eight), grid(x=[RGB.for_people(eight[..., :3])]))
    holes = FLOATS[0].copy()
    holes[0, 0] = np.nan
    white = FLOATS[0].copy()
    white[0, 0] = 1
    assert np.array_equal(zoo.show(x=holes), zoo.show(x=white))
    one = np.full((4, 4, 1), 77, np.uint8)
    assert np.array_equal(zoo.show(x=one), grid(x=[np.full((4, 4, 3), 77, np.uint8)]))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "show needs columns of equally many pictures, one at least; got none"),
        (
            {"a": FLOATS, "b": FLOATS[0]},
            "show needs columns of equally many pictures, one at least; got a 2, b 1",
        ),
        (
            {"a": np.zeros(3)},
            "a picture of the column 'a' has the shape (3,); expected (height, width) or (height, width, channels)",
        ),
        (
            {"a": np.zeros((4, 4), np.uint16)},
            "a picture of the column 'a' holds uint16; expected uint8, or floats in [-1, 1]",
        ),
        (
            {"a": np.full((4, 4, 3), 255.0)},
            "a picture of the column 'a' holds 255 to 255; expected floats in [-1, 1], or uint8",
        ),
    ],
)
def test_what_cannot_be_shown_is_said(columns, message) -> None:
    with pytest.raises(ZooError) as raised:
        zoo.show(**columns)
    assert str(raised.value) == message


def test_labels_must_fit() -> None:
    with pytest.raises(ZooError, match=r"^show got 1 columns and 2 labels for them$"):
        zoo.show(FLOATS, labels=["a", "b"])
    with pytest.raises(ZooError, match=r"^show got two columns labelled 'a'$"):
        zoo.show(FLOATS, labels=["a"], a=FLOATS)
