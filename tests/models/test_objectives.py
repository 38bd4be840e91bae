"""What each player descends: one step of plain gradient descent, by which a constant factor of a loss shows.

Adam, with which the trajectories of the reference are computed, hides such a factor.
"""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import shape, tiny_data
from zoo_cyclegan.model import CycleGAN
from zoo_wgan.objective import Wasserstein

from zoo import backend
from zoo.losses.adversarial import LeastSquares
from zoo.models.parts import WeightedLoss
from zoo.models.pix2pix import Pix2Pix
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

RATE = 0.5
SHAPE = shape(3)


def generator():
    return unet(SHAPE, SHAPE[-1], depth=3, filters=2, norm="instance")


def discriminator(channels):
    return patchgan((*SHAPE[:2], channels), layers=1, filters=2, norm="instance")


def l1(weight):
    return WeightedLoss("l1", keras.losses.MeanAbsoluteError(), weight)


def distance(one, other):
    return ops.mean(ops.abs(one - other))


def descended(model, player, batch):
    """What a step moves of a player's weights, divided by the learning rate; the others stand still."""
    rates = {name: RATE if name == player else 0.0 for name in model.players}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    weights = model.optimizer.trained[player]
    before = [ops.convert_to_numpy(variable).copy() for variable in weights]
    model.train_on_batch(batch)
    return [
        (old - ops.convert_to_numpy(new)) / RATE for old, new in zip(before, weights, strict=True)
    ]


def gradients(objective, networks):
    """The gradients of an objective, written out here, by the weights of networks."""
    weights = [variable for network in networks for variable in network.trainable_variables]
    value, pullback, _ = backend.weights_vjp(lambda: (objective(), None), weights)
    return [ops.convert_to_numpy(gradient) for gradient in pullback(ops.ones_like(value))]


def check(model, player, objective, atol=2e-5):
    batch = tiny_data(2)
    tensors = {name: ops.convert_to_tensor(pictures) for name, pictures in batch.items()}
    expected = gradients(lambda: objective(tensors), model.players[player].networks)
    found = descended(model, player, batch)
    assert max(np.abs(gradient).max() for gradient in expected) > 1e-3
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=atol)


def judged(network, *pictures):
    return network(ops.concatenate(pictures, axis=-1), training=True)


@pytest.fixture(scope="module")
def networks():
    keras.utils.set_random_seed(0)
    return generator(), discriminator(2 * SHAPE[-1])


# By its rule a Wasserstein critic's loss is not halved.
@pytest.mark.parametrize(("objective", "factor"), [("lsgan", 0.5), ("wasserstein", 1.0)])
def test_a_discriminator_of_pairs_descends_its_share_of_both_losses(networks, objective, factor):
    paints, judges = networks
    least = objective == "lsgan"
    model = Pix2Pix(
        paints,
        judges,
        LeastSquares() if least else Wasserstein(),
        reconstruction=[l1(100.0)],
        **({} if least else {"discriminator_weight": 1.0}),
    )

    def expected(batch):
        fake = judged(judges, batch["source"], paints(batch["source"], training=True))
        real = judged(judges, batch["source"], batch["target"])
        if not least:
            return factor * (ops.mean(fake) - ops.mean(real))
        return factor * (ops.mean(ops.square(real - 1)) + ops.mean(ops.square(fake)))

    check(model, "discriminator", expected)


def test_a_generator_of_pairs_descends_the_weighted_sum(networks):
    paints, judges = networks
    model = Pix2Pix(
        paints, judges, LeastSquares(), adversarial_weight=2.0, reconstruction=[l1(100.0)]
    )

    def expected(batch):
        fake = paints(batch["source"], training=True)
        logits = judged(judges, batch["source"], fake)
        return 2 * ops.mean(ops.square(logits - 1)) + 100 * distance(batch["target"], fake)

    check(model, "generator", expected)


@pytest.mark.parametrize("player", ["discriminator", "generator"])
def test_an_unconditional_discriminator_judges_the_picture_alone(player):
    keras.utils.set_random_seed(0)
    paints, judges = generator(), discriminator(SHAPE[-1])
    model = Pix2Pix(paints, judges, LeastSquares(), conditional=False)

    def expected(batch):
        fake = judges(paints(batch["source"], training=True), training=True)
        if player == "generator":
            return ops.mean(ops.square(fake - 1))
        real = judges(batch["target"], training=True)
        return 0.5 * (ops.mean(ops.square(real - 1)) + ops.mean(ops.square(fake)))

    check(model, player, expected)


def test_two_updates_of_the_discriminator_are_two_steps_on_halves_of_the_batch(networks):
    """While the generator stands still."""
    paints, judges = networks
    batch = tiny_data(4)
    halves = [{name: part[index : index + 2] for name, part in batch.items()} for index in (0, 2)]
    start = judges.get_weights()
    rates = {"generator": 0.0, "discriminator": RATE}
    ended = []
    for updates, batches in ((2, [batch]), (1, halves)):
        judges.set_weights(start)
        model = Pix2Pix(
            paints,
            judges,
            LeastSquares(),
            reconstruction=[l1(100.0)],
            discriminator_steps=updates,
        )
        model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
        logs = [model.train_on_batch(part, return_dict=True) for part in batches]
        ended.append((judges.get_weights(), logs))
    judges.set_weights(start)
    (both, (told,)), (one_by_one, each) = ended
    assert max(np.abs(new - old).max() for new, old in zip(both, start, strict=True)) > 1e-2
    for first, second in zip(both, one_by_one, strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-4, atol=1e-5)
    for name in ("discriminator_real", "discriminator_fake"):
        assert told[name] == pytest.approx(np.mean([logs[name] for logs in each]), rel=1e-4)


@pytest.fixture(scope="module")
def cyclegan():
    keras.utils.set_random_seed(0)
    return CycleGAN(
        generator(),
        generator(),
        discriminator(SHAPE[-1]),
        discriminator(SHAPE[-1]),
        LeastSquares(),
        cycle=[l1(10.0)],
        source_cycle_weight=2.0,
        target_cycle_weight=0.5,
        identity_weight=0.5,
        pool_size=0,
    )


def test_cyclegans_discriminators_descend_half_of_their_losses(cyclegan):
    def expected(batch):
        fakes = {
            "target": cyclegan.generator(batch["source"], training=True),
            "source": cyclegan.inverse_generator(batch["target"], training=True),
        }
        total = 0.0
        for side, judges in cyclegan.discriminators.items():
            real, fake = judges(batch[side], training=True), judges(fakes[side], training=True)
            total += 0.5 * (ops.mean(ops.square(real - 1)) + ops.mean(ops.square(fake)))
        return total

    check(cyclegan, "discriminator", expected)


def test_cyclegans_generators_descend_cycles_by_10_and_identities_by_half_of_that(cyclegan):
    """Each by the factor of its side, 2 and one half."""

    def expected(batch):
        source, target = batch["source"], batch["target"]
        there, back = cyclegan.generator, cyclegan.inverse_generator
        to_target, to_source = there(source, training=True), back(target, training=True)
        logits = (
            cyclegan.discriminators["target"](to_target, training=True),
            cyclegan.discriminators["source"](to_source, training=True),
        )
        cycles = 2 * distance(source, back(to_target, training=True))
        cycles += 0.5 * distance(target, there(to_source, training=True))
        identities = 2 * distance(source, back(source, training=True))
        identities += 0.5 * distance(target, there(target, training=True))
        return sum(ops.mean(ops.square(one - 1)) for one in logits) + 10 * cycles + 5 * identities

    # Cycles of twice the weight are rounded by twice as much.
    check(cyclegan, "generator", expected, atol=5e-5)
