"""Convolutions of concatenations written as sums of convolutions, so that each part can have a scale of its own."""

from __future__ import annotations

from typing import Any

import keras

# Layers that treat every channel by itself and alike.
CHANNELWISE = (
    keras.layers.ReLU,
    keras.layers.LeakyReLU,
    keras.layers.ELU,
    keras.layers.Activation,
    keras.layers.Dropout,
    keras.layers.UpSampling2D,
    keras.layers.ZeroPadding2D,
    keras.layers.Cropping2D,
)
ACROSS_CHANNELS = ("softmax", "log_softmax", "sparsemax", "glu")
# Where a kernel has its input channels.
INPUT_AXES = {keras.layers.Conv2D: 2, keras.layers.Conv2DTranspose: 3}


def split_transposed(network: keras.Model) -> keras.Model:
    """Return the network with each convolution, transposed or not, of a concatenation as a sum over its parts.

    conv(activation(concatenate(a, b))) = conv_a(activation(a)) + conv_b(activation(b)), which in float32 is the same
    but for rounding. In 8-bit integers a concatenation has one scale for all its parts, which erases a part whose
    values are small: in a U-Net the decoder's beside the skip connection's.

    Layers may stand between that treat every channel by itself and alike: activations, padding, upsampling, dropout
    (which does not drop outside training). Models within the network are left alone.

    Args:
        network: functional, channels last. It is left as it is; all other layers are shared with it. Returned itself
            if it has no such convolution.
    """
    # What the concatenated tensors, which are kept so that their ids stay theirs, consist of.
    parts: dict[int, list[Any]] = {}
    kept = []
    split = False

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal split
        of = parts.get(id(args[0])) if args else None
        of = of if kwargs.keys() <= {"training"} else None
        if of and _splits(layer):
            split = True
            return _sum_of_convolutions(layer, of)
        # Where nothing but split convolutions takes it, the new network will not contain it.
        result = layer(*args, **kwargs)
        found = None
        if _concatenates(layer):
            found = list(args[0])
        elif of and _channelwise(layer):
            found = [layer(part, **kwargs) for part in of]
        if found:
            kept.append(result)
            parts[id(result)] = found
        return result

    copy = keras.models.clone_model(network, clone_function=lambda layer: layer, call_function=call)
    return copy if split else network


def _concatenates(layer: Any) -> bool:
    return type(layer) is keras.layers.Concatenate and layer.axis in (-1, 3)


def _channelwise(layer: Any) -> bool:
    if type(layer) not in CHANNELWISE:
        return False
    function = getattr(layer, "activation", None)
    return getattr(function, "__name__", "") not in ACROSS_CHANNELS


def _splits(layer: Any) -> bool:
    # Not those of a subclass, such as spectral normalisation: the kernel they use is not the one they hold.
    return (
        type(layer) in INPUT_AXES
        and getattr(layer, "groups", 1) == 1
        and layer.data_format == "channels_last"
    )


def _sum_of_convolutions(layer: Any, parts: list[Any]) -> Any:
    """Return activation(conv_0(parts[0]) + conv_1(parts[1]) + … + bias)."""
    axis = INPUT_AXES[type(layer)]
    kernel = keras.ops.convert_to_numpy(layer.kernel)
    results, start = [], 0
    for index, part in enumerate(parts):
        first = index == 0
        of_part = type(layer).from_config(
            {
                **layer.get_config(),
                "name": f"{layer.name}_{index}",
                "activation": None,
                "use_bias": layer.use_bias and first,
                "kernel_initializer": "zeros",
            }
        )
        results.append(of_part(part))
        end = start + part.shape[-1]
        of_part.kernel.assign(kernel.take(range(start, end), axis=axis))
        if of_part.use_bias:
            of_part.bias.assign(layer.bias)
        start = end
    # All in one operation, which runtimes fuse with the activation.
    total = keras.layers.Add(name=f"{layer.name}_sum", dtype=layer.dtype_policy)(results)
    if layer.activation is keras.activations.linear:
        return total
    return keras.layers.Activation(layer.activation, name=f"{layer.name}_activation")(total)
