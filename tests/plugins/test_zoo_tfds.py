"""The dataset `tfds` on archives in the published layout and on small builders, and what it says without a network."""

from __future__ import annotations

import hashlib
import http.server
import io
import socket
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plugins.published import write_cycle_gan, write_pix2pix

from zoo.errors import DataError
from zoo.pictures import to_float
from zoo.pictures.settings import FormatSettings

pytest.importorskip("tensorflow_datasets")

import tensorflow_datasets
from zoo_tfds import published
from zoo_tfds.dataset import tfds
from zoo_tfds.downloads import file_name, unreachable

pytestmark = pytest.mark.one_backend

COUNTS = {"train": 5, "val": 2, "test": 3}


@pytest.fixture
def places(tmp_path):
    """Where datasets are written, and where a file fetched by hand lies."""
    return {"data_dir": str(tmp_path / "data"), "manual_dir": str(tmp_path / "by hand")}


def pictures_of(archive, split):
    """The pictures of a split in the archive, in the order of their names."""
    with tarfile.open(archive) as opened:
        members = [m for m in opened.getmembers() if f"/{split}/" in m.name]
        contents = {m.name: opened.extractfile(m).read() for m in members}
    return [contents[name] for name in sorted(contents)]


def refused(**arguments):
    with pytest.raises(DataError) as raised:
        tfds(**arguments)
    return str(raised.value)


# ---- the collections of pix2pix


@pytest.mark.parametrize("direction", ["a_to_b", "b_to_a"])
def test_a_published_archive_becomes_pairs(tmp_path, places, direction):
    archive = write_pix2pix(tmp_path / "by hand", "facades", COUNTS)
    dataset = tfds(builder="pix2pix/facades", size=16, direction=direction, **places)
    what = "B to A" if direction == "b_to_a" else "A to B"
    assert dataset.summary == f"pix2pix/facades, {what}, 16 x 16 px: 5 pairs to train, 3 held out"
    wanted = set()
    for content in pictures_of(archive, "train"):
        both = to_float(np.asarray(Image.open(io.BytesIO(content))))
        halves = [both[:, :16], both[:, 16:]]
        wanted.add(tuple(half.tobytes() for half in halves[:: -1 if what == "B to A" else 1]))
    examples = [dataset.train.example(index, None) for index in range(5)]
    assert {(e["source"].tobytes(), e["target"].tobytes()) for e in examples} == wanted


def test_files_are_stored_as_they_were_published(tmp_path, places):
    archive = write_pix2pix(tmp_path / "by hand", "maps", {"train": 4, "val": 2})
    dataset = tfds(builder="pix2pix/maps", size=16, **places)
    train: Any = dataset.train
    stored = train.stored
    digests = {hashlib.sha256(stored.table.contents(row)[0]).digest() for row in range(4)}
    assert digests == {hashlib.sha256(c).digest() for c in pictures_of(archive, "train")}
    # There is no test split, so that val is held out.
    assert len(dataset.test) == 2


@pytest.mark.parametrize("name", published.COLLECTIONS)
def test_every_collection_is_described_and_found(tmp_path, places, name):
    splits = published.COLLECTIONS[name].splits
    write_pix2pix(tmp_path / "by hand", name, dict.fromkeys(splits, 1))
    dataset = tfds(builder=f"pix2pix/{name}", size=16, **places)
    assert (len(dataset.train), len(dataset.test)) == (1, 1)
    info = tensorflow_datasets.builder(f"pix2pix/{name}", data_dir=places["data_dir"]).info
    assert list(info.splits) == sorted(splits) or set(info.splits) == set(splits)
    assert "Isola" in info.citation
    assert info.homepage.startswith("https://")


def test_slices_of_splits(tmp_path, places):
    write_pix2pix(tmp_path / "by hand", "facades", {"train": 10, "val": 2, "test": 3})
    slices = {"train": "train[:80%]", "test": "train[80%:]"}
    dataset = tfds(builder="pix2pix/facades", size=16, **slices, **places)
    assert (len(dataset.train), len(dataset.test)) == (8, 2)
    assert refused(builder="pix2pix/facades", train="train[:x%]", **places).startswith(
        "train[:x%] is no split of the dataset pix2pix/facades/1.0.0: "
    )
    assert refused(builder="pix2pix/facades", train="trian", **places) == (
        "the dataset pix2pix/facades has no split trian; it has train, val, test. Did you mean 'train'?"
    )


def test_what_was_prepared_needs_no_archive_and_no_network(tmp_path, places, monkeypatch):
    archive = write_pix2pix(tmp_path / "by hand", "facades", COUNTS)
    first = tfds(builder="pix2pix/facades", size=16, **places)
    archive.unlink()

    def no_socket(*arguments, **options):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", no_socket)
    again = tfds(builder="pix2pix/facades", size=16, **places)
    one, other = (dataset.train.example(0, None)["target"] for dataset in (first, again))
    np.testing.assert_array_equal(one, other)


def test_reading_imports_no_tensorflow(tmp_path, places):
    # The library unpacks archives with TensorFlow; what is prepared is read without.
    write_pix2pix(tmp_path / "by hand", "facades", COUNTS)
    tfds(builder="pix2pix/facades", size=16, **places)
    program = f"""
import sys
from zoo_tfds.dataset import tfds

dataset = tfds(builder="pix2pix/facades", size=16, **{places!r})
dataset.train.example(0, None)
print("tensorflow" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "False\n"


def test_progress_is_not_among_the_results(tmp_path, places, capsys):
    write_pix2pix(tmp_path / "by hand", "facades", COUNTS)
    tfds(builder="pix2pix/facades", size=16, **places)
    assert capsys.readouterr().out == ""


# ---- the collections of CycleGAN


def test_unpaired_splits(tmp_path, places, monkeypatch):
    # The library checks archives of CycleGAN by their checksums; these are others.
    from tensorflow_datasets.core.download import checksums

    archive = write_cycle_gan(tmp_path / "by hand", "horse2zebra")
    monkeypatch.setattr(
        tensorflow_datasets.builder_cls("cycle_gan"),
        "url_infos",
        {
            f"https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/{archive.name}": (
                checksums.compute_url_info(archive)
            )
        },
    )
    dataset = tfds(builder="cycle_gan/horse2zebra", paired=False, size=16, **places)
    assert dataset.summary == (
        "cycle_gan/horse2zebra, A to B, unpaired, 16 x 16 px: "
        "4 sources and 3 targets to train, 3 sources and 3 targets held out"
    )
    assert not dataset.paired
    back = tfds(
        builder="cycle_gan/horse2zebra", paired=False, size=16, direction="b_to_a", **places
    )
    assert (len(dataset.train), len(back.train)) == (4, 4)
    np.testing.assert_array_equal(
        dataset.test.example(0, None)["source"], back.test.example(0, None)["target"]
    )
    drawn = {
        dataset.train.example(0, np.random.default_rng(seed))["target"].tobytes()
        for seed in range(40)
    }
    assert len(drawn) > 3  # three pictures, flipped and cropped


def test_a_file_by_hand_that_is_another_than_the_published_one(tmp_path, places):
    write_cycle_gan(tmp_path / "by hand", "horse2zebra")
    message = refused(builder="cycle_gan/horse2zebra", paired=False, **places)
    assert message.startswith(
        "the dataset cycle_gan/horse2zebra cannot be prepared: Artifact "
        "https://efrosgans.eecs.berkeley.edu/cyclegan/datasets/horse2zebra.zip, downloaded to "
    )
    assert "has wrong checksum" in message


# ---- any other dataset


class Scenes(tensorflow_datasets.core.GeneratorBasedBuilder):
    """Two pictures and a mask in a record."""

    name = "zoo_scenes"
    VERSION = tensorflow_datasets.core.Version("1.0.0")

    def _info(self):
        features = tensorflow_datasets.features
        return tensorflow_datasets.core.DatasetInfo(
            builder=self,
            features=features.FeaturesDict(
                {
                    "photo": features.Image(shape=(None, None, 3)),
                    "depth": {
                        "image": features.Image(shape=(None, None, 1), dtype=np.uint16),
                        "sensor": features.Text(),
                    },
                    "mask": features.Image(shape=(None, None, 1)),
                }
            ),
        )

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(10)}

    def _generate_examples(self, count):
        for number in range(count):
            random = np.random.default_rng(number)
            yield (
                number,
                {
                    "photo": png(random.integers(0, 256, (8, 8, 3), np.uint8)),
                    "depth": {
                        "image": png(random.integers(0, 4096, (8, 8), np.uint16)),
                        "sensor": "none",
                    },
                    "mask": png(random.integers(1, 4, (8, 8), np.uint8)),
                },
            )


def png(array):
    content = io.BytesIO()
    Image.fromarray(array).save(content, "PNG")
    return content.getvalue()


def test_pictures_by_their_features(places):
    dataset = tfds(
        builder="zoo_scenes",
        source="depth/image",
        target="photo",
        source_format=FormatSettings(channels=1, range=(0, 4095)),
        size=8,
        **places,
    )
    assert dataset.summary == (
        "zoo_scenes, depth/image to photo, 8 x 8 px: 9 pairs to train, 1 held out"
    )
    assert (dataset.source_shape, dataset.target_shape) == ((8, 8, 1), (8, 8, 3))
    sources = [dataset.train.example(index, None)["source"] for index in range(9)]
    wanted = [np.random.default_rng(number) for number in range(10)]
    deep = []
    for random in wanted:
        random.integers(0, 256, (8, 8, 3), np.uint8)
        deep.append(random.integers(0, 4096, (8, 8), np.uint16)[..., None] / 2047.5 - 1)
    for source in sources:
        assert min(np.abs(source - picture).max() for picture in deep) < 1e-6


def test_masks_are_classes(places):
    dataset = tfds(
        builder="zoo_scenes",
        source="mask",
        target="photo",
        source_format=FormatSettings(classes=[1, 2, 3]),
        size=8,
        **places,
    )
    assert dataset.source_shape == (8, 8, 3)
    source = dataset.train.example(0, np.random.default_rng(0))["source"]
    assert (source.sum(-1) == -1).all()


def test_features_that_are_not_there(places):
    several = "photo, depth/image, mask"
    message = refused(builder="zoo_scenes", **places)
    assert message.startswith("the records of the dataset zoo_scenes/1.0.0 have several pictures, ")
    assert message.endswith("; name two of them as source and target")
    assert sorted(several.split(", ")) == sorted(
        message.split("pictures, ")[1].split(";")[0].split(", ")
    )
    message = refused(builder="zoo_scenes", source="foto", target="photo", **places)
    assert message.startswith("the dataset zoo_scenes/1.0.0 has no pictures foto; it has ")
    assert message.endswith("Did you mean 'photo'?")


def test_names_that_are_not_there(tmp_path, places):
    begun = time.monotonic()
    assert refused(builder="pix2pics/facades", **places) == (
        f"TensorFlow Datasets has no dataset pix2pics, and there is none in {tmp_path / 'data'}. "
        "Did you mean 'pix2pix'?"
    )
    assert refused(builder="pix2pix/facade", **places) == (
        "the dataset pix2pix has no configuration facade; it has facades, maps, cityscapes, edges2shoes, "
        "edges2handbags, night2day. Did you mean 'facades'?"
    )
    # The library by itself asks servers for names that it does not know.
    assert time.monotonic() - begun < 10


def test_arguments_that_contradict_each_other():
    with pytest.raises(ValueError, match=r"^direction is for pictures side by side"):
        tfds(builder="zoo_scenes", source="mask", target="photo", direction="b_to_a")
    with pytest.raises(ValueError, match=r"^turns needs square pictures"):
        tfds(builder="zoo_scenes", turns=True, size=(8, 16))


def test_records_that_cannot_be_read_at_random(tmp_path):
    builder = tensorflow_datasets.builder("zoo_scenes", data_dir=tmp_path)
    builder.download_and_prepare(file_format="tfrecord")
    assert refused(builder="zoo_scenes", source="mask", target="photo", data_dir=str(tmp_path)) == (
        f"the dataset zoo_scenes in {tmp_path / 'zoo_scenes' / '1.0.0'} is stored as tfrecord, which cannot be read at "
        "random; name another data_dir, where it will be written as array_record"
    )


# ---- addresses


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as its path says."""

    server: Any

    def do_GET(self):
        if "hang" in self.path:
            self.server.released.wait(20)
        elif "drip" in self.path:
            for letter in b"HTTP/1.1 200 OK\r\n" * 4:
                if self.server.released.wait(0.2):
                    return
                try:
                    self.wfile.write(bytes([letter]))
                except OSError:
                    return
        elif "there" in self.path:
            self.send_response(200)
            self.end_headers()
        elif "moved" in self.path:
            self.send_response(302)
            self.send_header("Location", "/there")
            self.end_headers()
        else:
            self.send_error(500 if "broken" in self.path else 404)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    """The address of a server on this machine."""
    monkeypatch.setenv("NO_PROXY", "*")
    served: Any
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as served:
        served.released = threading.Event()
        served.daemon_threads = True
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.released.set()
        served.shutdown()


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        ("there", ""),
        ("moved", ""),
        ("missing", "its server answers 404 Not Found"),
        ("broken", "its server answers 500 Internal Server Error"),
        ("hang", "its server has not answered within 0.5 seconds"),
        ("drip", "its server has not answered within 0.5 seconds"),
    ],
)
def test_an_address_is_tried(server, path, trouble):
    assert unreachable(f"{server}/{path}", patience=0.5) == trouble


def test_an_address_where_nobody_listens(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/facades.tar.gz"
        assert unreachable(address) == "127.0.0.1 cannot be reached from this machine"


def test_what_cannot_be_fetched_is_one_sentence(server, places, monkeypatch):
    monkeypatch.setattr(published, "ADDRESS", f"{server}/missing/")
    begun = time.monotonic()
    by_hand = Path(places["manual_dir"]) / "facades.tar.gz"
    assert refused(builder="pix2pix/facades", **places) == (
        f"{server}/missing/facades.tar.gz cannot be fetched, its server answers 404 Not Found; fetch it by other means "
        f"and put it at {by_hand}, or into another folder that manual_dir names; or train on the dataset earth, whose "
        "pictures are on this machine"
    )
    assert time.monotonic() - begun < 10


def test_names_of_files():
    assert file_name("https://example.org/a/horse%20zebra.zip?download=1") == "horse zebra.zip"
