"""The contestants of `data.py`: ways from side-by-side JPEG files to augmented batches of one pair."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from zoo.data.folder import folder
from zoo.data.loader import Loader
from zoo.data.order import chance, order

LARGER = 286 / 256  # resized to, before the crop
Batch = object
Pipeline = Callable[[], Iterator[Batch]]


def write_pairs(directory: Path, count: int, size: int) -> None:
    """Write relief and satellite pictures of the earth side by side, JPEG of quality 95."""
    from PIL import Image
    from zoo_earth.dataset import earth

    from zoo.pictures import to_uint8

    examples = earth(size=size, land_share=0.3).train
    for index in range(count):
        # Beyond the tiles, any other place and turn.
        again = index // len(examples)
        random = np.random.default_rng(index) if again else None
        example = examples.example(index % len(examples), random)
        both = np.concatenate([to_uint8(example["source"]), to_uint8(example["target"])], axis=1)
        Image.fromarray(both).save(directory / f"{index:05}.jpg", quality=95)


def zoo_pipeline(directory: Path, size: int, workers: int) -> Pipeline:
    """The dataset `folder` and the loader of every training."""
    pairs = folder(path=str(directory), size=size, test_share=0.01, verify=False)
    loader = Loader(pairs.train, 1, seed=1, shuffle=True, augment=True, workers=workers)

    def batches() -> Iterator[Batch]:
        while True:
            for index in range(len(loader)):
                yield loader[index]
            loader.epoch += 1

    return batches


def grain_pipeline(directory: Path, size: int, threads: int) -> Pipeline:
    """Grain around the same function from index and chance to example."""
    import grain

    pairs = folder(path=str(directory), size=size, test_share=0.01, verify=False).train

    def batches() -> Iterator[Batch]:
        epoch = 0
        while True:
            indices = order(len(pairs), seed=1, epoch=epoch)

            def example(position, indices=indices, epoch=epoch):
                random = chance(seed=1, epoch=epoch, position=int(position))
                return pairs.example(int(indices[position]), random)

            options = grain.ReadOptions(num_threads=threads, prefetch_buffer_size=4)
            source = grain.MapDataset.range(len(pairs)).map(example).batch(1)
            yield from source.to_iter_dataset(options)
            epoch += 1

    return batches


def tutorial_pipeline(directory: Path, size: int) -> Pipeline:
    """What TensorFlow's pix2pix tutorial does, with as many threads as tf.data chooses.

    Decode, cut into halves, resize by nearest neighbour, crop at random, mirror, scale to [-1, 1]; shuffle in a
    buffer of 400 and batch, in that order.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    larger = round(size * LARGER)

    def halves(file):
        both = tf.io.decode_jpeg(tf.io.read_file(file))
        middle = tf.shape(both)[1] // 2
        return tf.cast(both[:, :middle], tf.float32), tf.cast(both[:, middle:], tf.float32)

    def grown(picture):
        return tf.image.resize(
            picture, (larger, larger), method=tf.image.ResizeMethod.NEAREST_NEIGHBOR
        )

    @tf.function
    def jittered(source, target):
        pair = tf.stack([grown(source), grown(target)])
        source, target = tf.unstack(tf.image.random_crop(pair, (2, size, size, 3)))
        if tf.random.uniform(()) > 0.5:
            source, target = tf.image.flip_left_right(source), tf.image.flip_left_right(target)
        return source, target

    def example(file):
        source, target = jittered(*halves(file))
        return source / 127.5 - 1, target / 127.5 - 1

    files = tf.data.Dataset.list_files(str(directory / "*.jpg"))
    batches = files.map(example, num_parallel_calls=tf.data.AUTOTUNE).shuffle(400).batch(1)
    return lambda: iter(batches.repeat())
