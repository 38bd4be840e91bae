"""Which files are translated, and which are written for them."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from zoo.errors import DataError, ZooError
from zoo.pictures import SUFFIXES, read_array, write_picture
from zoo.translation.jobs import collect
from zoo.translation.translator import Translator


@pytest.fixture
def photos(tmp_path):
    """a.png, sub/a.png, sub/deep/b.jpg and a hidden folder's c.png."""
    for name in ("a.png", "sub/a.png", "sub/deep/b.jpg", "sub/.hidden/c.png", "sub/notes.txt"):
        file = tmp_path / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".txt":
            file.write_text("no picture")
        else:
            Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(file)
    return tmp_path / "photos"


def names(jobs, photos, out):
    return [
        (source.relative_to(photos).as_posix(), written.relative_to(out).as_posix())
        for source, written in jobs
    ]


def test_a_pattern_is_looked_for_in_all_folders_and_results_lie_alike(photos, tmp_path):
    out = tmp_path / "out"
    assert names(collect([photos / "**" / "*"], out), photos, out) == [
        ("a.png", "a.png"),
        ("sub/a.png", "sub/a.png"),
        ("sub/deep/b.jpg", "sub/deep/b.png"),
    ]
    assert names(collect([photos / "*" / "*.png"], out), photos, out) == [
        ("sub/a.png", "sub/a.png")
    ]
    assert names(collect([photos / "sub" / "[a-f].png"], out), photos, out) == [
        ("sub/a.png", "a.png")
    ]


def test_results_of_an_earlier_time_are_no_sources(photos):
    out = photos / "out"
    for _ in range(2):
        jobs = collect([photos / "**" / "*.png"], out)
        assert len(jobs) == 2
        list(Translator(lambda batch: batch, (8, 8)).translate_files(jobs))
    assert (out / "sub" / "a.png").is_file()


def test_a_pattern_that_finds_nothing_is_told(photos, tmp_path):
    with pytest.raises(DataError) as caught:
        collect([photos / "*.tif"], tmp_path / "out")
    assert str(caught.value) == f"no picture or video is found by the pattern {photos / '*.tif'}"


def test_a_file_whose_name_looks_like_a_pattern_is_itself(tmp_path):
    write_picture(tmp_path / "a[1].png", np.zeros((4, 5, 3), np.uint8))
    out = tmp_path / "out"
    assert collect([tmp_path / "a[1].png"], out) == [(tmp_path / "a[1].png", out / "a[1].png")]


def test_resuming_leaves_out_what_is_there(photos, tmp_path):
    out = tmp_path / "out"
    jobs = collect([photos / "**" / "*"], out)
    translator = Translator(lambda batch: batch, (8, 8))
    stopped: Any = translator.translate_files(jobs)
    assert next(stopped) == jobs[0]
    stopped.close()
    assert collect([photos / "**" / "*"], out, resume=True) == jobs[1:]
    # What has been translated is not looked at again.
    (photos / "a.png").write_bytes(b"broken")
    list(translator.translate_files(collect([photos / "**" / "*"], out, resume=True)))
    assert collect([photos / "**" / "*"], out, resume=True) == []


def test_resuming_still_sees_that_two_pictures_have_one_result(photos, tmp_path):
    write_picture(tmp_path / "out" / "a.png", np.zeros((4, 5, 3), np.uint8))
    with pytest.raises(ZooError, match=r"would both be written to .*a\.png; rename one"):
        collect([photos / "a.png", photos / "sub" / "a.png"], tmp_path / "out", resume=True)


def test_a_folder_of_videos_is_told_how_to_name_them(tmp_path):
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "walk.mp4").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        collect([tmp_path / "clips"], tmp_path / "out")
    assert str(caught.value) == (
        f"the folder {tmp_path / 'clips'} holds no pictures; "
        f"name its videos themselves, as in {tmp_path / 'clips' / 'walk.mp4'}"
    )


def test_a_folder_of_other_files_is_told_what_is_read(tmp_path):
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "a.heic").write_bytes(b"")
    with pytest.raises(DataError) as caught:
        collect([tmp_path / "scans"], tmp_path / "out")
    assert str(caught.value) == (
        f"the folder {tmp_path / 'scans'} holds no pictures that are read: the 1 file there ends in .heic; expected "
        f"files directly in it that end in {', '.join(SUFFIXES)}"
    )


# === Batches across pictures ===


class Counting:
    def __init__(self):
        self.calls = []

    def __call__(self, batch):
        self.calls.append(len(batch))
        return batch


def test_tiles_of_successive_pictures_share_batches(tmp_path):
    random = np.random.default_rng(0)
    pictures = [
        random.integers(0, 256, (*shape, 3), np.uint8) for shape in [(8, 8)] * 5 + [(8, 20)] * 2
    ]
    for index, picture in enumerate(pictures):
        write_picture(tmp_path / f"{index}.png", picture)
    network = Counting()
    jobs = collect([tmp_path], tmp_path / "out")
    done = list(Translator(network, (8, 8), batch_size=4).translate_files(jobs))
    assert done == jobs
    assert network.calls == [4, 4, 3]
    for (_, written), picture in zip(done, pictures, strict=True):
        np.testing.assert_array_equal(read_array(written), picture)


def test_pictures_whose_statistics_are_settled_have_batches_of_their_own(tmp_path):
    widths = [8, 8, 20, 20, 8]
    for index, width in enumerate(widths):
        write_picture(tmp_path / f"{index}.png", np.full((8, width, 3), 10 * index, np.uint8))
    plain, settled, seen = Counting(), Counting(), []

    def settle(tiles):
        seen.append((tiles.shape, sorted(plain.calls), sorted(settled.calls)))
        return settled

    jobs = collect([tmp_path], tmp_path / "out")
    translator = Translator(plain, (8, 8), batch_size=4, settle=settle)
    for (_, written), width in zip(translator.translate_files(jobs), widths, strict=True):
        assert read_array(written).shape == (8, width, 3)
        # Another picture may come between.
        translator(np.zeros((8, 20, 3), np.uint8))
    assert plain.calls == [2, 1]
    assert seen[0] == ((3, 8, 8, 3), [2], [])
    assert set(settled.calls) == {3}
    assert len(settled.calls) == 2 + 5


def test_a_picture_that_breaks_lets_those_before_it_be_written(tmp_path):
    for index in range(3):
        write_picture(tmp_path / f"{index}.png", np.zeros((8, 8, 3), np.uint8))
    jobs = collect([tmp_path], tmp_path / "out")
    (tmp_path / "2.png").write_bytes(b"broken meanwhile")
    done: list[Any] = []
    with pytest.raises(DataError, match=r"2\.png is not a picture"):
        done += Translator(Counting(), (8, 8), batch_size=8).translate_files(jobs)
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == ["0.png", "1.png"]


def test_at_most_eight_tiles_spread_over_the_picture_settle_it():
    asked = []

    def settle(tiles):
        asked.append(tiles)
        return lambda batch: batch

    translator = Translator(lambda batch: batch, (8, 8), settle=settle)
    ramp = np.linspace(-1, 1, 300, dtype=np.float32)
    translator(
        np.stack(
            [np.broadcast_to(ramp, (200, 300)), np.broadcast_to(ramp[:200, None], (200, 300))] * 2,
            -1,
        )[..., :3]
    )
    (tiles,) = asked
    assert tiles.shape == (8, 8, 8, 3)
    for channel, most in ((0, 1.0), (1, 0.33)):
        middles = np.sort(tiles[..., channel].mean(axis=(1, 2)))
        assert middles[0] < -0.7
        assert middles[-1] > most - 0.3
        assert np.diff(middles).max() < 0.5
