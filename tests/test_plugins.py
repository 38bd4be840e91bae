"""Plugins: every hook, every way to go wrong, and that one broken plugin harms no other."""

from __future__ import annotations

import json
from pathlib import Path

import pluggy
import pytest

from zoo import hookspecs, load_host
from zoo.errors import ZooError
from zoo.registry.kinds import KINDS

HEAD = "from zoo import hookimpl\n"


def write(folder: Path, name: str, body: str) -> str:
    path = folder / f"{name}.py"
    path.write_text(HEAD + body)
    return str(path)


def registering(kind: str, name: str, factory: str = "lambda **arguments: None") -> str:
    plural = next(item.plural for item in KINDS if item.name == kind)
    return (
        f"@hookimpl\ndef register_{plural}(register):\n"
        f"    register({name!r}, {factory}, summary='of a test', paper='1611.07004')\n"
    )


def test_every_kind_has_a_hook_and_every_hook_a_kind() -> None:
    hooks = {name for name in vars(hookspecs) if name.startswith("register_")}
    assert hooks == {f"register_{kind.plural}" for kind in KINDS}
    assert len(hooks) == 15


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_each_hook_registers(kind: str, tmp_path: Path) -> None:
    factory = f"{str(tmp_path / 'r.yaml')!r}" if kind == "recipe" else "lambda **arguments: None"
    plugin = write(tmp_path, f"one_{kind}", registering(kind, "mine", factory))
    host = load_host(plugin)
    component = host.registry.get(kind, "mine")
    assert (component.provider, component.file) == (f"one_{kind}", plugin)
    assert (component.summary, component.paper) == ("of a test", "1611.07004")
    assert host.problems == []


def test_a_factory_may_be_a_string_that_is_imported_when_used(tmp_path: Path) -> None:
    host = load_host(
        write(tmp_path, "lazy", registering("metric", "late", "'no.such.module:thing'"))
    )
    component = host.registry.get("metric", "late")
    with pytest.raises(ZooError) as told:
        _ = component.target
    assert str(told.value) == (
        f"the metric 'late' of plugin 'lazy' ({tmp_path / 'lazy.py'}) cannot be imported from "
        "no.such.module:thing: No module named 'no'"
    )


BROKEN = {
    "misspelt": (
        "@hookimpl\ndef register_generator(register):\n    pass\n",
        "'register_generator' is not a hook. Did you mean 'register_generators'? The hooks are "
        + ", ".join(f"register_{kind.plural}" for kind in KINDS),
    ),
    "wrong_argument": (
        "@hookimpl\ndef register_models(registry):\n    pass\n",
        "PluginValidationError: Plugin 'wrong_argument' for hook 'register_models'\n"
        "hookimpl definition: register_models(registry)\n"
        "Argument(s) {'registry'} are declared in the hookimpl but can not be found in the hookspec",
    ),
    "on_import": (
        "x = 1\nraise RuntimeError('no weather today')\n",
        "RuntimeError: no weather today (line 3)",
    ),
    "syntax": ("def broken(:\n    pass\n", "SyntaxError: invalid syntax (line 2)"),
    "missing_import": (
        "import not_installed_anywhere\n",
        "ModuleNotFoundError: No module named 'not_installed_anywhere' (line 2)",
    ),
    "in_hook": (
        "@hookimpl\ndef register_models(register):\n    register('a', 3)\n",
        "register_models failed: the model 'a' is registered with 3; "
        "expected a callable or a string 'module:attribute'",
    ),
    "taken": (
        registering("generator", "unet"),
        "the generator 'unet' of plugin 'taken' ({file}) is left out: plugin 'zoo' ({zoo}) has that name already; "
        "rename one of them",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_reported_by_name_and_file_and_stops_no_other(
    name: str, tmp_path: Path
) -> None:
    body, message = BROKEN[name]
    file = write(tmp_path, name, body)
    good = write(tmp_path, "good", registering("metric", "fine"))
    host = load_host(file, good)
    zoo_file = next(plugin.file for plugin in host.plugins if plugin.name == "zoo")
    assert [(problem.plugin, problem.file) for problem in host.problems] == [(name, file)]
    assert host.problems[0].message == message.replace("{file}", file).replace("{zoo}", zoo_file)
    assert host.registry.get("metric", "fine").provider == "good"
    assert host.registry.get("generator", "unet").provider == "zoo"


def test_pluggys_own_check_finds_the_misspelt_hook_too(tmp_path: Path) -> None:
    manager = pluggy.PluginManager("zoo")
    manager.add_hookspecs(hookspecs)

    class Misspelt:
        @hookspecs.hookimpl
        def register_modells(self) -> None: ...

    manager.register(Misspelt())
    with pytest.raises(pluggy.PluginValidationError, match="register_modells"):
        manager.check_pending()


def test_a_plugin_that_does_not_exist_is_a_users_mistake() -> None:
    with pytest.raises(ZooError, match=r"^--plugin nowhere/x\.py: there is no such file$"):
        load_host("nowhere/x.py")
    with pytest.raises(
        ZooError, match=r"^--plugin no_such_module: there is no module of that name"
    ):
        load_host("no_such_module")


def test_the_command_line_lists_in_spite_of_a_broken_plugin(zoo_command, tmp_path: Path) -> None:
    file = write(tmp_path, "on_import", BROKEN["on_import"][0])
    listed = zoo_command("list", "generators", "--plugin", file)
    assert listed.returncode == 0
    assert "unet" in listed.stdout
    assert listed.stderr == f"zoo: warning: plugin 'on_import' ({file}): {BROKEN['on_import'][1]}\n"
    shown = json.loads(zoo_command("--plugin", file, "plugins", "--json").stdout)
    assert {plugin["name"] for plugin in shown["plugins"]} == {
        "zoo",
        "backbones",
        "colorization",
        "cyclegan",
        "earth",
        "huggingface",
        "perceptual",
        "sweep",
        "trackers",
        "pytorch",
        "tfds",
        "web",
        "wgan",
    }
    assert shown["problems"] == [
        {"plugin": "on_import", "file": file, "message": BROKEN["on_import"][1]}
    ]


def test_a_plugin_module_on_the_python_path(zoo_process, tmp_path: Path) -> None:
    write(tmp_path, "weather_plugin", registering("dataset", "clouds"))
    listed = zoo_process(
        "list", "dataset", "--plugin=weather_plugin", "--json", PYTHONPATH=str(tmp_path)
    )
    rows = {row["name"]: row["provider"] for row in json.loads(listed.stdout)}
    assert rows.pop("clouds") == "weather_plugin"
    assert rows == {
        "derived": "zoo",
        "earth": "earth",
        "folder": "zoo",
        "huggingface": "huggingface",
        "tfds": "tfds",
    }


def test_a_plugin_may_add_a_command(zoo_command, tmp_path: Path) -> None:
    body = (
        "import click\n@click.command()\n@click.argument('who')\ndef greet(who):\n    click.echo(f'hello {who}')\n"
        "@hookimpl\ndef register_commands(register):\n    register('greet', greet, summary='Say hello.')\n"
    )
    file = write(tmp_path, "greeter", body)
    assert zoo_command("greet", "world", "--plugin", file).stdout == "hello world\n"
    assert "greet" in zoo_command("--plugin", file, "--help").stdout
