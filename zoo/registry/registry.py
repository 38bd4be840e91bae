"""The registry: components by kind and name, and errors that name the nearest."""

from __future__ import annotations

from collections.abc import Iterator

from zoo.errors import ZooError, nearest, shortened
from zoo.registry.component import Component
from zoo.registry.keras_classes import NEEDS, names_keras_class
from zoo.registry.kinds import KINDS, Kind


class Registry:
    """Components by kind and name, in the order in which their plugins came."""

    def __init__(self) -> None:
        self._components: dict[str, dict[str, Component]] = {kind.name: {} for kind in KINDS}

    def add(self, component: Component) -> None:
        """Add a component.

        Raises:
            ZooError: if the name is taken; the first one stays.
        """
        taken = self._components[component.kind.name]
        if (other := taken.get(component.name)) is not None:
            raise ZooError(
                f"the {component.kind.title} '{component.name}' of plugin '{component.provider}' "
                f"({component.file}) is left out: plugin '{other.provider}' ({other.file}) "
                "has that name already; rename one of them"
            )
        taken[component.name] = component

    def get(self, kind: str, name: str) -> Component:
        """Return a component; a class of Keras by its full name, such as `keras.losses.LogCosh`, is one too.

        Whether Keras has that class shows when the component is used: looking it up imports nothing.

        Raises:
            ZooError: if there is none of that name, with the nearest name and all of them.
        """
        taken = self._components[kind]
        if name in taken:
            return taken[name]
        of = self.kind(kind)
        if names_keras_class(of, name):
            return _of_keras(of, name)
        title = of.title
        known = f"there is {', '.join(sorted(taken))}." if taken else of.none_installed
        raise ZooError(f"there is no {title} '{shortened(name)}'; {known}{nearest(name, taken)}")

    def names(self, kind: str) -> list[str]:
        """Return the names of a kind, sorted."""
        return sorted(self._components[kind])

    def registered(self, kind: str) -> list[Component]:
        """Return the components of a kind in the order in which they were registered."""
        return list(self._components[kind].values())

    def components(self, kind: str) -> Iterator[Component]:
        """Yield the components of a kind, sorted by name."""
        for name in self.names(kind):
            yield self._components[kind][name]

    @staticmethod
    def kind(word: str) -> Kind:
        """Return the kind named by a singular or plural word; `-` and `_` are the same.

        Raises:
            ZooError: if there is no such kind.
        """
        wanted = word.lower().replace("-", "_")
        for kind in KINDS:
            if wanted in (kind.name, kind.plural):
                return kind
        plurals = [kind.plural for kind in KINDS]
        raise ZooError(
            f"there is no kind of component '{word}'; there are {', '.join(plurals)}."
            f"{nearest(wanted, plurals)}"
        )


def _of_keras(kind: Kind, name: str) -> Component:
    """Return the component that a class of Keras is; it is imported, and checked, as late as any other."""
    class_name = name.removeprefix(f"{kind.keras_module}.")
    return Component(
        kind=kind,
        name=name,
        factory=f"{kind.keras_module}:{class_name}",
        summary="a class of Keras by its full name",
        paper="",
        provider="keras",
        file=kind.keras_module,
        needs=NEEDS.get(name, ""),
        extra=NEEDS.get(name, ""),
    )
