"""Three steps of training, and the gradient penalty, from the reference's weights on its pictures, compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from reference import below, golden, load_reference, pictures, reference_weights

from zoo import backend
from zoo.losses.adversarial import LeastSquares, Vanilla
from zoo.models.parts import WeightedLoss
from zoo.models.pix2pix import Pix2Pix
from zoo.models.translation_model import TranslationModel
from zoo.networks.patchgan import patchgan
from zoo.networks.resnet import resnet
from zoo.networks.unet import unet

RATE = 2e-4
STEPS = 3
# PyTorch adds its 1e-8 after the second moment's bias is corrected, Keras before: in the second step that is the root
# of 1 - 0.999 ** 2 times as much.
EPSILON = 1e-8 * 0.0447


@dataclass(frozen=True)
class Difference:
    """What differs: the largest relative error of a loss at each step, and weights after the last one.

    Running averages of batch norm's means, absolute, and variances, relative, are apart from trained weights.
    """

    losses: tuple[float, ...]
    weights_median: float
    weights_most: float
    means_most: float
    variances_most: float


def adam() -> keras.optimizers.Adam:
    return keras.optimizers.Adam(RATE, beta_1=0.5, epsilon=EPSILON)


def l1(weight: float) -> WeightedLoss:
    return WeightedLoss("l1", keras.losses.MeanAbsoluteError(), weight)


def pix2pix(name: str) -> Difference:
    """Compare `train_pix2pix_vanilla` or `train_pix2pix_lsgan_instance`."""
    instance = name.endswith("instance")
    norm = "instance" if instance else "batch"
    model = Pix2Pix(
        unet((128, 128, 3), 3, depth=7, filters=2, dropout=0, norm=norm),
        patchgan((128, 128, 6), filters=2, norm=norm),
        LeastSquares() if instance else Vanilla(),
        reconstruction=[l1(100.0)],
    )
    columns = {
        "G_GAN": ["generator_adversarial"],
        "G_L1": ["generator_l1"],
        "D_real": ["discriminator_real"],
        "D_fake": ["discriminator_fake"],
    }
    networks = {"generator": model.generator, "discriminator": model.discriminator}
    return compare(name, model, networks, columns)


def cyclegan() -> Difference:
    """Compare `train_cyclegan_lsgan`."""
    from zoo_cyclegan.model import CycleGAN

    arrays = golden("train_cyclegan_lsgan")
    painters = arrays["G_A_before/model.1.weight"].shape[0]
    judges = arrays["D_A_before/model.0.weight"].shape[0]
    shape = (64, 64, 3)
    model = CycleGAN(
        resnet(shape, 3, blocks=6, filters=painters),
        resnet(shape, 3, blocks=6, filters=painters),
        patchgan(shape, filters=judges, norm="instance"),
        patchgan(shape, filters=judges, norm="instance"),
        LeastSquares(),
        cycle=[l1(10.0)],
        identity_weight=0.5,
        pool_size=0,
    )
    # The reference names what belongs to a direction after where it starts: its D_A judges pictures B.
    columns = {
        "D_A": ["discriminator_target_real", "discriminator_target_fake"],
        "G_A": ["generator_adversarial_target"],
        "cycle_A": ["generator_cycle_source"],
        "idt_A": ["generator_identity_target"],
        "D_B": ["discriminator_source_real", "discriminator_source_fake"],
        "G_B": ["generator_adversarial_source"],
        "cycle_B": ["generator_cycle_target"],
        "idt_B": ["generator_identity_source"],
    }
    networks = {
        "G_A": model.generator,
        "G_B": model.inverse_generator,
        "D_A": model.discriminators["target"],
        "D_B": model.discriminators["source"],
    }
    return compare("train_cyclegan_lsgan", model, networks, columns)


def compare(
    name: str,
    model: TranslationModel,
    networks: Mapping[str, keras.Model],
    columns: Mapping[str, list[str]],
) -> Difference:
    """Train the reference's steps; several of our losses for one of its columns are averaged."""
    arrays = golden(name)
    for side, network in networks.items():
        load_reference(network, below(arrays, f"{side}_before"))
    model.compile(optimizer={player: adam() for player in model.players})
    assert len(arrays["A"]) == STEPS
    losses = []
    for step in range(STEPS):
        batch = {"source": pictures(arrays["A"][step]), "target": pictures(arrays["B"][step])}
        logs = model.fit(batch, batch_size=len(batch["source"]), verbose=0).history
        found = [np.mean([logs[ours][0] for ours in columns[str(c)]]) for c in arrays["loss_names"]]
        losses.append(float(np.max(np.abs(found / arrays["losses"][step] - 1))))
    trained, means, variances = [], [0.0], [0.0]
    for side, network in networks.items():
        variables = {id(variable) for variable in network.trainable_variables}
        # Of every update of a running variance, how many values it was the variance of.
        counts = {
            id(layer.moving_variance): len(batch["source"]) * int(np.prod(layer.input.shape[1:3]))
            for layer in network.layers
            if isinstance(layer, keras.layers.BatchNormalization)
        }
        after = reference_weights(network, below(arrays, f"{side}_after"))
        before = reference_weights(network, below(arrays, f"{side}_before"))
        for (variable, value), (_, start) in zip(after, before, strict=True):
            ours = keras.ops.convert_to_numpy(variable)
            if id(variable) in variables:
                trained.append(np.abs(ours - value).ravel())
            elif variable.name == "moving_mean":
                means.append(float(np.abs(ours - value).max()))
            else:
                assert variable.name == "moving_variance"
                expected = biased(start, value, counts[id(variable)], UPDATES[side])
                variances.append(float(np.abs(ours / expected - 1).max()))
    weights = np.concatenate(trained)
    return Difference(
        tuple(losses),
        float(np.median(weights)),
        float(weights.max()),
        max(means),
        max(variances),
    )


# Updates of running statistics: a generator of pix2pix paints once a step; its discriminator judges a fake and a real
# picture when it learns, and a fake when the generator does. Nothing else in the golden files has batch norm.
UPDATES = {"generator": STEPS, "discriminator": 3 * STEPS}


def biased(start: np.ndarray, end: np.ndarray, count: int, updates: int) -> np.ndarray:
    """Return the running variance that biased ones would have led to.

    PyTorch averages unbiased variances, which are count / (count - 1) times Keras's, from the same start.
    """
    kept = 0.9**updates * start
    return kept + (end - kept) * (count - 1) / count


class Shares:
    """Gives out the shares that the reference drew, in the place of random ones."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values

    def uniform(self, count: int) -> Any:
        assert count == len(self.values)
        return ops.convert_to_tensor(self.values.ravel())


def gradient_penalty() -> tuple[float, float]:
    """Return the relative error of the penalty, and the largest one of its gradient by a weight, absolute."""
    from zoo_wgan.penalty import GradientPenalty

    arrays = golden("wgan_gradient_penalty")
    real, fake = (ops.convert_to_tensor(pictures(arrays[name])) for name in ("real", "fake"))
    weights = below(arrays, "weights")
    filters = weights["model.0.weight"].shape[0]
    critic = patchgan(tuple(real.shape[1:]), filters=filters, norm="none")
    load_reference(critic, weights)

    def penalty():
        shares = Shares(arrays["alpha"])
        value, _ = GradientPenalty()(lambda given: critic(given, training=True), real, fake, shares)
        return 10.0 * value, None

    value, pullback, _ = backend.weights_vjp(penalty, critic.trainable_variables)
    gradients = pullback(ops.ones_like(value))
    found = dict(zip(map(id, critic.trainable_variables), gradients, strict=True))
    expected = below(arrays, "gradient")
    # The last bias moves all logits alike: the reference has no gradient for it.
    assert set(weights) - set(expected) == {"model.11.bias"}
    expected["model.11.bias"] = np.zeros_like(weights["model.11.bias"])
    errors = [
        float(np.abs(ops.convert_to_numpy(found[id(variable)]) - reference).max())
        for variable, reference in reference_weights(critic, expected)
    ]
    assert len(errors) == len(weights) == 7
    return abs(float(value) / float(arrays["penalty"]) - 1), max(errors)
