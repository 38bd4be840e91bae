"""The dataset `derived`: one folder of pictures, and a function that makes the sources from them."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Annotated, Literal, Unpack

from pydantic import Field

from zoo.data.dataset import Dataset, Examples
from zoo.data.derived.derivation import Derivation
from zoo.data.derived.examples import DerivedPairs
from zoo.data.derived.functions import FUNCTIONS
from zoo.data.file_dataset import FileDataset, existing_folder
from zoo.data.layout import Places, Single
from zoo.data.preparation import preparation_of
from zoo.data.preparation_options import GeometryOptions
from zoo.data.unpaired import PictureFiles, PreparedPictures
from zoo.errors import DataError
from zoo.pictures import SUFFIXES, Formats
from zoo.pictures.find import no_pictures
from zoo.pictures.settings import FormatSettings, format_of


def derived(
    *,
    path: str,
    function: Literal["grey", "lightness", "edges", "downscaled", "masked"],
    thresholds: tuple[float, float] = (50.0, 150.0),
    smoothing: Annotated[float, Field(ge=0, le=100)] = 1.5,
    factor: Annotated[int, Field(ge=2)] = 4,
    hole: Annotated[float, Field(gt=0, lt=1)] = 0.25,
    fill: Annotated[float, Field(ge=-1, le=1)] = 0.0,
    nested: bool = False,
    target_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    train: str = "train",
    test: str = "test",
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    cache: bool = False,
    on_error: Literal["error", "skip"] = "error",
    verify: bool = True,
    **options: Unpack[GeometryOptions],
) -> Dataset:
    """Pictures of one folder as targets, and sources that a function makes from them.

    `grey` takes the colours away, in one channel; `lightness` too, in three equal ones, for the model `colorization`.
    `edges` draws black lines on white where the picture changes (Canny). `downscaled` reduces the picture and enlarges
    it again, for super-resolution. `masked` fills a hole, for inpainting: anywhere in training, and in held-out
    pictures at a place that follows from their index. The function sees what the network will see: the picture at its
    final size, augmented. Pictures are found, looked at and held out as the dataset `folder` does it: they lie in the
    folder itself, or in its parts `train` and `test`. See docs/data.md.

    Args:
        path: the folder; a relative one starts where the command is run.
        function: what makes the sources: `grey`, `lightness`, `edges`, `downscaled` or `masked`.
        thresholds: of `edges`, for the gradient of values from 0 to 255: a line begins where it is above the second,
            and goes on while it is above the first. Higher ones leave fewer lines.
        smoothing: of `edges`: standard deviation in pixels of the Gaussian filter before; more leaves fewer lines.
        factor: of `downscaled`, by which height and width are reduced; the size is a multiple of it.
        hole: of `masked`: share of the area that is hidden, 0 to 1.
        fill: of `masked`: what hides it, from -1, the darkest value, to 1.
        nested: whether pictures also lie in folders within these.
        target_format: how the pictures are stored: `channels`, `range` or `percentiles`; translated pictures are
            written so.
        train: name of the part to train on.
        test: name of the part that is held out.
        test_share: share of the pictures that is held out if there is no test part, 0 to 1.
        cache: keep decoded pictures in memory, before augmentation.
        on_error: stop at pictures that cannot be used, or `skip` them and count them.
        verify: decode every picture at the start, to find the broken ones; otherwise only headers.
        options: the way to the network's size, and augmentation.

    Raises:
        DataError: if pictures are missing or unreadable; names them.
        ValueError: if arguments contradict each other, or the function does not take them.
    """
    arguments = {
        "thresholds": thresholds,
        "smoothing": smoothing,
        "factor": factor,
        "hole": hole,
        "fill": fill,
    }
    return derive(
        _derivation(function, arguments),
        path,
        nested=nested,
        target_format=target_format,
        train=train,
        test=test,
        test_share=test_share,
        cache=cache,
        on_error=on_error,
        verify=verify,
        **options,
    )


def derive(
    derivation: Derivation,
    path: str,
    *,
    nested: bool = False,
    target_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    train: str = "train",
    test: str = "test",
    test_share: float = 0.1,
    cache: bool = False,
    on_error: Literal["error", "skip"] = "error",
    verify: bool = True,
    **options: Unpack[GeometryOptions],
) -> Dataset:
    """Return the dataset of a folder's pictures and of what any function makes from them.

    Args:
        derivation: the function, and how its sources are stored in files.
        path: the folder.
        nested: as of `derived`, like all that follows.
        target_format: how the pictures are stored.
        train: name of the part to train on.
        test: name of the part that is held out.
        test_share: share that is held out if there is no test part.
        cache: keep decoded pictures in memory.
        on_error: stop at pictures that cannot be used, or `skip` them.
        verify: decode every picture at the start.
        options: the way to the network's size, and augmentation.

    Raises:
        DataError: if pictures are missing or unreadable; names them.
        ValueError: if the function does not take such pictures, or does not return what it should.
    """
    places = Places(existing_folder(path), "auto", "A", "B", nested, (train, test, "val"))
    opening = FileDataset(
        places,
        preparation_of(**options),
        train=train,
        test=test,
        test_share=test_share,
        cache=cache,
        skip=on_error == "skip",
        verify=verify,
    )
    if not any(found for part in (opening.train, None) for found in places.pictures(part)):
        deeper = "" if places.nested else "; set nested to true if they are in folders further down"
        raise DataError(
            f"{places.root} {no_pictures(places.root)}, neither itself nor in {opening.train}; "
            f"expected files that end in {', '.join(SUFFIXES)}{deeper}"
        )
    parts = opening.parts(places.pictures)
    files = [picture.path for picture in parts.learned[0].items]
    target = format_of(target_format, files, "target_format")
    formats = (derivation.source_format(target), target)
    preparation = opening.fitted(files)

    def examples(collections: Sequence[list[Single]]) -> Examples:
        (chosen,) = collections
        stored = opening.kept(PictureFiles(chosen, target))
        return DerivedPairs(PreparedPictures(stored, preparation), derivation.function)

    jobs = [(picture, ((target,),)) for picture in parts.items]
    selection = opening.select(parts, jobs, preparation)
    dataset = opening.dataset(
        selection, examples, Formats(*formats), preparation, f"{derivation.name} to pictures"
    )
    derivation.check(dataset.test.example(0, None)["target"], formats[0])
    return dataset


def _derivation(function: str, arguments: dict[str, object]) -> Derivation:
    """Return a named function with those arguments that it takes; others must be at their defaults."""
    make = FUNCTIONS[function]
    taken = inspect.signature(make).parameters
    defaults = inspect.signature(derived).parameters
    for name, value in arguments.items():
        if name not in taken and value != defaults[name].default:
            owner = next(
                other
                for other in FUNCTIONS
                if name in inspect.signature(FUNCTIONS[other]).parameters
            )
            raise ValueError(f"{name} is for function {owner}, but the function is {function}")
    return make(**{name: value for name, value in arguments.items() if name in taken})
