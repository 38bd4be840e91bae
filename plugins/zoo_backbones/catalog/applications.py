"""The networks of keras.applications whose features halve height and width step by step.

Left out: Inception, InceptionResNet, Xception and NASNet, whose convolutions without padding make feature maps of
other sizes than halves.
"""

from __future__ import annotations

from typing import Any

from zoo_backbones.catalog.library import Family, Library, Scaling, Size


def _family(title: str, paper: str, scaling: Scaling, *builders: str, **arguments: Any) -> Family:
    sizes = {builder.lower(): Size(builder, arguments) for builder in builders}
    return Family(title=title, paper=paper, sizes=sizes, scaling=scaling)


APPLICATIONS = Library(
    name="applications",
    title="keras.applications",
    needs="keras",
    families={
        "convnext": _family(
            "ConvNeXt",
            "2201.03545",
            "torch",
            "ConvNeXtTiny",
            "ConvNeXtSmall",
            "ConvNeXtBase",
            "ConvNeXtLarge",
            "ConvNeXtXLarge",
            # Its own takes three channels only.
            include_preprocessing=False,
        ),
        "densenet": _family(
            "DenseNet", "1608.06993", "torch", "DenseNet121", "DenseNet169", "DenseNet201"
        ),
        "efficientnet": _family(
            "EfficientNet",
            "1905.11946",
            "bytes",
            *(f"EfficientNetB{number}" for number in range(8)),
        ),
        "efficientnetv2": _family(
            "EfficientNetV2",
            "2104.00298",
            "bytes",
            *(f"EfficientNetV2{size}" for size in ("B0", "B1", "B2", "B3", "S", "M", "L")),
        ),
        "mobilenet": _family("MobileNet", "1704.04861", "tf", "MobileNet"),
        "mobilenetv2": _family("MobileNetV2", "1801.04381", "tf", "MobileNetV2"),
        "mobilenetv3": _family(
            "MobileNetV3", "1905.02244", "bytes", "MobileNetV3Small", "MobileNetV3Large"
        ),
        "resnet": _family("ResNet", "1512.03385", "caffe", "ResNet50", "ResNet101", "ResNet152"),
        "resnetv2": _family(
            "ResNet with pre-activation",
            "1603.05027",
            "tf",
            "ResNet50V2",
            "ResNet101V2",
            "ResNet152V2",
        ),
        "vgg": _family("VGG", "1409.1556", "caffe", "VGG16", "VGG19"),
    },
)
