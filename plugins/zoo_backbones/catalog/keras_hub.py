"""KerasHub's backbones with feature pyramids; KerasHub keeps their arguments on a server, not in the package.

What is not here can be named by its preset, if that can be downloaded: EfficientNet's `es`, `em`, `el` and `rw`,
RetinaNet. DINOv2 and DINOv3 cut pictures into patches and have features of one scale only.
"""

from __future__ import annotations

from typing import Any

from zoo_backbones.catalog.library import Family, Library, Size
from zoo_backbones.catalog.numbers import (
    DENSENET,
    EFFICIENTNET,
    EFFICIENTNET_STAGES,
    MIT,
    RESNET,
)


def _resnet(layers: int, *, pre_activation: bool = False, vd: bool = False) -> Size:
    blocks, bottleneck = RESNET[layers]
    block = "bottleneck_block" if bottleneck else "basic_block"
    arguments = {
        # The variant "vd" has three small convolutions at its beginning (arXiv:1812.01187).
        "input_conv_filters": [32, 32, 64] if vd else [64],
        "input_conv_kernel_sizes": [3, 3, 3] if vd else [7],
        "stackwise_num_filters": [64, 128, 256, 512],
        "stackwise_num_blocks": blocks,
        "stackwise_num_strides": [1, 2, 2, 2],
        "block_type": f"{block}_vd" if vd else block,
        "use_pre_activation": pre_activation,
    }
    return Size("ResNetBackbone", arguments)


def _csp(stage: str, filters: list[int], **arguments: Any) -> Size:
    shared = {"stackwise_num_filters": filters, "stage_type": stage}
    return Size("CSPNetBackbone", {**shared, **arguments})


def _darknet(stage: str, **arguments: Any) -> Size:
    return _csp(
        stage,
        [64, 128, 256, 512, 1024],
        stem_filters=32,
        stem_kernel_size=3,
        stem_strides=1,
        stem_padding="same",
        stackwise_depth=[1, 2, 8, 8, 4],
        stackwise_strides=[2, 2, 2, 2, 2],
        block_type="dark_block",
        **arguments,
    )


def _csp_resnet(filters: list[int], **arguments: Any) -> Size:
    return _csp(
        "csp",
        filters,
        stem_filters=64,
        stem_kernel_size=7,
        stem_strides=4,
        stem_pooling="max",
        stackwise_depth=[3, 3, 5, 2],
        stackwise_strides=[1, 2, 2, 2],
        block_type="bottleneck_block",
        cross_linear=True,
        **arguments,
    )


def _efficientnet(number: int, *, squeeze: float = 0.25, activation: str = "swish") -> Size:
    width, depth = EFFICIENTNET[number]
    arguments = {
        **EFFICIENTNET_STAGES,
        "stackwise_width_coefficients": [width] * 7,
        "stackwise_depth_coefficients": [depth] * 7,
        "stackwise_squeeze_and_excite_ratios": [squeeze] * 7,
        "stackwise_block_types": ["v1"] * 7,
        "activation": activation,
        "min_depth": None,
        "use_depth_divisor_as_min_depth": True,
        "cap_round_filter_decrease": True,
        "dropout": 0,
    }
    return Size("EfficientNetBackbone", arguments)


def _mit(number: int) -> Size:
    depths, channels = MIT[number]
    arguments = {
        "layerwise_depths": depths,
        "num_layers": 4,
        "layerwise_num_heads": [1, 2, 5, 8],
        "layerwise_sr_ratios": [8, 4, 2, 1],
        "max_drop_path_rate": 0.1,
        "layerwise_patch_sizes": [7, 3, 3, 3],
        "layerwise_strides": [4, 2, 2, 2],
        "hidden_dims": channels,
    }
    return Size("MiTBackbone", arguments)


KERAS_HUB = Library(
    name="keras_hub",
    title="KerasHub",
    needs="keras_hub",
    files="config.json, image_converter.json and model.weights.h5",
    families={
        "cspnet": Family(
            title="CSPNet",
            paper="1911.11929",
            scaling="torch",
            sizes={
                "csp_darknet_53": _darknet(
                    "csp",
                    bottle_ratio=[0.5, 1.0],
                    block_ratio=[1.0, 0.5],
                    expand_ratio=[2.0, 1.0],
                    down_growth=True,
                ),
                "darknet_53": _darknet(
                    "dark", bottle_ratio=[0.5], block_ratio=[1.0], expand_ratio=[1.0]
                ),
                "csp_resnet_50": _csp_resnet(
                    [128, 256, 512, 1024], bottle_ratio=[0.5], block_ratio=[1.0], expand_ratio=[2.0]
                ),
                "csp_resnext_50": _csp_resnet(
                    [256, 512, 1024, 2048],
                    bottle_ratio=[1.0],
                    block_ratio=[0.5],
                    expand_ratio=[1.0],
                    groups=32,
                ),
            },
        ),
        "densenet": Family(
            title="DenseNet",
            paper="1608.06993",
            scaling="torch",
            sizes={
                f"densenet_{layers}": Size("DenseNetBackbone", {"stackwise_num_repeats": repeats})
                for layers, repeats in DENSENET.items()
            },
        ),
        "efficientnet": Family(
            title="EfficientNet",
            paper="1905.11946",
            scaling="torch",
            sizes={
                **{f"efficientnet_b{number}": _efficientnet(number) for number in range(6)},
                "efficientnet_lite0": _efficientnet(0, squeeze=0, activation="relu6"),
            },
        ),
        "mit": Family(
            title="MiT, the encoder of SegFormer",
            paper="2105.15203",
            scaling="torch",
            square=True,
            sizes={f"mit_b{number}": _mit(number) for number in MIT},
        ),
        "resnet": Family(
            title="ResNet",
            paper="1512.03385",
            scaling="torch",
            sizes={f"resnet_{layers}": _resnet(layers) for layers in (50, 18, 34, 101, 152)},
        ),
        "resnet_v2": Family(
            title="ResNet with pre-activation",
            paper="1603.05027",
            scaling="torch",
            sizes={
                f"resnet_v2_{layers}": _resnet(layers, pre_activation=True)
                for layers in (50, 101, 152)
            },
        ),
        "resnet_vd": Family(
            title="ResNet, variant D",
            paper="1812.01187",
            scaling="torch",
            sizes={
                f"resnet_vd_{layers}": _resnet(layers, vd=True)
                for layers in (50, 18, 34, 101, 152, 200)
            },
        ),
    },
)
