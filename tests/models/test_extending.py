"""Other adversarial models need no backend code: one with four networks, one with a gradient penalty."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, shape, tiny_data

from zoo import backend
from zoo.models.translation_model import TranslationModel
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet


def generator():
    return unet(shape(3), 3, depth=3, filters=1, norm="instance")


class Cycle(TranslationModel):
    """Two generators and two discriminators on unpaired pictures; the generators first."""

    def __init__(self):
        super().__init__(generator())
        self.back = generator()
        self.judges = [patchgan(shape(3), layers=1, filters=1, norm="none") for _ in range(2)]

    players = property(
        lambda self: {"generator": [self.generator, self.back], "discriminator": self.judges}
    )
    loss_names = ("generator_adversarial", "generator_cycle", "discriminator")

    def generate(self, batch):
        target = self.generator(batch["source"], training=True)
        source = self.back(batch["target"], training=True)
        return {
            "target": target,
            "source": source,
            "source_again": self.back(target, training=True),
            "target_again": self.generator(source, training=True),
        }

    def generator_losses(self, batch, fakes):
        adversarial = sum(
            ops.mean((judge(fakes[name], training=True) - 1) ** 2)
            for judge, name in zip(self.judges, ("source", "target"), strict=True)
        )
        cycle = 10 * sum(ops.mean(ops.abs(fakes[f"{name}_again"] - batch[name])) for name in batch)
        return adversarial + cycle, {
            "generator_adversarial": adversarial,
            "generator_cycle": cycle,
        }

    def discriminator_losses(self, batch, fakes):
        loss = 0.5 * sum(
            ops.mean((judge(batch[name], training=True) - 1) ** 2)
            + ops.mean(judge(fakes[name], training=True) ** 2)
            for judge, name in zip(self.judges, ("source", "target"), strict=True)
        )
        return loss, {"discriminator": loss}


class Wasserstein(TranslationModel):
    """A critic that is updated three times a step, with a gradient penalty."""

    players = property(lambda self: {"discriminator": [self.critic], "generator": [self.generator]})
    loss_names = ("generator_adversarial", "discriminator", "discriminator_penalty")

    def __init__(self):
        super().__init__(generator(), discriminator_steps=3)
        self.critic = patchgan(shape(3), layers=1, filters=1, norm="none")
        self.random = keras.random.SeedGenerator(5)

    def generate(self, batch):
        return {"target": self.generator(batch["source"], training=True)}

    def generator_losses(self, batch, fakes):
        loss = -ops.mean(self.critic(fakes["target"], training=True))
        return loss, {"generator_adversarial": loss}

    def discriminator_losses(self, batch, fakes):
        real, fake = batch["target"], fakes["target"]
        alpha = keras.random.uniform((ops.shape(real)[0], 1, 1, 1), seed=self.random)
        logits, pullback, _ = backend.vjp(
            lambda picture: (self.critic(picture, training=True), None),
            alpha * real + (1 - alpha) * fake,
        )
        slopes = pullback(ops.ones_like(logits))
        norms = ops.sqrt(ops.sum(slopes**2, axis=(1, 2, 3)) + 1e-12)
        penalty = 10 * ops.mean((norms - 1) ** 2)
        distance = ops.mean(self.critic(fake, training=True)) - ops.mean(
            self.critic(real, training=True)
        )
        return distance + penalty, {
            "discriminator": distance,
            "discriminator_penalty": penalty,
        }


@pytest.mark.parametrize(
    ("model_class", "steps", "falling"),
    [(Cycle, 1, "generator_cycle"), (Wasserstein, 3, "discriminator_penalty")],
)
def test_every_player_learns(model_class, steps, falling):
    keras.utils.set_random_seed(0)
    model = model_class()
    model.compile(optimizer=optimizers(learning_rate=1e-2))
    before = [variable.numpy().copy() for variable in model.variables]
    history = model.fit(tiny_data(6), batch_size=3, epochs=5, verbose=0).history
    assert set(history) == set(model.loss_names)
    assert all(np.isfinite(values).all() for values in history.values())
    assert history[falling][-1] < history[falling][0]
    # A bias of the last layer moves real and fake alike.
    unused = {"layer3_conv/bias"} if model_class is Wasserstein else set()
    for variable, value in zip(model.variables, before, strict=True):
        if variable.path not in unused:
            assert not np.array_equal(variable.numpy(), value), variable.path
    counts = {name: int(o.iterations) for name, o in model.optimizer.players.items()}
    assert counts == {"generator": 10, "discriminator": 10 * steps}
    assert int(model.optimizer.iterations) == 10
