"""What a recipe says of the way of pictures to a network's size, in every dataset of people's own pictures."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from pydantic import Field

Preprocess = Literal["resize_and_crop", "crop", "scale_width", "scale_width_and_crop", "none"]


class GeometryOptions(TypedDict, total=False):
    """How pictures come to one size and how they are augmented, but for their colours."""

    size: Annotated[
        int | tuple[int, int],
        Field(
            default=256, description="height and width in pixels, one number for a square or two."
        ),
    ]
    preprocess: Annotated[
        Preprocess,
        Field(
            default="resize_and_crop",
            description="how pictures come to that size: `resize_and_crop`; `crop`, as they are; "
            "`scale_width_and_crop`, keeping their proportions; `scale_width`, to its width alone; "
            "`none`, as they are, all of one size.",
        ),
    ]
    multiple: Annotated[
        int,
        Field(
            default=1,
            ge=1,
            description="with `scale_width` and `none`, continue pictures by their mirror image until height and "
            "width are multiples of this, as networks need it.",
        ),
    ]
    flip: Annotated[
        bool,
        Field(default=True, description="mirror half of the training examples left to right."),
    ]
    turns: Annotated[
        bool,
        Field(
            default=False,
            description="turn training examples by 0, 90, 180 or 270 degrees; needs a square size.",
        ),
    ]
    jitter: Annotated[
        float,
        Field(
            default=0.117,
            ge=0,
            le=1,
            description="resize training examples to 1 + jitter times the size, then crop the size at random; 0.117"
            " makes 286 of 256 pixels as the paper does.",
        ),
    ]
    rotate: Annotated[
        float,
        Field(
            default=0.0,
            ge=0,
            le=180,
            description="rotate training examples by up to so many degrees either way.",
        ),
    ]
    scale: Annotated[
        float,
        Field(
            default=0.0,
            ge=0,
            le=1,
            description="zoom into or out of training examples by a factor of up to 1 + scale.",
        ),
    ]


class PreparationOptions(GeometryOptions, total=False):
    """How pictures come to one size and how they are augmented, colours too."""

    colour: Annotated[
        float,
        Field(
            default=0.0,
            ge=0,
            le=1,
            description="change brightness, contrast and saturation of training sources by a factor of up to 1 + "
            "colour.",
        ),
    ]
