"""The page of commands, as click knows them: usage, help, options."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click
from table_row import row

from zoo.cli.main import cli
from zoo.plugins import Host
from zoo.registry.component import Component


def page(host: Host) -> str:
    """Return the page of commands: `zoo` itself, then its commands in the order of `zoo --help`."""
    root = _context(cli, "zoo", None)
    root.obj = host
    components = host.registry.registered("command")
    lines = ["# Commands\n"]
    lines.append(
        "What `zoo --help` and `zoo COMMAND --help` print; `-h` is short for `--help`. Plugins that you install add "
        "theirs. The environment variable `KERAS_BACKEND` chooses the backend of commands that compute "
        "([Backends](../README.md#backends)). Exit codes are 0, 2 for a mistake, told in one message, and 130 after "
        "Ctrl-C.\n"
    )
    lines += ["| command | | plugin | extra |", "| --- | --- | --- | --- |"]
    sections = _section(root, "##")
    for component in components:
        command = cli.get_command(root, component.name)
        if command is None:
            raise LookupError(f"zoo lists the command {component.name} and does not find it")
        context = _context(command, component.name, root)
        for inner in _with_subcommands(context):
            extras = ", ".join(f"`{name}`" for name in _extras(inner, component))
            summary = component.summary if inner is context else "".join(_help(inner)[:1])
            link = f"[`{inner.command_path}`](#{inner.command_path.replace(' ', '-')})"
            lines.append(row(link, _marked(summary), f"`{component.provider}`", extras))
            provided = (
                f"Provided by `{component.provider}`.{f' Extra: {extras}.' if extras else ''}"
            )
            sections += _section(inner, "##" if inner is context else "###", provided)
    return "\n".join([*lines, "", *sections])


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    # Without show_default click tells only those defaults that an option asks it to tell.
    return click.Context(command, parent, name, show_default=True, **command.context_settings)


def _with_subcommands(context: click.Context) -> Iterator[click.Context]:
    """Yield a command and, of a group, the commands in it."""
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None:
                yield from _with_subcommands(_context(command, name, context))


def _section(context: click.Context, heading: str, provided: str = "") -> list[str]:
    usage = [context.command_path, *context.command.collect_usage_pieces(context)]
    lines = [f"{heading} {context.command_path}\n", f"    {' '.join(usage)}\n"]
    lines += [f"{_marked(text)}\n" for text in _help(context)]
    if provided:
        lines.append(f"{provided}\n")
    options = [item for item in context.command.params if isinstance(item, click.Option)]
    if options:
        lines += ["| option | value | default | |", "| --- | --- | --- | --- |"]
        lines += [_option(option, context) for option in options]
        lines.append("")
    return lines


def _option(option: click.Option, context: click.Context) -> str:
    extra = option.get_help_extra(context)
    # click's words for a number in a range are INTEGER RANGE; the range itself says more.
    kind = option.make_metavar(context).removesuffix(" RANGE")
    value = "" if option.is_flag else ", ".join(filter(None, (kind, extra.get("range"))))
    default = extra.get("default")
    if option.required:
        told = "required"
    elif option.is_flag and default is None:
        told = "off"
    else:
        told = "none" if default in (None, '""') else f"`{default}`"
    variables = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    text = _marked(option.help or "")
    if variables:
        shown = ", ".join(f"`{variable}`" for variable in variables)
        text += f" Environment variable{'s' if len(variables) > 1 else ''} {shown}."
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return row(names, f"`{value}`" if value else "", told, text)


def _help(context: click.Context) -> list[str]:
    """Return the paragraphs of a command's help."""
    # Click shows nothing of what follows a form feed.
    text = inspect.cleandoc(context.command.help or "").partition("\f")[0].strip()
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)] if text else []


def _extras(context: click.Context, component: Component) -> list[str]:
    """Return the extras that a command is registered with, or that its help names."""
    registered = re.findall(r"\[(.+)\]", component.extra)
    named = re.findall(r"the extra '([\w-]+)'", " ".join(_help(context)))
    return list(dict.fromkeys([*registered, *named]))


def _marked(text: str) -> str:
    """Return a text of the command line as Markdown: what it quotes becomes code."""
    return re.sub(r"(?<!\w)'([^']+)'(?!\w)", r"`\1`", text)
