"""Pictures in the records of a split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow_datasets as tfds

from zoo import DataError, nearest


class Records:
    """Encoded pictures of a split, by feature; see `zoo.data.tables.Table`.

    Args:
        builder: of the dataset, prepared.
        split: what to read, a name or a slice of one, as `train[:90%]`.
        features: keys of the features that are read, those within others after a slash, as `depth/image`.

    Raises:
        DataError: if there is no such feature, or it holds no pictures.
    """

    def __init__(
        self, builder: tfds.core.DatasetBuilder, split: str, features: Sequence[str]
    ) -> None:
        pictures = _pictures(builder.info.features)
        for key in features:
            if key not in pictures:
                raise DataError(
                    f"the dataset {builder.info.full_name} has no pictures {key}; it has {', '.join(pictures)}."
                    f"{nearest(key, pictures)}"
                )
        self.name = split
        self._keys = [key.split("/") for key in features]
        # Undecoded, so that depth and channels stay what they are, and errors are told as those of files.
        decoders = _undecoded(builder.info.features)
        try:
            self._records = builder.as_data_source(split, decoders=decoders)
        except ValueError as error:
            raise DataError(
                f"{split} is no split of the dataset {builder.info.full_name}: {str(error).splitlines()[0]}"
            ) from error

    def __len__(self) -> int:
        return len(self._records)

    def contents(self, row: int) -> Sequence[bytes]:
        """Return the bytes of the picture files of a record."""
        record = self._records[row]
        return [_at(record, keys) for keys in self._keys]


def two_domains(
    builder: tfds.core.DatasetBuilder, splits: Sequence[str], features: tuple[str, str]
) -> tuple[Records, Records]:
    """Return the sources in one split and the targets in another, each of one feature."""
    sources, targets = (
        Records(builder, split, [key]) for split, key in zip(splits, features, strict=True)
    )
    return sources, targets


def only_picture(builder: tfds.core.DatasetBuilder) -> str:
    """Return the key of the feature that holds the one picture of a record.

    Raises:
        DataError: if there is none, or more than one.
    """
    pictures = _pictures(builder.info.features)
    if len(pictures) == 1:
        return pictures[0]
    name = builder.info.full_name
    if not pictures:
        raise DataError(
            f"the dataset {name} has no pictures; its features are {', '.join(builder.info.features)}"
        )
    raise DataError(
        f"the records of the dataset {name} have several pictures, {', '.join(pictures)}; name two of them as source "
        "and target"
    )


def _pictures(features: Mapping[str, Any], above: str = "") -> list[str]:
    """Return the keys of the features that hold a picture."""
    found: list[str] = []
    for key, feature in features.items():
        if isinstance(feature, tfds.features.FeaturesDict):
            found += _pictures(feature, f"{above}{key}/")
        elif isinstance(feature, tfds.features.Image):
            found.append(f"{above}{key}")
    return found


def _undecoded(features: Mapping[str, Any]) -> dict[str, Any]:
    """Return what keeps every picture from being decoded, in the shape of the features."""
    decoders: dict[str, Any] = {}
    for key, feature in features.items():
        if isinstance(feature, tfds.features.FeaturesDict):
            decoders[key] = _undecoded(feature)
        elif isinstance(feature, tfds.features.Image):
            decoders[key] = tfds.decode.SkipDecoding()
    return decoders


def _at(record: Any, keys: Sequence[str]) -> bytes:
    for key in keys:
        record = record[key]
    return bytes(record)
