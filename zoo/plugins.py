"""Finding, loading and describing plugins; a broken one is reported and never stops the others."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

from zoo import builtin, hookspecs
from zoo.errors import ZooError, nearest
from zoo.registry.component import Component
from zoo.registry.kinds import KINDS, Kind
from zoo.registry.registry import Registry

GROUP = "zoo"
# How a plugin that is a file is named among the modules.
FILE_MODULE = "zoo_plugin_"


@dataclass(frozen=True)
class Plugin:
    """A loaded plugin.

    Args:
        name: entry point, module or file name.
        file: where its code is.
        origin: `built-in`, the distribution and version that installs it, or `--plugin`.
    """

    name: str
    file: str
    origin: str


@dataclass(frozen=True)
class PluginProblem:
    """What is wrong with a plugin."""

    plugin: str
    file: str
    message: str

    def __str__(self) -> str:
        return f"plugin '{self.plugin}' ({self.file}): {self.message}"


@dataclass
class Host:
    """All plugins that were found, what they registered and what went wrong.

    Args:
        given: modules and files that were loaded beside the installed plugins.
        registry: what they registered.
        plugins: those that work.
        problems: what is wrong with others, or with parts of them.
    """

    given: tuple[str, ...] = ()
    registry: Registry = field(default_factory=Registry)
    plugins: list[Plugin] = field(default_factory=list)
    problems: list[PluginProblem] = field(default_factory=list)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what loads the same plugins in another process."""
        return load_host, self.given


@cache
def load_host(*given: str) -> Host:
    """Load the built-ins, the installed plugins (entry points of the group `zoo`) and those that are given.

    Args:
        given: modules (`some.module`) or files (`path/to/file.py`), as `--plugin` names them.

    Raises:
        ZooError: if a given plugin does not exist; one that exists and is broken becomes a problem.
    """
    host = Host(given)
    manager = pluggy.PluginManager("zoo")
    manager.add_hookspecs(hookspecs)
    for name, file, origin, load in _found(given):
        try:
            module = load()
            _admit(manager, module, name)
        except Exception as error:
            host.problems.append(PluginProblem(name, file, _explain(error, file)))
            continue
        host.plugins.append(Plugin(name, file, origin))
        _collect(manager, module, host, name, file)
    return host


def _found(extra: Sequence[str]) -> Iterator[tuple[str, str, str, Callable[[], ModuleType]]]:
    yield "zoo", str(builtin.__file__), "built-in", lambda: builtin
    entry_points = importlib.metadata.entry_points(group=GROUP)
    for entry in sorted(entry_points, key=lambda entry: entry.name):
        distribution = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "installed"
        yield entry.name, _module_file(entry.module), distribution, entry.load
    for word in extra:
        yield _extra(word)


def _extra(word: str) -> tuple[str, str, str, Callable[[], ModuleType]]:
    path = Path(word)
    if path.suffix == ".py":
        if not path.is_file():
            raise ZooError(f"--plugin {word}: there is no such file")
        return path.stem, str(path), "--plugin", lambda: _load_file(path)
    file = _module_file(word)
    if file == "not found":
        raise ZooError(
            f"--plugin {word}: there is no module of that name on the Python path; "
            "name an importable module, or a file that ends in .py"
        )
    return word, file, "--plugin", lambda: importlib.import_module(word)


def _load_file(path: Path) -> ModuleType:
    name = f"{FILE_MODULE}{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be imported as Python")
    module = importlib.util.module_from_spec(spec)
    # Before it runs, because dataclasses and Keras's registration look their module up there.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _module_file(name: str) -> str:
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    return spec.origin or name if spec else "not found"


def _admit(manager: pluggy.PluginManager, module: Any, name: str) -> None:
    """Register with pluggy; a misspelt hook is an error, not a hook that is never called."""
    misspelt = [
        attribute
        for attribute in dir(module)
        if getattr(getattr(module, attribute), "zoo_impl", None)
        and not hasattr(hookspecs, attribute)
    ]
    if misspelt:
        hooks = [f"register_{kind.plural}" for kind in KINDS]
        told = "; ".join(f"'{hook}' is not a hook.{nearest(hook, hooks)}" for hook in misspelt)
        raise ZooError(f"{told} The hooks are {', '.join(hooks)}")
    manager.register(module, name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError:
        manager.unregister(module)
        raise


def _collect(
    manager: pluggy.PluginManager, module: Any, host: Host, plugin: str, file: str
) -> None:
    """Call each hook of one plugin; what fails is a problem of that plugin and hook alone."""
    others = [other for other in manager.get_plugins() if other is not module]
    for kind in KINDS:
        hook = f"register_{kind.plural}"
        try:
            manager.subset_hook_caller(hook, others)(register=_registrar(kind, host, plugin, file))
        except Exception as error:
            message = f"{hook} failed: {_explain(error, file)}"
            host.problems.append(PluginProblem(plugin, file, message))


def _registrar(kind: Kind, host: Host, plugin: str, file: str) -> Callable[..., None]:
    def register(
        name: str,
        factory: Any,
        *,
        summary: str = "",
        paper: str = "",
        needs: str = "",
        extra: str = "",
    ) -> None:
        if kind.name == "recipe":
            factory = Path(factory)
        elif not callable(factory) and not (isinstance(factory, str) and ":" in factory):
            raise ZooError(
                f"the {kind.title} '{name}' is registered with {factory!r}; "
                "expected a callable or a string 'module:attribute'"
            )
        if not summary and callable(factory):
            summary = (inspect.getdoc(factory) or "").partition("\n")[0]
        component = Component(kind, name, factory, summary, paper, plugin, file, needs, extra)
        try:
            host.registry.add(component)
        except ZooError as error:
            host.problems.append(PluginProblem(plugin, file, str(error)))

    return register


def _explain(error: Exception, file: str) -> str:
    """One line: the error, and the line of the plugin's file where it rose, if it rose there."""
    if isinstance(error, ZooError):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} (line {error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    here = [frame.lineno for frame in frames if frame.filename == str(Path(file).absolute())]
    here = here or [frame.lineno for frame in frames if frame.filename == file]
    where = f" (line {here[-1]})" if here else ""
    return f"{type(error).__name__}: {error}{where}"
