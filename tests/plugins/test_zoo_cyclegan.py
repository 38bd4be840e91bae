"""CycleGAN: the image pool, the losses, the order of updates, saving, both directions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, snapshot, tiny_data, tiny_parts
from zoo_cyclegan.model import CycleGAN, cyclegan
from zoo_cyclegan.pool import ImagePool

import zoo
from zoo.backend.random import Random
from zoo.losses.adversarial import LeastSquares
from zoo.losses.feature_matching import FeatureMatching
from zoo.models.parts import Inference, WeightedLoss
from zoo.networks.unet import unet

TERMS = {
    f"generator_{term}_{side}"
    for term in ("adversarial", "cycle", "identity")
    for side in ("source", "target")
} | {f"discriminator_{side}_{which}" for side in ("source", "target") for which in ("real", "fake")}


def parts(**changes):
    l1 = WeightedLoss("l1", keras.losses.MeanAbsoluteError(), 10.0)
    options = {"adversarial": LeastSquares(), "reconstruction": (l1,), "paired": False, **changes}
    return replace(tiny_parts(norm="instance"), **options)


def tiny_cyclegan(*, seed=0, inference=Inference(), **arguments) -> CycleGAN:  # noqa: B008
    keras.utils.set_random_seed(seed)
    model = cyclegan(parts(inference=inference), **{"pool_size": 3, **arguments})
    model.compile(optimizer=optimizers())
    return model


def numbered(*numbers):
    """Pictures 2 x 2 of one value each."""
    return ops.convert_to_tensor(np.float32(numbers).reshape(-1, 1, 1, 1) * np.ones((1, 2, 2, 1)))


def values(tensor):
    return ops.convert_to_numpy(tensor)[:, 0, 0, 0].tolist()


def test_a_pool_that_is_not_full_keeps_everything_and_gives_it_out() -> None:
    pool, random = ImagePool(4, (2, 2, 1)), Random(1)
    assert values(pool.exchange(numbered(1, 2), random)) == [1, 2]
    assert values(pool.exchange(numbered(3, 4, 5), random)) == [3, 4, 5]
    assert values(pool.pictures)[:4] == [1, 2, 3, 4]
    assert int(pool.kept) == 4


def test_a_full_pool_exchanges_half_of_the_time_for_any_picture() -> None:
    pool, random = ImagePool(10, (2, 2, 1)), Random(1)
    pool.exchange(numbered(*range(10)), random)
    given = np.arange(10.0, 410.0)
    answers = np.array([values(pool.exchange(numbered(value), random))[0] for value in given])
    older = answers < given
    assert 0.4 < older.mean() < 0.6
    # What went in came out or is still there, once.
    assert sorted([*answers, *values(pool.pictures)[:10]]) == list(range(410))
    # A picture stays until one of ten is chosen half of the time: 20 steps on average.
    assert 12 < (given - answers)[older].mean() < 28


def test_pictures_of_a_batch_are_not_exchanged_for_each_other() -> None:
    pool, random = ImagePool(4, (2, 2, 1)), Random(2)
    pool.exchange(numbered(0, 1, 2, 3), random)
    for first in range(4, 84, 4):
        before = set(values(pool.pictures)[:4])
        batch = list(range(first, first + 4))
        answers = values(pool.exchange(numbered(*batch), random))
        changed = {answer for answer, own in zip(answers, batch, strict=True) if answer != own}
        assert changed <= before
        assert len(set(answers)) == 4


def test_a_batch_larger_than_the_pool_is_answered() -> None:
    pool, random = ImagePool(2, (2, 2, 1)), Random(2)
    assert values(pool.exchange(numbered(1, 2, 3), random)) == [1, 2, 3]
    answers = values(pool.exchange(numbered(4, 5, 6), random))
    assert answers[2] == 6
    assert sorted([*answers, *values(pool.pictures)[:2]]) == [1, 2, 4, 5, 6]


def test_no_pool_gives_out_what_comes() -> None:
    assert values(ImagePool(0, (2, 2, 1)).exchange(numbered(7), Random(1))) == [7]


def test_every_network_learns_and_both_cycles_get_shorter() -> None:
    keras.utils.set_random_seed(0)
    generator = partial(unet, depth=2, filters=8, norm="instance", dropout=0.0, init="he")
    model = cyclegan(parts(generator=generator))
    model.compile(optimizer=optimizers(learning_rate=2e-2))
    before = [variable.numpy().copy() for variable in model.trainable_variables]
    history = model.fit(tiny_data(2), batch_size=2, epochs=25, verbose=0).history
    assert set(history) == TERMS == set(model.loss_names)
    for side in ("source", "target"):
        cycle = history[f"generator_cycle_{side}"]
        assert cycle[-1] < 0.5 * cycle[0]
    for variable, value in zip(model.trainable_variables, before, strict=True):
        # A constant before instance norm changes nothing.
        if "bias" not in variable.path:
            assert not np.array_equal(variable.numpy(), value), variable.path


def test_the_generators_are_updated_before_the_discriminators() -> None:
    assert list(tiny_cyclegan().players) == ["generator", "discriminator"]


def generator_losses(**arguments):
    """What the generators of a tiny model log, without a step."""
    model = tiny_cyclegan(**arguments)
    data = {name: ops.convert_to_tensor(pictures) for name, pictures in tiny_data(1).items()}
    losses = model.generator_losses(data, model.generate(data))[1]
    return {name: float(ops.convert_to_numpy(loss)) for name, loss in losses.items()}, model


def test_weights_of_cycles_and_identity() -> None:
    plain, _ = generator_losses()
    changed, _ = generator_losses(source_cycle_weight=3.0, identity_weight=0.25)
    factors = {
        "generator_cycle_source": 3.0,
        "generator_cycle_target": 1.0,
        # The reference weighs what the inverse generator makes of a source picture by the source's weight.
        "generator_identity_source": 1.5,
        "generator_identity_target": 0.5,
    }
    for name, factor in factors.items():
        assert changed[name] == pytest.approx(factor * plain[name], rel=1e-5)
    without, model = generator_losses(identity_weight=0.0)
    assert set(model.loss_names) == {name for name in TERMS if "identity" not in name}
    assert set(without) == {name for name in model.loss_names if name.startswith("generator")}


def test_a_saved_model_goes_on_alike_with_its_pool_and_its_averages(tmp_path) -> None:
    data = tiny_data(4)
    model = tiny_cyclegan(inference=Inference(ema=0.9))
    options = {"batch_size": 1, "shuffle": False, "verbose": 0}
    model.fit(data, **options)
    model.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    for pool, again in zip(model.pools.values(), restored.pools.values(), strict=True):
        assert int(again.kept) == 3
        np.testing.assert_array_equal(again.pictures.numpy(), pool.pictures.numpy())
        assert np.ptp(pool.pictures.numpy()) > 0
    assert model.fit(data, **options).history == restored.fit(data, **options).history
    for ours, theirs in zip(snapshot(model), snapshot(restored), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_samples_show_both_cycles() -> None:
    model = tiny_cyclegan()
    data = tiny_data(2)
    shown = model.samples(data["source"], data["target"])
    assert list(shown) == [
        "source",
        "source to target",
        "and back to source",
        "target",
        "target to source",
        "and back to target",
    ]
    assert set(model.source_columns) == {name for name in shown if name.endswith("source")}
    there, back = model.translators.values()
    painted = ops.convert_to_numpy(there(data["source"], training=False))
    np.testing.assert_allclose(shown["source to target"], painted, atol=1e-6)
    again = ops.convert_to_numpy(back(painted, training=False))
    np.testing.assert_allclose(shown["and back to source"], again, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reconstruction": ()}, "by losses.reconstruction, which is empty"),
        (
            {"reconstruction": (WeightedLoss("f", FeatureMatching(), 1.0),)},
            "cyclegan compares pictures, but feature_matching compares",
        ),
        (
            {"source_shape": (8, 8, 1)},
            "target pictures of 3 channels through the generator, which takes source pictures of 1; "
            "set identity_weight to 0",
        ),
    ],
)
def test_what_does_not_fit_is_refused(changes, message) -> None:
    with pytest.raises(ValueError, match=message):
        cyclegan(parts(**changes))


def test_sides_may_differ_in_channels_without_identity() -> None:
    model = cyclegan(parts(source_shape=(8, 8, 1)), identity_weight=0.0, pool_size=2)
    assert model.translators["generator"].output_shape == (None, 8, 8, 3)
    assert model.translators["inverse_generator"].output_shape == (None, 8, 8, 1)
    model.compile(optimizer=optimizers())
    data = tiny_data(2)
    model.fit({"source": data["source"][..., :1], "target": data["target"]}, verbose=0)


@pytest.mark.one_backend
def test_a_run_translates_both_ways(tiny_recipe, tmp_path, zoo_command) -> None:
    run = zoo.train(
        tiny_recipe,
        "model.name=cyclegan",
        "losses.adversarial.name=lsgan",
        "losses.reconstruction.0.weight=10",
        "training.epochs=1",
        root=tmp_path / "runs",
        say=lambda line: None,
    )
    opened = zoo.load_run(run.path)
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    there, back = opened(picture), opened.translator(inverse=True)(picture)
    assert there.shape == back.shape == picture.shape
    assert not np.array_equal(there, back)
    from PIL import Image

    Image.fromarray(picture).save(tmp_path / "picture.png")
    for options, expected in (((), there), (("--inverse",), back)):
        done = zoo_command("translate", run.path, "picture.png", "--out", "out", *options)
        assert done.returncode == 0, done.stderr
        with Image.open(tmp_path / "out" / "picture.png") as written:
            np.testing.assert_array_equal(np.asarray(written), expected)
