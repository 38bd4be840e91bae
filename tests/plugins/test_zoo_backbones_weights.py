"""Pretrained weights of backbones: from files, from folders, and what is said when they cannot be had."""

from __future__ import annotations

import json
import socket

import keras
import numpy as np
import pytest
from keras import ops
from zoo_backbones.catalog.applications import APPLICATIONS
from zoo_backbones.catalog.keras_cv import KERAS_CV
from zoo_backbones.catalog.keras_hub import KERAS_HUB
from zoo_backbones.encoder import encoder
from zoo_backbones.selection import owner

SHAPE = (64, 64, 3)


def pictures(channels=3):
    return np.random.default_rng(0).uniform(-1, 1, (1, 64, 64, channels)).astype("float32")


def encode(library, backbone, weights="preset", *, shape=SHAPE, frozen=False):
    return encoder(library, shape, backbone=backbone, weights=weights, frozen=frozen, levels=(2, 3))


def features(network, given):
    return [ops.convert_to_numpy(value) for value in network(given)]


def same(first, second):
    return all(np.allclose(one, other, atol=1e-5) for one, other in zip(first, second, strict=True))


def refused(message, build):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        build()
    assert str(caught.value) == message


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Keras's folder, empty."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path / "kaggle"))
    (tmp_path / "keras").mkdir()
    return tmp_path / "keras"


@pytest.fixture
def offline(home, monkeypatch):
    def unknown(*arguments, **keywords):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    return home


def keras_cv_preset(folder):
    """Write a small ResNet of KerasCV as one of its presets; return it."""
    backbone = pytest.importorskip("keras_cv").models.ResNetBackbone(
        stackwise_filters=[64, 8],
        stackwise_blocks=[1, 1],
        stackwise_strides=[1, 2],
        block_type="basic_block",
        include_rescaling=True,
    )
    folder.mkdir(parents=True)
    backbone.save_weights(folder / "model.weights.h5")
    config = keras.saving.serialize_keras_object(backbone)
    config["weights"] = "model.weights.h5"
    (folder / "config.json").write_text(json.dumps(config))
    return backbone


def keras_hub_preset(folder):
    """Write a small ResNet of KerasHub, which wants pictures in [-2, 3], as one of its presets; return it."""
    hub = pytest.importorskip("keras_hub")
    backbone = hub.models.ResNetBackbone(
        input_conv_filters=[64],
        input_conv_kernel_sizes=[3],
        stackwise_num_filters=[64, 8],
        stackwise_num_blocks=[1, 1],
        stackwise_num_strides=[1, 2],
        block_type="basic_block",
    )
    backbone.save_to_preset(str(folder))
    converter = hub.layers.ResNetImageConverter(scale=5 / 255, offset=-2.0)
    config = keras.saving.serialize_keras_object(converter)
    (folder / "image_converter.json").write_text(json.dumps(config))
    return backbone


# ---- files


def test_a_file_of_weights(tmp_path) -> None:
    keras.utils.set_random_seed(1)
    whole = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=SHAPE)
    whole.save_weights(tmp_path / "mobile.weights.h5")
    names = ["block_3_expand_relu", "block_6_expand_relu"]
    expected = keras.Model(whole.input, [whole.get_layer(name).output for name in names])
    network = encode(APPLICATIONS, "mobilenetv2", str(tmp_path / "mobile.weights.h5"))
    assert same(features(network, pictures()), features(expected, pictures()))
    with pytest.raises(ValueError, match=r"does not hold the weights of the backbone vgg16: "):
        encode(APPLICATIONS, "vgg16", str(tmp_path / "mobile.weights.h5"))
    refused(
        "there is no file of weights missing.weights.h5",
        lambda: encode(APPLICATIONS, "vgg16", "missing.weights.h5"),
    )


def test_a_file_of_weights_of_keras_cv(tmp_path) -> None:
    models = pytest.importorskip("keras_cv").models
    size = KERAS_CV.sizes["yolo_v8_xs_backbone"].sizes["yolo_v8_xs_backbone"]
    original = models.YOLOV8Backbone(**size.arguments, include_rescaling=True)
    original.save_weights(tmp_path / "yolo.weights.h5")
    names = [original.pyramid_level_inputs[level] for level in ("P2", "P3")]
    expected = keras.Model(original.input, [original.get_layer(name).output for name in names])
    network = encode(KERAS_CV, "yolo_v8", str(tmp_path / "yolo.weights.h5"))
    assert same(features(network, pictures()), features(expected, 127.5 * pictures() + 127.5))


# ---- presets


def test_a_preset_of_keras_cv_from_kerass_folder(home) -> None:
    original = keras_cv_preset(home / "models" / "resnet50_imagenet")
    names = original.pyramid_level_inputs.values()
    expected = keras.Model(original.input, [original.get_layer(name).output for name in names])
    wanted = features(expected, 127.5 * pictures() + 127.5)
    for words in ({"backbone": "resnet50_imagenet"}, {"backbone": "resnet", "weights": "imagenet"}):
        assert same(features(encode(KERAS_CV, **words), pictures()), wanted)
    folder = str(home / "models" / "resnet50_imagenet")
    assert same(features(encode(KERAS_CV, folder), pictures()), wanted)
    assert not same(features(encode(KERAS_CV, folder, None), pictures()), wanted)


def test_a_preset_of_keras_hub_brings_its_scaling(home) -> None:
    original = keras_hub_preset(home / "models" / "resnet_18_imagenet")
    expected = keras.Model(original.input, list(original.pyramid_outputs.values()))
    wanted = features(expected, 2.5 * pictures() + 0.5)
    assert same(features(encode(KERAS_HUB, "resnet_18_imagenet"), pictures()), wanted)
    # Presets may come without; then it is that of ImageNet.
    (home / "models" / "resnet_18_imagenet" / "image_converter.json").unlink()
    mean, spread = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
    scaled = ((pictures() / 2 + 0.5 - mean) / spread).astype("float32")
    network = encode(KERAS_HUB, "resnet_18", "imagenet")
    assert same(features(network, pictures()), features(expected, scaled))


def test_pretrained_weights_see_other_channels_as_colours(home) -> None:
    keras_cv_preset(home / "models" / "resnet50_imagenet")
    wanted = features(encode(KERAS_CV, "resnet50_imagenet"), pictures())
    four = encode(KERAS_CV, "resnet50_imagenet", shape=(64, 64, 4), frozen=True)
    with_alpha = np.concatenate([pictures(), pictures(1)], axis=-1)
    assert same(features(four, with_alpha), wanted)
    assert [weight.path for weight in four.trainable_weights] == ["colours/kernel"]
    grey = encode(KERAS_CV, "resnet50_imagenet", shape=(64, 64, 1))
    repeated = np.repeat(pictures(1), 3, axis=-1)
    colours = encode(KERAS_CV, "resnet50_imagenet")
    assert same(features(grey, pictures(1)), features(colours, repeated))


def test_a_folder_that_is_not_whole(home) -> None:
    folder = home / "models" / "resnet50_imagenet"
    keras_cv_preset(folder)
    (folder / "model.weights.h5").unlink()
    with pytest.raises(
        ValueError,
        match=r"^the folder .*resnet50_imagenet does not hold a whole preset of KerasCV: ",
    ):
        encode(KERAS_CV, "resnet50_imagenet")
    (folder / "config.json").write_text("{")
    with pytest.raises(ValueError, match=r"config.json is not the configuration of a preset: "):
        encode(KERAS_CV, str(folder))


# ---- without a connection


def test_keras_cv_offline(offline) -> None:
    pytest.importorskip("keras_cv")
    for words in (
        {"backbone": "csp_darknet_tiny_imagenet"},
        {"backbone": "csp_darknet", "weights": "imagenet"},
    ):
        refused(
            "the preset csp_darknet_tiny_imagenet of KerasCV cannot be downloaded ([Errno -2] Name or service not "
            "known); fetch config.json and model.weights.h5 from "
            "https://www.kaggle.com/models/keras/cspdarknet/keras/csp_darknet_tiny_imagenet/2 and put them into "
            f"{offline / 'models' / 'csp_darknet_tiny_imagenet'}, or build it without pretrained weights: weights=null",
            lambda words=words: encode(KERAS_CV, **words),
        )
    # The same without weights needs no connection.
    assert encode(KERAS_CV, "csp_darknet_tiny_imagenet", None).outputs[0].shape[1:] == (16, 16, 48)


def test_keras_hub_offline(offline) -> None:
    pytest.importorskip("keras_hub")
    refused(
        "the preset resnet_18_imagenet of KerasHub cannot be downloaded ([Errno -2] Name or service not known); fetch "
        "config.json, image_converter.json and model.weights.h5 from "
        "https://www.kaggle.com/models/keras/resnetv1/keras/resnet_18_imagenet/3 and put them into "
        f"{offline / 'models' / 'resnet_18_imagenet'}, or build it without pretrained weights: weights=null",
        lambda: encode(KERAS_HUB, "resnet_18_imagenet"),
    )


def test_applications_offline(offline) -> None:
    name = "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    refused(
        "the pretrained weights of VGG16 cannot be downloaded ([Errno -2] Name or service not known); fetch "
        f"https://storage.googleapis.com/tensorflow/keras-applications/vgg16/{name} and put it at "
        f"{offline / 'models' / name}, or build it without pretrained weights: weights=null",
        lambda: encode(APPLICATIONS, "vgg16", "imagenet"),
    )


# ---- words


def test_each_preset_of_keras_hub_has_its_size() -> None:
    models = pytest.importorskip("keras_hub").models
    for builder in ("ResNetBackbone", "DenseNetBackbone", "CSPNetBackbone", "MiTBackbone"):
        for preset in getattr(models, builder).presets:
            size = owner(KERAS_HUB, preset)
            assert size is not None
            assert KERAS_HUB.sizes[size].sizes[size].builder == builder
    assert owner(KERAS_HUB, "resnet_vd_50_ssld_v2_imagenet") == "resnet_vd_50"
    assert owner(KERAS_HUB, "efficientnet_es_ra_imagenet") is None


def test_words_that_stand_for_nothing() -> None:
    families = ", ".join(sorted(APPLICATIONS.families))
    refused(
        f"keras.applications has no backbone 'resent50'; there is {families}, each in several sizes "
        "(zoo list backbones). Did you mean 'resnet50'?",
        lambda: encode(APPLICATIONS, "resent50"),
    )
    refused(
        "keras.applications has no weights 'imagnet' for resnet50; there is imagenet. A file of weights must end in "
        ".h5; null is for none. Did you mean 'imagenet'?",
        lambda: encode(APPLICATIONS, "resnet", "imagnet"),
    )
    refused(
        "the backbone 'vgg16_imagenet' names its weights, but weights is 'coco'; name the architecture alone, vgg16",
        lambda: encode(APPLICATIONS, "vgg16_imagenet", "coco"),
    )


def test_words_of_keras_cv() -> None:
    pytest.importorskip("keras_cv")
    refused(
        "KerasCV has no weights 'imagenet' for csp_darknet_s; there are none for this size. A file of weights must "
        "end in .h5; null is for none.",
        lambda: encode(KERAS_CV, "csp_darknet_s", "imagenet"),
    )
    refused(
        "KerasCV has no weights 'resnet50_v2_imagenet' for resnet50; there is imagenet. A file of weights must end "
        "in .h5; null is for none. Did you mean 'imagenet'?",
        lambda: encode(KERAS_CV, "resnet50", "resnet50_v2_imagenet"),
    )
