"""The dataset `huggingface` on local files, and what it says where there is no hub."""

from __future__ import annotations

import io
import json
import tarfile
import time

import numpy as np
import pytest
from data.pictures_on_disk import noise, save
from PIL import Image

from zoo.errors import DataError
from zoo.pictures import RGB, to_float, write_picture
from zoo.pictures.settings import FormatSettings

datasets = pytest.importorskip("datasets")
huggingface_hub = pytest.importorskip("huggingface_hub")

from zoo_huggingface.dataset import huggingface  # noqa: E402

pytestmark = pytest.mark.one_backend

COUNT = 10


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    """Nothing of the machine's own cache is used, and nothing is shown."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    datasets.disable_progress_bars()
    yield
    datasets.enable_progress_bars()


def png(array):
    content = io.BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return content.getvalue()


def pictures(count=COUNT, size=(8, 8)):
    return [noise(size[0], size[1], seed) for seed in range(count)]


def parquet(path, sources, targets, **others):
    """A file with two columns of bytes of pictures."""
    rows = {"photo": sources, "map": targets} | others
    path.parent.mkdir(parents=True, exist_ok=True)
    datasets.Dataset.from_dict(rows).to_parquet(path)
    return str(path)


def pairs(path, count=COUNT):
    return parquet(
        path,
        [png(a) for a in pictures(count)],
        [png(255 - a) for a in pictures(count)],
        number=list(range(count)),
    )


def opened(files, **arguments):
    given = {"path": "parquet", "data_files": files, "source": "photo", "target": "map", "size": 8}
    return huggingface(**(given | arguments))


def refused(files, error=DataError, **arguments):
    with pytest.raises(error) as raised:
        opened(files, **arguments)
    return str(raised.value)


def check_pairs(dataset):
    """Every picture comes once, with its negative."""
    seen = set()
    for examples in (dataset.train, dataset.test):
        for index in range(len(examples)):
            example = examples.example(index, None)
            np.testing.assert_allclose(example["source"], -example["target"], atol=1e-6)
            (seed,) = (
                seed
                for seed, picture in enumerate(pictures())
                if np.array_equal(to_float(picture), example["source"])
            )
            seen.add(seed)
    assert seen == set(range(COUNT))


# ---- where pictures come from


def test_parquet_of_bytes(tmp_path):
    dataset = opened(pairs(tmp_path / "pairs.parquet"))
    assert dataset.summary == "parquet, photo to map, 8 x 8 px: 9 pairs to train, 1 held out"
    assert dataset.source_shape == dataset.target_shape == (8, 8, 3)
    assert dataset.formats.source == dataset.formats.target == RGB
    check_pairs(dataset)


def test_parquet_of_pictures_that_are_left_undecoded(tmp_path):
    rows = datasets.Dataset.from_dict(
        {
            "photo": [Image.fromarray(a) for a in pictures()],
            "map": [Image.fromarray(255 - a) for a in pictures()],
        },
        features=datasets.Features({"photo": datasets.Image(), "map": datasets.Image()}),
    )
    rows.to_parquet(tmp_path / "pairs.parquet")
    check_pairs(opened(str(tmp_path / "pairs.parquet")))


def test_webdataset(tmp_path):
    with tarfile.open(tmp_path / "pairs.tar", "w") as tar:
        for seed, picture in enumerate(pictures()):
            for side, array in (("photo", picture), ("map", 255 - picture)):
                content = png(array)
                entry = tarfile.TarInfo(f"{seed:03}.{side}.png")
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    sides = {"source": "photo.png", "target": "map.png"}
    check_pairs(opened(str(tmp_path / "*.tar"), path="webdataset", **sides))


def test_a_folder_of_pictures_with_metadata(tmp_path):
    root = tmp_path / "pictures"
    lines = []
    for seed, picture in enumerate(pictures()):
        save(root / f"{seed}_photo.png", picture)
        save(root / f"{seed}_map.png", 255 - picture)
        names = {"photo_file_name": f"{seed}_photo.png", "map_file_name": f"{seed}_map.png"}
        lines.append(json.dumps(names))
    (root / "metadata.jsonl").write_text("\n".join(lines))
    check_pairs(opened(None, path=str(root)))


# ---- splits


@pytest.mark.parametrize("held_out", ["test", "validation", "val"])
def test_splits_are_found(tmp_path, held_out):
    files = {
        "train": pairs(tmp_path / "a.parquet", 3),
        held_out: pairs(tmp_path / "b.parquet", 2),
    }
    dataset = opened(files)
    assert (len(dataset.train), len(dataset.test)) == (3, 2)


def test_test_comes_before_validation(tmp_path):
    files = {
        name: pairs(tmp_path / f"{name}.parquet", count)
        for name, count in (("train", 4), ("validation", 3), ("test", 2))
    }
    assert len(opened(files).test) == 2
    assert len(opened(files, test="validation").test) == 3
    # Another name is meant as it is said.
    assert len(opened(files, test="judge", test_share=0.25).train) == 3


def test_the_same_rows_are_held_out_every_time(tmp_path):
    files = pairs(tmp_path / "pairs.parquet")
    one, other = (opened(files, test_share=0.3) for _ in range(2))
    assert one.test.stored.chosen == other.test.stored.chosen
    assert sorted([*one.train.stored.chosen, *one.test.stored.chosen]) == list(range(COUNT))


# ---- what pictures become


def test_deep_pictures_and_label_maps(tmp_path):
    files = []
    for seed in range(COUNT):
        deep = np.random.default_rng(seed).integers(0, 4096, (8, 8), np.uint16)
        write_picture(tmp_path / f"{seed}.tif", deep[..., None])
        write_picture(tmp_path / f"{seed}.png", (deep[..., None] % 3).astype(np.uint8))
        files.append([(tmp_path / f"{seed}{suffix}").read_bytes() for suffix in (".tif", ".png")])
    path = parquet(tmp_path / "pairs.parquet", *zip(*files, strict=True))
    settings = {"target_format": FormatSettings(classes=3)}
    assert refused(path, **settings) == (
        "the source of row 0 has 1 channel of uint16, and not of 8 bits; set source_format.range to the values that "
        "are to be darkest and brightest, such as [0, 65535], or source_format.percentiles to [0.5, 99.5], "
        "and source_format.channels to 1"
    )
    for stored in ({"range": (0, 4095)}, {"percentiles": (0, 100)}):
        dataset = opened(path, source_format=FormatSettings(channels=1, **stored), **settings)
        assert (dataset.source_shape, dataset.target_shape) == ((8, 8, 1), (8, 8, 3))
        example = dataset.train.example(0, np.random.default_rng(0))
        assert set(np.unique(example["target"])) == {-1, 1}
        assert len(np.unique(example["source"])) > 40


def test_examples_are_prepared_alike_and_kept_if_asked(tmp_path):
    files = pairs(tmp_path / "pairs.parquet")
    options = {"size": 6, "turns": True, "jitter": 0.5}
    kept, fresh = (opened(files, cache=cache, **options) for cache in (True, False))
    for seed in (0, 1, 0):
        one, other = (data.train.example(2, np.random.default_rng(seed)) for data in (kept, fresh))
        np.testing.assert_array_equal(one["source"], other["source"])
        assert np.abs(one["source"] + one["target"]).max() <= 2.1 / 255


# ---- what cannot be used


def test_columns_that_are_not_there_or_hold_no_pictures(tmp_path):
    files = pairs(tmp_path / "pairs.parquet")
    assert refused(files, source="foto") == (
        "train has no column foto; it has photo, map, number. Did you mean 'photo'?"
    )
    assert refused(files, target="number") == (
        "the column number of train holds Value('int64'); expected pictures"
    )


def test_a_split_that_is_not_there(tmp_path):
    files = pairs(tmp_path / "pairs.parquet")
    assert refused(files, train="training") == (
        "the dataset parquet has no split training; it has train. Did you mean 'train'?"
    )


def test_too_few_rows(tmp_path):
    assert refused(pairs(tmp_path / "pairs.parquet", 1)) == (
        "the dataset parquet has 0 pairs to train, 1 held out; expected at least one of each"
    )


def test_rows_that_cannot_be_used(tmp_path):
    good = png(noise(8, 8))
    sources = [good, b"no picture", None, good, good]
    targets = [good, good, good, png(noise(8, 9)), png(noise(8, 8))]
    files = {"train": parquet(tmp_path / "a.parquet", sources, targets)}
    files["test"] = parquet(tmp_path / "b.parquet", [good], [good])
    stored = opened(files).train.stored
    messages = [
        "the source of row 1 of train is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, "
        "BMP, DICOM or NumPy's .npy",
        "the source of row 2 of train is empty; expected a picture",
        "row 3 of train has a source of 8 x 8 pixels, but a target of 9 x 8",
    ]
    for row, message in enumerate(messages, start=1):
        with pytest.raises(DataError) as raised:
            stored.load(row)
        assert str(raised.value) == message


def test_pictures_of_another_size_than_the_first(tmp_path):
    contents = [png(picture) for picture in (*pictures(2), noise(6, 8))]
    files = {
        side: parquet(tmp_path / f"{side}.parquet", contents, contents)
        for side in ("train", "test")
    }
    stored = opened(files, preprocess="none").train.stored
    with pytest.raises(
        DataError, match=r"^row 2 of train is 8 x 6 pixels, which preprocess none makes"
    ):
        stored.load(2)


def test_files_that_cannot_be_loaded(tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_text("no table")
    assert refused(str(broken)).startswith(
        f"the dataset parquet of {broken} cannot be loaded: Parquet magic bytes not found in footer."
    )
    missing = tmp_path / "missing.parquet"
    assert refused(str(missing)) == (
        f"the dataset parquet of {missing} cannot be loaded: Unable to find '{missing}'"
    )
    assert refused(None) == "parquet is a kind of files; name the files with data_files"


def test_arguments_that_contradict_each_other(tmp_path):
    message = refused(None, ValueError, turns=True, size=(8, 16))
    assert message.startswith("turns needs square pictures, but the size is 8 x 16;")


# ---- the hub


class Session:
    """Stands in for the library for HTTP: counts requests, which all fail."""

    asked = 0

    def head(self, address, timeout):
        Session.asked += 1
        assert timeout <= 5
        raise OSError("no route to host")


def test_without_a_hub_one_sentence_comes_soon(monkeypatch):
    monkeypatch.setattr(Session, "asked", 0)
    monkeypatch.setattr(huggingface_hub, "get_session", Session)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    begun = time.monotonic()
    assert refused(None, path="someone/facades") == (
        "the dataset someone/facades is not on this machine, and https://huggingface.co cannot be reached "
        "(no route to host); fetch its files on another machine and name them with data_files, with parquet, "
        "imagefolder or webdataset as path"
    )
    # The library alone tries six times, with pauses of half a minute together.
    assert time.monotonic() - begun < 10
    assert Session.asked == 1


def test_local_files_need_no_connection_and_nothing_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(Session, "asked", 0)
    monkeypatch.setattr(huggingface_hub, "get_session", Session)
    constants, config = huggingface_hub.constants, datasets.config
    before = (constants.HF_HUB_OFFLINE, config.HF_HUB_OFFLINE, config.HF_UPDATE_DOWNLOAD_COUNTS)
    real, during = datasets.load_dataset, []

    def watched(*arguments, **keywords):
        during.append((constants.HF_HUB_OFFLINE, config.HF_HUB_OFFLINE))
        during.append((constants.HF_HUB_DISABLE_TELEMETRY, not config.HF_UPDATE_DOWNLOAD_COUNTS))
        return real(*arguments, **keywords)

    monkeypatch.setattr(datasets, "load_dataset", watched)
    opened(pairs(tmp_path / "pairs.parquet"))
    assert during == [(True, True), (True, True)]
    assert Session.asked == 0
    after = (constants.HF_HUB_OFFLINE, config.HF_HUB_OFFLINE, config.HF_UPDATE_DOWNLOAD_COUNTS)
    assert after == before
