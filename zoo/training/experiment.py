"""From a recipe to an experiment: a compiled model with its data."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from zoo.errors import ConflictError, DataError, ZooError
from zoo.memory import require_memory
from zoo.recipe.load import Choice, Recipe, load_recipe
from zoo.recipe.problems import Key, Problem, RecipeError
from zoo.recipe.schema import LossSection, PenaltySection

if TYPE_CHECKING:
    import keras

    from zoo.data.dataset import Dataset
    from zoo.data.loader import Loader
    from zoo.models.translation_model import TranslationModel
    from zoo.schedules import FigureSchedule

T = TypeVar("T")
# What a model is made of.
PARTS: tuple[Key, ...] = (("dataset",), ("generator",), ("discriminator",), ("losses",))


@dataclass
class Experiment:
    """A recipe, assembled.

    Args:
        recipe: what it was assembled from.
        model: compiled; `model.fit(experiment.train_data, epochs=...)` trains it.
        dataset: where both loaders take their pictures.
        train_data: shuffled and augmented batches.
        test_data: held-out batches, always the same.
        figure_schedules: by player, what lowers its learning rate by held-out figures, if the recipe asks for it.
        notes: what is to be said of the data before training, a sentence each.
    """

    recipe: Recipe
    model: TranslationModel
    dataset: Dataset
    train_data: Loader
    test_data: Loader
    figure_schedules: Mapping[str, FigureSchedule] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def epochs(self) -> int:
        """Epochs that the recipe asks for."""
        return self.recipe.sections.training.epochs

    @property
    def steps_per_epoch(self) -> int:
        """Batches in one pass over the training pictures."""
        return len(self.train_data)


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
            networks = self._networks(dataset)
            parts = {
                "adversarial": self._create(("losses", "adversarial")),
                "reconstruction": self._create_all(("losses", "reconstruction")),
                "penalties": self._create_all(("losses", "penalties")),
            }
            metrics = self._create_all(("evaluation", "metrics"))
            if dataset:
                self._try_out(dataset, parts["reconstruction"], metrics)
                self._match_features(networks[1], parts["reconstruction"])
                if not dataset.test_paired:
                    metrics = []  # they compare what was never meant to be alike
            model = None
            if not self.problems:
                assert dataset is not None
                model = self._attempt(
                    ("model",), lambda: self._model(dataset, *networks, **parts), PARTS
                )
            updates = model.discriminator_steps if model else 1
            loaders = (
                self._attempt(
                    ("training", "batch_size"),
                    lambda: self._loaders(dataset, updates),
                    (("dataset",), ("model",)),
                )
                if dataset
                else None
            )
            optimizers = self._optimizers(len(loaders[0]) if loaders else 1, updates)
            if model:
                self._check_figures(model, metrics)
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
            self.problems.append(explained(self.recipe, key, error, because))
            return None

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

    def _match_features(self, discriminator: keras.Model | None, losses: list[Any]) -> None:
        """See that the discriminator has the features that a loss compares."""
        from zoo.losses.feature_matching import compares_features, features_of

        if discriminator is None:
            return
        name = self.recipe.choices["discriminator",].component.name
        places = self.recipe.choices_of(("losses", "reconstruction"))
        for (place, _), loss in zip(places, losses, strict=True):
            if loss is not None and compares_features(loss):
                check = partial(features_of, discriminator, name)
                self._attempt(place, check, (("discriminator",),))

    def _check_figures(self, model: TranslationModel, metrics: list[Any]) -> None:
        """See that what a schedule watches will be in the history."""
        from zoo.schedules import require_figure

        names = {*model.loss_names, *(f"val_{metric.name}" for metric in metrics)}
        for schedule in list(self.figure_schedules.values())[:1]:
            key = ("schedule", "monitor")
            because = (("evaluation",), ("model",), *PARTS)
            self._attempt(key, partial(require_figure, schedule, names), because)

    def _networks(self, dataset: Dataset | None) -> tuple[keras.Model | None, keras.Model | None]:
        """Build one of each network, to see that it can be built; the model takes these first."""
        if dataset is None:
            return None, None
        source, target = dataset.source_shape, dataset.target_shape
        pair = (*target[:2], source[2] + target[2])
        because = (("dataset",),)
        generator = self._create(
            ("generator",), because, input_shape=source, output_channels=target[2]
        )
        return generator, self._create(("discriminator",), because, input_shape=pair)

    def _loaders(self, dataset: Dataset, updates: int) -> tuple[Loader, Loader]:
        """Return training and held-out batches.

        Args:
            dataset: where the pictures come from.
            updates: of the discriminator a step, each with a batch of its own.
        """
        from zoo.backend import shard
        from zoo.data.loader import Loader

        if self.recipe.problems:
            return Loader(dataset.train), Loader(dataset.test)
        training = self.recipe.sections.training
        train = Loader(
            dataset.train,
            training.batch_size * updates,
            seed=training.seed,
            shuffle=True,
            augment=True,
            # A smaller batch at the end could not be shared out.
            drop_remainder=updates > 1,
            workers=training.workers,
            shard=shard(),
        )
        return train, Loader(dataset.test, training.batch_size, workers=training.workers)

    def _optimizers(self, steps_per_epoch: int, updates: int) -> dict[str, Any]:
        from zoo.schedules import FigureSchedule

        built = {}
        for key, choice in self.recipe.choices_of(("optimizers",)):
            player, arguments = str(key[-1]), dict(choice.arguments)
            schedule = self.recipe.choices.get(("schedule",))
            if schedule and "learning_rate" in arguments and not self.recipe.problems:
                course = self._create(
                    ("schedule",),
                    (key,),
                    learning_rate=arguments["learning_rate"],
                    steps_per_epoch=steps_per_epoch * (updates if player == "discriminator" else 1),
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
        generator: keras.Model,
        discriminator: keras.Model,
        adversarial: Any,
        reconstruction: list[Any],
        penalties: list[Any],
    ) -> TranslationModel:
        from zoo.models.parts import Inference, Parts, WeightedLoss, WeightedPenalty

        sections, choices = self.recipe.sections, self.recipe.choices
        parts = Parts(
            source_shape=dataset.source_shape,
            target_shape=dataset.target_shape,
            generator=_builder(generator, choices["generator",]),
            discriminator=_builder(discriminator, choices["discriminator",]),
            adversarial=adversarial,
            adversarial_weight=sections.losses.adversarial.weight,
            reconstruction=tuple(
                WeightedLoss(name, loss, weight)
                for name, loss, weight in _weighted(sections.losses.reconstruction, reconstruction)
            ),
            penalties=tuple(
                WeightedPenalty(name, penalty, weight)
                for name, penalty, weight in _weighted(sections.losses.penalties, penalties)
            ),
            inference=Inference(**sections.inference.model_dump()),
            paired=dataset.paired,
        )
        model: TranslationModel = choices["model",].create(parts=parts)
        if dataset.target_format.masked and not model.takes_masks:
            raise ConflictError(
                f"the model {choices['model',].component.name} cannot leave holes of targets out of its losses; "
                "set target_format.masked to false, or use a model of pairs such as pix2pix",
                "dataset",
            )
        return model


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


def _builder(first: keras.Model, choice: Choice) -> Callable[..., keras.Model]:
    """Give out a network that is already built, then build new ones."""
    ready = [first]

    def network(*values: Any) -> keras.Model:
        supplied = dict(zip(choice.component.kind.supplied, values, strict=True))
        if ready and _fits(ready[0], **supplied):
            return ready.pop()
        return choice.create(**supplied)

    return network


def _fits(
    network: keras.Model, input_shape: tuple[int, ...], output_channels: int | None = None
) -> bool:
    """Return whether a network takes and gives what is asked for; a discriminator's outputs are its own affair."""
    return tuple(network.input_shape[1:]) == tuple(input_shape) and (
        output_channels in (None, network.output_shape[-1])
    )
