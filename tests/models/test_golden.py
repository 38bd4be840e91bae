"""Three steps of pix2pix against the reference implementation's."""

import keras
import numpy as np
from reference import below, golden, load_reference, pictures, reference_weights

from zoo.losses.adversarial import Vanilla
from zoo.models.parts import WeightedLoss
from zoo.models.pix2pix import Pix2Pix
from zoo.networks.patchgan import patchgan
from zoo.networks.unet import unet

COLUMNS = {
    "G_GAN": "generator_adversarial",
    "G_L1": "generator_l1",
    "D_real": "discriminator_real",
    "D_fake": "discriminator_fake",
}
RATE = 2e-4


def adam():
    return keras.optimizers.Adam(RATE, beta_1=0.5, epsilon=1e-8)


def test_three_steps_equal_the_reference():
    arrays = golden("train_pix2pix_vanilla")
    model = Pix2Pix(
        unet((128, 128, 3), 3, depth=7, filters=2, dropout=0),
        patchgan((128, 128, 6), filters=2),
        Vanilla(),
        reconstruction=[WeightedLoss("l1", keras.losses.MeanAbsoluteError(), 100.0)],
    )
    load_reference(model.generator, below(arrays, "generator_before"))
    load_reference(model.discriminator, below(arrays, "discriminator_before"))
    model.compile(optimizer={"generator": adam(), "discriminator": adam()})
    steps = len(arrays["A"])
    assert steps == 3

    for step, tolerance in zip(range(steps), (1e-4, 1e-3, 2e-3), strict=True):
        batch = {"source": pictures(arrays["A"][step]), "target": pictures(arrays["B"][step])}
        logs = model.fit(batch, batch_size=1, verbose=0).history
        for column, name in enumerate(arrays["loss_names"]):
            expected = arrays["losses"][step, column]
            np.testing.assert_allclose(logs[COLUMNS[str(name)]][0], expected, rtol=tolerance)

    for network in (model.generator, model.discriminator):
        side = "generator" if network is model.generator else "discriminator"
        trained = {id(variable) for variable in network.trainable_variables}
        pairs = list(reference_weights(network, below(arrays, f"{side}_after")))
        differences = np.concatenate(
            [
                np.abs(variable.numpy() - value).ravel()
                for variable, value in pairs
                if id(variable) in trained
            ]
        )
        assert np.median(differences) < 1e-6
        assert differences.max() < 2 * RATE * steps
        for variable, value in pairs:
            if variable.name == "moving_mean":
                np.testing.assert_allclose(variable.numpy(), value, atol=2e-3, rtol=1e-2)
