import keras
import numpy as np
import pytest
from tiny import optimizers, snapshot, tiny_data, tiny_pix2pix


@pytest.fixture
def policy(request):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"], indirect=True)
def test_a_few_steps_stay_finite_and_learn(policy):
    model = tiny_pix2pix(optimizer=optimizers(learning_rate=2e-3))
    assert model.generator.get_layer("down1_conv").compute_dtype == policy.removeprefix("mixed_")
    history = model.fit(tiny_data(4), batch_size=2, epochs=6, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert all(np.isfinite(values).all() for values in snapshot(model))
    assert history["generator_l1"][-1] < history["generator_l1"][0]
    scaled = [
        isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        for optimizer in model.optimizer.players.values()
    ]
    assert scaled == [policy == "mixed_float16"] * 2


@pytest.mark.parametrize("policy", ["mixed_float16"], indirect=True)
def test_an_overflow_halves_the_scale_and_leaves_the_weights(policy):
    model = tiny_pix2pix()
    judge, painter = (model.optimizer.players[player] for player in ("discriminator", "generator"))
    painter.dynamic_scale.assign(2.0**120)
    painted, judged = (
        [v.numpy().copy() for v in network.trainable_variables]
        for network in (model.generator, model.discriminator)
    )
    model.fit(tiny_data(1), batch_size=1, verbose=0)

    assert float(painter.dynamic_scale) == 2.0**119
    assert int(painter.iterations) == 0
    for variable, value in zip(model.generator.trainable_variables, painted, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    # The other player's step is its own affair.
    assert float(judge.dynamic_scale) == judge.initial_scale
    assert int(judge.iterations) == 1
    for variable, value in zip(model.discriminator.trainable_variables, judged, strict=True):
        assert not np.array_equal(variable.numpy(), value)


@pytest.mark.parametrize("policy", ["mixed_float16"], indirect=True)
def test_loss_scaling_survives_a_file(policy, tmp_path):
    model = tiny_pix2pix()
    model.optimizer.players["generator"].dynamic_scale.assign(64.0)
    model.fit(tiny_data(1), batch_size=1, verbose=0)
    model.save(tmp_path / "model.keras")
    keras.config.set_dtype_policy("float32")
    restored = keras.models.load_model(tmp_path / "model.keras")
    for saved, loaded in zip(snapshot(model), snapshot(restored), strict=True):
        np.testing.assert_array_equal(saved, loaded)
    more = {"batch_size": 1, "verbose": 0}
    expected = model.fit(tiny_data(1), **more).history
    assert restored.fit(tiny_data(1), **more).history == expected
