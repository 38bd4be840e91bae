"""Warm-up: a learning rate that rises from zero at the start of training."""

from __future__ import annotations

from typing import Any, TypeAlias

import keras
from keras import ops

Rate: TypeAlias = float | keras.optimizers.schedules.LearningRateSchedule


@keras.saving.register_keras_serializable("zoo")
class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    """Another course of the learning rate, reached along a straight line that starts at zero.

    Step `s`, counted from 0, has the course's own rate times `min(1, (s + 1) / steps)`: the first step already
    learns, and after the warm-up everything is as without it.

    Args:
        course: a rate, or a schedule.
        steps: length of the warm-up, whole or not, above 0.
    """

    def __init__(self, course: Rate, steps: float) -> None:
        super().__init__()
        self.course = course
        self.steps = steps

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at a step, counted from 0."""
        rate = self.course(step) if callable(self.course) else self.course
        return rate * ops.minimum(1.0, (ops.cast(step, "float32") + 1.0) / self.steps)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            "course": keras.saving.serialize_keras_object(self.course),
            "steps": self.steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> WarmUp:
        """Create it from the constructor's arguments."""
        course = keras.saving.deserialize_keras_object(
            config["course"], custom_objects=custom_objects
        )
        return cls(course, config["steps"])


def warmed_up(course: Rate, steps: float) -> Rate:
    """Return a course of the learning rate with a warm-up of so many steps before it, if there are any."""
    return WarmUp(course, steps) if steps > 0 else course
