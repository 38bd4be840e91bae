"""A plugin with models that are no generator and discriminator alone.

`contrastive` has three players, CUT in small (https://arxiv.org/abs/2007.15651): the generator's features of a source
and of its fake are projected by a third player, and have to agree place by place. `regression` has one player and no
adversary. `overstated` declares a player that its model lacks, `greedy` asks for what it does not declare,
`unsaved` has no `get_config`.
"""

from dataclasses import asdict

import keras
from keras import ops

import zoo

WIDTH = 4
SMALLEST_SQUARE = 1e-6
TEMPERATURE = 0.07


@zoo.hookimpl
def register_models(register):
    for factory in (contrastive, regression, overstated, greedy, unsaved):
        register(factory.__name__, factory, summary="of the tests")


def unit(vectors):
    """Of length 1; those that are nothing stay so, and have a gradient."""
    square = ops.sum(ops.square(vectors), axis=-1, keepdims=True)
    return vectors * ops.rsqrt(square + SMALLEST_SQUARE)


@keras.saving.register_keras_serializable(package="contrastive")
class Contrastive(zoo.TranslationModel):
    loss_names = (
        "discriminator_real",
        "discriminator_fake",
        "generator_adversarial",
        "generator_nce",
        "projector_nce",
    )

    def __init__(
        self, generator, discriminator, projector, adversarial, features, inference, name=None
    ):
        super().__init__(generator, inference=inference, name=name)
        self.discriminator = discriminator
        self.projector = projector
        self.adversarial = adversarial
        self.feature_names = tuple(features)
        self.encoder = zoo.feature_network(generator, self.feature_names)

    @property
    def players(self):
        return {
            "discriminator": zoo.Player([self.discriminator], self.discriminator_losses),
            "generator": zoo.Player([self.generator], self.generator_losses, generates=True),
            "projector": zoo.Player([self.projector], self.projector_losses),
        }

    def generate(self, batch):
        (*_, keys), target = self.encoder(batch["source"], training=True)
        (*_, queries), _ = self.encoder(target, training=True)
        return {"target": target, "queries": queries, "keys": keys}

    def discriminator_losses(self, batch, fakes):
        judged = [self.discriminator(p, training=True) for p in (batch["target"], fakes["target"])]
        real, fake = zoo.over_outputs(self.adversarial.discriminator, *judged)
        return (real + fake) / 2, {"discriminator_real": real, "discriminator_fake": fake}

    def generator_losses(self, batch, fakes):
        logits = self.discriminator(fakes["target"], training=True)
        adversarial = zoo.over_outputs(self.adversarial.generator, logits)
        nce = self.nce(fakes["queries"], ops.stop_gradient(fakes["keys"]))
        return adversarial + nce, {"generator_adversarial": adversarial, "generator_nce": nce}

    def projector_losses(self, batch, fakes):
        nce = self.nce(fakes["queries"], fakes["keys"])
        return nce, {"projector_nce": nce}

    def nce(self, queries, keys):
        """How badly each place of the fakes finds its own place in the sources among all of them."""
        count = queries.shape[1] * queries.shape[2]
        flat = [ops.reshape(each, (-1, count, each.shape[-1])) for each in (queries, keys)]
        query, key = (unit(self.projector(each, training=True)) for each in flat)
        likeness = ops.matmul(query, ops.transpose(key, (0, 2, 1))) / TEMPERATURE
        own = ops.broadcast_to(ops.arange(count)[None], ops.shape(likeness)[:2])
        return ops.mean(ops.sparse_categorical_crossentropy(own, likeness, from_logits=True))

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            "generator": serialize(self.generator),
            "discriminator": serialize(self.discriminator),
            "projector": serialize(self.projector),
            "adversarial": serialize(self.adversarial),
            "features": self.feature_names,
            "inference": asdict(self.inference),
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        objects = ("generator", "discriminator", "projector", "adversarial")
        made = {name: keras.saving.deserialize_keras_object(config[name]) for name in objects}
        return cls(**{**config, **made, "inference": zoo.Inference(**config["inference"])})


def contrastive_parts(parts):
    generator = parts.generator(parts.source_shape, parts.target_shape[-1])
    features = zoo.offered_features(generator)[:2]
    channels = zoo.feature_network(generator, features).outputs[-2].shape[-1]
    projector = keras.Sequential(
        [
            keras.Input((None, channels)),
            keras.layers.Dense(WIDTH, activation="relu", name="hidden"),
            keras.layers.Dense(WIDTH, name="projected"),
        ],
        name="projector",
    )
    return {
        "generator": generator,
        "discriminator": parts.discriminator(parts.target_shape),
        "projector": projector,
        "adversarial": parts.adversarial,
        "features": features,
        "inference": parts.inference,
    }


@zoo.model_factory(
    players=("discriminator", "generator", "projector"),
    takes=("generator", "discriminator", "losses.adversarial"),
)
def contrastive(parts):
    """Assemble it."""
    return Contrastive(**contrastive_parts(parts))


@zoo.model_factory(players=("discriminator", "generator", "projector", "judge"))
def overstated(parts):
    """Assemble a model that lacks one of the players that are declared."""
    return Contrastive(**contrastive_parts(parts))


@zoo.model_factory(players=("generator",), takes=("generator",))
def greedy(parts):
    """Assemble a model that asks for a discriminator."""
    return parts.discriminator(parts.target_shape)


@keras.saving.register_keras_serializable(package="contrastive")
class Regression(zoo.TranslationModel):
    def __init__(self, generator, losses, inference, name=None):
        self.losses_of_pairs = tuple(losses)
        super().__init__(generator, inference=inference, name=name)

    @property
    def loss_names(self):
        return tuple(f"generator_{item.name}" for item in self.losses_of_pairs)

    @property
    def players(self):
        return {"generator": zoo.Player([self.generator], self.generator_losses, generates=True)}

    def generate(self, batch):
        return {"target": self.generator(batch["source"], training=True)}

    def generator_losses(self, batch, fakes):
        losses = {
            f"generator_{item.name}": item.weight * item.loss(batch["target"], fakes["target"])
            for item in self.losses_of_pairs
        }
        return sum(losses.values()), losses

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        losses = [[item.name, serialize(item.loss), item.weight] for item in self.losses_of_pairs]
        inference = asdict(self.inference)
        return {
            "generator": serialize(self.generator),
            "losses": losses,
            "inference": inference,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        losses = [
            zoo.WeightedLoss(name, deserialize(loss), weight)
            for name, loss, weight in config["losses"]
        ]
        inference = zoo.Inference(**config["inference"])
        return cls(deserialize(config["generator"]), losses, inference, config["name"])


@keras.saving.register_keras_serializable(package="contrastive")
class Unsaved(Regression):
    get_config = keras.Model.get_config


@zoo.model_factory(players=("generator",), takes=("generator",))
def unsaved(parts):
    """Assemble a model that could not be saved."""
    return Unsaved(parts.generator(parts.source_shape, parts.target_shape[-1]), (), parts.inference)


@zoo.model_factory(players=("generator",), takes=("generator", "losses.reconstruction"))
def regression(parts):
    """Assemble it."""
    generator = parts.generator(parts.source_shape, parts.target_shape[-1])
    return Regression(generator, parts.reconstruction, parts.inference)
