"""The collections that were published with pix2pix, as a builder of TensorFlow Datasets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tensorflow_datasets as tfds
from etils import epath

ADDRESS = "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets/"
HOMEPAGE = "https://phillipi.github.io/pix2pix/"
PAPER = """\
@inproceedings{isola2017image,
  title={Image-to-Image Translation with Conditional Adversarial Networks},
  author={Isola, Phillip and Zhu, Jun-Yan and Zhou, Tinghui and Efros, Alexei A},
  booktitle={Computer Vision and Pattern Recognition (CVPR)},
  year={2017}
}"""
FACADES = """\
@inproceedings{tylecek2013spatial,
  title={Spatial Pattern Templates for Recognition of Objects with Regular Structure},
  author={Tyle{\\v c}ek, Radim and {\\v S}{\\'a}ra, Radim},
  booktitle={German Conference on Pattern Recognition (GCPR)},
  year={2013}
}"""
CITYSCAPES = """\
@inproceedings{cordts2016cityscapes,
  title={The Cityscapes Dataset for Semantic Urban Scene Understanding},
  author={Cordts, Marius and others},
  booktitle={Computer Vision and Pattern Recognition (CVPR)},
  year={2016}
}"""
SHOES = """\
@inproceedings{yu2014fine,
  title={Fine-Grained Visual Comparisons with Local Learning},
  author={Yu, Aron and Grauman, Kristen},
  booktitle={Computer Vision and Pattern Recognition (CVPR)},
  year={2014}
}"""
HANDBAGS = """\
@inproceedings{zhu2016generative,
  title={Generative Visual Manipulation on the Natural Image Manifold},
  author={Zhu, Jun-Yan and Kr{\\"a}henb{\\"u}hl, Philipp and Shechtman, Eli and Efros, Alexei A},
  booktitle={European Conference on Computer Vision (ECCV)},
  year={2016}
}"""
NIGHTS = """\
@article{laffont2014transient,
  title={Transient Attributes for High-Level Understanding and Editing of Outdoor Scenes},
  author={Laffont, Pierre-Yves and Ren, Zhile and Tao, Xiaofeng and Qian, Chao and Hays, James},
  journal={ACM Transactions on Graphics (SIGGRAPH)},
  year={2014}
}"""


@dataclass(frozen=True)
class Collection:
    """What is known of a collection.

    Args:
        shows: what is on the left and on the right.
        citations: of the pictures, beside the paper's.
        splits: names of the folders in the archive.
    """

    shows: str
    citations: tuple[str, ...] = ()
    splits: tuple[str, ...] = ("train", "val")


COLLECTIONS = {
    "facades": Collection(
        "a photograph of a facade, and a label map of its parts in colours",
        (FACADES,),
        ("train", "val", "test"),
    ),
    "maps": Collection("an aerial photograph, and a map of the same place"),
    "cityscapes": Collection(
        "a photograph of a street, and a label map of it in colours", (CITYSCAPES,)
    ),
    "edges2shoes": Collection("edges of a shoe, and a photograph of it", (SHOES,)),
    "edges2handbags": Collection("edges of a handbag, and a photograph of it", (HANDBAGS,)),
    "night2day": Collection(
        "a place at night, and the same place by day", (NIGHTS,), ("train", "val", "test")
    ),
}


def address(name: str) -> str:
    """Return where the archive of a collection is published."""
    return f"{ADDRESS}{name}.tar.gz"


class Pix2pix(tfds.core.GeneratorBasedBuilder):
    """Pairs side by side in one picture, A on its left half, as they were published with pix2pix (arXiv 1611.07004).

    One picture is one example, its file untouched: cutting it apart would mean to encode JPEG again. The archives have
    no published checksums; TensorFlow Datasets' own command registers those of the files that one has.
    """

    name = "pix2pix"
    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "The archives as they were published."}  # noqa: RUF012 - the base class's way
    BUILDER_CONFIGS = [  # noqa: RUF012
        tfds.core.BuilderConfig(name=name, description=f"Side by side {collection.shows}.")
        for name, collection in COLLECTIONS.items()
    ]

    @property
    def _collection(self) -> Collection:
        return COLLECTIONS[self.builder_config.name]

    def _info(self) -> tfds.core.DatasetInfo:
        return tfds.core.DatasetInfo(
            builder=self,
            description=f"Pairs that were published with pix2pix: {self._collection.shows}.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(None, None, 3)),
                    "name": tfds.features.Text(),
                }
            ),
            homepage=HOMEPAGE,
            citation="\n".join([PAPER, *self._collection.citations]),
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Any]:
        name = self.builder_config.name
        folder = dl_manager.download_and_extract(address(name)) / name
        return {split: self._generate_examples(folder / split) for split in self._collection.splits}

    def _generate_examples(self, folder: epath.Path) -> Iterator[tuple[str, dict[str, Any]]]:
        for path in sorted(folder.glob("*.jpg")):
            yield path.stem, {"image": path.read_bytes(), "name": path.stem}
