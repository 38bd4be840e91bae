"""The reference implementation's networks, as short as PyTorch has them, with its places in the sequences."""

from __future__ import annotations

import torch
from torch import nn

NORMS = ("batch", "instance", "none")


def normalization(norm, channels):
    if norm == "batch":
        return nn.BatchNorm2d(channels)
    return nn.InstanceNorm2d(channels) if norm == "instance" else nn.Identity()


class Level(nn.Module):
    """A level of the U-Net, with all levels below it."""

    def __init__(self, layers):
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return torch.cat([x, self.model(x)], 1)


class UNet(nn.Module):
    def __init__(self, inputs, outputs, depth, filters, norm, dropout):
        super().__init__()
        bias = norm == "instance"
        widths = [filters * min(2**level, 8) for level in range(depth)]
        inner = None
        for level in range(depth, 1, -1):
            outer, width = widths[level - 2], widths[level - 1]
            down = [nn.LeakyReLU(0.2), nn.Conv2d(outer, width, 4, 2, 1, bias=bias)]
            wide = width
            if inner is not None:
                down += [normalization(norm, width), inner]
                wide = 2 * width
            up = [nn.ReLU(), nn.ConvTranspose2d(wide, outer, 4, 2, 1, bias=bias)]
            up.append(normalization(norm, outer))
            if dropout and 5 <= level < depth:
                up.append(nn.Dropout(0.5))
            inner = Level(down + up)
        self.model = Level([])
        self.model.model = nn.Sequential(
            nn.Conv2d(inputs, filters, 4, 2, 1, bias=bias),
            inner,
            nn.ReLU(),
            nn.ConvTranspose2d(2 * filters, outputs, 4, 2, 1),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.model.model(x)


class Block(nn.Module):
    def __init__(self, channels, norm, dropout, padding):
        super().__init__()
        layers = []
        for number in (1, 2):
            if padding == "reflect":
                layers.append(nn.ReflectionPad2d(1))
            around = 1 if padding == "zero" else 0
            layers.append(nn.Conv2d(channels, channels, 3, 1, around, bias=norm == "instance"))
            layers.append(normalization(norm, channels))
            if number == 1:
                layers += [nn.ReLU(), *([nn.Dropout(0.5)] if dropout else [])]
        self.conv_block = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.conv_block(x)


class ResNet(nn.Module):
    def __init__(self, inputs, outputs, blocks, filters, norm, dropout, padding):
        super().__init__()
        bias = norm == "instance"

        def normalized(convolution):
            return [convolution, normalization(norm, convolution.out_channels), nn.ReLU()]

        def down(width):
            return normalized(nn.Conv2d(width, 2 * width, 3, 2, 1, bias=bias))

        def up(width):
            return normalized(nn.ConvTranspose2d(2 * width, width, 3, 2, 1, 1, bias=bias))

        self.model = nn.Sequential(
            nn.ReflectionPad2d(3),
            *normalized(nn.Conv2d(inputs, filters, 7, bias=bias)),
            *down(filters),
            *down(2 * filters),
            *(Block(4 * filters, norm, dropout, padding) for _ in range(blocks)),
            *up(2 * filters),
            *up(filters),
            nn.ReflectionPad2d(3),
            nn.Conv2d(filters, outputs, 7),
            nn.Tanh(),
        )

    def forward(self, x):
        return self.model(x)


class PatchGAN(nn.Module):
    def __init__(self, inputs, layers, filters, norm):
        super().__init__()
        widths = [filters * min(2**layer, 8) for layer in range(layers + 1)]
        parts = [nn.Conv2d(inputs, filters, 4, 2, 1), nn.LeakyReLU(0.2)]
        for layer in range(1, layers + 1):
            stride = 2 if layer < layers else 1
            bias = norm == "instance"
            parts += [
                nn.Conv2d(widths[layer - 1], widths[layer], 4, stride, 1, bias=bias),
                normalization(norm, widths[layer]),
                nn.LeakyReLU(0.2),
            ]
        self.model = nn.Sequential(*parts, nn.Conv2d(widths[-1], 1, 4, 1, 1))

    def forward(self, x):
        return self.model(x)


class PixelGAN(nn.Module):
    def __init__(self, inputs, filters, norm):
        super().__init__()
        bias = norm == "instance"
        self.net = nn.Sequential(
            nn.Conv2d(inputs, filters, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(filters, 2 * filters, 1, bias=bias),
            normalization(norm, 2 * filters),
            nn.LeakyReLU(0.2),
            nn.Conv2d(2 * filters, 1, 1, bias=bias),
        )

    def forward(self, x):
        return self.net(x)


def randomized(network):
    """The network in `eval()`, with every weight and running statistic drawn anew; variances are positive."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                value.normal_(0.0, 0.3, generator=generator)
            if value.ndim == 4:
                # So that no signal grows from layer to layer where nothing normalises it.
                value.mul_(4 / value[0].numel() ** 0.5)
            elif name.endswith(".weight"):
                value.add_(1)
            if name.endswith("running_var"):
                value.abs_().add_(0.5)
    return network.eval()
