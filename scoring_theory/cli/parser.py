"""Arguments of the command line; formulas may start with a minus sign."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import NamedTuple, NoReturn


class Command(NamedTuple):
    """A subcommand: the module that declares its arguments and runs it, and what it is for."""

    module: str
    purpose: str


Commands = Mapping[str, Command]
"""Subcommands by name."""
_OPTION = re.compile(r"-[hoq]|--[a-z][a-z-]*(=.*)?", re.DOTALL)
_ALIKE = 0.6  # difflib's ratio: 1 for equal words, 0 for words without a common letter
PROGRAM, HELP = "scoring-theory", "help"


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Help texts as they were written, which a terminal that is too narrow for them gets broken between words."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        from scoring_theory.cli.terminal import refilled, width_of

        return refilled(super()._fill_text(text, width, indent), width_of(sys.stdout))


class UsageError(ValueError):
    """The command line itself is wrong; the message is a sentence that says where help is."""


class Parser(argparse.ArgumentParser):
    """argparse that raises a sentence where it would print usage and exit."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found, without the blanks that guard words from it."""
        shown = re.sub(r"(?<=[' ]) (?=-)", "", message)
        raise UsageError(f"{shown}; try `{self.prog} --help`")

    def refuse_unknown_options(self, words: Iterable[str]) -> None:
        """Name an option that does not exist before argparse misses one that is required.

        Raises:
            UsageError: one of the words is no option of this command; the nearest one is offered.
        """
        known = [option for action in self._actions for option in action.option_strings]
        for word in words:
            option = word.partition("=")[0]
            if _OPTION.fullmatch(word) and option not in known:
                near = nearest(
                    option.lstrip("-"), [name[2:] for name in known if name.startswith("--")]
                )
                self.error(
                    f"unknown option {option}{f' (did you mean --{near[0]}?)' if near else ''}"
                )


def read_arguments(argv: Sequence[str], commands: Commands) -> argparse.Namespace:
    """The options of one call; `options.run` is the subcommand, one of `commands`.

    Raises:
        UsageError: an unknown command or argument, or a missing one.

    Example:
        >>> check = Command("scoring_theory.cli.check_command", "is this reward right and honest?")
        >>> read_arguments(["check", "-abs(q - c)"], {"check": check}).formula
        '-abs(q - c)'
    """
    top = _top(commands)
    arguments = _help_first(list(argv))
    if not arguments or arguments[0].startswith("-"):
        return _without_command(top, arguments)
    if arguments[0] not in commands:
        near = nearest(arguments[0], [*commands, HELP])
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        raise UsageError(f"unknown command {arguments[0]!r}{meant}; try `{PROGRAM} --help`")
    parser = Parser(
        prog=f"{PROGRAM} {arguments[0]}", allow_abbrev=False, formatter_class=HelpFormatter
    )
    declare(parser, commands[arguments[0]])
    parser.set_defaults(commands=commands)
    parser.usage = _usage(parser)
    words = arguments[1:]
    parser.refuse_unknown_options(words[: words.index("--")] if "--" in words else words)
    # Intermixed, so that a formula may stand after an option: `export --framework trl FORMULA -o
    # FILE`.
    try:
        return unguarded(parser.parse_intermixed_args(_guarded(words)))
    except UsageError:
        _require_options_first(words)
        raise


def declare(parser: argparse.ArgumentParser, command: Command) -> None:
    """Load a subcommand and let it declare its arguments, its help text, and what runs it."""
    module = import_module(command.module)
    parser.description, parser.epilog = module.DESCRIPTION, module.EXAMPLES
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)


def _usage(parser: argparse.ArgumentParser) -> str:
    """What must be given; argparse would print every option twice."""
    from scoring_theory.cli.terminal import filled, width_of

    needed = [
        _place(action) for action in parser._actions if action.required or not action.option_strings
    ]
    usage = " ".join([f"usage: {parser.prog}", *needed, "[OPTIONS]"])
    return "\n".join(filled(usage, width_of(sys.stdout), 7)).removeprefix("usage: ")


def _place(action: argparse.Action) -> str:
    named = str(action.metavar or action.dest.upper())
    if action.option_strings:
        return f"{action.option_strings[0]} {named}"
    return named if action.required else f"[{named}]"


def nearest(word: str, known: Iterable[str], *, count: int = 1) -> list[str]:
    """What somebody may have meant: names much like the word, or else those that begin with it.

    Example:
        >>> nearest("briar", ["brier", "log"]), nearest("sph", ["spherical"]), nearest("bogus", ["log", "brier"])
        (['brier'], ['spherical'], [])
    """
    from difflib import get_close_matches

    names = list(known)
    begun = [name for name in names if len(word) > 2 and name.startswith(word)]
    return (get_close_matches(word, names, n=count, cutoff=_ALIKE) or begun)[:count]


def require_one(options: argparse.Namespace, names: Sequence[str], command: str) -> None:
    """A reward is given in one way: `formula`, which has no dashes, or one of the options in `names`.

    Raises:
        UsageError: none of them is given, or more than one.
    """
    words = {name: "a formula" if name == "formula" else f"--{name}" for name in names}
    given = [word for name, word in words.items() if getattr(options, name) is not None]
    listed = ", ".join(words.values())
    if not given:
        raise UsageError(f"give one of: {listed}; try `{PROGRAM} {command} --help`")
    if len(given) > 1:
        raise UsageError(f"give only one of {listed}; got {' and '.join(given)}")


def formula(text: str) -> str:
    """The argument type of formulas: as typed, without the blank that guards a leading minus sign."""
    return text.strip()


def number_of(
    kind: Callable[[str], float], least: float, most: float = float("inf")
) -> Callable[[str], float]:
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
            raise argparse.ArgumentTypeError(
                f"expected {wanted} of at least {least:g}{upper}, got {text.strip()!r}"
            )
        return value

    return convert


def _without_command(top: Parser, arguments: list[str]) -> argparse.Namespace:
    top.refuse_unknown_options(arguments)
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
    """A formula such as `-abs(q-c)` looks like an option to argparse; a blank in front prevents that.

    So does everything after `--`, which is left out: with it, argparse 3.11 forgets what it has
    read. A lone `-` is standard input, and argparse takes it for no option.
    """
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    guarded = [
        f" {w}" if w.startswith("-") and w != "-" and not _OPTION.fullmatch(w) else w
        for w in words[:end]
    ]
    return guarded + [f" {w}" if w.startswith("-") and w != "-" else w for w in words[end + 1 :]]


def unguarded(options: argparse.Namespace) -> argparse.Namespace:
    """The options without the blanks of `_guarded`, which would otherwise get into names of files."""
    for name, value in vars(options).items():
        if isinstance(value, str):
            setattr(options, name, bare(value))
        elif isinstance(value, list):
            setattr(options, name, [bare(one) if isinstance(one, str) else one for one in value])
    return options


def bare(text: str) -> str:
    """A word as it was typed, without the blank that guards a leading minus sign."""
    return text[1:] if text.startswith(" -") else text


def _require_options_first(words: Sequence[str]) -> None:
    after = words[words.index("--") + 1 :] if "--" in words else []
    if late := [word for word in after if _OPTION.fullmatch(word)]:
        raise UsageError(
            f"`--` ends the options, so {late[0]} must stand before it; formulas need no `--`"
        ) from None


def _top(commands: Commands) -> Parser:
    top = Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        formatter_class=HelpFormatter,
        description=(
            "Does this reward make an agent both right and honest? Check it, replay it, simulate"
            " it, draw it."
        ),
        epilog=_overview(commands),
    )
    top.add_argument("--version", action="store_true", help="print the version")
    top.add_argument("command", nargs="?", metavar="COMMAND", help="one of the commands below")
    return top


def _help_first(arguments: list[str]) -> list[str]:
    """`help check` is `check --help`."""
    return [*arguments[1:2], "--help"] if arguments[:1] == [HELP] else arguments


def _overview(commands: Commands) -> str:
    lines = [f"  {name:<11}{command.purpose}" for name, command in commands.items()]
    more = [
        "Each command has its own help, with examples:",
        f"  {PROGRAM} check --help",
        f"  {PROGRAM} help check",
    ]
    return "\n".join(["commands:", *lines, f"  {HELP:<11}explain a command", "", *more])
