"""Trackers: what a run tells, its figures, pictures and recipe, where people look at many runs."""

from zoo import Register, hookimpl


@hookimpl
def register_callbacks(register: Register) -> None:
    """Register the trackers."""
    register(
        "tensorboard",
        "zoo_trackers.tensorboard:TensorBoard",
        summary="tracker: figures, samples, recipe and networks for TensorBoard, in the run directory",
        needs="tensorboard",
        extra="pix2pix-zoo[tensorboard]",
    )
    register(
        "mlflow",
        "zoo_trackers.mlflow:MLflow",
        summary="tracker: figures, samples and recipe for MLflow, at a server or in the run directory",
        needs="mlflow",
        extra="pix2pix-zoo[mlflow]",
    )
    register(
        "wandb",
        "zoo_trackers.wandb:WandB",
        summary="tracker: figures, samples and recipe for Weights & Biases, online or in the run directory",
        needs="wandb",
        extra="pix2pix-zoo[wandb]",
    )
