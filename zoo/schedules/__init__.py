"""Courses of the learning rate over training."""

from zoo.schedules.figures import FigureSchedule, Plateau, plateau, require_figure
from zoo.schedules.steps import LinearDecay, StepDecay, constant, cosine, linear_decay, step
from zoo.schedules.warmup import WarmUp, warmed_up

__all__ = [
    "FigureSchedule",
    "LinearDecay",
    "Plateau",
    "StepDecay",
    "WarmUp",
    "constant",
    "cosine",
    "linear_decay",
    "plateau",
    "require_figure",
    "step",
    "warmed_up",
]
