"""What a Keras user does with a model, callbacks and all, works or is refused clearly."""

import re
from typing import Any

import keras
import numpy as np
import pytest
from tiny import adam, tiny_data, tiny_pix2pix

callbacks = keras.callbacks
DATA = tiny_data(4)
X, Y = DATA["source"], DATA["target"]
# All of them, so that one compiled step serves all habits.
FIT = {"batch_size": 2, "verbose": 0, "validation_data": (X, Y)}


@pytest.fixture(scope="module")
def compiled():
    # The discriminator under loss scaling, the generator with a moving average.
    players = {
        "generator": adam(use_ema=True, ema_momentum=0.5),
        "discriminator": keras.optimizers.LossScaleOptimizer(adam()),
    }
    return tiny_pix2pix(optimizer=players, metrics=[keras.metrics.MeanAbsoluteError(name="mae")])


@pytest.fixture
def model(compiled):
    players = compiled.optimizer.players
    players["generator"].learning_rate = 1e-4
    players["discriminator"].learning_rate = 4e-4
    compiled.stop_training = False
    return compiled


def rates(model):
    players = model.optimizer.players
    return [float(players[name].learning_rate) for name in ("generator", "discriminator")]


def fit(model, *callbacks, **options):
    return model.fit(X, Y, **{**FIT, **options}, callbacks=list(callbacks)).history


def test_a_plateau_lowers_the_rate_of_each_player(model):
    # The first epoch is the best yet; none is better by 1,000.
    callback = callbacks.ReduceLROnPlateau("val_mae", factor=0.5, patience=1, min_delta=1e3)
    history = fit(model, callback, epochs=2)
    assert rates(model) == pytest.approx([5e-5, 2e-4])
    assert history["learning_rate_generator"] == pytest.approx([1e-4, 1e-4])
    assert history["learning_rate_discriminator"] == pytest.approx([4e-4, 4e-4])


def test_a_scheduler_is_asked_for_each_player(model, capsys):
    history = fit(model, callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2, verbose=1))
    assert rates(model) == pytest.approx([5e-5, 2e-4])
    assert history["learning_rate_discriminator"] == pytest.approx([2e-4])
    assert "setting generator learning rate to" in capsys.readouterr().out


def test_the_step_learns_at_the_rate_that_was_set(model):
    before = [weight.numpy().copy() for weight in model.discriminator.trainable_weights]
    fit(model, callbacks.LearningRateScheduler(lambda epoch: 0.0))
    for weight, old in zip(model.discriminator.trainable_weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), old)


def test_averages_are_swapped_in_for_validation(model):
    (weight, *_), (average, *_) = (
        model.generator.trainable_variables,
        model.optimizer.optimizers[1]._model_variables_moving_average,
    )
    average.assign(np.ones(average.shape))
    trained, seen = weight.numpy().copy(), []
    look = callbacks.LambdaCallback()
    look.on_test_begin = lambda logs=None: seen.append(weight.numpy().copy())
    model.evaluate(X, Y, verbose=0, callbacks=[callbacks.SwapEMAWeights(), look])
    np.testing.assert_array_equal(seen[0], np.ones_like(trained))
    np.testing.assert_allclose(weight.numpy(), trained, rtol=1e-5, atol=1e-6)


def test_swapping_without_averages_leads_to_the_recipe():
    model = tiny_pix2pix()
    callback = callbacks.SwapEMAWeights()
    callback.set_model(model)
    message = (
        "no player's optimizer keeps a moving average for SwapEMAWeights; compile with an optimizer with use_ema=True, "
        "or leave the callback out and set inference.ema in the recipe (0.999): it keeps a moving average of the "
        "generators, and every output uses it"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        callback.on_test_begin()


@pytest.mark.parametrize("weights", [{"sample_weight": np.ones(4)}, {"class_weight": {0: 1.0}}])
def test_weights_of_samples_and_classes_are_refused(model, weights):
    message = "the model takes no sample_weight and no class_weight"
    with pytest.raises(ValueError, match=message):
        fit(model, **weights)


# By Keras, on JAX.
@pytest.mark.filterwarnings("ignore:The `native_serialization` parameter is deprecated")
def test_export_writes_the_network_that_translates(model, tmp_path):
    tensorflow = pytest.importorskip("tensorflow")
    if keras.backend.backend() == "torch":
        pytest.skip("Keras writes a SavedModel on TensorFlow and JAX")
    fit(model)
    model.save(tmp_path / "last.keras")
    loaded = keras.models.load_model(tmp_path / "last.keras")
    expected = model.predict(X, verbose=0)
    loaded.export(tmp_path / "served", verbose=False)
    artifact = tensorflow.saved_model.load(str(tmp_path / "served"))
    np.testing.assert_allclose(artifact.serve(X).numpy(), expected, atol=1e-5)


def test_other_formats_are_exported_from_a_path(model, monkeypatch, tmp_path):
    told: dict[str, Any] = {}
    monkeypatch.setattr(
        type(model.inference_network),
        "export",
        lambda self, path, **options: told.update(options, path=path),
    )
    model.export(tmp_path / "model.xml", format="openvino", verbose=False)
    assert told == {"path": str(tmp_path / "model.xml"), "format": "openvino", "verbose": False}


def test_training_goes_on_with_the_usual_callbacks(model, tmp_path):
    history = fit(
        model,
        callbacks.EarlyStopping("val_mae", patience=1, restore_best_weights=True),
        callbacks.ModelCheckpoint(
            tmp_path / "best.weights.h5", "val_mae", save_best_only=True, save_weights_only=True
        ),
        callbacks.BackupAndRestore(tmp_path / "backup"),
        callbacks.CSVLogger(tmp_path / "log.csv"),
        callbacks.TerminateOnNaN(),
    )
    assert {"generator_l1", "val_mae"} < set(history)
    assert (tmp_path / "log.csv").read_text().startswith("epoch,discriminator_fake")
    model.load_weights(tmp_path / "best.weights.h5")


def test_the_parts_of_a_model_are_where_keras_has_them(model):
    said: list[str] = []
    model.summary(print_fn=said.append)
    assert "unet" in said[0]
    assert model.count_params() == sum(network.count_params() for network in model.layers)
    assert model.get_layer("unet") is model.generator
    again = keras.models.clone_model(model)
    assert [w.shape for w in again.weights] == [w.shape for w in model.weights]


def test_batches_one_at_a_time(model):
    logs = model.train_on_batch(X[:2], Y[:2], return_dict=True)
    assert set(logs) == set(model.loss_names)
    assert set(model.test_on_batch(X[:2], Y[:2], return_dict=True)) == {"mae"}
    assert model.predict_on_batch(X[:2]).shape == X[:2].shape
