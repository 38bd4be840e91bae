"""KerasCV's backbones with feature pyramids; KerasCV keeps their arguments on a server, not in the package.

Left out: ViTDet, whose features have one scale; VGG16, which has no pyramid (keras.applications has both); VideoSwin,
for videos; CenterPillar, for point clouds.
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


def _csp(channels: list[int], depth: list[int]) -> Size:
    arguments = {"stackwise_channels": channels, "stackwise_depth": depth}
    return Size("CSPDarkNetBackbone", arguments)


def _yolo(channels: list[int], depth: list[int]) -> Size:
    arguments = {"stackwise_channels": channels, "stackwise_depth": depth}
    return Size("YOLOV8Backbone", arguments)


def _resnet(builder: str, layers: int) -> Size:
    blocks, bottleneck = RESNET[layers]
    arguments = {
        "stackwise_filters": [64, 128, 256, 512],
        "stackwise_blocks": blocks,
        "stackwise_strides": [1, 2, 2, 2],
        "block_type": "block" if bottleneck else "basic_block",
    }
    return Size(builder, arguments)


def _efficientnet(builder: str, number: int, **arguments: Any) -> Size:
    width, depth = EFFICIENTNET[number]
    factors = {"width_coefficient": width, "depth_coefficient": depth}
    return Size(builder, {**EFFICIENTNET_STAGES, **factors, **arguments})


def _efficientnet_v2(
    repeats: list[int], filters: list[int], width: float = 1.0, depth: float = 1.0
) -> Size:
    # Six or seven stages: the last of seven goes on at the size of the sixth (arXiv:2104.00298, table 4).
    stages = len(repeats)
    arguments = {
        "width_coefficient": width,
        "depth_coefficient": depth,
        "stackwise_kernel_sizes": [3] * stages,
        "stackwise_num_repeats": repeats,
        "stackwise_input_filters": filters[:-1],
        "stackwise_output_filters": filters[1:],
        "stackwise_expansion_ratios": [1, 4, 4, 4, 6, 6, 6][:stages],
        "stackwise_squeeze_and_excite_ratios": [0, 0, 0, 0.25, 0.25, 0.25, 0.25][:stages],
        "stackwise_strides": [1, 2, 2, 2, 1, 2, 1][:stages],
        "stackwise_conv_types": ["fused"] * 3 + ["unfused"] * (stages - 3),
    }
    return Size("EfficientNetV2Backbone", arguments)


def _mobilenet_v3(stages: list[tuple[float, int, int, int, float | None, str]]) -> Size:
    # Expansion, filters, kernel, stride, squeeze, activation of each block (arXiv:1905.02244, tables 1 and 2).
    names = ("expansion", "filters", "kernel_size", "stride", "se_ratio", "activation")
    columns = zip(*stages, strict=True)
    arguments = {
        f"stackwise_{name}": list(column) for name, column in zip(names, columns, strict=True)
    }
    return Size("MobileNetV3Backbone", arguments)


B_REPEATS, B_FILTERS = [1, 2, 2, 3, 5, 8], [32, 16, 32, 48, 96, 112, 192]

KERAS_CV = Library(
    name="keras_cv",
    title="KerasCV",
    needs="keras_cv",
    files="config.json and model.weights.h5",
    families={
        "csp_darknet": Family(
            title="CSPDarkNet",
            paper="1804.02767",
            scaling="unit",
            sizes={
                "csp_darknet_tiny": _csp([48, 96, 192, 384], [1, 3, 3, 1]),
                "csp_darknet_s": _csp([64, 128, 256, 512], [1, 3, 3, 1]),
                "csp_darknet_m": _csp([96, 192, 384, 768], [2, 6, 6, 2]),
                "csp_darknet_l": _csp([128, 256, 512, 1024], [3, 9, 9, 3]),
                "csp_darknet_xl": _csp([170, 340, 680, 1360], [4, 12, 12, 4]),
            },
        ),
        "densenet": Family(
            title="DenseNet",
            paper="1608.06993",
            scaling="unit",
            sizes={
                f"densenet{layers}": Size("DenseNetBackbone", {"stackwise_num_repeats": repeats})
                for layers, repeats in DENSENET.items()
            },
        ),
        "efficientnetlite": Family(
            title="EfficientNet-Lite",
            paper="1905.11946",
            scaling="unit",
            sizes={
                f"efficientnetlite_b{number}": _efficientnet("EfficientNetLiteBackbone", number)
                for number in range(5)
            },
        ),
        "efficientnetv1": Family(
            title="EfficientNet",
            paper="1905.11946",
            scaling="unit",
            sizes={
                f"efficientnetv1_b{number}": _efficientnet(
                    "EfficientNetV1Backbone",
                    number,
                    stackwise_squeeze_and_excite_ratios=[0.25] * 7,
                )
                for number in range(8)
            },
        ),
        "efficientnetv2": Family(
            title="EfficientNetV2",
            paper="2104.00298",
            scaling="unit",
            sizes={
                **{
                    f"efficientnetv2_b{number}": _efficientnet_v2(
                        B_REPEATS, B_FILTERS, *EFFICIENTNET[number]
                    )
                    for number in range(4)
                },
                "efficientnetv2_s": _efficientnet_v2(
                    [2, 4, 4, 6, 9, 15], [24, 24, 48, 64, 128, 160, 256]
                ),
                "efficientnetv2_m": _efficientnet_v2(
                    [3, 5, 5, 7, 14, 18, 5], [24, 24, 48, 80, 160, 176, 304, 512]
                ),
                "efficientnetv2_l": _efficientnet_v2(
                    [4, 7, 7, 10, 19, 25, 7], [32, 32, 64, 96, 192, 224, 384, 640]
                ),
            },
        ),
        "mit": Family(
            title="MiT, the encoder of SegFormer",
            paper="2105.15203",
            scaling="unit",
            square=True,
            sizes={
                f"mit_b{number}": Size(
                    "MiTBackbone", {"depths": depths, "embedding_dims": channels}
                )
                for number, (depths, channels) in MIT.items()
            },
        ),
        "mobilenet_v3": Family(
            title="MobileNetV3",
            paper="1905.02244",
            scaling="unit",
            sizes={
                "mobilenet_v3_small": _mobilenet_v3(
                    [
                        (1, 16, 3, 2, 0.25, "relu"),
                        (72 / 16, 24, 3, 2, None, "relu"),
                        (88 / 24, 24, 3, 1, None, "relu"),
                        (4, 40, 5, 2, 0.25, "hard_swish"),
                        *[(6, 40, 5, 1, 0.25, "hard_swish")] * 2,
                        *[(3, 48, 5, 1, 0.25, "hard_swish")] * 2,
                        (6, 96, 5, 2, 0.25, "hard_swish"),
                        *[(6, 96, 5, 1, 0.25, "hard_swish")] * 2,
                    ]
                ),
                "mobilenet_v3_large": _mobilenet_v3(
                    [
                        (1, 16, 3, 1, None, "relu"),
                        (4, 24, 3, 2, None, "relu"),
                        (3, 24, 3, 1, None, "relu"),
                        (3, 40, 5, 2, 0.25, "relu"),
                        *[(3, 40, 5, 1, 0.25, "relu")] * 2,
                        (6, 80, 3, 2, None, "hard_swish"),
                        (2.5, 80, 3, 1, None, "hard_swish"),
                        *[(2.3, 80, 3, 1, None, "hard_swish")] * 2,
                        *[(6, 112, 3, 1, 0.25, "hard_swish")] * 2,
                        (6, 160, 5, 2, 0.25, "hard_swish"),
                        *[(6, 160, 5, 1, 0.25, "hard_swish")] * 2,
                    ]
                ),
            },
        ),
        "resnet": Family(
            title="ResNet",
            paper="1512.03385",
            scaling="unit",
            sizes={
                f"resnet{layers}": _resnet("ResNetBackbone", layers)
                for layers in (50, 18, 34, 101, 152)
            },
        ),
        "resnet_v2": Family(
            title="ResNet with pre-activation",
            paper="1603.05027",
            scaling="unit",
            sizes={
                f"resnet{layers}_v2": _resnet("ResNetV2Backbone", layers)
                for layers in (50, 18, 34, 101, 152)
            },
        ),
        "yolo_v8": Family(
            title="YOLOv8's encoder",
            paper="",
            scaling="unit",
            sizes={
                "yolo_v8_xs_backbone": _yolo([32, 64, 128, 256], [1, 2, 2, 1]),
                "yolo_v8_s_backbone": _yolo([64, 128, 256, 512], [1, 2, 2, 1]),
                "yolo_v8_m_backbone": _yolo([96, 192, 384, 576], [2, 4, 4, 2]),
                "yolo_v8_l_backbone": _yolo([128, 256, 512, 512], [3, 6, 6, 3]),
                "yolo_v8_xl_backbone": _yolo([160, 320, 640, 640], [3, 6, 6, 3]),
            },
        ),
    },
)
