"""A web page that translates in the visitor's own browser; any web server can host it, none has to compute."""

from __future__ import annotations

import inspect
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from zoo import ONNX, Material, Runtime, Tolerance, Translator, ZooError, shared_assets
from zoo.pictures import PictureFormat, write_picture

PAGE = Path(__file__).parents[1] / "page"
LICENSE = Path(__file__).parent / "onnxruntime-LICENSE.txt"
MOST_SAMPLES = 8
# What the band of tiles, the picture and its translation need fits into a phone's memory.
MOST_PIXELS = 50_000_000
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "img-src 'self' blob: data:; media-src blob:; base-uri 'none'; form-action 'none'"
)
TRANSLATOR = '<meta name="zoo-translator" content="{}">'
TOLERANCES = {
    "float32": Tolerance(difference=1e-4),
    "float16": Tolerance(psnr=60.0),
    "int8": Tolerance(psnr=45.0),
}


@dataclass(frozen=True)
class Web:
    """A folder with the page, the network as `model.onnx`, and onnxruntime-web.

    Args:
        precision: of the weights in the file, which visitors download. All are computed with in float32: the
            smaller ones lose a little exactness and no speed.
        runtime: folder or npm package of onnxruntime-web; None takes the cache, or downloads the files once.
    """

    precision: Literal["float32", "float16", "int8"] = "int8"
    runtime: Path | None = None

    label = "web"

    @property
    def tolerance(self) -> Tolerance:
        """That of the precision."""
        return TOLERANCES[self.precision]

    def write(self, material: Material, folder: Path) -> None:
        """Write the page.

        Raises:
            ZooError: if browsers cannot read or write the run's pictures, the network cannot be written as ONNX,
                or onnxruntime-web cannot be had.
        """
        from zoo_web.offline.runtime import runtime_files

        _check_pictures(material.formats.source, material.formats.target)
        files = runtime_files(self.runtime)
        ONNX().write(material, folder)
        if self.precision != "float32":
            _shrink(folder / ONNX.file, self.precision)
        (folder / "runtime").mkdir()
        for name, content in files.items():
            (folder / "runtime" / name).write_bytes(content)
        shutil.copyfile(LICENSE, folder / "runtime" / "LICENSE.txt")
        _write_page(folder)
        about = json.dumps(_info(material, folder), indent=2)
        (folder / "info.json").write_text(f"{about}\n", encoding="utf-8")

    def open(self, folder: Path, threads: int | None = None) -> Runtime:
        """Open the page's `model.onnx` with onnxruntime on the processor."""
        return ONNX().open(folder, threads)


def _check_pictures(source: PictureFormat, target: PictureFormat) -> None:
    """See whether browsers read the sources, and whether the page can write the translations."""
    if source.dtype != "uint8" or not _shown(source):
        raise ZooError(
            "a web page cannot read the run's pictures: browsers read colours and grey of 8 bits, and these have "
            f"{_told(source)}; use 'zoo serve'"
        )
    if target.dtype not in ("uint8", "uint16") or not _shown(target):
        raise ZooError(
            "a web page cannot write the run's translations: it writes colours and grey of 8 or 16 bits, and these "
            f"have {_told(target)}; use 'zoo serve'"
        )


def _shown(form: PictureFormat) -> bool:
    return bool(form.classes) or form.channels in ("rgb", "grey", 1, 3)


def _told(form: PictureFormat) -> str:
    return f"the channels {form.channels} of {form.dtype}"


def _shrink(file: Path, precision: str) -> None:
    import onnx

    from zoo_web.offline.weights import shrink

    model = onnx.load(str(file))
    shrink(model, precision)
    onnx.checker.check_model(model)
    onnx.save_model(model, str(file))


def _write_page(folder: Path) -> None:
    """Write the files of the page that `zoo serve` has; what it says of itself is that the browser translates."""
    for file in sorted((*PAGE.iterdir(), *shared_assets().iterdir())):
        shutil.copyfile(file, folder / file.name)
    index = folder / "index.html"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    html = index.read_text(encoding="utf-8")
    declared = f"{TRANSLATOR.format('browser')}\n{policy}"
    index.write_text(html.replace(TRANSLATOR.format("server"), declared, 1), encoding="utf-8")


def _info(material: Material, folder: Path) -> dict[str, Any]:
    """Return what the page has to know, after writing the samples that it lists."""
    samples = []
    for number, picture in enumerate(material.held_out[:MOST_SAMPLES], start=1):
        name = f"samples/{number:04d}.png"
        write_picture(folder / name, material.formats.source.from_network(picture))
        samples.append({"name": f"{number:04d}.png", "url": name})
    height, width, _ = material.input_shape
    overlap = inspect.signature(Translator).parameters["overlap"].default
    return {
        "name": material.name,
        "size": [height, width],
        "overlap": overlap,
        "alignment": material.alignment,
        "source": material.formats.source.as_json(),
        "target": material.formats.target.as_json(),
        "limits": {"pixels": MOST_PIXELS},
        "samples": samples,
        "token": False,
        "model": {
            "file": ONNX.file,
            "bytes": (folder / ONNX.file).stat().st_size,
            "input": ONNX.input,
            "output": ONNX.output,
            "batch": ONNX.batch,
        },
    }
