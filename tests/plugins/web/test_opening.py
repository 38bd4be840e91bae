"""What `zoo serve` opens of a run."""

import importlib.util

import keras
import numpy as np
import pytest

pytest.importorskip("fastapi")

from plugins.web.live import file_of, live, noise, picture_in
from zoo_web.service.opening import open_served

from zoo.training.train import train


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow" or importlib.util.find_spec("onnxruntime") is None,
    reason="exports to ONNX",
)
def test_an_export_with_statistics_of_its_own_translates_large_pictures_as_its_run(
    tiny_recipe, tmp_path
):
    smaller = ("training.epochs=1", "generator.norm=instance")
    run = train(tiny_recipe, *smaller, root=tmp_path / "runs", say=lambda line: None)
    started: list[str] = []
    served = open_served(str(run.path), format="onnx", start=started.append, say=lambda line: None)
    assert (served.runtime, started) == ("onnx", ["tensorflow"])
    small, large = noise(16, 16, 3), noise(40, 30, 3)
    with live(served) as client:
        for picture in (small, large):
            answer = client.post(
                "/translate", content=file_of(picture), headers={"Content-Type": "image/png"}
            )
            translated = picture_in(answer.content).astype(int)
            assert np.abs(translated - np.asarray(run(picture)).astype(int)).max() <= 1
    # Without Keras each tile would be painted by its own statistics, which is another picture.
    assert started == ["tensorflow", ""]
    alone = np.asarray(served.translator(large)).astype(int)
    assert np.abs(alone - np.asarray(run(large)).astype(int)).max() > 3
