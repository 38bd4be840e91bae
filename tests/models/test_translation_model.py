"""The step and the trainer around it, as a Keras user meets them."""

import json

import keras
import numpy as np
import pytest
from keras import ops
from tiny import WITH_DROPOUT, adam, optimizers, shape, snapshot, state, tiny_data, tiny_pix2pix

from zoo.metrics.pixel import L1, PSNR
from zoo.models.losses import MeanLosses
from zoo.models.parts import Inference

LOSSES = {
    "generator_adversarial",
    "generator_l1",
    "discriminator_real",
    "discriminator_fake",
}


def fit(model, data, **arguments):
    options = {"batch_size": 1, "shuffle": False, "verbose": 0, **arguments}
    return model.fit(data, **options).history


def test_one_step_moves_everything_a_checkpoint_holds():
    model = tiny_pix2pix(depth=WITH_DROPOUT)
    before = snapshot(model)
    fit(model, tiny_data(1, depth=WITH_DROPOUT))
    still = [
        variable.path
        for variable, value in zip(state(model), before, strict=True)
        if np.array_equal(variable.numpy(), value)
    ]
    # Constant learning rates stay; nothing else does.
    assert len(still) == 2
    assert all(path.endswith("learning_rate") for path in still)
    assert sum("seed" in variable.path for variable in model.variables) == 1


@pytest.mark.parametrize("inference", [Inference(), Inference(dropout=True, statistics="picture")])
def test_a_restored_model_goes_on_as_if_nothing_had_happened(tmp_path, inference):
    data = tiny_data(6, depth=WITH_DROPOUT)
    first, second = (
        {name: part[half] for name, part in data.items()} for half in (np.s_[:3], np.s_[3:])
    )
    straight = tiny_pix2pix(depth=WITH_DROPOUT, inference=inference, metrics=[L1(), PSNR()])
    fit(straight, first)
    expected = fit(straight, second, validation_data=first)

    stopped = tiny_pix2pix(depth=WITH_DROPOUT, inference=inference, metrics=[L1(), PSNR()])
    fit(stopped, first)
    stopped.save(tmp_path / "model.keras")
    restored = keras.models.load_model(tmp_path / "model.keras")
    for saved, loaded in zip(snapshot(stopped), snapshot(restored), strict=True):
        np.testing.assert_array_equal(saved, loaded)
    assert fit(restored, second, validation_data=first) == expected
    for ours, theirs in zip(snapshot(restored), snapshot(straight), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert int(restored.optimizer.iterations) == 6
    assert restored.inference == inference


def test_the_same_seed_gives_the_same_weights():
    data = tiny_data(2, depth=WITH_DROPOUT)
    runs = []
    for _ in range(2):
        model = tiny_pix2pix(seed=7, depth=WITH_DROPOUT)
        fit(model, data)
        runs.append(snapshot(model))
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


def test_logs_are_means_over_the_epoch():
    data = tiny_data(2)
    one, other = ({name: part[i : i + 1] for name, part in data.items()} for i in range(2))
    whole = fit(tiny_pix2pix(), data)
    model = tiny_pix2pix()
    steps = [fit(model, one), fit(model, other)]
    assert set(whole) == LOSSES
    for name in LOSSES:
        mean = (steps[0][name][0] + steps[1][name][0]) / 2
        assert whole[name][0] == pytest.approx(mean, rel=1e-5)


def test_pairs_of_arrays_are_batches_too():
    data = tiny_data(2)
    as_batches, as_pairs = tiny_pix2pix(metrics=[L1()]), tiny_pix2pix(metrics=[L1()])
    expected = fit(as_batches, data, validation_data=data)
    pairs = (data["source"], data["target"])
    history = fit(as_pairs, pairs[0], y=pairs[1], validation_data=pairs)
    assert history == expected


def test_without_metrics_there_is_nothing_to_evaluate():
    model, data = tiny_pix2pix(), tiny_data(1)
    assert model.evaluate(data, verbose=0, return_dict=True) == {}
    assert model.evaluate(data, verbose=0) == []
    assert set(fit(model, data, validation_data=data)) == LOSSES


def test_evaluate_compares_what_predict_translates():
    data = tiny_data(3)
    model = tiny_pix2pix(metrics=[L1(), PSNR()])
    translated = model.predict(data["source"], batch_size=2, verbose=0)
    assert translated.shape == (3, *shape(3))
    np.testing.assert_array_equal(translated, model.predict(data, batch_size=2, verbose=0))
    figures = model.evaluate(data, batch_size=2, verbose=0, return_dict=True)
    assert set(figures) == {"l1", "psnr"}
    assert figures["l1"] == pytest.approx(np.abs(translated - data["target"]).mean(), rel=1e-5)


def test_inference_is_what_every_output_follows():
    source = tiny_data(2)["source"]
    model = tiny_pix2pix(inference=Inference(statistics="picture"))
    one_by_one = [ops.convert_to_numpy(model(source[i : i + 1], training=False)) for i in (0, 1)]
    expected = [
        ops.convert_to_numpy(model.generator(source[i : i + 1], training=True)) for i in (0, 1)
    ]
    np.testing.assert_allclose(one_by_one, expected, atol=2e-5)
    predicted = model.predict(source, batch_size=2, verbose=0)
    np.testing.assert_allclose(predicted[:, None], expected, atol=2e-5)


def test_looking_at_samples_does_not_change_the_training():
    data = tiny_data(2, depth=WITH_DROPOUT)
    inference = Inference(dropout=True, statistics="picture")
    watched, unwatched = (tiny_pix2pix(depth=WITH_DROPOUT, inference=inference) for _ in range(2))
    watched.predict(data["source"], verbose=0)
    fit(watched, data)
    fit(unwatched, data)
    for ours, theirs in zip(watched.weights, unwatched.weights, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_python_line_by_line_computes_the_same():
    data = tiny_data(2)
    compiled, eager = tiny_pix2pix(), tiny_pix2pix()
    eager.compile(optimizer=optimizers(), run_eagerly=True)
    expected, found = fit(compiled, data), fit(eager, data)
    for name in LOSSES:
        assert found[name][0] == pytest.approx(expected[name][0], rel=1e-4)


def test_callbacks_work(tmp_path):
    model = tiny_pix2pix(metrics=[PSNR()])
    data = tiny_data(2)
    best = tmp_path / "best.keras"
    fit(
        model,
        data,
        epochs=2,
        validation_data=data,
        callbacks=[
            keras.callbacks.ModelCheckpoint(
                best, monitor="val_psnr", mode="max", save_best_only=True
            ),
            keras.callbacks.CSVLogger(tmp_path / "log.csv"),
            keras.callbacks.EarlyStopping(monitor="generator_l1", mode="min", patience=5),
            keras.callbacks.TerminateOnNaN(),
        ],
    )
    assert keras.models.load_model(best).built
    header = (tmp_path / "log.csv").read_text().splitlines()[0]
    assert set(header.split(",")) == {"epoch", "val_psnr", *LOSSES}


def test_schedules_go_into_the_players_optimizers():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay([0], [1e-3, 0.0])
    model = tiny_pix2pix(
        optimizer={"generator": adam(learning_rate=schedule), "discriminator": adam()}
    )
    fit(model, tiny_data(1))
    before = [v.numpy().copy() for v in model.generator.trainable_variables]
    fit(model, tiny_data(1))
    for variable, value in zip(model.generator.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)


def test_a_file_restores_the_way_of_compiling(tmp_path):
    model = tiny_pix2pix(metrics=[PSNR()])
    model.save(tmp_path / "model.keras")
    config = keras.models.load_model(tmp_path / "model.keras").get_compile_config()
    assert json.loads(json.dumps(config)) == json.loads(json.dumps(model.get_compile_config()))
    # Resolved anew where the file is opened, as another backend may open it.
    assert config["jit_compile"] == "auto"


def test_losses_that_were_not_announced_are_named():
    losses = MeanLosses(["generator_l1"])
    with pytest.raises(
        ValueError, match="announces the losses generator_l1, but its step computed d"
    ):
        losses.update_state({"d": 1.0})
