"""Bad recipes and bad picture folders: one clear message each, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoo.cli import main

# name: (text in the recipe, what replaces it, the problems that are told; {r} is the recipe's path)
RECIPES: dict[str, tuple[str, str, list[str]]] = {
    "unknown section": (
        "training:",
        "trainin: {}\ntraining:",
        [
            "{r}:13: trainin: unknown key 'trainin'; expected callbacks, card, checkpoints, dataset, "
            "discriminator, evaluation, extends, generator, inference, losses, model, optimizers, schedule, "
            "training or warnings. Did you mean 'training'?"
        ],
    ),
    "unknown key": (
        "epochs: 2",
        "epochs: 2, epoch: 3",
        [
            "{r}:13: training.epoch: unknown key 'epoch'; expected batch_size, deterministic, epochs, precision, "
            "seed or workers. Did you mean 'epochs'?"
        ],
    ),
    "unknown argument": (
        "filters: 4, depth: 3",
        "filtres: 4, depth: 3",
        [
            "{r}:3: generator.filtres: unknown key 'filtres'; expected depth, dropout, filters, init, norm or "
            "upsampling. Did you mean 'filters'?"
        ],
    ),
    "unknown component": (
        "name: unet",
        "name: unnet",
        [
            "{r}:3: generator.name: there is no generator 'unnet'; there is applications_unet, "
            "keras_cv_unet, keras_hub_unet, resnet, unet. Did you mean 'unet'?"
        ],
    ),
    "unknown model": (
        "name: pix2pix",
        "name: pix2pixhd",
        [
            "{r}:2: model.name: there is no model 'pix2pixhd'; there is colorization, cyclegan, pix2pix, wgan_gp. "
            "Did you mean 'pix2pix'?"
        ],
    ),
    "unknown loss": (
        "name: l1, weight",
        "name: l3, weight",
        [
            "{r}:8: losses.reconstruction.0.name: there is no reconstruction loss 'l3'; there is feature_matching, "
            "huber, l1, l2, perceptual, ssim, total_variation. Did you mean 'l2'?"
        ],
    ),
    "unknown optimizer": (
        "discriminator: {name: adam, learning_rate",
        "discriminator: {name: adm, learning_rate",
        [
            "{r}:12: optimizers.discriminator.name: there is no optimizer 'adm'; there is adam, adamw, rmsprop, sgd. "
            "Did you mean 'adam'?"
        ],
    ),
    "missing section": (
        "model: {name: pix2pix}\n",
        "",
        ["{r}:1: model: is missing; give it a value"],
    ),
    "missing name": (
        "generator: {name: unet, ",
        "generator: {",
        ["{r}:3: generator.name: is missing; give it a value"],
    ),
    "missing argument": (
        "path: {folder}, ",
        "",
        ["{r}:9: dataset.path: is missing; give it a value"],
    ),
    "text for a number": (
        "epochs: 2",
        "epochs: many",
        ["{r}:13: training.epochs: expected a whole number, got 'many'"],
    ),
    "broken number for a whole one": (
        "epochs: 2",
        "epochs: 2.5",
        ["{r}:13: training.epochs: expected a whole number, got 2.5"],
    ),
    "number in quotes": (
        "learning_rate: 2.0e-4, beta_1: 0.5}\n  disc",
        "learning_rate: '2e-4', beta_1: 0.5}\n  disc",
        ["{r}:11: optimizers.generator.learning_rate: expected a number, got '2e-4'"],
    ),
    "yes for true": (
        "workers: 0",
        "deterministic: yes",
        ["{r}:13: training.deterministic: expected true or false, got 'yes'"],
    ),
    "too small": (
        "batch_size: 2",
        "batch_size: 0",
        ["{r}:13: training.batch_size: expected a value of at least 1, got 0"],
    ),
    "negative weight": (
        "weight: 100",
        "weight: -100",
        ["{r}:8: losses.reconstruction.0.weight: expected a value of at least 0.0, got -100"],
    ),
    "not one of the choices": (
        "seed: 3",
        "precision: float16",
        [
            "{r}:13: training.precision: expected float32, mixed_bfloat16 or mixed_float16, got 'float16'. "
            "Did you mean 'float32'?"
        ],
    ),
    "a value for a section": (
        "discriminator: {name: patchgan, filters: 4, layers: 1}",
        "discriminator: patchgan",
        ["{r}:4: discriminator: expected keys and values, got 'patchgan'"],
    ),
    "a section for a list": (
        "    - {name: l1, weight: 100}",
        "    name: l1",
        ["{r}:7: losses.reconstruction: expected a list, got keys and values"],
    ),
    "a base that does not exist": (
        "model:",
        "extends: erth\nmodel:",
        [
            "{r}:2: extends: there is no recipe 'erth'; there is apple2orange, cityscapes, colorization, earth, "
            "earth_256, earth_backbone, earth_colorization, earth_cyclegan, earth_lsgan, earth_resnet, "
            "earth_wgan_gp, edges2handbags, edges2photo, edges2shoes, facades, horse2zebra, inpainting, "
            "maps, monet2photo, night2day, summer2winter_yosemite, super_resolution. Did you mean 'earth'?",
        ],
    ),
    "a recipe that extends itself": (
        "model:",
        "extends: ./tiny.yaml\nmodel:",
        [
            "{r}:2: extends: './tiny.yaml' extends this recipe in turn; one of them has to stand alone"
        ],
    ),
    "the same key twice": (
        "training:",
        "model: {name: pix2pix}\ntraining:",
        ["{r}:13: the key 'model' is given twice; keep one of them"],
    ),
    "a tag": (
        "seed: 3",
        "seed: !!python/object/apply:os.system [ls]",
        [
            "{r}:13: training.seed: expected text, a number, true, false, a list, or keys and values; "
            "YAML tags mean nothing here"
        ],
    ),
    "a class that Keras does not have": (
        "name: l1, weight",
        "name: keras.losses.LogCos, weight",
        [
            "{r}:8: losses.reconstruction.0.name: keras.losses has no reconstruction loss 'LogCos' that a recipe can "
            "use. Did you mean 'LogCosh'?"
        ],
    ),
    "weights that are not there": (
        "name: l1, weight",
        "name: perceptual, weights: nowhere.h5, weight",
        [
            "{r}:8: losses.reconstruction.0: there is no file nowhere.h5 with weights of vgg19; "
            "expected imagenet or the path of a file"
        ],
    ),
    "a critic without a penalty": (
        "{name: pix2pix}",
        "{name: wgan_gp}",
        [
            "{r}:5: losses.penalties: wgan_gp needs a penalty on its critic, but losses.penalties is empty; give it "
            "one, as {name: gradient_penalty, weight: 10}"
        ],
    ),
    "a network too deep": (
        "depth: 3",
        "depth: 5",
        [
            "{r}:3: generator: a U-Net of depth 5 needs height and width divisible by 32, but the pictures are "
            "16 x 16; use depth 4 or a size of 32"
        ],
    ),
    "several at once": (
        "depth: 3, dropout: 0.5}\ndiscriminator: {name: patchgan, filters: 4, layers: 1}",
        "depth: 7, dropout: 0.5}\ndiscriminator: {name: patchgan, filters: 4, layer: 1}\ncheckpoint: {every: 2}",
        [
            "{r}:3: generator: a U-Net of depth 7 needs height and width divisible by 128, but the pictures are "
            "16 x 16; use depth 4 or a size of 128",
            "{r}:4: discriminator.layer: unknown key 'layer'; expected filters, init, layers, norm or "
            "spectral_norm. Did you mean 'layers'?",
            "{r}:5: checkpoint: unknown key 'checkpoint'; expected callbacks, card, checkpoints, dataset, "
            "discriminator, evaluation, extends, generator, inference, losses, model, optimizers, schedule, "
            "training or warnings. Did you mean 'checkpoints'?",
        ],
    ),
}


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(str(stopped.value.code))


def told(problems: list[str], recipe: str = "tiny") -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join(
        [f"zoo: {count} in recipe {recipe}:", *(f"  {problem}" for problem in problems), ""]
    )


@pytest.mark.parametrize("case", RECIPES)
def test_a_bad_recipe(
    case: str, tiny_recipe: Path, pair_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    old, new, problems = RECIPES[case]
    text = tiny_recipe.read_text()
    old = old.replace("{folder}", str(pair_folder))
    assert text.count(old) == 1
    tiny_recipe.write_text(text.replace(old, new))
    monkeypatch.chdir(tiny_recipe.parent)
    assert run("train", "tiny.yaml") == 2
    printed = capsys.readouterr()
    expected = [problem.replace("{r}", "tiny.yaml") for problem in problems]
    assert printed.err.splitlines()[1:] == told(expected).splitlines()[1:]
    assert printed.err.splitlines()[0].rstrip(":").endswith(("tiny", "tiny.yaml"))
    assert printed.out == ""
    assert not Path("runs").exists()


OVERRIDES = {
    "no equals sign": (
        "training.epochs",
        "command line: training.epochs: is not an override; expected key.path=value, as in training.epochs=5",
    ),
    "an empty part": (
        "training..epochs=3",
        "command line: training..epochs=3: is not an override; expected key.path=value, as in training.epochs=5",
    ),
    "unknown key": (
        "training.epoch=5",
        "command line: training.epoch=5: unknown key 'epoch'; expected batch_size, deterministic, epochs, precision, "
        "seed or workers. Did you mean 'epochs'?",
    ),
    "not a number": (
        "training.epochs=abc",
        "command line: training.epochs=abc: expected a whole number, got 'abc'",
    ),
    "in a section that is set as a whole": (
        "training={epochs: abc}",
        "command line: training={epochs: abc}: training.epochs: expected a whole number, got 'abc'",
    ),
    "into a value": (
        "training.epochs.more=5",
        "command line: training.epochs.more=5: 'training.epochs' is a single value and has no 'more' in it",
    ),
    "a value for sections": (
        "losses=5",
        "command line: losses=5: expected keys and values, got 5",
    ),
    "beyond a list": (
        "losses.reconstruction.3.weight=5",
        "command line: losses.reconstruction.3.weight=5: 'losses.reconstruction' is a list of 1; "
        "expected a number below that, got '3'",
    ),
    "before a list": (
        "losses.reconstruction.-1.weight=5",
        "command line: losses.reconstruction.-1.weight=5: 'losses.reconstruction' is a list of 1; "
        "expected a number below that, got '-1'",
    ),
    "a digit that is none": (
        "losses.reconstruction.².weight=5",
        "command line: losses.reconstruction.².weight=5: 'losses.reconstruction' is a list of 1; "
        "expected a number below that, got '²'",
    ),
    "not YAML": (
        "training.epochs=[1",
        "command line: training.epochs=[1: is not valid YAML: the '[' of line 1 is not closed; expected ',' or ']'",
    ),
    "a network that cannot be": (
        "generator.depth=5",
        "command line: generator.depth=5: generator: a U-Net of depth 5 needs height and width divisible by 32, but "
        "the pictures are 16 x 16; use depth 4 or a size of 32",
    ),
    "pictures that do not fit the network of the file": (
        "dataset.size=20",
        "command line: dataset.size=20: generator: a U-Net of depth 3 needs height and width divisible by 8, but "
        "the pictures are 20 x 20; use depth 2 or a size of 16",
    ),
    "another component without its arguments": (
        "dataset.name=derived",
        "command line: dataset.name=derived: dataset.path: is missing; give it a value",
        "command line: dataset.name=derived: dataset.function: is missing; give it a value",
    ),
    "a model that does not fit": (
        "model.name=wgan_gp",
        "command line: model.name=wgan_gp: losses.penalties: wgan_gp needs a penalty on its critic, but "
        "losses.penalties is empty; give it one, as {name: gradient_penalty, weight: 10}",
    ),
    "a folder that is not there": (
        "dataset.path=nowhere",
        "command line: dataset.path=nowhere: the picture folder nowhere does not exist.",
    ),
}


@pytest.mark.parametrize("case", OVERRIDES)
def test_a_bad_override(
    case: str, tiny_recipe: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    word, *problems = OVERRIDES[case]
    monkeypatch.chdir(tiny_recipe.parent)
    assert run("train", "tiny.yaml", word) == 2
    assert capsys.readouterr().err == told(problems)


FILES = {
    "empty": (
        b"",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml: is empty; start from one with 'zoo copy earth my.yaml'\n",
    ),
    "a list": (
        b"- 1\n- 2\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:1: holds no keys and values at the top; "
        "start from one with 'zoo copy earth my.yaml'\n",
    ),
    "not text": (
        b"\xff\xfe\x00\x9f",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml: is not a text file in UTF-8\n",
    ),
    "too large": (
        b"# " + b"x" * 1_000_001,
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml: has 1000003 bytes; a recipe has at most 1000000\n",
    ),
    "broken": (
        b"model: {name: pix2pix\ntraining: 3\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:2: is not valid YAML: the '{' of line 1 is not closed; "
        "expected ',' or '}'\n",
    ),
    "a line indented too far": (
        b"model:\n  name: pix2pix\n   weight: 2\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:3: is not valid YAML: the ':' opens a key where none can be; "
        "either the line is indented wrongly (lines of one section begin in the same column, those below a key further "
        "to the right), or a text with ': ' in it needs quotes\n",
    ),
    "a line indented too little": (
        b"model:\n    name: pix2pix\n  weight: 2\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:3: is not valid YAML: the line is indented otherwise than the "
        "section that begins in line 1; lines of one section begin in the same column, those below a key further to "
        "the right\n",
    ),
    "a tab": (
        b"model:\n\tname: pix2pix\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:2: is not valid YAML: a tab begins the line; indent with "
        "spaces\n",
    ),
    "a quote that is not closed": (
        b"model: {name: 'pix2pix}\ntraining: 3\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:3: is not valid YAML: the quoted text that begins in line 1 is "
        "not closed\n",
    ),
    "a name that nothing has": (
        b"model: *other\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:1: is not valid YAML: *other names nothing; there is no &other "
        "before it\n",
    ),
    "a name within itself": (
        b"model: &a\n  name: [*a]\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:2: is not valid YAML: *a stands within &a\n",
    ),
    "an escape of no character": (
        b'model:\n  name: "\\UFFFFFFFF"\n',
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:2: is not valid YAML: a text in double quotes has an escape "
        "that is no character\n",
    ),
    "half a character": (
        b'model: {name: "\\ud800"}\n',
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:1: model.name: holds half of a surrogate pair, which is no "
        "character\n",
    ),
    "a character that no text has": (
        b"model: pix2pix\nseed: \x00\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:2: is not valid YAML: it holds the character U+0000, which no "
        "text has\n",
    ),
    "tags": (
        b"a: !!int x\nb: !!float abc\n",
        "zoo: 2 problems in recipe bad.yaml:\n"
        "  bad.yaml:1: a: expected text, a number, true, false, a list, or keys and values; YAML tags mean nothing "
        "here\n"
        "  bad.yaml:2: b: expected text, a number, true, false, a list, or keys and values; YAML tags mean nothing "
        "here\n",
    ),
    "a number of thousands of digits": (
        b"a: " + b"9" * 4301 + b"\nb: -0x" + b"f" * 9000,
        "zoo: 2 problems in recipe bad.yaml:\n"
        f"  bad.yaml:1: a: expected a number of at most 64 bits, got {'9' * 57}...\n"
        f"  bad.yaml:2: b: expected a number of at most 64 bits, got -0x{'f' * 54}...\n",
    ),
    "deep nesting": (
        b"a: " + b"[" * 1200 + b"]" * 1200,
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:1: is nested more than 50 deep\n",
    ),
    "deep nesting by names": (
        b"a: &a [[[[[[[[[[1]]]]]]]]]]\nb: &b [[[[[[[[[[*a]]]]]]]]]]\nc: &c [[[[[[[[[[*b]]]]]]]]]]\n"
        b"d: &d [[[[[[[[[[*c]]]]]]]]]]\ne: [[[[[[[[[[*d]]]]]]]]]]\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:5: is nested more than 50 deep\n",
    ),
    "two documents": (
        b"model: {name: pix2pix}\n---\nmodel: {name: pix2pix}\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:2: begins a second document; a recipe is one, without a line "
        "---\n",
    ),
    "a list as a key": (
        b"? [1, 2]\n: 3\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml:1: has a key that is a list or keys and values; expected a "
        "text\n",
    ),
    "a bomb of aliases": (
        b"a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
        b"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
        "zoo: 1 problem in recipe bad.yaml:\n  bad.yaml: expands to more than 100000 values\n",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    content, message = FILES[case]
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_bytes(content)
    assert run("validate", "bad.yaml") == 2
    assert capsys.readouterr().err == message


def test_of_thousands_of_mistakes_some_are_told(tmp_path: Path, capsys) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("extends: earth\n" + "".join(f"k{index}: 1\n" for index in range(7_000)))
    assert run("validate", str(path)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == f"zoo: 7000 problems in recipe {path.stem}:"
    assert len(lines) == 22
    assert lines[1].startswith(
        f"  {path}:2: k0: unknown key 'k0'; expected callbacks, card, checkpoints, dataset,"
    )
    assert lines[21] == "  … and 6980 more"


def test_a_long_value_is_told_in_short(tmp_path: Path, capsys) -> None:
    path = tmp_path / "bad.yaml"
    long = "y" * 400_000
    path.write_text(
        f"extends: earth\ngenerator: {{name: {long}}}\n{long[:900]}: 1\ntraining: {{epochs: {long[:90_000]}}}\n"
    )
    assert run("validate", str(path)) == 2
    told = capsys.readouterr().err
    assert "there is no generator 'yyyyy" in told
    assert f"unknown key '{'y' * 57}...'" in told
    assert f"training.epochs: expected a whole number, got '{'y' * 56}..." in told
    assert len(told) < 2000


def picture(path: Path, width: int = 32, height: int = 16) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.zeros((height, width, 3), np.uint8)).save(path)


def _two_folders(folder: Path) -> None:
    shutil.rmtree(folder)
    for side in "AB":
        for index in range(4):
            picture(folder / side / f"{index}.png", 16)


def _unpaired(folder: Path) -> None:
    _two_folders(folder)
    (folder / "A" / "2.png").unlink()


def _different_sizes(folder: Path) -> None:
    _two_folders(folder)
    picture(folder / "B" / "1.png", 24)


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("x")


def _one_picture(folder: Path) -> None:
    for path in sorted(folder.iterdir())[1:]:
        path.unlink()


def _overwrite(name: str, content: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes(content((folder / name).read_bytes()))

    return spoil


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


BAD = (
    "1 picture in {{folder}} cannot be used:\n  {}\n"
    "Repair or remove what is named here, or set on_error to skip to leave it out."
)
MESSAGES = {
    "missing": "the picture folder {folder} does not exist.",
    "a file": "the picture folder {folder} is a file, not a folder",
    "empty": (
        "{folder} holds no pictures; expected pictures with A on their left half and B on their right or the "
        "folders A and B, there or in train and test, as files that end in .jpg, .jpeg, .png, .webp, .tif, .tiff, "
        ".bmp, .dcm, .npy."
    ),
    "one picture": "{folder} has 0 pairs to train on and 1 held out; expected at least one of each",
    "odd width": BAD.format(
        "3.png: is 33 pixels wide, which cannot be halved into two pictures side by side"
    ),
    "not a picture": BAD.format(
        "3.png: is not a picture that can be read; expected JPEG, PNG, WebP, TIFF, BMP, DICOM or NumPy's .npy"
    ),
    "cut short": BAD.format(
        "3.png: cannot be read as a picture: it is damaged or incomplete (image file is truncated)"
    ),
    "unpaired": BAD.format("B/2.png: has no partner of the same name in {folder}/A"),
    "different sizes": BAD.format(
        "A/1.png: is 16 x 16 pixels, but its partner {folder}/B/1.png is 24 x 16"
    ),
}
FOLDERS: dict[str, Callable[[Path], None]] = {
    "missing": shutil.rmtree,
    "a file": _a_file,
    "empty": _empty,
    "one picture": _one_picture,
    "odd width": lambda folder: picture(folder / "3.png", 33),
    "not a picture": _overwrite("3.png", lambda _: b"no picture"),
    "cut short": _overwrite("3.png", lambda data: data[:200]),
    "unpaired": _unpaired,
    "different sizes": _different_sizes,
}


@pytest.mark.parametrize("case", FOLDERS)
def test_a_bad_folder(
    case: str, tiny_recipe: Path, pair_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    FOLDERS[case](pair_folder)
    monkeypatch.chdir(tiny_recipe.parent)
    assert run("train", "tiny.yaml") == 2
    message = MESSAGES[case].replace("{folder}", str(pair_folder))
    key = "dataset.path" if case in ("missing", "a file") else "dataset"
    assert capsys.readouterr().err == told([f"tiny.yaml:9: {key}: {message}"])
    assert not Path("runs").exists()
