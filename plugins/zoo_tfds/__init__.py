"""TensorFlow Datasets: the published collections of pix2pix and CycleGAN, and any other with pictures."""

from zoo import Register, hookimpl


@hookimpl
def register_datasets(register: Register) -> None:
    """Register the dataset `tfds`."""
    register(
        "tfds",
        "zoo_tfds.dataset:tfds",
        summary="TensorFlow Datasets: pix2pix/facades, cycle_gan/horse2zebra and any other with pictures",
    )
