"""The command line: what it prints, how fast it starts, and that mistakes end with exit code 2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from zoo.builtin import recipe_folder
from zoo.cli import main
from zoo.registry.kinds import KINDS


def test_help_names_every_command(zoo_process) -> None:
    shown = zoo_process("--help")
    assert shown.returncode == 0
    for component in zoo.load_host().registry.components("command"):
        assert f"  {component.name} " in shown.stdout
    assert zoo_process("--version").stdout == f"zoo, version {zoo.__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], ["recipes"], ["plugins"], ["runs"]],
    ids=lambda words: words[0],
)
def test_looking_around_imports_no_backend(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom zoo.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'keras', 'tensorflow', 'jax', 'torch', 'PIL', 'numpy', 'matplotlib', 'pydantic'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


def test_import_zoo_is_light() -> None:
    code = (
        "import sys, zoo\nprint(sorted({'keras', 'numpy', 'pluggy', 'click'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    assert len(zoo.__all__) > 40
    for name in zoo.__all__:
        assert getattr(zoo, name) is not None
        assert name in dir(zoo)
    with pytest.raises(AttributeError, match="module 'zoo' has no attribute 'lode_run'"):
        _ = zoo.lode_run


def test_list_has_every_kind_and_name(zoo_command) -> None:
    rows = json.loads(zoo_command("list", "--json").stdout)
    registry = zoo.load_host().registry
    expected = [
        (kind.name, name)
        for kind in KINDS
        if kind.name != "command"
        for name in registry.names(kind.name)
    ]
    assert [(row["kind"], row["name"]) for row in rows] == expected
    assert all(row["summary"] for row in rows)
    text = zoo_command("list").stdout
    assert all(name in text for _, name in expected)


def test_show_says_arguments_defaults_provider_and_paper(zoo_command) -> None:
    shown = json.loads(zoo_command("show", "generators", "unet", "--json").stdout)
    assert shown["provider"] == "zoo"
    assert shown["paper"] == "1611.07004"
    depth = next(argument for argument in shown["arguments"] if argument["name"] == "depth")
    assert (depth["type"], depth["default"], depth["required"]) == ("int, ≥ 2, ≤ 16", 8, False)
    assert depth["description"]
    text = zoo_command("show", "dataset", "folder").stdout
    for word in ("provided by zoo", "path", "required", "default 'a_to_b'", "default 256"):
        assert word in text


def test_show_prints_a_recipe(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["show", "recipe", "earth"])
    shown = capsys.readouterr().out.splitlines()
    path = recipe_folder() / "earth.yaml"
    assert shown[2] == f"from {path}"
    # All but the line for editors.
    assert shown[4:] == path.read_text().splitlines()[1:]


def test_help_lists_commands_in_the_order_of_registration(tmp_path: Path, capsys) -> None:
    plugin = tmp_path / "more.py"
    plugin.write_text(
        "import click\nfrom zoo import hookimpl\n\n\n@hookimpl\ndef register_commands(register):\n"
        "    for name in ('zeta', 'alpha'):\n"
        "        register(name, click.Command(name), summary='one of a plugin')\n"
    )
    with pytest.raises(SystemExit):
        main(["--plugin", str(plugin), "--help"])
    listed = capsys.readouterr().out.partition("Commands:\n")[2]
    names = [line.split()[0] for line in listed.splitlines() if line[2:3].strip()]
    assert names[:3] == ["train", "resume", "translate"]
    assert names[-2:] == ["zeta", "alpha"]


MISTAKES = {
    ("trian", "earth"): "Error: there is no command 'trian'. Did you mean 'train'?",
    ("train",): "Error: Missing argument 'RECIPE'.",
    (
        "train",
        "erth",
    ): "zoo: there is no recipe 'erth'; there is apple2orange, cityscapes, colorization, earth, earth_256, "
    "earth_backbone, earth_colorization, earth_cyclegan, earth_lsgan, earth_resnet, earth_wgan_gp, edges2handbags, "
    "edges2photo, edges2shoes, facades, horse2zebra, inpainting, maps, monet2photo, night2day, "
    "summer2winter_yosemite, super_resolution. Did you mean 'earth'?",
    ("train", "no/such.yaml"): (
        "zoo: the recipe file no/such.yaml does not exist; 'zoo recipes' lists those that run by name"
    ),
    (
        "show",
        "generator",
        "unett",
    ): "zoo: there is no generator 'unett'; there is applications_unet, keras_cv_unet, "
    "keras_hub_unet, resnet, unet. Did you mean 'unet'?",
    ("list", "painters"): "zoo: there is no kind of component 'painters'; there are",
    ("translate", "runs/none", "x.png", "--out", "o"): "zoo: the run runs/none does not exist",
    ("resume", "runs/none"): "zoo: the run runs/none does not exist",
    ("copy", "earth", "mine.txt"): "zoo: cannot copy to mine.txt: a recipe's name ends in .yaml",
    ("list", "--plugin"): "Error: --plugin needs a module or a file",
    ("list", "--plugin", "x.py"): "zoo: --plugin x.py: there is no such file",
}


@pytest.mark.parametrize("arguments", MISTAKES, ids=" ".join)
def test_a_mistake_ends_with_one_sentence_and_exit_code_2(
    arguments: tuple[str, ...], zoo_command
) -> None:
    done = zoo_command(*arguments)
    assert done.returncode == 2
    assert MISTAKES[arguments] in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_copy_writes_the_recipe_and_its_schema(zoo_command, tmp_path: Path) -> None:
    done = zoo_command("copy", "earth", "mine/my.yaml")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "mine" / "my.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=./recipe.schema.json\n# Satellite")
    assert text.count("yaml-language-server") == 1
    schema = json.loads((tmp_path / "mine" / "recipe.schema.json").read_text())
    assert schema["title"] == "zoo recipe"
    assert (
        zoo.load_recipe(tmp_path / "mine" / "my.yaml").resolved()
        == zoo.load_recipe("earth").resolved()
    )
    again = zoo_command("copy", "earth", "mine/my.yaml")
    assert again.returncode == 2
    assert (
        again.stderr
        == "zoo: mine/my.yaml exists already; choose another name, or --force to replace it\n"
    )
    assert zoo_command("copy", "earth", "mine/my.yaml", "--force").returncode == 0


def test_validate_says_what_would_be_trained(zoo_command, tiny_recipe: Path) -> None:
    done = zoo_command("validate", "tiny.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 pairs to train, 2 held out" in done.stdout
    assert "2 epochs of 2 steps" in done.stdout
    resolved = zoo_command("validate", "tiny.yaml", "training.epochs=9", "--resolved").stdout
    assert "  epochs: 9\n" in resolved


def test_runs_lists_what_is_there(zoo_command, tmp_path: Path) -> None:
    assert (
        zoo_command("runs").stdout == "there is no run below runs; make one with: zoo train earth\n"
    )
    run = tmp_path / "runs" / "earth-1"
    run.mkdir(parents=True)
    (run / "recipe.yaml").write_text("model: {name: pix2pix}\n")
    assert "runs/earth-1" in zoo_command("runs").stdout
    assert "unfinished" in zoo_command("runs").stdout
    (run / "metrics.json").write_text(
        '{"psnr": 18.53, "l1": 0.22, "status": "completed", "epochs": 3}'
    )
    assert json.loads(zoo_command("runs", "--json").stdout)[0]["psnr"] == 18.53
