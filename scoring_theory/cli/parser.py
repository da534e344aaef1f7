"""Arguments of the command line; formulas may start with a minus sign."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn


class Command(NamedTuple):
    """A subcommand: the module that declares its arguments and runs it, and what it is for."""

    module: str
    purpose: str


Commands = Mapping[str, Command]
"""Subcommands by name."""
_OPTION = re.compile(r"-h|--[a-z][a-z-]*(=.*)?", re.DOTALL)


class UsageError(ValueError):
    """The command line itself is wrong; the message is a sentence that says where help is."""


class Parser(argparse.ArgumentParser):
    """argparse that raises a sentence where it would print usage and exit."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found."""
        raise UsageError(f"{message}; try `{self.prog} --help`")


def read(argv: Sequence[str], commands: Commands) -> argparse.Namespace:
    """The options of one call; `options.run` is the subcommand, one of `commands`.

    Raises:
        UsageError: an unknown command or argument, or a missing one.

    Example:
        >>> check = Command("scoring_theory.cli.check", "is this reward right and honest?")
        >>> read(["check", "-abs(q - c)"], {"check": check}).formula
        '-abs(q - c)'
    """
    top = Parser(
        prog="scoring-theory",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Does this reward make an agent both right and honest? Check it, replay it, simulate it, draw it.",
        epilog=_overview(commands),
    )
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument("command", nargs="?", metavar="COMMAND", help="one of the commands below")
    arguments = list(argv)
    if not arguments or arguments[0].startswith("-"):
        return _without_command(top, arguments)
    if arguments[0] not in commands:
        near = _nearest(arguments[0], commands)
        raise UsageError(f"unknown command {arguments[0]!r}{near}; try `scoring-theory --help`")
    module = import_module(commands[arguments[0]].module)
    parser = Parser(
        prog=f"scoring-theory {arguments[0]}",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=module.DESCRIPTION,
        epilog=module.EXAMPLES,
    )
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    # Intermixed, so that a formula may stand after an option: `export FILE --framework trl FORMULA`.
    try:
        return parser.parse_intermixed_args(_guarded(arguments[1:]))
    except UsageError:
        _require_options_first(arguments)
        raise


def formula(text: str) -> str:
    """The argument type of formulas: as typed, without the blank that guards a leading minus sign."""
    return text.strip()


def number_of(kind: Callable[[str], float], least: float, most: float = float("inf")) -> Callable[[str], float]:
    """An argument type for numbers between two bounds, with a sentence when they are not."""

    def convert(text: str) -> float:
        plain = text.isascii() and "_" not in text  # Python reads 1_0 as 10
        try:
            value = kind(text) if plain else float("nan")
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            wanted = "a whole number" if kind is int else "a number"
            upper = "" if most == float("inf") else f" and at most {most:g}"
            raise argparse.ArgumentTypeError(f"expected {wanted} of at least {least:g}{upper}, got {text.strip()!r}")
        return value

    return convert


def _without_command(top: Parser, arguments: list[str]) -> argparse.Namespace:
    options = top.parse_args(arguments)
    options.run = _version if options.version else _help(top)
    return options


def _version(_: argparse.Namespace) -> int:
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"scoring-theory {version('scoring-theory')}")
    except PackageNotFoundError:
        print("scoring-theory, run from its sources without being installed")
    return 0


def _help(top: Parser) -> Callable[[argparse.Namespace], int]:
    def run(_: argparse.Namespace) -> int:
        top.print_help()
        return 0

    return run


def _guarded(arguments: Sequence[str]) -> list[str]:
    """A formula such as `-abs(q-c)` looks like an option to argparse; a blank in front tells it otherwise.

    So does everything after `--`, which is left out: with it, argparse 3.11 forgets what it has read.
    """
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    guarded = [f" {w}" if w.startswith("-") and not _OPTION.fullmatch(w) else w for w in words[:end]]
    return guarded + [f" {w}" if w.startswith("-") else w for w in words[end + 1 :]]


def _require_options_first(arguments: Sequence[str]) -> None:
    after = arguments[arguments.index("--") + 1 :] if "--" in arguments else []
    if late := [word for word in after if _OPTION.fullmatch(word)]:
        raise UsageError(f"`--` ends the options, so {late[0]} must stand before it; formulas need no `--`") from None


def _overview(commands: Commands) -> str:
    lines = [f"  {name:<11}{command.purpose}" for name, command in commands.items()]
    return "\n".join(["commands:", *lines, "", "Each has its own --help, with examples:  scoring-theory check --help"])


def _nearest(word: str, commands: Commands) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, commands, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
