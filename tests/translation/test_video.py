"""Videos, frame by frame. What reads them is the extra 'video'."""

import struct
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from zoo.errors import DataError, ZooError
from zoo.pictures import Formats, PictureFormat
from zoo.translation.jobs import collect
from zoo.translation.translation import translate_jobs
from zoo.translation.translator import Translator
from zoo.translation.video import translate_video
from zoo.translation.video_reading import open_video

CODECS = {".webm": ("libvpx-vp9", "libopus"), ".avi": ("mpeg4", "mp3"), ".gif": ("gif", "")}


@pytest.fixture(scope="module")
def av():
    return pytest.importorskip("av")


def picture(index, width=48, height=32):
    """Slowly changing colours that no turn or mirror leaves as they are."""
    y, x = np.mgrid[:height, :width]
    colours = [x * 200 // width + index, y * 200 // height, 255 - x * 200 // width]
    return np.stack(np.broadcast_arrays(*colours), -1).astype(np.uint8)


def make(av, path, *, size=(48, 32), times=range(10), sound=False, **settings):
    """A video of ten frames a second; each is shown at its time in tenths."""
    codec, heard = CODECS.get(path.suffix, ("libx264", "aac"))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, 10, width=size[0], height=size[1])
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 10)
        for name, value in settings.items():
            setattr(stream.codec_context, name, value)
        voice = container.add_stream(heard, 48000) if sound else None
        for index, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(index, *size), "rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if voice:
            wave = np.sin(np.arange(48000) * 0.06)[None].astype(np.float32)
            tone = av.AudioFrame.from_ndarray(wave, "fltp", "mono")
            tone.sample_rate, tone.pts = 48000, 0
            container.mux(voice.encode(tone))
            container.mux(voice.encode(None))
    return path


def frames(av, path):
    """Return the times of a video's frames in seconds, and the frames as they lie in the file."""
    with av.open(str(path)) as container:
        read = list(container.decode(video=0))
    return [frame.time for frame in read], [frame.to_ndarray(format="rgb24") for frame in read]


def sound(av, path):
    """Return the bytes of a video's sound."""
    with av.open(str(path)) as container:
        return [
            bytes(packet)
            for packet in (container.demux(audio=0) if container.streams.audio else ())
            if packet.size
        ]


def same(batch):
    return batch


def invert(batch):
    return -batch


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif"])
def test_frames_times_and_size_stay(av, suffix, tmp_path):
    source = make(av, tmp_path / f"clip{suffix}")
    jobs = collect([source], tmp_path / "out")
    assert jobs == [(source, tmp_path / "out" / f"clip{suffix}")]
    translator = Translator(invert, (32, 32), batch_size=4)
    assert list(translate_jobs(translator, jobs)) == jobs
    (before, given), (after, painted) = frames(av, source), frames(av, jobs[0][1])
    assert after == before == [index / 10 for index in range(10)]
    assert {frame.shape for frame in painted} == {(32, 48, 3)}
    for one, other in zip(given, painted, strict=True):
        assert np.abs(255 - one.astype(int) - other).mean() < 12
    with open_video(source) as one, open_video(jobs[0][1]) as other:
        assert other.rate == one.rate == 10
    assert [file.name for file in (tmp_path / "out").iterdir()] == [f"clip{suffix}"]


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm", ".gif"])
def test_unequal_times_stay(av, suffix, tmp_path):
    times = [0, 1, 2, 5, 6, 20, 21]
    source = make(av, tmp_path / f"clip{suffix}", times=times)
    written = tmp_path / f"painted{suffix}"
    translate_video(Translator(same, (32, 32), batch_size=3), source, written)
    assert frames(av, written)[0] == frames(av, source)[0] == [time / 10 for time in times]


def test_an_avi_file_shows_frames_of_other_files_at_its_rate(av, tmp_path):
    fine = Fraction(1, 90000)  # a unit that MPEG-4 does not have
    source = make(av, tmp_path / "clip.mp4", times=[0, 1, 4, 5], time_base=fine)
    translate_video(Translator(same, (32, 32)), source, tmp_path / "clip.avi")
    assert frames(av, tmp_path / "clip.avi")[0] == [0, 0.1, 0.4, 0.5]


def test_an_avi_file_of_frames_out_of_order_is_shown_in_order(av, tmp_path):
    with av.open(str(tmp_path / "clip.avi"), "w") as container:
        stream = container.add_stream("libx264", 10, width=48, height=32, options={"bf": "3"})
        for index in range(10):
            frame = av.VideoFrame.from_ndarray(picture(index * 5), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    translate_video(Translator(same, (32, 32)), tmp_path / "clip.avi", tmp_path / "out.avi")
    times, painted = frames(av, tmp_path / "out.avi")
    assert times == [index / 10 for index in range(10)]
    reds = [frame[..., 0].mean() for frame in painted]
    assert reds == sorted(reds)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".avi"])
def test_sound_stays(av, suffix, tmp_path):
    source = make(av, tmp_path / f"clip{suffix}", sound=True)
    written = tmp_path / f"painted{suffix}"
    translate_video(Translator(invert, (32, 32)), source, written)
    assert len(frames(av, written)[1]) == 10
    assert sound(av, written) == sound(av, source) != []
    silent = make(av, tmp_path / f"silent{suffix}")
    translate_video(Translator(invert, (32, 32)), silent, written)
    assert sound(av, written) == []
    translate_video(Translator(invert, (32, 32)), source, tmp_path / "painted.gif")
    assert len(frames(av, tmp_path / "painted.gif")[1]) == 10


def test_sound_that_a_kind_of_file_does_not_hold_is_told(av, tmp_path):
    source = make(av, tmp_path / "clip.mp4", sound=True)
    with pytest.raises(ZooError) as caught:
        translate_video(Translator(same, (32, 32)), source, tmp_path / "out" / "clip.webm")
    assert str(caught.value) == (
        f"{tmp_path / 'out' / 'clip.webm'} cannot be written: no .webm file holds the sound of {source}, which is aac"
    )
    assert list((tmp_path / "out").iterdir()) == []


def test_odd_sides_and_grey_networks(av, tmp_path):
    source = make(av, tmp_path / "clip.gif", size=(47, 33), times=range(3))
    for suffix in (".mp4", ".webm", ".avi"):
        odd = tmp_path / f"odd{suffix}"
        translate_video(Translator(same, (32, 32), channels=1), source, odd)
        painted = frames(av, odd)[1]
        assert [frame.shape for frame in painted] == [(33, 47, 3)] * 3
        # Grey, but for what the encoder rounds.
        assert np.ptp(painted[0].astype(int), axis=-1).max() < 12


# The matrix of ISO 14496-12, and what of NumPy makes of a stored frame the one that is shown.
SHOWN: dict[str, tuple[tuple[int, ...], Any]] = {
    "a quarter turn": ((0, 1, -1, 0), lambda frame: np.rot90(frame, -1)),
    "half a turn": ((-1, 0, 0, -1), lambda frame: np.rot90(frame, 2)),
    "three quarter turns": ((0, -1, 1, 0), np.rot90),
    "a mirror": ((-1, 0, 0, 1), np.fliplr),
    "a mirror, turned": ((0, 1, 1, 0), lambda frame: frame.swapaxes(0, 1)),
}


@pytest.mark.parametrize("case", SHOWN)
def test_frames_are_written_as_they_are_shown(av, case, tmp_path):
    source = make(av, tmp_path / "clip.mp4", sample_aspect_ratio=Fraction(4, 3))
    file, plain = (
        source.read_bytes(),
        struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30),
    )
    (a, b, c, d), shown = SHOWN[case]
    turned = struct.pack(">9i", a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30)
    at = file.rindex(plain)  # that of the track; the first is of the file
    source.write_bytes(file[:at] + turned + file[at + len(plain) :])
    translate_video(Translator(same, (32, 32)), source, tmp_path / "out.mp4")
    for given, painted in zip(
        frames(av, source)[1], frames(av, tmp_path / "out.mp4")[1], strict=True
    ):
        assert np.abs(shown(given).astype(int) - painted).mean() < 3
    with av.open(str(tmp_path / "out.mp4")) as container:
        upright = container.streams.video[0].sample_aspect_ratio
        assert upright == (Fraction(4, 3) if a else Fraction(3, 4))


def test_edges_of_colours_stay_sharp(av, tmp_path):
    rows, columns = np.mgrid[:64, :64] // 4
    sharp = np.where((rows + columns)[..., None] % 2, (220, 40, 40), (40, 40, 220)).astype(np.uint8)
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("libx264", 10, width=64, height=64, options={"crf": "1"})
        stream.pix_fmt = "yuv444p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(sharp, "rgb24")))
        container.mux(stream.encode(None))
    translate_video(Translator(same, (64, 64)), tmp_path / "clip.mp4", tmp_path / "out.mp4")
    lost = np.abs(frames(av, tmp_path / "out.mp4")[1][0].astype(int) - sharp).mean()
    assert lost < 10


# Neither is what is taken unless told otherwise.
@pytest.mark.parametrize("told", [{"colorspace": 1}, {"color_range": 2}], ids=["BT.709", "full"])
def test_colours_are_as_the_video_says(av, told, tmp_path):
    source = make(av, tmp_path / "clip.mp4", size=(64, 64), **told)
    translate_video(Translator(same, (32, 32)), source, tmp_path / "out.mp4")
    with open_video(source) as video:
        given = list(video.pictures())
    for one, other in zip(given, frames(av, tmp_path / "out.mp4")[1], strict=True):
        assert np.abs(one.astype(int) - other).mean() < 3
    untold = frames(av, make(av, tmp_path / "plain.mp4", size=(64, 64)))[1]
    assert np.abs(given[0].astype(int) - untold[0]).mean() > 4
    with av.open(str(tmp_path / "out.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (6, 1)


def test_progress_is_told_by_frames_and_batches_are_filled(av, tmp_path):
    source = make(av, tmp_path / "clip.mp4", size=(32, 32))
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


def test_what_is_no_video_is_told_before_anything_is_written(av, tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"no video")
    with pytest.raises(DataError) as caught:
        collect([tmp_path / "clip.mp4"], tmp_path / "out")
    assert str(caught.value) == (
        f"{tmp_path / 'clip.mp4'} cannot be read as a video; it is damaged, or none"
    )
    with pytest.raises(DataError, match=r"nowhere\.mp4 does not exist$"):
        collect([tmp_path / "nowhere.mp4"], tmp_path / "out")


@pytest.mark.parametrize("error", [ZooError, KeyboardInterrupt])
def test_a_video_that_fails_or_is_stopped_leaves_nothing(av, error, tmp_path):
    source = make(av, tmp_path / "clip.avi")

    asked = []

    # MPEG-4 holds no frames back: something is written before it fails.
    def failing(batch):
        asked.append(batch)
        if len(asked) > 5:
            assert [file.name for file in (tmp_path / "out").iterdir()] == [".clip.partial.avi"]
            raise error("the network is broken")
        return batch

    with pytest.raises(error, match="the network is broken"):
        translate_video(Translator(failing, (32, 32)), source, tmp_path / "out" / "clip.avi")
    assert list((tmp_path / "out").iterdir()) == []


def test_frames_that_are_damaged_are_left_out(av, tmp_path):
    source = make(av, tmp_path / "clip.mp4", times=range(30), max_b_frames=0)
    with av.open(str(source)) as container:
        packet = [packet for packet in container.demux(video=0) if packet.size][10]
        at, size = packet.pos, packet.size
    file = bytearray(source.read_bytes())
    file[at : at + size] = bytes([255]) * size
    source.write_bytes(file)
    translate_video(Translator(same, (32, 32)), source, tmp_path / "out.mp4")
    times = frames(av, tmp_path / "out.mp4")[0]
    assert times == [index / 10 for index in range(30) if index != 10]


def test_a_video_of_an_unknown_codec_is_none(av, tmp_path):
    source = make(av, tmp_path / "clip.mp4")
    source.write_bytes(source.read_bytes().replace(b"avc1", b"none"))
    with pytest.raises(DataError, match=r"cannot be read as a video; it is damaged, or none$"):
        collect([source], tmp_path / "out")


def test_a_file_of_sound_alone_is_no_video(av, tmp_path):
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        voice = container.add_stream("aac", 48000)
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.float32), "fltp", "mono")
        tone.sample_rate = 48000
        container.mux(voice.encode(tone))
        container.mux(voice.encode(None))
    with pytest.raises(DataError, match=r"cannot be read as a video; it is damaged, or none$"):
        collect([tmp_path / "clip.mp4"], tmp_path / "out")


def test_a_video_that_cannot_be_written_says_why(av, tmp_path):
    source = make(av, tmp_path / "clip.mp4")
    (tmp_path / "out" / ".clip.partial.mp4").mkdir(parents=True)
    with pytest.raises(ZooError, match=r"clip\.mp4 cannot be written: Is a directory$"):
        translate_video(Translator(same, (32, 32)), source, tmp_path / "out" / "clip.mp4")


def test_frames_and_sound_are_not_held(av, tmp_path):
    source = make(av, tmp_path / "clip.mp4", times=range(200), sound=True)
    with open_video(source) as video:
        for _ in video.pictures():
            video.times.clear()
            video.sound.clear()
    ahead = []

    def network(batch):
        ahead.append(batch)
        return batch

    def progress(_, done, __):
        assert len(ahead) * 4 <= done + 8

    translate_video(
        Translator(network, (32, 48), batch_size=4), source, tmp_path / "out.mp4", progress
    )
    assert len(ahead) == 50


def test_formats_that_no_video_has_are_refused(tmp_path):
    (tmp_path / "clip.mp4").write_bytes(b"")
    scan = PictureFormat(1, "uint16", (0.0,), (4095.0,), suffix=".tif")
    with pytest.raises(
        DataError,
        match=r"clip\.mp4 is a video, and the network's targets are not pictures of 8-bit colours; "
        r"translate its frames as pictures$",
    ):
        collect([tmp_path / "clip.mp4"], tmp_path / "out", formats=Formats(target=scan))


def test_without_the_extra_a_video_is_told_what_it_needs(tmp_path, monkeypatch):
    (tmp_path / "clip.mp4").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ZooError) as caught:
        collect([tmp_path / "clip.mp4"], tmp_path / "out")
    assert str(caught.value) == (
        f"{tmp_path / 'clip.mp4'} is a video, which needs the package av: "
        "pip install 'pix2pix-zoo[video]'"
    )
