"""A run's directory as a training and its evaluation leave it, written without either."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np

from zoo.pictures import write_picture
from zoo.pictures.grid_file import write_grid

METRICS = {
    "psnr": 18.734,
    "l1": 0.2171,
    "sharpness": 3.25,
    "epochs": 3,
    "steps": 1200,
    "seconds": 331.2,
    "images_per_second": 21.434,
    "peak_memory_bytes": 2_345_000_000,
    "status": "completed",
    "train_examples": 400,
    "test_examples": 61,
    "dataset": "relief <to> satellite",
}
ENVIRONMENT = {
    "backend": "jax",
    "versions": {"keras": "3.15.1"},
    "processors": 2,
    "command": ["zoo", "train", "my <recipe>.yaml"],
}
RECIPE = """\
# <script>alert(1)</script>
model:
  name: pix2pix
optimizers:
  generator:
    name: adam
    learning_rate: {rate}
  discriminator:
    name: adam
losses:
  reconstruction:
    - name: l1
      weight: 100
training:
  epochs: {epochs}
"""
COLUMNS = (
    "generator_adversarial",
    "generator_l1",
    "discriminator_real",
    "discriminator_fake",
    "discriminator_accuracy",
    "learning_rate_generator",
    "val_l1",
    "val_psnr",
)


def write_run(
    run: Path,
    *,
    epochs: int = 3,
    seed: int = 0,
    rate: float = 2e-4,
    gain: float = 0.0,
    samples: bool = True,
) -> Path:
    """Write a finished run with its evaluation.

    Args:
        run: the directory, made with its parents.
        epochs: of the history, and samples of each.
        seed: of all that is drawn.
        rate: the recipe's learning rate.
        gain: dB by which every picture is better than the seed says.
        samples: whether there are sample grids.
    """
    run.mkdir(parents=True)
    steps = 400 * epochs
    _write_json(run / "metrics.json", {**METRICS, "epochs": epochs, "steps": steps})
    _write_json(run / "environment.json", ENVIRONMENT)
    (run / "recipe.yaml").write_text(RECIPE.format(rate=rate, epochs=epochs))
    parent = {
        "model": {"name": "pix2pix"},
        "optimizers": {
            "generator": {"name": "adam", "learning_rate": 2e-4},
            "discriminator": {"name": "adam"},
        },
        "losses": {"reconstruction": [{"name": "l1", "weight": 100}]},
        "training": {"epochs": 19},
    }
    _write_json(run / "parent.json", {"name": "earth", "recipe": parent})
    (run / "skipped.txt").write_text("a & b.png: unreadable\nc.png: no partner\n")
    write_history(run, epochs, np.random.default_rng(seed))
    for epoch in range(epochs + 1 if samples else 0):
        draw_sample(run, epoch)
    write_evaluation(run, np.random.default_rng(seed), gain)
    return run


def write_history(run: Path, epochs: int, random: np.random.Generator) -> None:
    """Write a history of losses that fall and figures that rise, with some noise."""
    lines = [",".join(("epoch", "step", "seconds", *COLUMNS))]
    for epoch in range(1, epochs + 1):
        falls = 1 / (1 + epoch / 5)
        values = (
            *(1.2 - 0.3 * falls, 40 * falls**2, 0.4 + 0.2 * falls, 0.5 + 0.1 * falls),
            *(0.9 - 0.3 * falls, 2e-4 * falls, 0.4 * falls, 19 - 4 * falls),
        )
        noisy = (f"{value * random.normal(1, 0.02):.7g}" for value in values)
        lines.append(",".join((str(epoch), str(400 * epoch), f"{110.4 * epoch:.1f}", *noisy)))
    (run / "history.csv").write_text("\n".join(lines) + "\n")


def draw_sample(run: Path, epoch: int, rows: int = 2) -> None:
    """Write the sample grid of an epoch: what is translated comes closer to the target."""
    sources = [scene(row) for row in range(rows)]
    targets = [source[..., ::-1] for source in sources]
    share = epoch / (epoch + 3)
    translated = [share * target for target in targets]
    columns = {"source": sources, "translated": translated, "target": targets}
    write_grid(run / "samples" / f"epoch-{epoch:04d}.png", columns)


def scene(seed: int, size: int = 64) -> np.ndarray:
    """A smooth picture, float32 (size, size, 3) in [-1, 1]."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    waves = [
        np.sin(2 * np.pi * (random.uniform(0.5, 3) * x + random.uniform(0.5, 3) * y) + phase)
        for phase in random.uniform(0, 6, 3)
    ]
    return np.stack(waves, axis=-1).astype(np.float32) * 0.9


def write_evaluation(run: Path, random: np.random.Generator, gain: float = 0.0) -> None:
    """Write `evaluation/` as `zoo evaluate` does."""
    folder = run / "evaluation"
    psnr = np.sort(random.normal(18.5, 2, 28))[::-1] + gain
    names = [f"tile-{index:04d} & <b>" for index in range(28)]
    with _opened(folder / "pictures.csv") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "psnr", "l1"])
        writer.writerows(
            [name, repr(float(value)), repr(float(4 / value))]
            for name, value in zip(names, psnr, strict=True)
        )
    ranks = {
        **dict.fromkeys((0, 1, 2), "best"),
        **dict.fromkeys((13, 14, 15), "median"),
        **dict.fromkeys((25, 26, 27), "worst"),
    }
    examples = []
    for number, (index, rank) in enumerate(ranks.items(), start=1):
        source = scene(index)
        sides = {
            "source": source,
            "target": source[..., ::-1],
            "translated": 0.8 * source[..., ::-1],
            "difference": np.abs(0.2 * source[..., ::-1]) * 2 - 1,
        }
        paths = {side: f"examples/{number:04d}-{side}.png" for side in sides}
        for side, values in sides.items():
            write_picture(folder / paths[side], np.uint8(np.clip(values + 1, 0, 2) * 127.5))
        figures = {"psnr": float(psnr[index]), "l1": float(4 / psnr[index])}
        examples.append({"name": names[index], "rank": rank, "figures": figures, **paths})
    mean = float(psnr.mean())
    y, x = np.mgrid[:16, :16] / 15 - 0.5
    _write_json(
        folder / "figures.json",
        {
            "format": 1,
            "model": run.name,
            "data": "61 held-out tiles of <relief>",
            "pictures": 28,
            "primary": "psnr",
            "seconds": 3.2,
            "created": "2026-11-30T12:00:00Z",
            "checkpoint": "generator.keras",
            "figures": {
                "l1": figure(
                    "L1", 4 / mean, 0.205, 0.226, "", "lower", mean_colour=0.31, source=0.36
                ),
                "psnr": figure(
                    "PSNR",
                    mean,
                    mean - 0.7,
                    mean + 0.7,
                    "dB",
                    "higher",
                    mean_colour=15.1,
                    source=14.8,
                ),
                "fid": {
                    **figure("FID", 143.0, None, None, "", "lower"),
                    "note": "FID is biased below 2,000 pictures.",
                },
            },
            "examples": examples,
            "error_by_position": {
                "rows": 16,
                "columns": 16,
                "values": (0.12 + 0.5 * (x**2 + y**2)).tolist(),
            },
            "error_by_brightness": {
                "edges": [round(edge, 1) for edge in np.linspace(-1, 1, 11).tolist()],
                "values": [0.31, 0.22, 0.16, 0.13, 0.12, 0.14, 0.19, 0.26, None, 0.41],
                "pictures": [28, 28, 27, 28, 28, 26, 20, 9, 0, 3],
            },
        },
    )


def figure(
    label: str,
    value: float,
    low: float | None,
    high: float | None,
    unit: str,
    better: str,
    **baselines: float,
) -> dict[str, Any]:
    """An entry of `figures.json`."""
    confidence = None if low is None else 0.95
    return {
        "label": label,
        "value": value,
        "low": low,
        "high": high,
        "confidence": confidence,
        "unit": unit,
        "better": better,
        "pictures": 28,
        "note": None,
        "baselines": baselines,
    }


def warn(run: Path, *epochs: int, kind: str = "discriminator_too_strong") -> None:
    """Write lines of `warnings.jsonl`."""
    with (run / "warnings.jsonl").open("a") as file:
        for epoch in epochs:
            warning = {
                "epoch": epoch,
                "step": 400 * epoch,
                "kind": kind,
                "message": "The discriminator tells nearly all fakes; try a <lower> learning rate for it.",
                "docs": f"docs/troubleshooting.md#{kind.replace('_', '-')}",
            }
            file.write(json.dumps(warning) + "\n")


def _opened(path: Path) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("w", encoding="utf-8", newline="")


def _write_json(path: Path, value: Any) -> None:
    with _opened(path) as file:
        json.dump(value, file)
