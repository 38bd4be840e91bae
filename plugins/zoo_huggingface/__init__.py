"""Datasets of Hugging Face's library `datasets`: from the hub, or from Parquet, WebDataset and other local files."""

from zoo import Register, hookimpl


@hookimpl
def register_datasets(register: Register) -> None:
    """Register the dataset `huggingface`."""
    register(
        "huggingface",
        "zoo_huggingface.dataset:huggingface",
        summary="two columns of pictures of a Hugging Face dataset: hub, Parquet, WebDataset, image folder",
        needs="datasets",
        extra="pix2pix-zoo[huggingface]",
    )
