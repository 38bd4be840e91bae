"""What is measured and written when a training has ended."""

from __future__ import annotations

from zoo.evaluation.evaluate import FOLDER, evaluate_network, usual_metrics
from zoo.evaluation.evaluation import Evaluation
from zoo.evaluation.own_data import held_out_of
from zoo.memory import peak_memory_bytes
from zoo.runs import files
from zoo.runs.best import best_epoch, figures_by_epoch
from zoo.runs.history import read_history
from zoo.runs.run import Run
from zoo.training.callbacks.progress import Progress
from zoo.training.experiment import Experiment


def evaluate_run(experiment: Experiment, run: Run) -> Evaluation:
    """Measure the held-out pictures; also without any metrics in the recipe, by the usual ones."""
    dataset, sections = experiment.dataset, experiment.recipe.sections
    metrics = experiment.model.held_out_metrics.all
    if not metrics and dataset.test_paired:
        height, width = dataset.target_shape[:2]
        metrics = usual_metrics(dataset.formats.target, (height, width), experiment.recipe.host)
    return evaluate_network(
        experiment.model.predict_on_batch,
        held_out_of(run.path, dataset),
        metrics,
        run.path / FOLDER,
        model=run.path.resolve().name,
        checkpoint=files.GENERATOR,
        wanted=sections.checkpoints.best.monitor.removeprefix("val_"),
        # For as many pictures as the sample grids have, the network is compiled already.
        batch_size=sections.evaluation.samples or sections.training.batch_size,
        workers=sections.training.workers,
    )


def better_epoch_sentence(experiment: Experiment, run: Run) -> str:
    """Say which epoch was better than the last, if its generator was kept; empty if none was."""
    history, best = run.path / files.HISTORY, run.path / files.BEST
    if not (history.is_file() and best.is_file()):
        return ""
    monitor = experiment.recipe.sections.checkpoints.best.monitor
    figures = figures_by_epoch(read_history(history), monitor)
    epoch, last = best_epoch(figures, experiment.best_mode), max(figures, default=0)
    if epoch is None or epoch == last or figures[epoch] == figures[last]:
        return ""
    return (
        f"epoch {epoch} was better than the last one: {monitor} {figures[epoch]:.4g} against {figures[last]:.4g}; "
        f"use its generator with --checkpoint best, as in: zoo evaluate {run.path} --checkpoint best"
    )


def write_metrics(
    experiment: Experiment,
    run: Run,
    figures: dict[str, float],
    seconds: float,
    progress: Progress,
    status: str | None,
    stopped_by: str | None,
) -> None:
    """Write `metrics.json`.

    Args:
        experiment: trained.
        run: its directory.
        figures: on held-out pictures, by name.
        seconds: that the training took, all its parts together.
        progress: which knows the speed.
        status: if it is none of `completed` and `stopped`.
        stopped_by: name of the signal that stopped it.
    """
    steps = experiment.trained_steps
    epochs = steps // experiment.steps_per_epoch
    files.write_json(
        run.path / files.METRICS,
        {
            **{name: float(value) for name, value in figures.items()},
            "epochs": epochs,
            "steps": steps,
            "seconds": round(seconds, 2),
            "images_per_second": round(progress.images_per_second, 2),
            **({} if (peak := peak_memory_bytes()) is None else {"peak_memory_bytes": peak}),
            "status": status or ("completed" if epochs >= experiment.epochs else "stopped"),
            **({"stopped_by": stopped_by} if stopped_by else {}),
            "train_examples": len(experiment.dataset.train),
            "test_examples": len(experiment.dataset.test),
            "dataset": experiment.dataset.summary,
            "data_licence": experiment.recipe.sections.card.data_licence
            or experiment.dataset.licence,
        },
    )


def held_out_sentence(experiment: Experiment, figures: dict[str, float]) -> str:
    """Return the figures on held-out pictures in a line."""
    told = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
    if not told:
        told = (
            "no metrics asked for"
            if experiment.dataset.test_paired
            else "not pairs, so no metric compares them; look at the samples"
        )
    return f"held-out pictures ({len(experiment.dataset.test)}): {told}"
