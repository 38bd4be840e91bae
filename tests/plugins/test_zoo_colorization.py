"""Colorization: what the networks see, what is painted, training, saving, and pictures in every output."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, shape, snapshot, tiny_data, tiny_parts
from zoo_colorization.lab import colours_of, lightness_of, painted, painter
from zoo_colorization.model import Colorization, colorization

import zoo
from zoo.data.colour import grey, lab_of_srgb, srgb_of_lab
from zoo.losses.feature_matching import FeatureMatching
from zoo.models.inference import inference_network
from zoo.models.parts import Inference, WeightedLoss
from zoo.pictures import to_float, to_uint8


def tiny_colorization(*, seed=0, reconstruction=None, steps=1, **choices) -> Colorization:
    keras.utils.set_random_seed(seed)
    parts = tiny_parts(**choices)
    if reconstruction:
        parts = replace(parts, reconstruction=reconstruction)
    model = colorization(parts, discriminator_steps=steps)
    model.compile(optimizer=optimizers())
    return model


def arrays(tensors):
    return {name: ops.convert_to_numpy(tensor) for name, tensor in tensors.items()}


def without_colours(model):
    """Let the generator answer 0 for every colour, as tanh of nothing."""
    *_, last = [layer for layer in model.generator.layers if layer.weights]
    for variable in last.weights:
        variable.assign(np.zeros(variable.shape))
    return model


def random_pictures(count=3, depth=3):
    picture = np.random.default_rng(8).integers(0, 256, (count, *shape(depth)), np.uint8)
    return to_float(picture)


# ---- colours in, colours out


def test_networks_see_lightness_and_colours_within_one() -> None:
    data = {"source": random_pictures(), "target": random_pictures()[::-1]}
    batch = arrays(tiny_colorization().prepared(data))
    source, target = (lab_of_srgb((data[side] + 1) / 2) for side in ("source", "target"))
    np.testing.assert_allclose(batch["source"], source[..., :1] / 50 - 1, atol=1e-5)
    np.testing.assert_allclose(batch["target"], target[..., 1:] / 110, atol=1e-5)
    assert all(np.abs(part).max() <= 1 for part in batch.values())


def test_what_is_taken_apart_is_painted_again() -> None:
    pictures = random_pictures()
    again = painted(lightness_of(pictures), colours_of(pictures))
    np.testing.assert_allclose(ops.convert_to_numpy(again), pictures, atol=2e-5)


def test_sizes_and_channels_of_the_networks() -> None:
    model = tiny_colorization()
    assert model.generator.input_shape == (None, 8, 8, 1)
    assert model.generator.output_shape == (None, 8, 8, 2)
    assert model.discriminator.input_shape == (None, 8, 8, 3)
    assert model.inference_network.input_shape == model.inference_network.output_shape
    assert model.inference_network.input_shape == (None, 8, 8, 3)


def test_no_colours_are_painted_as_the_grey_picture() -> None:
    pictures = random_pictures()
    found = without_colours(tiny_colorization()).predict(pictures, verbose=0)
    lab = lab_of_srgb((pictures + 1) / 2)
    lab[..., 1:] = 0
    np.testing.assert_allclose(found, 2 * srgb_of_lab(lab) - 1, atol=1e-4)
    # 8 bits of grey, and Lab's white, which is not quite neutral.
    np.testing.assert_allclose(found, [to_float(grey(to_uint8(p))) for p in pictures], atol=0.01)


def test_the_lightness_stays_and_only_it_is_used() -> None:
    # Of middle lightness and weak colours, so that nothing is clipped.
    lightness = np.random.default_rng(3).uniform(-0.2, 0.2, (2, 8, 8, 1)).astype("float32")
    chance = np.random.default_rng(4)
    blue, red = (
        ops.convert_to_numpy(
            painted(lightness, 0.1 * chance.uniform(-1, 1, (2, 8, 8, 2)).astype("float32"))
        )
        for _ in range(2)
    )
    assert np.abs(blue - red).max() > 0.05
    network = painter(keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Dense(2)]))
    network.set_weights([np.float32([[0.1, -0.1]]), np.float32([0.05, 0.0])])
    first, second = (network.predict(picture, verbose=0) for picture in (blue, red))
    np.testing.assert_allclose(first, second, atol=1e-4)
    assert np.ptp(first, axis=-1).min() > 0
    np.testing.assert_allclose(ops.convert_to_numpy(lightness_of(first)), lightness, atol=1e-4)


@pytest.mark.parametrize(
    "inference",
    [
        Inference(),
        Inference(dropout=True),
        Inference(statistics="picture"),
        Inference(statistics="picture", ema=0.5),
    ],
)
def test_every_output_follows_the_inference(inference) -> None:
    model = tiny_colorization(inference=inference)
    model.fit(tiny_data(4), batch_size=2, verbose=0)
    pictures = random_pictures()
    network = model.average.network if inference.ema else model.generator
    chosen = inference_network(network, inference)
    lightness = lightness_of(pictures)
    expected = painted(lightness, chosen(lightness, training=False))
    # Three levels have no dropout, so that both are without chance.
    found = model.predict(pictures, verbose=0)
    np.testing.assert_allclose(found, ops.convert_to_numpy(expected), atol=1e-5)
    shown = model.samples(pictures, pictures)
    np.testing.assert_allclose(shown["translated"], found, atol=1e-5)
    assert model.translators["generator"] is model.inference_network


# ---- training


def test_it_learns_colours_and_every_network_changes() -> None:
    keras.utils.set_random_seed(0)
    l1 = WeightedLoss("l1", keras.losses.MeanAbsoluteError(), 100.0)
    model = colorization(replace(tiny_parts(norm="instance"), reconstruction=(l1,)))
    model.compile(optimizer=optimizers(learning_rate=4e-2))
    before = [variable.numpy().copy() for variable in model.trainable_variables]
    # One colour for all that is dark and another for all that is bright.
    dark = np.random.default_rng(1).random((4, 8, 8, 1)) < 0.5
    target = np.where(dark, (-0.7, -0.6, 0.2), (0.9, 0.7, 0.3)).astype("float32")
    source = to_float(np.stack([grey(to_uint8(picture)) for picture in target]))
    data = {"source": source, "target": target}
    history = model.fit(data, batch_size=4, epochs=15, verbose=0).history
    assert set(history) == {
        "generator_adversarial",
        "generator_l1",
        "discriminator_real",
        "discriminator_fake",
    }
    assert history["generator_l1"][-1] < 0.6 * history["generator_l1"][0]
    for variable, value in zip(model.trainable_variables, before, strict=True):
        # A constant before instance norm changes nothing.
        if "bias" not in variable.path:
            assert not np.array_equal(variable.numpy(), value), variable.path


def test_losses_are_those_of_colours() -> None:
    model = without_colours(tiny_colorization())
    data = tiny_data(2)
    history = model.fit(data, batch_size=2, verbose=0).history
    colours = lab_of_srgb((data["target"] + 1) / 2)[..., 1:] / 110
    assert history["generator_l1"][0] == pytest.approx(100 * np.abs(colours).mean(), rel=1e-4)


def test_black_and_white_pictures_break_nothing() -> None:
    model = tiny_colorization(norm="instance")
    extremes = np.ones((2, 8, 8, 3), "float32")
    extremes[0] = -1
    history = model.fit({"source": extremes, "target": extremes}, epochs=3, verbose=0).history
    assert np.isfinite(list(history.values())).all()
    assert all(np.isfinite(value).all() for value in snapshot(model))
    assert np.isfinite(model.predict(extremes, verbose=0)).all()


def test_what_pix2pix_can_do_it_can() -> None:
    matching = WeightedLoss("feature_matching", FeatureMatching(), 10.0)
    model = tiny_colorization(reconstruction=(matching,), steps=2)
    model.fit(tiny_data(4), batch_size=4, verbose=0)
    counts = {name: int(o.iterations) for name, o in model.optimizer.players.items()}
    assert counts == {"discriminator": 2, "generator": 1}


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_colours_are_computed_in_float32_under_mixed_precision(policy) -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = tiny_colorization(norm="instance")
        model.fit(tiny_data(2), batch_size=2, verbose=0)
        found = without_colours(model).predict(random_pictures(), verbose=0)
    finally:
        keras.config.set_dtype_policy(before)
    assert found.dtype == np.float32
    expected = [to_float(grey(to_uint8(picture))) for picture in random_pictures()]
    np.testing.assert_allclose(found, expected, atol=0.01)


# ---- files


@pytest.mark.parametrize("inference", [Inference(), Inference(statistics="picture", ema=0.9)])
def test_a_saved_model_goes_on_alike(tmp_path, inference) -> None:
    data = tiny_data(4)
    options = {"batch_size": 2, "shuffle": False, "verbose": 0}
    model = tiny_colorization(inference=inference)
    model.fit(data, **options)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    assert type(restored) is Colorization
    painted_by = [one.predict(data["source"], verbose=0) for one in (model, restored)]
    np.testing.assert_array_equal(*painted_by)
    assert model.fit(data, **options).history == restored.fit(data, **options).history
    for ours, theirs in zip(snapshot(model), snapshot(restored), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.one_backend
def test_the_generators_file_opens_with_keras_alone(tmp_path) -> None:
    model = tiny_colorization()
    pictures = random_pictures()
    model.inference_network.save(tmp_path / "generator.keras")
    np.save(tmp_path / "pictures.npy", pictures)
    program = (
        "import keras, numpy, sys; network = keras.models.load_model('generator.keras'); "
        "numpy.save('painted.npy', network.predict(numpy.load('pictures.npy'), verbose=0)); "
        "assert not any(name.partition('.')[0].startswith('zoo') for name in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": keras.backend.backend()},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "painted.npy")
    np.testing.assert_allclose(found, model.predict(pictures, verbose=0), atol=1e-5)


@pytest.mark.one_backend
def test_a_run_paints_pictures_of_any_size(tiny_recipe, tmp_path) -> None:
    run = zoo.train(
        tiny_recipe,
        "model.name=colorization",
        "inference.statistics=picture",
        "training.epochs=1",
        root=tmp_path / "runs",
        say=lambda line: None,
    )
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    opened = zoo.load_run(run.path)
    translated = opened(picture)
    assert (translated.shape, translated.dtype) == ((20, 30, 3), np.uint8)
    assert opened(grey(picture)[..., 0]).shape == (20, 30, 3)


# ---- what does not fit


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"paired": False}, "colorization compares every fake with the target of its own source"),
        (
            {"source_shape": (8, 8, 1)},
            "colorization takes and paints RGB pictures of 3 channels, but the source has 1; "
            "use pix2pix, or pictures in RGB, which grey ones may be as well",
        ),
        (
            {"target_shape": (8, 8, 4)},
            "colorization takes and paints RGB pictures of 3 channels, but the target has 4; ",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, message) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        colorization(replace(tiny_parts(), **changes))


def test_it_is_found_by_name() -> None:
    component = zoo.load_host().registry.get("model", "colorization")
    assert component.provider == "colorization"
    assert component.factory == "zoo_colorization.model:colorization"


def test_registering_imports_nothing_heavy() -> None:
    command = "import zoo_colorization, sys; print(sorted({'numpy', 'keras'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
