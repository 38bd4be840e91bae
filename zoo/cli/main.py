"""The `zoo` command: a group whose subcommands are registered by plugins and imported when they are called."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

import zoo
from zoo.cli.backend import IS_PROGRAM
from zoo.cli.quiet import OPENCV, without_notes
from zoo.errors import ZooError, nearest
from zoo.notebook.quiet import LOG_LEVEL, SHOW_ALL
from zoo.plugins import Host, load_host


class ZooGroup(click.Group):
    """Subcommands from the registry; `--plugin` may stand before or after the subcommand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take every `--plugin` and `--verbose` out of the arguments, then parse the rest as usual."""
        plugins, rest, _ = _split_globals(args)
        ctx.obj = load_host(*plugins)
        return super().parse_args(ctx, rest)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the registered names in the order of registration: zoo's own, then plugin by plugin."""
        return [component.name for component in _host(ctx).registry.registered("command")]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import a subcommand."""
        if name not in _host(ctx).registry.names("command"):
            return None
        command = _host(ctx).registry.get("command", name).target
        if not isinstance(command, click.Command):
            component = _host(ctx).registry.get("command", name)
            raise ZooError(
                f"the command '{name}' of plugin '{component.provider}' ({component.file}) is "
                f"{type(command).__name__}; expected a click.Command"
            )
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; a misspelt one is told the nearest."""
        names = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in names:
            raise click.UsageError(
                f"there is no command '{args[0]}'.{nearest(args[0], names)}", ctx
            )
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands from their summaries, without importing them."""
        components = _host(ctx).registry.registered("command")
        with formatter.section("Commands"):
            formatter.write_dl([(component.name, component.summary) for component in components])


def _split_globals(args: Sequence[str]) -> tuple[list[str], list[str], bool]:
    plugins, rest, verbose = [], [], False
    words = iter(args)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--plugin":
            value = next(words, None)
            if value is None:
                raise click.UsageError("--plugin needs a module or a file")
            plugins.append(value)
        elif word.startswith("--plugin="):
            plugins.append(word.removeprefix("--plugin="))
        elif word == "--verbose":
            verbose = True
        else:
            rest.append(word)
    return plugins, rest, verbose


def _host(ctx: click.Context) -> Host:
    host = ctx.find_object(Host)
    return host if host is not None else load_host()


@click.group(cls=ZooGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(zoo.__version__, prog_name="zoo")
@click.option(
    "--plugin",
    metavar="MODULE_OR_FILE",
    help="Load a plugin that is not installed; may be given anywhere and more than once.",
)
@click.option(
    "--verbose", is_flag=True, help="Show TensorFlow's own log too; may be given anywhere."
)
def cli(**_: Any) -> None:
    """Train, judge and use image-to-image translators.

    A recipe names networks, losses and pictures; 'zoo train earth' runs one and makes a run directory.
    """


def command() -> None:
    """The installed program `zoo`: `main` without the notes of TensorFlow and OpenCV, and without OpenCV's threads."""
    for name, value in OPENCV.items():
        os.environ.setdefault(name, value)
    with contextlib.suppress(click.UsageError):  # told by `main`
        if _split_globals(sys.argv[1:])[2]:
            os.environ[LOG_LEVEL] = SHOW_ALL
    IS_PROGRAM.set(True)
    with without_notes():
        main()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; exits with 0, or 2 and one clear message for a user's mistake, or 130 for Ctrl-C."""
    # Names of files may hold bytes that are no text; stderr escapes them by itself.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(args=arguments, prog_name="zoo", standalone_mode=False)
    except ZooError as error:
        click.echo(f"zoo: {error}", err=True)
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("zoo: stopped", err=True)
        code = 130
    except BrokenPipeError:
        # The reader went away, as `zoo list | head` does; Python must not try to flush the rest.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)
