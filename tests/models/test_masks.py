"""Holes of targets in the step and in the metrics: nothing is learned from them, and nothing measured in them."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import shape, tiny_parts, tiny_pix2pix

from zoo import backend
from zoo.losses import ssim as ssim_loss
from zoo.losses.feature_matching import FeatureMatching
from zoo.metrics.pixel import L1, PSNR
from zoo.metrics.ssim import SSIM, ssim
from zoo.models.masks import with_holes_of
from zoo.models.parts import WeightedLoss
from zoo.models.pix2pix import Pix2Pix, conditional_parts

DEPTH = 4


def uniform(seed, *size):
    return np.random.default_rng(seed).uniform(-1, 1, size).astype("float32")


def masked_batch(count=2):
    """Sources, targets that are -1 in holes, and their masks; the holes of every picture are others."""
    source, target = uniform(0, 2, count, *shape(DEPTH))
    mask = (uniform(1, count, *shape(DEPTH)[:2], 1) > -0.4).astype("float32")
    mask[:, 3:9, 4:11] = 0
    return {"source": source, "target": np.where(mask > 0, target, -1), "target_mask": mask}


def valid(batch):
    return np.broadcast_to(batch["target_mask"] > 0, batch["target"].shape)


def test_the_loss_is_the_mean_over_what_has_a_value():
    model, batch = tiny_pix2pix(depth=DEPTH), masked_batch()
    fake = np.asarray(ops.convert_to_numpy(model.generator(batch["source"], training=True)))
    history = model.fit(batch, batch_size=2, verbose=0).history
    expected = np.abs(fake - batch["target"])[valid(batch)].mean()
    assert history["generator_l1"][0] == pytest.approx(100 * expected, rel=1e-5)


def test_no_loss_heeds_what_is_painted_in_a_hole():
    """Every loss, of both players, is the same for any fake in the holes, and has no gradient there."""
    keras.utils.set_random_seed(0)
    arguments = conditional_parts(tiny_parts(depth=DEPTH))
    losses = (keras.losses.MeanSquaredError(), ssim_loss.SSIM(), FeatureMatching())
    arguments["reconstruction"] = tuple(WeightedLoss(loss.name, loss, 1.0) for loss in losses)
    model, batch = Pix2Pix(**arguments), masked_batch()
    batch = {name: ops.convert_to_tensor(part) for name, part in batch.items()}
    fakes = uniform(2, 2, 2, *shape(DEPTH))
    fakes[1] = np.where(ops.convert_to_numpy(batch["target_mask"]) > 0, fakes[0], fakes[1])

    def seen(fake):
        return {"target": with_holes_of(batch["target"], fake, batch["target_mask"])}

    def both(fake):
        generator, logs = model.generator_losses(batch, seen(fake))
        discriminator, more = model.discriminator_losses(batch, seen(fake))
        return generator + discriminator, {**logs, **more}

    (one, pullback, logs), (other, *_, others) = (
        backend.vjp(both, ops.convert_to_tensor(fake)) for fake in fakes
    )
    gradient = ops.convert_to_numpy(pullback(ops.ones_like(one)))
    hole = ops.convert_to_numpy(batch["target_mask"])[..., 0] == 0
    np.testing.assert_array_equal(gradient[hole], 0)
    assert (gradient[~hole] != 0).any(axis=-1).all()
    assert float(one) == float(other)
    assert {name: float(loss) for name, loss in logs.items()} == {
        name: float(loss) for name, loss in others.items()
    }


def test_metrics_are_those_of_what_has_a_value():
    """Keras's own metrics too; a picture without any value does not count."""
    metrics = [L1(), PSNR(), SSIM(), keras.metrics.MeanSquaredError()]
    model, batch = tiny_pix2pix(depth=DEPTH, metrics=metrics), masked_batch(3)
    batch["target_mask"][2] = 0
    found = model.evaluate(batch, batch_size=1, verbose=0, return_dict=True)
    error = model.predict(batch["source"], verbose=0) - batch["target"]
    inside = valid(batch)
    each = [error[index][inside[index]] for index in range(2)]
    assert found["l1"] == pytest.approx(np.mean([np.abs(part).mean() for part in each]), rel=1e-5)
    psnr = np.mean([10 * np.log10(4 / np.square(part).mean()) for part in each])
    assert found["psnr"] == pytest.approx(psnr, rel=1e-5)
    mse = np.square(error[inside]).mean()
    assert found["mean_squared_error"] == pytest.approx(mse, rel=1e-5)
    similarity = [
        windows_without_holes(batch["target"][index], batch["target"][index] + error[index], mask)
        for index, mask in enumerate(batch["target_mask"][:2, ..., 0] > 0)
    ]
    assert found["ssim"] == pytest.approx(np.mean(similarity), abs=1e-5)


def windows_without_holes(first, second, mask):
    """SSIM by its definition, window by window, in float64, of the pixels that are no holes."""
    bell = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    bell = np.outer(bell, bell)
    found = []
    for row, column in np.argwhere(mask[5:-5, 5:-5]):
        window = np.s_[row : row + 11, column : column + 11]
        weight = (bell * mask[window])[..., None] / (bell * mask[window]).sum()
        x, y = first[window].astype("float64") + 1, second[window].astype("float64") + 1
        mean_x, mean_y = (weight * x).sum((0, 1)), (weight * y).sum((0, 1))
        var_x, var_y = (
            (weight * x**2).sum((0, 1)) - mean_x**2,
            (weight * y**2).sum((0, 1)) - mean_y**2,
        )
        both = (weight * x * y).sum((0, 1)) - mean_x * mean_y
        light = (2 * mean_x * mean_y + 4e-4) / (mean_x**2 + mean_y**2 + 4e-4)
        found.append(light * (2 * both + 3.6e-3) / (var_x + var_y + 3.6e-3))
    return np.mean(found)


def test_a_mask_without_holes_changes_no_similarity():
    first, second = uniform(0, 2, 2, 16, 16, 3)
    np.testing.assert_allclose(
        ssim(first, second, np.ones((2, 16, 16, 1), "float32")), ssim(first, second), atol=1e-6
    )


def test_weights_of_pictures_are_still_taken():
    metric = L1()
    metric.update_state(
        np.zeros((2, 4, 4, 1)), np.full((2, 4, 4, 1), [[[[1.0]]], [[[3.0]]]]), np.array([1.0, 3.0])
    )
    assert float(metric.result()) == pytest.approx(2.5)


def test_each_update_of_the_discriminator_has_its_own_mask():
    keras.utils.set_random_seed(0)
    model = Pix2Pix(**conditional_parts(tiny_parts(depth=DEPTH)), discriminator_steps=2)
    adam = {player: keras.optimizers.Adam() for player in ("generator", "discriminator")}
    model.compile(optimizer=adam)
    history = model.fit(masked_batch(), batch_size=2, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())


def test_a_model_that_takes_no_masks_says_so(monkeypatch):
    monkeypatch.setattr(Pix2Pix, "takes_masks", False)
    with pytest.raises(
        ValueError, match="Pix2Pix takes no masks of targets; leave target_mask out of the batches"
    ):
        tiny_pix2pix(depth=DEPTH).fit(masked_batch(), verbose=0)
