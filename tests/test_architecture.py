"""How the house is built: which room may know which, no circles, and plugins that use the public API alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import zoo

ROOT = Path(__file__).parent.parent
# From the ground up: a room knows only those before it. Files that lie in no room stand by their own names.
FLOORS = (
    {"errors", "hookspecs", "backend", "memory", "notebook"},
    {"builtin", "registry", "pictures", "metrics", "schedules", "networks"},
    {"plugins", "translation", "data", "losses"},
    {"recipe", "models"},
    {"runs"},
    {"evaluation", "report"},
    {"training", "export"},
    {"cli"},
)
LOOSE = {"__init__", "builtin", "errors", "hookspecs", "memory", "plugins"}
PUBLIC = ("zoo", "zoo.backend", "zoo.data", "zoo.networks", "zoo.pictures")


def modules(folder: Path) -> dict[str, Path]:
    """The modules below a folder, by the name that they are imported by."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


CORE = modules(ROOT / "zoo")


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """What a file imports of zoo and its plugins, wherever in the file, for type checkers too: (module, name)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def of_zoo(path: Path) -> Iterator[str]:
    """The modules of the core that a file imports."""
    for module, name in imports(path):
        if module.partition(".")[0] == "zoo":
            yield f"{module}.{name}" if f"{module}.{name}" in CORE else module


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else "zoo"


def test_few_files_lie_loose() -> None:
    assert {path.stem for path in (ROOT / "zoo").glob("*.py")} == LOOSE


def test_rooms_know_only_lower_ones() -> None:
    floor = {name: number for number, names in enumerate(FLOORS) for name in names}
    assert {room(module) for module in CORE} - {"zoo"} == set(floor)
    wrong = []
    for module, path in CORE.items():
        for other in of_zoo(path):
            pair = room(module), room(other)
            if module == "zoo" or pair[0] == pair[1]:
                continue
            # The command line asks the package for its version.
            if pair == ("cli", "zoo"):
                continue
            if pair[1] == "zoo" or floor[pair[1]] >= floor[pair[0]]:
                wrong.append(f"{module} imports {other}")
    assert wrong == []


def test_files_import_each_other_in_no_circle() -> None:
    graph = {
        module: {other for other in of_zoo(path) if other != module}
        for module, path in CORE.items()
        if module != "zoo"
    }
    assert sum(map(len, graph.values())) > 500
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other in a circle: {' -> '.join(error.args[1])}")


def test_the_core_knows_no_plugin() -> None:
    plugins = {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir()}
    assert len(plugins) == 12
    for module, path in CORE.items():
        known = {name.partition(".")[0] for name, _ in imports(path)} & plugins
        assert not known, f"{module} imports {known}"


def test_plugins_use_the_public_api_alone() -> None:
    public = {module: set(import_module(module).__all__) for module in PUBLIC}
    used = 0
    wrong = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        for module, name in imports(path):
            if module.partition(".")[0] != "zoo" or not name:
                continue
            used += 1
            if module not in public or (
                name not in public[module] and f"{module}.{name}" not in PUBLIC
            ):
                wrong.append(f"{path.relative_to(ROOT)} imports {name} from {module}")
    assert used > 100
    assert wrong == []


def test_the_public_names_are_typed_where_they_are_declared() -> None:
    """Type checkers see the imports, a running program the table; both say the same."""
    tree = ast.parse((ROOT / "zoo" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert typed == {name: home for names in zoo.GROUPS.values() for name, home in names.items()}
