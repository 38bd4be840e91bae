"""The dataset `huggingface`: two columns of pictures of a dataset of Hugging Face's library."""

from __future__ import annotations

from typing import Annotated, Unpack

from pydantic import Field

from zoo import Dataset
from zoo.data import PreparationOptions, TableDataset, find_splits, preparation_of
from zoo.pictures import FormatSettings


def huggingface(
    *,
    path: str,
    source: str,
    target: str,
    config: str | None = None,
    data_files: str | list[str] | dict[str, str | list[str]] | None = None,
    source_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    target_format: FormatSettings = FormatSettings(),  # noqa: B008 - frozen
    train: str = "train",
    test: str = "test",
    test_share: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    cache: bool = False,
    **options: Unpack[PreparationOptions],
) -> Dataset:
    """Pairs in two columns of pictures of a Hugging Face dataset, from the hub or from local files.

    Columns hold pictures, or the bytes of picture files. Rows lie in memory-mapped files, and pictures are decoded as
    those of folders are, when they are needed. Without a test split (`validation` stands in for it) the same rows are
    always held out. From WebDataset's tars the columns are named by what follows the first dot, as `source.png`.

    Args:
        path: a name on the hub, a folder, or the kind of `data_files`: `parquet`, `webdataset`, `imagefolder`, `arrow`.
        source: name of the column with the sources.
        target: name of the column with the targets.
        config: name of one of the dataset's configurations, if it has several.
        data_files: files or patterns, one or a list, or these by split.
        source_format: how the sources are stored: `channels`, `range` or `percentiles`, or `classes` of label maps.
        target_format: how the targets are stored; translated pictures are written so.
        train: name of the split to train on.
        test: name of the split that is held out.
        test_share: share of the rows that is held out if there is no test split, 0 to 1.
        cache: keep decoded pictures in memory, before augmentation.
        options: the way to the network's size, and augmentation.

    Raises:
        DataError: if the dataset cannot be loaded, or has no such splits or columns.
        ValueError: if arguments contradict each other.
    """
    preparation = preparation_of(**options)
    # Here, so that the arguments can be described where the library is not installed.
    from zoo_huggingface.loading import load
    from zoo_huggingface.rows import Columns

    opening = TableDataset(path, (source_format, target_format), preparation, test_share, cache)
    splits = load(path, config, data_files)
    train, held_out = find_splits(path, splits, train, test)
    return opening.pairs(
        Columns(splits[train], train, (source, target)),
        Columns(splits[held_out], held_out, (source, target)) if held_out else None,
        f"{source} to {target}",
    )
