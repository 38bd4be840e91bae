"""The plugins that a run was made with: recorded in its directory, and asked for where their code is missing."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from zoo.errors import ZooError, shortened
from zoo.plugins import FILE_MODULE, GROUP, load_host
from zoo.recipe.load import Recipe
from zoo.runs.files import write_json

RECORD = "plugins.json"
MOST_OF_ERROR = 200


@dataclass(frozen=True)
class PluginRecord:
    """One plugin that a run was made with.

    Args:
        name: of its entry point, module or file.
        distribution: what installs it, such as `zoo-wgan`; empty if it came by `--plugin`.
        version: of the distribution.
        given: module or file as `--plugin` named it; empty if it was installed.
        sha256: of the file; empty for what is not a single file.
    """

    name: str
    distribution: str = ""
    version: str = ""
    given: str = ""
    sha256: str = ""

    @property
    def loaded(self) -> bool:
        """Whether a plugin of this name, or the same file under another name, is loaded in this process."""
        if any(plugin.name == self.name for plugin in load_host().plugins):
            return True
        return self._file() is not None if self.sha256 else self.name in sys.modules

    @property
    def changed(self) -> bool:
        """Whether the loaded file is not the one that the run was made with."""
        file = self._file() if self.sha256 else None
        return file is not None and checksum(file) != self.sha256

    def _file(self) -> Path | None:
        """Return the loaded file of this content; or else of this name."""
        files = {
            name: Path(str(module.__file__))
            for name, module in list(sys.modules.items())
            if name.startswith(FILE_MODULE) and Path(str(module.__file__)).is_file()
        }
        same = [file for file in files.values() if checksum(file) == self.sha256]
        return same[0] if same else files.get(f"{FILE_MODULE}{self.name}")

    def request(self) -> str:
        """Return what to do so that it is there."""
        if self.sha256:
            return f"the plugin file {shortened(self.given)}: give it with --plugin FILE"
        if self.given:
            return f"the plugin module {shortened(self.given)}: give it with --plugin {shortened(self.given)}"
        version = f" {self.version}" if self.version else ""
        package = shortened(self.distribution)
        return f"the plugin '{shortened(self.name)}' of {package}{version}: pip install {package}"


def record_plugins(folder: Path, recipe: Recipe) -> None:
    """Write which plugins a recipe uses, and which were given; nothing where there are none."""
    used = {choice.component.provider for choice in recipe.choices.values()}
    entries = {entry.name: entry for entry in metadata.entry_points(group=GROUP)}
    records = []
    for plugin in recipe.host.plugins:
        if plugin.origin == "--plugin":
            word = next(
                word
                for word in recipe.host.given
                if word in (plugin.file, plugin.name) or str(Path(word)) == plugin.file
            )
            is_file = word.endswith(".py")
            digest = checksum(Path(plugin.file)) if is_file else ""
            records.append(PluginRecord(plugin.name, given=word, sha256=digest))
        elif plugin.name in used and plugin.name in entries:
            made_by = entries[plugin.name].dist
            name, version = (made_by.name, made_by.version) if made_by else (plugin.name, "")
            records.append(PluginRecord(plugin.name, name, version))
    if records:
        write_json(folder / RECORD, {"plugins": [asdict(record) for record in records]})


def copy_record(run: Path, export: Path) -> None:
    """Give an export the record of its run, if that has one."""
    if (run / RECORD).is_file():
        shutil.copyfile(run / RECORD, export / RECORD)


def read_plugins(folder: Path) -> list[PluginRecord]:
    """Return the record of a run or export; empty if it has none.

    Raises:
        ZooError: if the record is not one.
    """
    file = folder / RECORD
    if not file.is_file():
        return []
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))["plugins"]
        return [
            PluginRecord(**{key: str(value) for key, value in entry.items()}) for entry in entries
        ]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ZooError(
            f"{file} is not a record of plugins; expected what 'zoo train' wrote"
        ) from error


def missing_plugins(folder: Path) -> str:
    """Load the installed plugins and return a sentence about those that a run needs beside; empty if all are there.

    Files and modules are never run because of a record: a run directory may come from a stranger.
    """
    missing = [record.request() for record in read_plugins(folder) if not record.loaded]
    return f"{folder} was made with {'; and '.join(missing)}" if missing else ""


def check_plugins(folder: Path) -> None:
    """See that the plugins of a run are loaded.

    Raises:
        ZooError: with those that are missing.
    """
    if missing := missing_plugins(folder):
        raise ZooError(missing)
    note_changes(folder)


def note_changes(folder: Path) -> None:
    """Say on stderr which plugin files differ from those that a run was made with."""
    for record in read_plugins(folder):
        if record.changed:
            print(
                f"zoo: note: the plugin file {shortened(record.given)} is not the one that {folder} was made with",
                file=sys.stderr,
            )


def unloadable(path: Path, folder: Path, error: Exception) -> ZooError:
    """Return what to say of a `.keras` file that Keras cannot load: the missing plugins, or a short reason.

    Args:
        path: the file.
        folder: the run or export that it belongs to.
        error: what Keras raised; its text may hold a whole configuration.
    """
    missing = missing_plugins(folder)
    if missing:
        return ZooError(missing)
    reason = shortened(str(error).strip().partition("\n")[0], MOST_OF_ERROR)
    return ZooError(
        f"{path} cannot be loaded: {reason}. If it holds layers of a plugin, name that with --plugin"
    )


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
