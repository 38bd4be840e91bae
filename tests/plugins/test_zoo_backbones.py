"""The U-Nets on backbones: what is listed, what the networks compute, what is learned and what files hold."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops
from tiny import optimizers
from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.catalog.keras_hub import KERAS_HUB
from zoo_backbones.encoder import encoder
from zoo_backbones.generators import applications_unet, keras_cv_unet, keras_hub_unet

import zoo
from zoo.losses.adversarial import Vanilla
from zoo.models.inference import inference_network
from zoo.models.parts import Inference, Parts, WeightedLoss
from zoo.models.pix2pix import pix2pix
from zoo.networks.patchgan import patchgan
from zoo.recipe.problems import RecipeError

SHAPE = (64, 64, 3)
LIBRARIES = (APPLICATIONS, KERAS_CV, KERAS_HUB)


def pictures(shape=SHAPE, count=1):
    return np.random.default_rng(0).uniform(-1, 1, (count, *shape)).astype("float32")


def numpy(value):
    return keras.tree.map_structure(ops.convert_to_numpy, value)


def encode(library, backbone, shape=SHAPE, *, weights=None, frozen=False, levels=None):
    return encoder(library, shape, backbone=backbone, weights=weights, frozen=frozen, levels=levels)


def small(shape=SHAPE, **arguments):
    """A U-Net on a MobileNetV2, which is built fast and needs neither library."""
    chosen = {"backbone": "mobilenetv2", "filters": 4, "dropout": 0.0, **arguments}
    return applications_unet(shape, 3, **chosen)


def refused(message, build):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        build()
    assert str(caught.value) == message


# ---- what is listed


def test_every_family_and_a_unet_for_each_library_are_registered() -> None:
    registry = zoo.load_host().registry
    families = {f"{library.name}.{name}" for library in LIBRARIES for name in library.families}
    assert len(families) == 27
    assert families <= set(registry.names("backbone"))
    for library in LIBRARIES:
        component = registry.get("generator", f"{library.name}_unet")
        assert component.target.__name__ == component.name
        assert component.arguments[0].name == "backbone"
        assert component.arguments[0].required
        # Without the library itself: every argument is described.
        assert all(argument.description for argument in component.arguments)
    sizes = registry.get("backbone", "keras_cv.resnet").arguments[0]
    assert sizes.default == "resnet50"
    assert "resnet152" in sizes.type_name


def pretend(monkeypatch, **libraries) -> None:
    """Let these libraries be installed (an object) or not (None); what others are found stays true."""
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: libraries[name] if name in libraries else found(name, *rest),
    )


def test_the_list_tells_what_to_install(monkeypatch, capsys) -> None:
    from zoo.cli import main

    pretend(monkeypatch, keras_cv=None, keras_hub=object())
    with pytest.raises(SystemExit):
        main(["list", "backbones", "--json"])
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    install = "pip install 'pix2pix-zoo[backbones]'"
    assert rows["keras_cv.csp_darknet"]["to_install"] == install
    assert rows["applications.resnet"]["to_install"] == ""
    with pytest.raises(SystemExit):
        main(["list", "backbones"])
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("[not installed: pip install") == len(KERAS_CV.families)


@pytest.mark.parametrize(
    ("generator", "library"), [(keras_cv_unet, KERAS_CV), (keras_hub_unet, KERAS_HUB)]
)
def test_without_the_library_the_extra_is_named(generator, library, monkeypatch) -> None:
    pretend(monkeypatch, **{library.needs: None})
    name = next(iter(library.families))
    refused(
        f"{library.title} is not installed; install it with: pip install 'pix2pix-zoo[backbones]'",
        lambda: generator(SHAPE, 3, backbone=name),
    )


@pytest.mark.one_backend
def test_a_recipe_says_it_at_the_generator(tiny_recipe, monkeypatch) -> None:
    pretend(monkeypatch, keras_cv=None)
    recipe = zoo.load_recipe(
        tiny_recipe, "generator.name=keras_cv_unet", "generator.backbone=csp_darknet"
    )
    with pytest.raises(
        RecipeError,
        match=r"generator: the generator keras_cv_unet needs the library keras_cv, which is not installed;",
    ):
        zoo.assemble(recipe)


def test_a_broken_library_is_told(monkeypatch) -> None:

    def broken(name):
        raise ImportError("libtensorflow_text.so: undefined symbol")

    pretend(monkeypatch, keras_hub=object())
    monkeypatch.setattr(importlib, "import_module", broken)
    refused(
        "KerasHub is installed but cannot be imported: libtensorflow_text.so: undefined symbol",
        lambda: keras_hub_unet(SHAPE, 3, backbone="resnet"),
    )


# ---- what the networks compute


@pytest.mark.parametrize(
    ("backbone", "channels"),
    [
        ("mobilenetv2", {1: 96, 2: 144, 3: 192, 4: 576, 5: 1280}),
        ("resnet50", {1: 64, 2: 256, 3: 512, 4: 1024, 5: 2048}),
        ("vgg16", {0: 64, 1: 128, 2: 256, 3: 512, 4: 512, 5: 512}),
        ("convnexttiny", {2: 96, 3: 192, 4: 384, 5: 768}),
    ],
)
@pytest.mark.one_backend
def test_features_of_applications_are_those_of_the_literature(backbone, channels) -> None:
    # MobileNetV2's are those of TensorFlow's tutorial on segmentation, block_1_expand_relu and so on.
    shapes = [output.shape[1:] for output in encode(APPLICATIONS, backbone).outputs]
    assert shapes == [(64 // 2**level, 64 // 2**level, width) for level, width in channels.items()]


@pytest.mark.one_backend
def test_the_features_are_the_layers_outputs() -> None:
    keras.utils.set_random_seed(1)
    whole = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=SHAPE)
    names = ["block_1_expand_relu", "block_3_expand_relu", "block_6_expand_relu"]
    expected = keras.Model(whole.input, [whole.get_layer(name).output for name in names])
    keras.utils.set_random_seed(1)
    network = encode(APPLICATIONS, "mobilenetv2", levels=(1, 2, 3))
    for value, wanted in zip(numpy(network(pictures())), numpy(expected(pictures())), strict=True):
        np.testing.assert_allclose(value, wanted, atol=1e-5)


CV_BACKBONES = ["csp_darknet_tiny", "resnet18", "mobilenet_v3_small", "yolo_v8_xs_backbone"]


@pytest.mark.parametrize("name", [*CV_BACKBONES, "mit_b0", "efficientnetv2_b0"])
@pytest.mark.one_backend
def test_keras_cv_computes_the_same_in_its_own_layers(name) -> None:
    models = pytest.importorskip("keras_cv").models
    size = KERAS_CV.sizes[name].sizes[name]
    keras.utils.set_random_seed(1)
    original = getattr(models, size.builder)(
        **size.arguments, include_rescaling=True, input_shape=SHAPE
    )
    taps = [original.get_layer(name).output for name in original.pyramid_level_inputs.values()]
    keras.utils.set_random_seed(1)
    network = encode(KERAS_CV, name)
    modules = {type(operation).__module__.split(".")[0] for operation in network.operations}
    assert modules == {"keras"}
    # So its file can be read.
    again = keras.Model.from_config(network.get_config())
    assert [weight.shape for weight in again.weights] == [
        weight.shape for weight in network.weights
    ]
    expected = numpy(keras.Model(original.input, taps)(127.5 * pictures() + 127.5))
    wanted = {value.shape: value for value in expected}  # of two of one size the deeper
    for value in numpy(network(pictures())):
        np.testing.assert_allclose(value, wanted[value.shape], atol=1e-4)
    assert len(network.outputs) == len(wanted)


@pytest.mark.parametrize("name", ["resnet_18", "efficientnet_b0", "csp_resnet_50"])
@pytest.mark.one_backend
def test_keras_hub_computes_the_same_in_its_own_layers(name) -> None:
    models = pytest.importorskip("keras_hub").models
    size = KERAS_HUB.sizes[name].sizes[name]
    shape = "input_shape" if name.startswith("efficientnet") else "image_shape"
    keras.utils.set_random_seed(1)
    original = getattr(models, size.builder)(**size.arguments, **{shape: SHAPE})
    taps = list(original.pyramid_outputs.values())
    keras.utils.set_random_seed(1)
    network = encode(KERAS_HUB, name)
    mean, spread = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    scaled = ((pictures() / 2 + 0.5 - mean) / spread).astype("float32")
    expected = numpy(keras.Model(original.input, taps)(scaled))
    for value, wanted in zip(numpy(network(pictures())), expected, strict=True):
        np.testing.assert_allclose(value, wanted, atol=1e-4)


@pytest.mark.parametrize("family", sorted(APPLICATIONS.families))
def test_pictures_are_scaled_as_keras_does(family) -> None:
    from zoo_backbones.scaling import SCALINGS

    module = {"resnetv2": "resnet_v2", "mobilenetv2": "mobilenet_v2", "mobilenetv3": "mobilenet_v3"}
    module |= {"efficientnetv2": "efficientnet_v2", "vgg": "vgg16"}
    found = APPLICATIONS.families[family]
    preprocess = getattr(keras.applications, module.get(family, family)).preprocess_input
    if family == "convnext":  # done in Keras's own network, which takes three channels only
        preprocess = keras.applications.densenet.preprocess_input
    wanted = preprocess(pictures() * 127.5 + 127.5)
    scaled = numpy(SCALINGS[found.scaling](pictures()))
    np.testing.assert_allclose(scaled, wanted, atol=1e-4)


@pytest.mark.parametrize("channels", [1, 4, 12])
@pytest.mark.one_backend
def test_any_number_of_channels(channels) -> None:
    shape = (64, 64, channels)
    for backbone in ("resnet50", "convnexttiny"):  # scaled by figures for three colours
        network = encode(APPLICATIONS, backbone, shape, levels=(2, 3))
        assert network.input_shape == (None, *shape)
    painted = applications_unet(shape, channels, backbone="mobilenetv2", filters=4)(pictures(shape))
    assert painted.shape == (1, *shape)


@pytest.mark.parametrize("decoder", ["unet", "linknet"])
@pytest.mark.parametrize("upsampling", ["resize", "transposed"])
def test_a_generator_paints(decoder, upsampling) -> None:
    network = small((64, 96, 3), decoder=decoder, upsampling=upsampling, levels=(2, 4))
    painted = numpy(network(pictures((64, 96, 3), 2)))
    assert (painted.shape, painted.dtype) == ((2, 64, 96, 3), np.float32)
    assert np.abs(painted).max() <= 1
    assert network.output_names == ["painted"]
    # Pixels reach the picture at full size past the backbone.
    assert network.get_layer("stem_conv").output.shape[1:] == (64, 96, 4)


@pytest.mark.one_backend
def test_the_decoder_is_as_wide_as_asked() -> None:
    def widths(network):
        return [network.get_layer(f"up{level}_conv").filters for level in range(5)]

    assert widths(small(filters=2)) == [2, 4, 8, 16, 16]
    assert widths(small(filters=(3, 5, 7, 9, 11))) == [3, 5, 7, 9, 11]
    refused(
        "filters must be one positive number, or 5 of them for the levels 0 to 4; got [4, 4]",
        lambda: small(filters=(4, 4)),
    )


def test_half_precision_paints_in_float32() -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        network = small()
    finally:
        keras.config.set_dtype_policy(before)
    assert network.get_layer("paint_conv").compute_dtype == "bfloat16"
    assert network.get_layer("encoder").get_layer("scaling").compute_dtype == "float32"
    assert numpy(network(pictures())).dtype == np.float32


@pytest.mark.one_backend
def test_levels_and_sizes_that_do_not_fit_are_told() -> None:
    refused(
        "the backbone mobilenetv2 has the levels 1, 2, 3, 4, 5, but not 0, 7",
        lambda: small(levels=(0, 2, 7)),
    )
    refused("levels is empty or 0 alone; a U-Net needs a level from 1 on", lambda: small(levels=()))
    refused(
        "level 5 of the backbone mobilenetv2 needs height and width divisible by 32, but the pictures are 48 x 80; "
        "use levels=[1, 2, 3, 4] or a size of 64",
        lambda: small((48, 80, 3)),
    )
    assert small((48, 80, 3), levels=(2, 4)).output_shape == (None, 48, 80, 3)
    refused(
        "level 5 of the backbone mobilenetv2 is a single pixel, which batch normalisation erases if pictures come "
        "one at a time; use levels below 5, pictures of 64 pixels, or frozen",
        lambda: small((32, 32, 3)),
    )
    assert small((32, 32, 3), frozen=True).output_shape == (None, 32, 32, 3)


def test_mit_takes_square_pictures() -> None:
    pytest.importorskip("keras_hub")
    refused(
        "the backbone mit_b0 takes square pictures only, but these are 64 x 256",
        lambda: keras_hub_unet((64, 256, 3), 3, backbone="mit"),
    )


# ---- what is learned


def trained_a_step(generator):
    """A pix2pix with this generator after one step; returns it with the generator's weights before."""
    parts = Parts(
        source_shape=SHAPE,
        target_shape=SHAPE,
        generator=lambda *shapes: generator,
        discriminator=lambda shape: patchgan(shape, layers=1, filters=2),
        adversarial=Vanilla(),
        reconstruction=(WeightedLoss("l1", keras.losses.MeanAbsoluteError(), 100.0),),
        inference=Inference(ema=0.5),
    )
    model = pix2pix(parts)
    model.compile(optimizer=optimizers())
    before = [weight.numpy().copy() for weight in generator.weights]
    model.train_on_batch({"source": pictures(count=2), "target": -pictures(count=2)})
    return model, before


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_backbone_stays_and_a_trained_one_learns(frozen) -> None:
    generator = small(frozen=frozen, levels=(1, 2, 3))
    backbone = {weight.path for weight in generator.get_layer("encoder").weights}
    model, before = trained_a_step(generator)
    changed = {
        weight.path
        for weight, old in zip(generator.weights, before, strict=True)
        if not np.array_equal(weight.numpy(), old)
    }
    running = {path for path in backbone if "moving" in path}
    assert running
    assert bool(changed & running) is not frozen
    assert bool(changed & (backbone - running)) is not frozen
    assert changed - backbone
    assert model.average is not None
    assert len(model.average.network.weights) == len(generator.weights)


@pytest.mark.one_backend
def test_each_pictures_own_statistics_are_those_of_training() -> None:
    pytest.importorskip("keras_cv")
    network = keras_cv_unet(SHAPE, 3, backbone="csp_darknet", filters=4, levels=(2, 3), dropout=0.0)
    translating = inference_network(network, Inference(statistics="picture"))
    painted = numpy(translating(pictures(), training=False))
    assert not np.allclose(painted, numpy(network(pictures(), training=False)), atol=1e-3)
    np.testing.assert_allclose(painted, numpy(network(pictures(), training=True)), atol=1e-4)


def test_a_frozen_backbone_keeps_its_statistics_and_drops_nothing() -> None:
    network = encode(APPLICATIONS, "efficientnetb0", frozen=True)
    assert not network.trainable_variables
    expected = numpy(network(pictures(), training=False))
    for value, wanted in zip(numpy(network(pictures(), training=True)), expected, strict=True):
        np.testing.assert_array_equal(value, wanted)


def test_dropout_of_a_backbone_has_a_seed_that_a_checkpoint_holds() -> None:
    network = encode(APPLICATIONS, "efficientnetb0")
    dropped = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    assert len(dropped) == 9
    assert len({layer.seed for layer in dropped}) == 9


# ---- what files hold


@pytest.mark.one_backend
def test_a_file_needs_no_library_but_keras(tmp_path: Path) -> None:
    pytest.importorskip("keras_cv")
    network = keras_cv_unet(SHAPE, 3, backbone="csp_darknet", filters=4, levels=(2, 3))
    network.save(tmp_path / "network.keras")
    np.save(tmp_path / "expected.npy", numpy(network(pictures())))
    np.save(tmp_path / "pictures.npy", pictures())
    code = (
        "import sys\nsys.modules['keras_cv'] = sys.modules['zoo_backbones'] = None\n"
        "import keras, numpy as np\n"
        "network = keras.models.load_model('network.keras')\n"
        "painted = network.predict_on_batch(np.load('pictures.npy'))\n"
        "np.testing.assert_allclose(painted, np.load('expected.npy'), atol=1e-5)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)


def test_weights_fit_a_network_built_again(tmp_path: Path) -> None:
    # As a run that goes on from a checkpoint builds it; Keras numbers unnamed layers on.
    first, second = (small(levels=(1, 2, 3), dropout=0.5) for _ in range(2))
    first.save_weights(tmp_path / "first.weights.h5")
    second.load_weights(tmp_path / "first.weights.h5")
    np.testing.assert_array_equal(numpy(first(pictures())), numpy(second(pictures())))


@pytest.mark.one_backend
def test_a_recipe_trains_and_its_run_translates(tiny_recipe, tmp_path, zoo_command) -> None:
    run = zoo.train(
        tiny_recipe,
        "generator.name=applications_unet",
        "generator.backbone=mobilenetv2",
        "generator.levels=[1, 2, 3]",
        "generator.filters=4",
        "dataset.size=32",
        "inference.statistics=picture",
        "training.epochs=1",
        root=tmp_path,
        say=lambda line: None,
    )
    assert run.metrics["status"] == "completed"
    assert run.recipe["generator"]["weights"] == "preset"
    picture = run(np.zeros((40, 50, 3), np.uint8))
    assert isinstance(picture, np.ndarray)
    assert picture.shape == (40, 50, 3)
    source = next(Path(run.recipe["dataset"]["path"]).glob("*.png"))
    done = zoo_command("translate", run.path, source, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / source.name).is_file()
    assert done.stderr == ""


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="elsewhere Keras itself imports TensorFlow when it saves a network",
)
def test_the_command_line_says_nothing_but_its_own(tiny_recipe, zoo_process) -> None:
    pytest.importorskip("keras_cv")
    done = zoo_process(
        "train",
        tiny_recipe,
        "generator.name=keras_cv_unet",
        "generator.backbone=resnet18",
        "generator.filters=4",
        "generator.levels=[2, 3]",
        "training.epochs=1",
    )
    assert done.returncode == 0, done.stderr
    assert "finished epoch 1 of 1" in done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    assert "I0000" not in done.stderr


# ---- what the catalogue says


@pytest.mark.parametrize(
    "name",
    [
        "csp_darknet_tiny",
        "efficientnetv2_b0",
        "mit_b0",
        "resnet18",
        "resnet18_v2",
        "yolo_v8_xs_backbone",
    ],
)
@pytest.mark.one_backend
def test_keras_cv_counts_as_many_weights(name) -> None:
    models = pytest.importorskip("keras_cv").models
    size = KERAS_CV.sizes[name].sizes[name]
    builder = getattr(models, size.builder)
    built = builder(**size.arguments, include_rescaling=False, input_shape=SHAPE)
    # KerasCV counts a classifier of ten classes into MiT.
    head = 10 * (built.output_shape[-1] + 1) if name.startswith("mit") else 0
    assert built.count_params() + head == builder.presets[name]["metadata"]["params"]


def _builder(library, name):
    return library.sizes[name].sizes[name].builder


@pytest.mark.one_backend
def test_the_catalogue_has_every_preset_of_keras_cv() -> None:
    models = pytest.importorskip("keras_cv").models
    builders = {_builder(KERAS_CV, name) for name in KERAS_CV.sizes}
    assert len(builders) == 10
    presets = {
        name for builder in builders for name in getattr(models, builder).presets_without_weights
    }
    assert presets == set(KERAS_CV.sizes)


@pytest.mark.one_backend
def test_every_name_of_keras_applications_is_there() -> None:
    for name in APPLICATIONS.sizes:
        assert callable(getattr(keras.applications, _builder(APPLICATIONS, name)))


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.name)
def test_every_family_is_built(library) -> None:
    pytest.importorskip(library.needs)
    for family in library.families:
        network = encode(library, family)
        strides = [64 // output.shape[1] for output in network.outputs]
        assert strides in ([1, 2, 4, 8, 16, 32], [2, 4, 8, 16, 32], [4, 8, 16, 32])
        keras.backend.clear_session()
