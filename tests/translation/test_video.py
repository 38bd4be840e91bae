"""Videos, frame by frame. What reads them is the extra 'video'."""

import subprocess
import sys

import numpy as np
import pytest

from zoo.errors import DataError, ZooError
from zoo.pictures import PictureFormat
from zoo.translation.opening import translate_jobs
from zoo.translation.translator import Translator, collect
from zoo.translation.video import look_at, translate_video, video_frames


def invert(batch):
    return -batch


@pytest.fixture(scope="module")
def ffmpeg():
    return pytest.importorskip("imageio_ffmpeg").get_ffmpeg_exe()


def make(ffmpeg, path, *, size="48x32", rate="10", seconds="1", sound=False):
    """A video of slowly changing colours."""
    heard = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"] if sound else []
    video = ["-f", "lavfi", "-i", f"gradients=s={size}:r={rate}:d={seconds}:speed=0.01:seed=3"]
    subprocess.run(
        [ffmpeg, "-y", "-loglevel", "error", *video, *heard, "-pix_fmt", "yuv420p", str(path)],
        check=True,
    )
    return path


def frames(path):
    about = look_at(path)
    return about, list(video_frames(path, about))


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif"])
def test_frames_rate_and_size_stay(ffmpeg, suffix, tmp_path):
    source = make(ffmpeg, tmp_path / f"clip{suffix}")
    jobs = collect([source], tmp_path / "out")
    assert jobs == [(source, tmp_path / "out" / f"clip{suffix}")]
    translator = Translator(invert, (32, 32), batch_size=4)
    assert list(translate_jobs(translator, jobs)) == jobs
    before, given = frames(source)
    after, painted = frames(jobs[0][1])
    assert (after.width, after.height) == (before.width, before.height) == (48, 32)
    assert after.rate == before.rate == "10/1"
    assert len(painted) == len(given) == 10
    for one, other in zip(given, painted, strict=True):
        assert np.abs(255 - one.astype(int) - other).mean() < 12
    assert [file.name for file in (tmp_path / "out").iterdir()] == [f"clip{suffix}"]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_sound_stays(ffmpeg, suffix, tmp_path):
    source = make(ffmpeg, tmp_path / f"clip{suffix}", sound=True)
    written = tmp_path / f"painted{suffix}"
    translate_video(Translator(invert, (32, 32)), source, written)
    assert look_at(source).sound
    assert look_at(written).sound
    silent = make(ffmpeg, tmp_path / f"silent{suffix}")
    translate_video(Translator(invert, (32, 32)), silent, written)
    assert not look_at(written).sound


def test_odd_sides_and_grey_networks(ffmpeg, tmp_path):
    source = make(ffmpeg, tmp_path / "clip.gif", size="47x33", seconds="0.3")
    odd = tmp_path / "odd.mp4"
    translate_video(Translator(lambda batch: batch, (32, 32), channels=1), source, odd)
    about, painted = frames(odd)
    assert (about.width, about.height) == (47, 33)
    assert len(painted) == 3
    # Grey, but for what the encoder rounds.
    assert np.ptp(painted[0].astype(int), axis=-1).max() < 12


def test_progress_is_told_by_frames_and_batches_are_filled(ffmpeg, tmp_path):
    source = make(ffmpeg, tmp_path / "clip.mp4", size="32x32")
    told, calls = [], []

    def network(batch):
        calls.append(len(batch))
        return batch

    translate_video(
        Translator(network, (32, 32), batch_size=4),
        source,
        tmp_path / "out.mp4",
        lambda *said: told.append(said),
    )
    assert calls == [4, 4, 2]
    assert told == [(source, done, 10) for done in range(1, 11)]


def test_what_is_no_video_is_told_before_anything_is_written(ffmpeg, tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"no video")
    with pytest.raises(DataError) as caught:
        collect([tmp_path / "clip.mp4"], tmp_path / "out")
    assert str(caught.value) == (
        f"{tmp_path / 'clip.mp4'} cannot be read as a video; it is damaged, or none"
    )
    with pytest.raises(DataError, match=r"nowhere\.mp4 does not exist$"):
        collect([tmp_path / "nowhere.mp4"], tmp_path / "out")


def test_a_video_that_fails_leaves_nothing(ffmpeg, tmp_path):
    source = make(ffmpeg, tmp_path / "clip.mp4")

    def failing(batch):
        raise ZooError("the network is broken")

    with pytest.raises(ZooError, match="the network is broken"):
        translate_video(Translator(failing, (32, 32)), source, tmp_path / "out" / "clip.mp4")
    assert list((tmp_path / "out").iterdir()) == []


def test_formats_that_no_video_has_are_refused(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"")
    scan = PictureFormat(1, "uint16", (0.0,), (4095.0,), suffix=".tif")
    with pytest.raises(
        DataError,
        match=r"clip\.mp4 is a video, and the network's targets are not pictures of 8-bit colours; "
        r"translate its frames as pictures$",
    ):
        collect([tmp_path / "clip.mp4"], tmp_path / "out", target_format=scan)


def test_without_the_extra_a_video_is_told_what_it_needs(tmp_path, monkeypatch):
    (tmp_path / "clip.mp4").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ZooError) as caught:
        collect([tmp_path / "clip.mp4"], tmp_path / "out")
    assert str(caught.value) == (
        f"{tmp_path / 'clip.mp4'} is a video, which needs the package imageio-ffmpeg: "
        "pip install 'pix2pix-zoo[video]'"
    )
