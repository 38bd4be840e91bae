import matplotlib
import numpy as np
import pytest
from PIL import Image

from zoo.training.callbacks.curves import CurvesFile, draw_curves, group
from zoo.training.callbacks.history import HistoryFile

HEADER = "epoch,step,seconds,discriminator_fake,discriminator_real,generator_l1,val_l1,val_psnr\n"


def test_columns_are_grouped_by_what_they_speak_of():
    assert group(["generator_adversarial", "discriminator_real", "critic", "l1", "val_l1"]) == {
        "generator": ["generator_adversarial", "l1"],
        "discriminator": ["discriminator_real", "critic"],
        "held out: l1": ["val_l1"],
    }
    assert group(["loss"]) == {"generator": ["loss"]}


def test_draws_a_picture_and_leaves_matplotlib_as_it_was(tmp_path):
    before, backend = dict(matplotlib.rcParams), matplotlib.rcParams._get("backend")
    history = tmp_path / "history.csv"
    history.write_text(
        HEADER + "1,10,1,.5,.6,20,.3,16\n2,20,2,.4,.5,nan,,\n3,30,3,.4,.5,.01,.2,18\n"
    )
    draw_curves(history, tmp_path / "curves.png")
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.width > 1000
        assert np.asarray(picture.convert("L")).std() > 5
    assert dict(matplotlib.rcParams) == before
    assert matplotlib.rcParams._get("backend") is backend
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curves.png", "history.csv"]


@pytest.mark.parametrize(
    "rows", ["1,10,1,.5,.6,20,.3,16\n", "1,10,1,nan,nan,nan,nan,inf\n", "1,10,1,-5,6,0,,\n"]
)
def test_odd_histories_are_drawn(rows, tmp_path):
    history = tmp_path / "history.csv"
    history.write_text(HEADER + rows)
    draw_curves(history, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").is_file()


def test_a_history_without_logs_is_drawn(tmp_path):
    history = tmp_path / "history.csv"
    history.write_text("epoch,step,seconds\n1,10,1\n")
    draw_curves(history, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").is_file()


def test_a_history_without_rows_is_refused(tmp_path):
    history = tmp_path / "history.csv"
    history.write_text(HEADER)
    with pytest.raises(ValueError, match="has no row"):
        draw_curves(history, tmp_path / "curves.png")


@pytest.mark.parametrize(("pause", "drawings"), [(0, 3), (100, 1 + 1)])
def test_the_callback_draws_now_and_then_and_the_last_epoch(
    fit, tmp_path, monkeypatch, pause, drawings
):
    drawn = []
    monkeypatch.setattr(
        "zoo.training.callbacks.curves.draw_curves", lambda *paths: drawn.append(paths)
    )
    history, out = tmp_path / "history.csv", tmp_path / "curves.png"
    fit(HistoryFile(history), CurvesFile(history, out, pause=pause), epochs=3)
    assert drawn == [(history, out)] * drawings
