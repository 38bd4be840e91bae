"""Other models need no backend code: four networks, a gradient penalty, two generators of their own, no adversary."""

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers, shape, tiny_data

from zoo import backend
from zoo.models.player import Player
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
        lambda self: {
            "generator": Player([self.generator, self.back], self.generator_losses, generates=True),
            "discriminator": Player(self.judges, self.discriminator_losses),
        }
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

    players = property(
        lambda self: {
            "discriminator": Player([self.critic], self.discriminator_losses, updates=3),
            "generator": Player([self.generator], self.generator_losses, generates=True),
        }
    )
    loss_names = ("generator_adversarial", "discriminator", "discriminator_penalty")

    def __init__(self):
        super().__init__(generator())
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


class TwoPainters(TranslationModel):
    """Two players that generate: the second paints better after the first's update; the critic sees both."""

    loss_names = ("first", "second", "critic")

    def __init__(self, updates=1):
        super().__init__(generator())
        self.second = generator()
        self.critic = patchgan(shape(3), layers=1, filters=1, norm="none")
        self.updates = updates
        self.seen = []

    @property
    def players(self):
        return {
            "first": Player(
                [self.generator], self.first_losses, generates=True, updates=self.updates
            ),
            "second": Player([self.second], self.second_losses, generates=True),
            "critic": Player([self.critic], self.critic_losses, shown=self.shown),
        }

    def generate(self, batch):
        sketch = self.generator(batch["source"], training=True)
        return {"sketch": sketch, "target": self.second(sketch, training=True)}

    def first_losses(self, batch, fakes):
        loss = ops.mean(ops.abs(fakes["sketch"] - batch["target"]))
        return loss, {"first": loss}

    def second_losses(self, batch, fakes):
        loss = ops.mean(ops.abs(fakes["target"] - batch["target"]))
        return loss, {"second": loss}

    def shown(self, batch, fakes):
        return {"target": 0.5 * fakes["target"]}

    def critic_losses(self, batch, fakes):
        self.seen.append(sorted(fakes))
        loss = ops.mean(self.critic(fakes["target"], training=True) ** 2)
        return loss, {"critic": loss}


@pytest.mark.parametrize("updates", [1, 2])
def test_two_players_that_generate(updates):
    keras.utils.set_random_seed(0)
    model = TwoPainters(updates)
    assert model.shares == updates
    rates = {"first": 0.1, "second": 0.2, "critic": 0.3}
    model.compile({name: keras.optimizers.SGD(rate) for name, rate in rates.items()})
    data = tiny_data(2)
    shares = [{name: part[index : index + 1] for name, part in data.items()} for index in range(2)]
    shares = shares if updates == 2 else [data]
    # The same by hand: each player's gradient where its objective stands when its turn comes.
    twin = TwoPainters()
    twin.set_weights(model.get_weights())
    for share in shares:
        descend(
            twin, [twin.generator], share, lambda f, b: twin.first_losses(b, f)[0], rates["first"]
        )
    descend(
        twin, [twin.second], shares[-1], lambda f, b: twin.second_losses(b, f)[0], rates["second"]
    )
    model.train_on_batch(data)
    for name in ("generator", "second"):
        for one, other in zip(
            getattr(model, name).weights, getattr(twin, name).weights, strict=True
        ):
            np.testing.assert_allclose(
                ops.convert_to_numpy(one), ops.convert_to_numpy(other), atol=1e-5
            )
    assert set(map(tuple, model.seen)) == {("target",)}
    assert {name: int(item.iterations) for name, item in model.optimizer.players.items()} == {
        "first": updates,
        "second": 1,
        "critic": 1,
    }


def descend(model, networks, batch, objective, rate):
    """One step of gradient descent of some networks, through all that the model generates."""
    weights = [variable for network in networks for variable in network.trainable_variables]
    batch = {name: ops.convert_to_tensor(part) for name, part in batch.items()}
    _, pullback, _ = backend.weights_vjp(
        lambda: (objective(model.generate(batch), batch), None), weights
    )
    for variable, gradient in zip(weights, pullback(ops.ones(())), strict=True):
        step = rate * ops.convert_to_numpy(ops.stop_gradient(gradient))
        variable.assign(ops.convert_to_numpy(variable) - step)


def test_a_player_alone_learns():
    class Regression(TranslationModel):
        loss_names = ("generator_l1",)
        players = property(
            lambda self: {"painter": Player([self.generator], self.losses_of, generates=False)}
        )

        def losses_of(self, batch, fakes):
            assert fakes == {}
            painted = self.generator(batch["source"], training=True)
            loss = ops.mean(ops.abs(painted - batch["target"]))
            return loss, {"generator_l1": loss}

    keras.utils.set_random_seed(0)
    model = Regression(generator())
    model.compile({"painter": keras.optimizers.Adam(1e-2)})
    losses = model.fit(tiny_data(6), batch_size=3, epochs=5, verbose=0).history["generator_l1"]
    assert losses[-1] < losses[0]


def test_a_network_belongs_to_one_player():
    class Shared(Cycle):
        players = property(
            lambda self: {
                "generator": Player([self.generator], self.generator_losses, generates=True),
                "discriminator": Player([*self.judges, self.generator], self.discriminator_losses),
            }
        )

    with pytest.raises(
        ValueError,
        match="the players 'generator' and 'discriminator' would both update the weight down1_conv/kernel; a network "
        "belongs to one player",
    ):
        Shared().compile(optimizers())
