"""What the documentation shows is true: derived pages are up to date, and the README's commands and programs run."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import click
import numpy as np
import pytest
from command import Done, run_in_process, run_process
from PIL import Image

import zoo
from zoo.cli.main import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def generate(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """docs/generate.py as a module; what it imports lies beside it."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    names = ("generate", "command_page", "table_row")
    yield importlib.import_module(names[0])
    for name in names:
        sys.modules.pop(name)


def test_derived_pages_are_up_to_date(generate: ModuleType) -> None:
    files = generate.files(zoo.load_host())
    assert len(files) == 6
    for path, text in files.items():
        assert path.read_text(encoding="utf-8") == text, (
            f"run: python docs/generate.py ({path.name} is behind)"
        )


def commands_below(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            yield from commands_below(click.Context(command, context, name))


def test_the_page_of_commands_has_every_command_and_option() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^##+ (zoo[^\n]*)\n(.*?)(?=^##|\Z)", page, re.M | re.S))
    found = list(commands_below(click.Context(cli, info_name="zoo", obj=zoo.load_host())))
    assert list(sections) == [context.command_path for context in found]
    assert {"zoo train", "zoo serve", "zoo data", "zoo data preview"} <= set(sections)
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for context in found:
        section = sections[context.command_path]
        assert f"\n    {context.command_path} [OPTIONS]" in section
        rows = re.findall(r"^\| (`--[^|]*) \|", section, re.M)
        options = [item for item in context.command.params if isinstance(item, click.Option)]
        names = (", ".join(f"`{name}`" for name in option.opts) for option in options)
        assert rows == list(names)
        if context.parent:
            provider = re.search(r"^Provided by `(\w+)`\.(?: Extra: `(\w+)`\.)?$", section, re.M)
            assert provider
            assert provider[1] in {plugin.name for plugin in zoo.load_host().plugins}
            assert provider[2] is None or provider[2] in extras


PAINT = """
import click
from zoo import hookimpl


@click.group()
def easel():
    '''Holds 'zoo paint' | other commands.'''


@easel.command()
@click.argument("picture")
@click.option("--colour/--grey", default=True, help="Whether in colour.")
@click.option("-b", "--brush", type=click.Choice(["fine", "wide"]), required=True, help="A brush.")
@click.option("--key", envvar=["EASEL_KEY", "KEY"], default="x", help="A key.")
def paint(**_):
    '''Paint a picture,
    on the painter's canvas.

    It needs the extra 'video'.
    \f
    Not shown.
    '''


@hookimpl
def register_commands(register):
    register("easel", easel, summary="One | two.")
"""


def test_commands_of_a_plugin_are_described(
    generate: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "painting.py").write_text(PAINT)
    monkeypatch.setenv("COLUMNS", "30")
    host = zoo.load_host(str(tmp_path / "painting.py"))
    page = generate.files(host)[ROOT / "docs" / "cli.md"]
    assert "| [`zoo easel`](#zoo-easel) | One \\| two. | `painting` | |\n" in page
    row = "| [`zoo easel paint`](#zoo-easel-paint) | Paint a picture, on the painter's canvas. |"
    assert f"{row} `painting` | `video` |\n" in page
    assert page[page.index("## zoo easel\n") :] == (
        """## zoo easel

    zoo easel [OPTIONS] COMMAND [ARGS]...

Holds `zoo paint` | other commands.

Provided by `painting`.

### zoo easel paint

    zoo easel paint [OPTIONS] PICTURE

Paint a picture, on the painter's canvas.

It needs the extra `video`.

Provided by `painting`. Extra: `video`.

| option | value | default | |
| --- | --- | --- | --- |
| `--colour`, `--grey` | | `colour` | Whether in colour. |
| `-b`, `--brush` | `[fine\\|wide]` | required | A brush. |
| `--key` | `TEXT` | `x` | A key. Environment variables `EASEL_KEY`, `KEY`. |
"""
    )


def test_tables_have_the_same_cells_in_every_row() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    tables = 0
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for block in re.findall(r"(?:^\|.*\n)+(?:(?!<!--).+\n)*", text, re.MULTILINE):
            tables += 1
            rows = block.splitlines()
            cells = [len(re.findall(r"(?<!\\)\|", row)) for row in rows]
            assert set(cells) == {cells[0]}, f"{page.name}: {rows[0]}"
            assert re.fullmatch(r"\|([ :]*-+[ :]*\|)+", rows[1]), f"{page.name}: {rows[0]}"
    assert tables > 60


def test_what_plugins_need_is_public() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bzoo\.([A-Za-z]\w*)", page))
    assert named >= {"AdversarialLoss", "Penalty", "Exporter", "FigureSchedule", "Dataset", "Parts"}
    assert named <= set(zoo.__all__)
    for name in named:
        assert getattr(zoo, name) is not None
    # Every type that a hook speaks of has its path.
    assert set(re.findall(r"returns an? `(?!keras\.|zoo\.)(\w+)`", page)) == set()


def test_links_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if not target.startswith("http")
    ]
    assert len(links) >= 9
    for page, target in links:
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_begins_with_exactly_two_commands() -> None:
    first, second = blocks("sh")[:2]
    assert first == "pip install . && zoo train earth\n"
    assert second == "pip install '.[test]' && pytest\n"
    assert README.count("pip install .") == 1
    assert README.count("pip install '.[test]'") == 1


def test_every_command_of_the_readme_exists() -> None:
    commands = {
        line.split()[1]
        for block in blocks("sh")
        for line in block.splitlines()
        if line.startswith("zoo ")
    }
    assert commands >= {"train", "translate", "validate", "resume", "runs", "show"}
    assert commands <= set(zoo.load_host().registry.names("command"))


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the README's reader has it: my.yaml, shallow.py and the folder facades."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "my.yaml").write_text(blocks("yaml")[0])
    plugin = next(block for block in blocks("python") if block.startswith("# shallow.py"))
    assert len([line for line in plugin.splitlines() if line.strip()]) <= 22
    (folder / "shallow.py").write_text(plugin)
    random = np.random.default_rng(0)
    for name, count in {"facades": 4, **{f"horse2zebra/{split}": 2 for split in PILES}}.items():
        (folder / name).mkdir(parents=True)
        for index in range(count):
            pixels = random.integers(0, 256, (16, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).resize((512, 256)).save(folder / name / f"{index}.jpg")
    return folder


PILES = ("trainA", "trainB", "testA", "testB")

# The README's networks and pictures are of full size; a test makes them small and leaves the rest as it is shown.
SMALLER = ["dataset.size=64", "generator.depth=3", "generator.filters=2", "discriminator.filters=2"]


def run(folder: Path, line: str, *more: str, runner: Callable[..., Done] = run_in_process) -> str:
    """Run a line of the README in a folder and return what it printed."""
    done = runner(*shlex.split(line, comments=True)[1:], *more, cwd=folder)
    assert done.returncode == 0, f"{line}: {done.stderr}"
    return done.stdout


def readme_line(start: str) -> str:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    (found,) = [line for line in lines if line.startswith(start)]
    return found


def test_the_readmes_recipe_is_valid_as_it_is_shown(workshop: Path) -> None:
    recipe = zoo.load_recipe(workshop / "my.yaml")
    resolved = recipe.resolved()
    assert resolved["dataset"]["name"] == "folder"
    assert resolved["generator"]["depth"] == 8
    assert resolved["training"]["precision"] == "mixed_bfloat16"


@pytest.fixture(scope="module")
def trained(workshop: Path) -> Path:
    """The run that the README's commands make."""
    train = readme_line("zoo train my.yaml training.epochs=50").replace("epochs=50", "epochs=1")
    assert "held-out pictures (1)" in run(workshop, train, *SMALLER, runner=run_process)
    (path,) = (workshop / "runs").iterdir()
    return path


def test_the_readmes_commands_run(workshop: Path, trained: Path) -> None:
    out = run(workshop, readme_line("zoo validate"), *SMALLER)
    assert "is valid" in out
    assert trained.name in run(workshop, readme_line("zoo runs"))
    translate = readme_line("zoo translate runs/earth-*").replace("runs/earth-*", str(trained))
    run(workshop, translate.replace("PICTURE_OR_FOLDER", "facades"))
    assert len(list((workshop / "translated").iterdir())) == 4


def test_the_readmes_deployment_runs(workshop: Path, trained: Path) -> None:
    path = str(trained)
    (workshop / "scans" / "deep").mkdir(parents=True)
    random = np.random.default_rng(1)
    for place in ("scans/large.tif", "scans/deep/small.tif"):
        Image.fromarray(random.integers(0, 256, (90, 70, 3), dtype=np.uint8)).save(workshop / place)
    translate = readme_line("zoo translate runs/my-*").replace("runs/my-*", path)
    told = run(workshop, translate)
    assert told.splitlines() == [
        "scans/deep/small.tif -> translated/deep/small.png",
        "scans/large.tif -> translated/large.png",
    ]
    assert run(workshop, translate) == ""
    for library in ("onnxruntime", "tensorflow_serving"):
        if importlib.util.find_spec(library) is None:
            pytest.skip(f"{library} is not installed")
    export = readme_line("zoo export runs/my-*").replace("runs/my-*", path)
    assert "onnx: largest difference" in run(workshop, export)
    assert (Path(path) / "export" / "saved_model" / "zoo.json").is_file()


def test_the_readmes_pictures_are_looked_at(workshop: Path) -> None:
    found = run(workshop, readme_line("zoo data inspect"))
    assert "name: folder\n  path: facades\n" in found
    assert "wrote preview.png" in run(workshop, readme_line("zoo data preview"))
    assert (workshop / "preview.png").is_file()


def test_the_readmes_two_piles_train(workshop: Path) -> None:
    small = [*SMALLER, "training.epochs=1", "--runs", "piles"]
    out = run(workshop, readme_line("zoo train earth_cyclegan"), *small)
    # Nobody is to judge by the PSNR of a horse and some zebra.
    told = "held-out pictures (2): not pairs, so no metric compares them; look at the samples\n"
    assert told in out
    (trained,) = (workshop / "piles").iterdir()
    assert (trained / "inverse_generator.keras").is_file()
    assert "psnr" not in json.loads((trained / "metrics.json").read_text())
    assert "val_" not in (trained / "history.csv").read_text()


def test_the_readmes_checkpoint_is_imported(workshop: Path) -> None:
    pytest.importorskip("torch")
    original = ROOT / "tests" / "golden" / "unet_128_net_G.pth"
    shutil.copy(original, workshop / "latest_net_G.pth")
    run(workshop, readme_line("zoo import"))
    assert (workshop / "model.keras").is_file()


def test_the_readmes_plugin_runs(workshop: Path) -> None:
    train = readme_line("zoo train my.yaml generator.name=shallow")
    smaller = [
        "training.epochs=1",
        "dataset.size=32",
        "discriminator.layers=1",
        "training.precision=float32",
    ]
    out = run(workshop, train, *smaller)
    assert "held-out pictures (1)" in out
    assert "filters of the two inner convolutions." in run(
        workshop, readme_line("zoo show generator")
    )


def test_the_readmes_python_runs(workshop: Path) -> None:
    program = next(block for block in blocks("python") if "zoo.assemble" in block)
    small = "".join(f', "{override}"' for override in SMALLER)
    program = program.replace('"training.epochs=1"', f'"training.epochs=1"{small}')
    assert program.count("generator.filters=2") == 2
    before = "import numpy as np\npicture = np.zeros((30, 50, 3), np.uint8)\n"
    code = f"{before}{program}\nassert translated.shape == picture.shape\n"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=workshop, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_model_of_the_docs_is_assembled_saved_and_loaded(tmp_path: Path) -> None:
    import keras
    from tiny_files import write_pairs, write_recipe

    page = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    plugin = tmp_path / "regression_of_the_docs.py"
    plugin.write_text(code, encoding="utf-8")
    recipe = write_recipe(tmp_path / "tiny.yaml", write_pairs(tmp_path / "pairs"))
    text = recipe.read_text(encoding="utf-8").replace("{name: pix2pix}", "{name: regression}")
    kept = [
        line
        for line in text.splitlines()
        if "discriminator" not in line and "adversarial" not in line
    ]
    recipe.write_text("\n".join(kept), encoding="utf-8")
    model = zoo.assemble(zoo.load_recipe(recipe, host=zoo.load_host(str(plugin)))).model
    assert list(model.players) == ["generator"]
    model.save(tmp_path / "model.keras")
    assert keras.models.load_model(tmp_path / "model.keras").loss_names == ("generator_l1",)
