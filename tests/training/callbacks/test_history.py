from zoo.runs.history import read_history
from zoo.training.callbacks.history import HistoryFile


def test_one_row_an_epoch_with_all_logs(fit, tmp_path):
    fit(HistoryFile(tmp_path / "history.csv"), epochs=2)
    rows = read_history(tmp_path / "history.csv")
    assert list(rows[0]) == ["epoch", "step", "seconds", "loss", "val_loss"]
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "4"), ("2", "8")]
    assert 0 < float(rows[0]["seconds"]) < float(rows[1]["seconds"])
    assert float(rows[1]["loss"]) < float(rows[0]["loss"])


def test_resuming_keeps_earlier_rows_and_goes_on_counting(fit, tmp_path):
    path = tmp_path / "history.csv"
    fit(HistoryFile(path), epochs=2)
    before = path.read_text()
    fit(HistoryFile(path), initial_epoch=2, epochs=3)
    assert path.read_text().startswith(before)
    rows = read_history(path)
    assert [(row["epoch"], row["step"]) for row in rows] == [("1", "4"), ("2", "8"), ("3", "12")]
    assert float(rows[2]["seconds"]) > float(rows[1]["seconds"])


def test_epochs_trained_again_replace_their_rows(fit, tmp_path):
    path = tmp_path / "history.csv"
    fit(HistoryFile(path), epochs=3)
    fit(HistoryFile(path), initial_epoch=1, epochs=2)
    assert [row["epoch"] for row in read_history(path)] == ["1", "2"]


def test_a_new_log_becomes_the_last_column(model, tmp_path):
    path = tmp_path / "history.csv"
    history = HistoryFile(path)
    history.set_model(model)
    history.on_train_begin()
    history.on_epoch_end(0, {"l1": 1 / 3})
    history.on_epoch_end(1, {"l1": 0.25, "psnr": float("nan")})
    rows = read_history(path)
    assert list(rows[0]) == ["epoch", "step", "seconds", "l1", "psnr"]
    assert [row["l1"] for row in rows] == ["0.3333333", "0.25"]
    assert [row["psnr"] for row in rows] == ["", "nan"]


def test_leaves_no_other_file(fit, tmp_path):
    fit(HistoryFile(tmp_path / "history.csv"), epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["history.csv"]
