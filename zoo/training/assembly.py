"""From a recipe to an experiment: a compiled model with its data."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ConflictError, DataError, ZooError
from zoo.memory import require_memory
from zoo.recipe.load import Choice, Recipe, load_recipe
from zoo.recipe.problems import Key, Problem, RecipeError
from zoo.recipe.schema import LossSection, PenaltySection
from zoo.registry.model_factory import ModelNeeds, needs_of
from zoo.training.experiment import Experiment

if TYPE_CHECKING:
    import keras

    from zoo.data.dataset import Dataset
    from zoo.data.loader import Loader
    from zoo.models.player import Player
    from zoo.models.translation_model import TranslationModel
    from zoo.schedules import FigureSchedule

T = TypeVar("T")
# What a model is made of.
PARTS: tuple[Key, ...] = (("dataset",), ("generator",), ("discriminator",), ("losses",))


def assemble(recipe: Recipe | str, *overrides: str) -> Experiment:
    """Build the networks and losses of a recipe, compile them and open its data.

    Sets the random seeds of Python, NumPy and the backend from `training.seed`, so that the weights are the same
    each time.

    Args:
        recipe: a loaded recipe, or a name or path to load.
        overrides: `"key.path=value"`, if it is to be loaded here.

    Raises:
        RecipeError: with every problem: of keys and values, and of components that do not fit together.
    """
    if not isinstance(recipe, Recipe):
        recipe = load_recipe(recipe, *overrides, strict=False)
    return _Assembly(recipe).experiment()


def explained(recipe: Recipe, key: Key, error: Exception, because: Sequence[Key] = ()) -> Problem:
    """Return what was wrong when a component was made.

    Args:
        recipe: which names the component.
        key: where it does.
        error: what was raised; it may name another part of the recipe, or an argument.
        because: other keys that what was made depends on.
    """
    if isinstance(error, ConflictError):
        key, because = recipe.document.key(error.key), (key, *because)
    elif isinstance(error, DataError) and error.argument:
        key = (*key, error.argument)
    return recipe.problem(key, str(error), because)


class _Assembly:
    """Builds part after part and collects what goes wrong, so that all of it is said at once."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.problems: list[Problem] = list(recipe.problems)
        self.figure_schedules: dict[str, FigureSchedule] = {}
        self.notes: list[str] = []

    def experiment(self) -> Experiment:
        with self._training_options():
            dataset = self._dataset()
            adversarial = self._create(("losses", "adversarial"))
            reconstruction = self._create_all(("losses", "reconstruction"))
            penalties = self._create_all(("losses", "penalties"))
            metrics = self._create_all(("evaluation", "metrics"))
            model = None
            if dataset:
                self._try_out(dataset, reconstruction, metrics)
                if not dataset.test_paired:
                    metrics = []  # they compare what was never meant to be alike
                model = self._model(dataset, adversarial, reconstruction, penalties)
            players = model.players if model else {}
            shares = model.shares if model else 1
            loaders = (
                self._attempt(
                    ("training", "batch_size"),
                    lambda: self._loaders(dataset, shares),
                    (("dataset",), ("model",)),
                )
                if dataset
                else None
            )
            optimizers = self._optimizers(len(loaders[0]) if loaders else 1, players)
            callbacks = self._callbacks()
            if model:
                self._check_figures(model, metrics, callbacks)
            if self.problems:
                raise RecipeError(self.recipe.name, self.problems)
            assert model is not None
            assert dataset is not None
            assert loaders is not None
            model.compile(optimizer=optimizers, metrics=metrics)
        return Experiment(self.recipe, model, dataset, *loaders, self.figure_schedules, self.notes)

    @contextlib.contextmanager
    def _training_options(self) -> Iterator[None]:
        """Seeds, deterministic operations, and the dtype policy while the networks are built."""
        import keras

        from zoo.backend.memory import keep_freed_memory

        keep_freed_memory()
        if self.recipe.problems:
            yield
            return
        training = self.recipe.sections.training
        keras.utils.set_random_seed(training.seed)
        if training.deterministic:
            from zoo.backend import use_deterministic_operations

            use_deterministic_operations()
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(training.precision)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)

    def _attempt(self, key: Key, build: Callable[[], T], because: Sequence[Key] = ()) -> T | None:
        """Build a part; what goes wrong is a problem of its key, or of overrides of what it was built from."""
        try:
            return build()
        except RecipeError:
            raise
        except (ValueError, TypeError, ZooError) as error:
            self._note(key, error, because)
            return None

    def _note(self, key: Key, error: Exception, because: Sequence[Key] = ()) -> None:
        self.problems.append(explained(self.recipe, key, error, because))

    def _create(self, key: Key, because: Sequence[Key] = (), **supplied: Any) -> Any:
        choice = self.recipe.choices.get(key)
        if choice is None:
            return None
        return self._attempt(key, lambda: choice.create(**supplied), because)

    def _create_all(self, key: Key) -> list[Any]:
        return [self._create(place) for place, _ in self.recipe.choices_of(key)]

    def _dataset(self) -> Dataset | None:
        """Open the pictures, and see that they are as declared and that a batch of them fits into the memory."""
        from zoo.data.declaration import check_examples

        dataset: Dataset | None = self._create(("dataset",))
        if dataset is None or self.recipe.problems:
            return dataset
        count = min(self.recipe.sections.training.batch_size, len(dataset.train))
        pair = math.prod(dataset.source_shape) + math.prod(dataset.target_shape)
        size = " x ".join(str(side) for side in dataset.target_shape[:2])
        what = f"batches of {count} {'pair' if count == 1 else 'pairs'} of {size} pixels"
        instead = "smaller pictures" + (" or a smaller training.batch_size" if count > 1 else "")
        key: Key = ("training", "batch_size") if count > 1 else ("dataset",)
        before = len(self.problems)
        self._attempt(
            key, partial(require_memory, 4 * count * pair, what, instead), (("dataset",),)
        )
        if len(self.problems) == before:
            self._attempt(("dataset",), partial(check_examples, dataset))
        if len(self.problems) > before:
            return None
        self._note_grey(dataset)
        return dataset

    def _note_grey(self, dataset: Dataset) -> None:
        """Say which side could do with one channel, where the recipe can say so."""
        from zoo.data.declaration import grey_sides

        arguments = {item.name for item in self.recipe.choices["dataset",].component.arguments}
        for side in grey_sides(dataset):
            key = f"{side}_format"
            if key in arguments:
                self.notes.append(
                    f"the {side}s seem to be grey, and are read as three equal channels; one is enough: "
                    f"dataset.{key}.channels=grey"
                )

    def _try_out(self, dataset: Dataset, losses: list[Any], metrics: list[Any]) -> None:
        """Compute losses and metrics once, so that one that cannot compare pictures is told before training."""
        from zoo.losses.feature_matching import compares_features
        from zoo.training.dry_run import try_loss, try_metric

        for key, built, attempt in (
            (("losses", "reconstruction"), losses, try_loss),
            (("evaluation", "metrics"), metrics, try_metric),
        ):
            for (place, _), item in zip(self.recipe.choices_of(key), built, strict=True):
                if item is not None and not compares_features(item):
                    check = partial(attempt, item, dataset.target_shape)
                    self._attempt(place, check, (("dataset",),))

    def _check_figures(
        self, model: TranslationModel, metrics: list[Any], callbacks: Mapping[Key, Any]
    ) -> None:
        """See that what a schedule or a callback watches will be in the history."""
        from zoo.schedules import require_figure

        names = {*model.loss_names, *(f"val_{metric.name}" for metric in metrics)}
        because = (("evaluation",), ("model",), *PARTS)
        watched: dict[Key, tuple[str, str]] = {
            (*key, "monitor"): ("the callback", callback.monitor)
            for key, callback in callbacks.items()
            if isinstance(getattr(callback, "monitor", None), str)
            # A ModelCheckpoint that keeps all epochs watches nothing.
            and getattr(callback, "save_best_only", True)
        }
        for schedule in self.figure_schedules.values():
            watched["schedule", "monitor"] = ("the schedule", schedule.monitor)
        for key, (watcher, monitor) in watched.items():
            check = partial(require_figure, monitor, names, watcher)
            self._attempt(key, check, because)
        known = {f"val_{metric.name}" for metric in metrics if hasattr(metric, "_direction")}
        for key, callback in callbacks.items():
            figure = getattr(callback, "monitor", None)
            if figure in names - known and getattr(callback, "mode", "") == "auto":
                told = f"nobody says whether a higher or a lower '{figure}' is better; set mode to min or max"
                self._note((*key, "mode"), ZooError(told), because)

    def _callbacks(self) -> dict[Key, Any]:
        """Create the callbacks once, to see that they can be created; a training takes its own."""
        import keras

        def create(choice: Choice) -> Any:
            callback = choice.component.create(choice.component.in_run(choice.arguments, Path()))
            if not isinstance(callback, keras.callbacks.Callback):
                raise ZooError(
                    f"{choice.component.name} makes an object of type {type(callback).__name__}; expected a "
                    "keras.callbacks.Callback"
                )
            return callback

        built = {
            key: self._attempt(key, partial(create, choice))
            for key, choice in self.recipe.choices_of(("callbacks",))
        }
        return {key: callback for key, callback in built.items() if callback is not None}

    def _loaders(self, dataset: Dataset, shares: int) -> tuple[Loader, Loader]:
        """Return training and held-out batches.

        Args:
            dataset: where the pictures come from.
            shares: batches that a step takes, one for each update of the most eager player.
        """
        from zoo.backend import shard
        from zoo.data.loader import Loader

        if self.recipe.problems:
            return Loader(dataset.train), Loader(dataset.test)
        training = self.recipe.sections.training
        train = Loader(
            dataset.train,
            training.batch_size * shares,
            seed=training.seed,
            shuffle=True,
            augment=True,
            # A smaller batch at the end could not be shared out.
            drop_remainder=shares > 1,
            workers=training.workers,
            shard=shard(),
        )
        return train, Loader(dataset.test, training.batch_size, workers=training.workers)

    def _optimizers(self, steps_per_epoch: int, players: Mapping[str, Player]) -> dict[str, Any]:
        from zoo.schedules import FigureSchedule

        built = {}
        for key, choice in self.recipe.choices_of(("optimizers",)):
            player, arguments = str(key[-1]), dict(choice.arguments)
            schedule = self.recipe.choices.get(("schedule",))
            updates = players[player].updates if player in players else 1
            if schedule and "learning_rate" in arguments and not self.recipe.problems:
                course = self._create(
                    ("schedule",),
                    (key,),
                    learning_rate=arguments["learning_rate"],
                    steps_per_epoch=steps_per_epoch * updates,
                    epochs=self.recipe.sections.training.epochs,
                )
                if course is None:
                    continue  # said already; an optimizer would complain of the rate that it lacks
                if isinstance(course, FigureSchedule):
                    self.figure_schedules[player] = course
                    course = course.learning_rate
                arguments["learning_rate"] = course
            built[player] = self._attempt(key, partial(choice.component.create, arguments))
        return built

    def _model(
        self,
        dataset: Dataset,
        adversarial: Any,
        reconstruction: list[Any],
        penalties: list[Any],
    ) -> TranslationModel | None:
        """Build the model; where a part of it cannot be made, only to see what else is wrong with the recipe."""
        from zoo.models.parts import Inference, Parts, WeightedLoss, WeightedPenalty

        choice = self.recipe.choices.get(("model",))
        if choice is None:
            return None
        needs = needs_of(choice.component.target)
        parts = Parts(
            source_shape=dataset.source_shape,
            target_shape=dataset.target_shape,
            generator=self._generator(needs),
            discriminator=self._discriminator(needs, reconstruction),
            adversarial=adversarial,
            paired=dataset.paired,
        )
        if not self.recipe.problems:
            sections = self.recipe.sections
            parts = replace(
                parts,
                adversarial_weight=sections.losses.adversarial.weight
                if sections.losses.adversarial
                else 1.0,
                reconstruction=tuple(
                    WeightedLoss(*item)
                    for item in _weighted(sections.losses.reconstruction, reconstruction)
                ),
                penalties=tuple(
                    WeightedPenalty(*item)
                    for item in _weighted(sections.losses.penalties, penalties)
                ),
                inference=Inference(**sections.inference.model_dump()),
            )
        try:
            model: TranslationModel = choice.create(parts=parts)
            _check_model(model, needs, choice.component.name, dataset)
        except (ValueError, TypeError, ZooError) as error:
            # What stand-ins lead to is no fault of the recipe.
            if not self.problems:
                self._note(("model",), error, PARTS)
            return None
        return None if self.problems else model

    def _generator(self, needs: ModelNeeds) -> Callable[..., keras.Model]:
        from zoo.training.network_builder import (
            NetworkBuilder,
            check_generator,
            generator_stand_in,
            not_taken,
        )

        if "generator" not in needs.takes:
            return not_taken("generator")
        note = partial(self._note, ("generator",), because=(("dataset",),))
        return NetworkBuilder(
            self.recipe.choices.get(("generator",)), generator_stand_in, check_generator, note
        )

    def _discriminator(
        self, needs: ModelNeeds, losses: Sequence[Any]
    ) -> Callable[..., keras.Model]:
        from zoo.losses.feature_matching import compares_features, features_to_match
        from zoo.training.network_builder import (
            NetworkBuilder,
            check_discriminator,
            discriminator_stand_in,
            not_taken,
        )

        if "discriminator" not in needs.takes:
            return not_taken("discriminator")
        choice = self.recipe.choices.get(("discriminator",))
        places = [place for place, _ in self.recipe.choices_of(("losses", "reconstruction"))]

        def check(network: keras.Model, input_shape: tuple[int, int, int]) -> None:
            check_discriminator(network, input_shape)
            assert choice is not None
            for place, loss in zip(places, losses, strict=True):
                if loss is not None and compares_features(loss):
                    name = choice.component.name
                    look = partial(features_to_match, network, name)
                    self._attempt(place, look, (("discriminator",),))

        note = partial(self._note, ("discriminator",), because=(("dataset",),))
        return NetworkBuilder(choice, discriminator_stand_in, check, note)


def _check_model(model: Any, needs: ModelNeeds, name: str, dataset: Dataset) -> None:
    """See that a model is one, has the players that its factory declares, and takes the data."""
    import keras

    from zoo.models.translation_model import TranslationModel

    if not isinstance(model, TranslationModel):
        raise ZooError(
            f"{name} makes an object of type {type(model).__name__}; expected a zoo.TranslationModel"
        )
    if type(model).get_config is keras.Model.get_config:
        raise ZooError(
            f"the class {type(model).__name__} of {name} has no get_config, without which no checkpoint could be "
            "written; give it get_config and from_config, as Keras's guide to saving shows"
        )
    if set(model.players) != set(needs.players):
        raise ZooError(
            f"{name} declares the players {', '.join(needs.players)}, but its model has {', '.join(model.players)}; "
            "the factory's zoo.model_factory and the model's players have to agree"
        )
    if dataset.formats.target.masked and not model.takes_masks:
        raise ConflictError(
            f"the model {name} cannot leave holes of targets out of its losses; "
            "set target_format.masked to false, or use a model of pairs such as pix2pix",
            "dataset",
        )


def _weighted(
    sections: Sequence[LossSection | PenaltySection], built: Sequence[Any]
) -> Iterator[tuple[str, Any, float]]:
    """Yield the name in the logs, the component and its weight; a name that comes again is numbered."""
    seen: Counter[str] = Counter()
    for section, component in zip(sections, built, strict=True):
        # Of `keras.losses.LogCosh` the last part.
        name = section.name.rpartition(".")[2]
        seen[name] += 1
        number = f"_{seen[name]}" if seen[name] > 1 else ""
        yield name + number, component, section.weight
