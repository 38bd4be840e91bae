"""Numbers of blocks and filters of designs that several libraries build, from the papers."""

# Blocks of each stack, and whether they are bottlenecks (arXiv:1512.03385, table 1).
RESNET = {
    18: ([2, 2, 2, 2], False),
    34: ([3, 4, 6, 3], False),
    50: ([3, 4, 6, 3], True),
    101: ([3, 4, 23, 3], True),
    152: ([3, 8, 36, 3], True),
    200: ([3, 12, 48, 3], True),
}

# Layers of each dense block (arXiv:1608.06993, table 1).
DENSENET = {121: [6, 12, 24, 16], 169: [6, 12, 32, 32], 201: [6, 12, 48, 32]}

# Transformer blocks and channels of each stage (arXiv:2105.15203, table 6).
MIT = {
    0: ([2, 2, 2, 2], [32, 64, 160, 256]),
    1: ([2, 2, 2, 2], [64, 128, 320, 512]),
    2: ([3, 4, 6, 3], [64, 128, 320, 512]),
    3: ([3, 4, 18, 3], [64, 128, 320, 512]),
    4: ([3, 8, 27, 3], [64, 128, 320, 512]),
    5: ([3, 6, 40, 3], [64, 128, 320, 512]),
}

# Factors of width and depth of EfficientNet B0 to B7 (arXiv:1905.11946).
EFFICIENTNET = {
    0: (1.0, 1.0),
    1: (1.0, 1.1),
    2: (1.1, 1.2),
    3: (1.2, 1.4),
    4: (1.4, 1.8),
    5: (1.6, 2.2),
    6: (1.8, 2.6),
    7: (2.0, 3.1),
}

# The stages of EfficientNet B0, as KerasCV and KerasHub call them (arXiv:1905.11946, table 1).
EFFICIENTNET_STAGES = {
    "stackwise_kernel_sizes": [3, 3, 5, 3, 5, 5, 3],
    "stackwise_num_repeats": [1, 2, 2, 3, 3, 4, 1],
    "stackwise_input_filters": [32, 16, 24, 40, 80, 112, 192],
    "stackwise_output_filters": [16, 24, 40, 80, 112, 192, 320],
    "stackwise_expansion_ratios": [1, 6, 6, 6, 6, 6, 6],
    "stackwise_strides": [1, 2, 2, 2, 1, 2, 1],
}
