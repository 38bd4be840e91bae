"""The dataset `tfds`: pictures of any dataset of TensorFlow Datasets."""

from __future__ import annotations

from typing import Annotated, Literal, Unpack

from pydantic import Field

from zoo import Dataset
from zoo.data import PreparationOptions, TableDataset, preparation_of
from zoo.pictures import FormatSettings
from zoo_tfds.splits import find_splits


def tfds(
    *,
    builder: str,
    source: str | None = None,
    target: str | None = None,
    paired: bool = True,
    direction: Literal["a_to_b", "b_to_a"] = "a_to_b",
    source_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    target_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    train: str = "train",
    test: str = "test",
    a: str = "A",
    b: str = "B",
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    cache: bool = False,
    data_dir: str | None = None,
    manual_dir: str | None = None,
    **options: Unpack[PreparationOptions],
) -> Dataset:
    """Pictures of TensorFlow Datasets: the collections of pix2pix and CycleGAN, or any other by its features.

    `pix2pix/facades` and its like hold pairs side by side in one picture, A left; `direction` says which is the source.
    Any other dataset with two pictures in a record, or a picture and a mask, is read by `source` and `target`. With
    `paired` false, source and target come from splits of their own, as `trainA` and `trainB` of
    `cycle_gan/horse2zebra`. A dataset is downloaded once and written as ArrayRecord, where its records are reached at
    random; pictures are decoded when they are needed. Without a test split (`validation` and `val` stand in for it) the
    same records are always held out. See docs/datasets.md.

    Args:
        builder: name of the dataset, and after a slash of its configuration.
        source: key of the feature that holds the sources, `depth/image` for one within another; None is the only
            picture that a record has. The same as `target` is a picture of both side by side.
        target: key of the feature that holds the targets; None is that of the sources.
        paired: whether the pictures of a record belong together; false for splits of sources and splits of targets.
        direction: of pictures side by side, and of unpaired splits: `a_to_b` translates A to B, `b_to_a` the other way
            round.
        source_format: how the sources are stored: `channels`, `range` or `percentiles`, or `classes` of label maps.
        target_format: how the targets are stored; translated pictures are written so.
        train: name of the split to train on, or a slice of one, as `train[:90%]`.
        test: the same of the split that is held out.
        a: with `paired` false, what follows the name of a split with the pictures A.
        b: with `paired` false, what follows the name of a split with the pictures B.
        test_share: share of the records that is held out if there is no test split, 0 to 1.
        cache: keep decoded pictures in memory, before augmentation.
        data_dir: where datasets are written; None is `~/tensorflow_datasets`.
        manual_dir: where files are that were fetched by hand; None is `downloads/manual` in `data_dir`.
        options: the way to the network's size, and augmentation.

    Raises:
        DataError: if there is no such dataset, or it cannot be fetched, or has no such splits or pictures.
        ValueError: if arguments contradict each other.
    """
    preparation = preparation_of(**options)
    reverse = direction == "b_to_a"
    if reverse and paired and source != target:
        raise ValueError(
            "direction is for pictures side by side and for unpaired splits; exchange source and target instead"
        )
    # Here, because the library takes a while to import, and describing the arguments needs none of it.
    from zoo_tfds.preparing import prepared
    from zoo_tfds.records import Records, only_picture, two_domains

    opening = TableDataset(builder, (source_format, target_format), preparation, test_share, cache)
    ready = prepared(builder, data_dir, manual_dir)
    source = source or only_picture(ready)
    target = target or source
    splits = list(ready.info.splits)
    if paired:
        (learned,), held_out = find_splits(builder, splits, train, test)
        side_by_side = source == target
        keys = [source] if side_by_side else [source, target]
        halves = "B to A" if reverse else "A to B"
        return opening.pairs(
            Records(ready, learned, keys),
            Records(ready, held_out[0], keys) if held_out else None,
            halves if side_by_side else f"{source} to {target}",
            halves=(reverse, not reverse) if side_by_side else None,
        )
    sides = (b, a) if reverse else (a, b)
    piles, others = find_splits(builder, splits, train, test, sides)
    return opening.unpaired(
        two_domains(ready, piles, (source, target)),
        two_domains(ready, others, (source, target)) if others else None,
        f"{sides[0]} to {sides[1]}, unpaired",
    )
