"""What Keras's own classes can do with their arguments, which their signatures do not say.

Keras takes a learning rate of -1 and trains away from what is wanted; a recipe is refused instead.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from zoo.registry.run_path import RunPath

NotNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
# Of the running mean of something: at 1 nothing new would ever count.
Momentum = Annotated[float, Field(ge=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]

OPTIMIZERS: dict[str, Any] = {
    "learning_rate": Annotated[float, Field(ge=0, le=1000)],
    "beta_1": Momentum,
    "beta_2": Momentum,
    "adam_beta_1": Momentum,
    "adam_beta_2": Momentum,
    "rho": Momentum,
    "momentum": Momentum,
    "ema_momentum": Share,
    "epsilon": Positive,
    "epsilon_1": Positive,
    "epsilon_2": Positive,
    "weight_decay": NotNegative | None,
    "adam_weight_decay": NotNegative,
    "clipnorm": Positive | None,
    "clipvalue": Positive | None,
    "global_clipnorm": Positive | None,
    "clip_threshold": Positive,
    "loss_scale_factor": Positive | None,
    "ema_overwrite_frequency": Annotated[int, Field(ge=1, lt=2**31)] | None,
    "gradient_accumulation_steps": Annotated[int, Field(ge=2, lt=2**31)] | None,
    "initial_accumulator_value": NotNegative,
    "l1_regularization_strength": NotNegative,
    "l2_regularization_strength": NotNegative,
    "l2_shrinkage_regularization_strength": NotNegative,
    "warmup_steps": Annotated[int, Field(ge=0, lt=2**31)],
    "ns_steps": Annotated[int, Field(ge=1, le=100)],
}
LOSSES: dict[str, Any] = {
    "delta": Positive,
    "label_smoothing": Share,
    "gamma": NotNegative,
    "margin": NotNegative,
    "alpha": Share,
    "beta": Share,
    "reduction": Literal["sum_over_batch_size", "mean", "sum", "none", "mean_with_sample_weight"]
    | None,
    "q": Annotated[float, Field(gt=0, le=1)],
}
# Their states are as long, or as long and as wide, as these say.
METRICS: dict[str, Any] = {
    "num_thresholds": Annotated[int, Field(ge=2, le=10_000)],
    "num_classes": Annotated[int, Field(ge=2, le=1_000)],
}
CALLBACKS: dict[str, Any] = {
    "filepath": RunPath,
    "filename": RunPath,
    "log_dir": RunPath,
    "monitor": str,
    "mode": Literal["auto", "min", "max"],
    "patience": Annotated[int, Field(ge=0)],
    "cooldown": Annotated[int, Field(ge=0)],
    "factor": Annotated[float, Field(gt=0, lt=1)],
    "min_delta": NotNegative,
    "min_lr": NotNegative,
    "start_from_epoch": Annotated[int, Field(ge=0)],
}
RANGES = {
    "keras.optimizers": OPTIMIZERS,
    "keras.losses": LOSSES,
    "keras.metrics": METRICS,
    "keras.callbacks": CALLBACKS,
}
