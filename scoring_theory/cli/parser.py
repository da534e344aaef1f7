"""Arguments of the command line; formulas may start with a minus sign."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

from scoring_theory.spelling import similar_names
from scoring_theory.versions import version_of


class Command(NamedTuple):
    """A subcommand: the module that declares its arguments and runs it, and its purpose.

    Example:
        >>> Command("scoring_theory.cli.verify_command", "verify a certificate").purpose
        'verify a certificate'
    """

    module: str
    purpose: str


@dataclass(frozen=True, kw_only=True)
class CommandDefinition:
    """What the module of a subcommand defines: `check_command.py` has `CHECK_COMMAND`, and so on.

    Attributes:
        examples: a text, or a function where the text lists what is costly to load.
        exit_codes: the meaning of each code; code 2 is invalid input unless it says more.
        run: takes the options and returns the exit code.
    """

    description: str
    examples: str | Callable[[], str]
    exit_codes: Mapping[int, str]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]

    def end_of_help(self) -> str:
        """The examples and the exit codes."""
        examples = self.examples if isinstance(self.examples, str) else self.examples()
        return f"{examples}\n\n{exit_codes(self.exit_codes)}"


Commands = Mapping[str, Command]
"""Subcommands by name."""
_OPTION = re.compile(r"-[hoq]|--[a-z][a-z-]*(=.*)?", re.DOTALL)
_BAD_INPUT = (2, "invalid input; the message is on stderr")
PROGRAM, HELP = "scoring-theory", "help"


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Print help texts as they were written; on a narrower terminal, wrap them between words."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        from scoring_theory.cli.terminal import refilled, width_of

        return refilled(super()._fill_text(text, width, indent), width_of(sys.stdout))


class UsageError(ValueError):
    """The command line is invalid; the message names the rule and the offending value."""


class _Once(argparse.Action):
    """Store a value; an option that is given twice is refused, since one value would be lost."""

    NOTES = "given once"

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: str | None = None,
    ) -> None:
        """Store the value."""
        seen: set[str] = getattr(namespace, self.NOTES, set())
        setattr(namespace, self.NOTES, seen)
        if option_string and self.dest in seen:
            parser.error(f"{option_string} is given twice")
        seen.add(self.dest)
        setattr(namespace, self.dest, values)


class Parser(argparse.ArgumentParser):
    """An argparse parser that raises `UsageError` where argparse would print its usage and exit.

    Example:
        >>> parser = Parser(prog="check", add_help=False)
        >>> parser.refuse_unknown_options(["--jsno"])
        Traceback (most recent call last):
        scoring_theory.cli.parser.UsageError: unknown option --jsno; try `check --help`
    """

    end_of_help: Callable[[], str] | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.register("action", None, _Once)
        self.register("action", "store", _Once)

    def parse_known_args(self, *arguments: Any, **options: Any) -> Any:
        """As argparse does, without the notes that `_Once` makes."""
        found, rest = super().parse_known_args(*arguments, **options)
        if hasattr(found, _Once.NOTES):
            delattr(found, _Once.NOTES)
        return found, rest

    def format_help(self) -> str:
        """The help page; its end is composed only now, since it may list what is costly to load."""
        if self.end_of_help is not None:
            self.epilog = self.end_of_help()
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise the message of argparse, without the blanks that `_guarded` put before formulas."""
        shown = re.sub(r"(?<=[' ]) (?=-)", "", message)
        raise UsageError(f"{shown}; try `{self.prog} --help`")

    def refuse_unknown_options(self, words: Iterable[str], commands: Collection[str] = ()) -> None:
        """Report an unknown option before argparse reports a missing required one.

        Args:
            words: the words of the command line.
            commands: the names of all commands, for an option that is one of them.

        Raises:
            UsageError: one of the words is not an option of this command; the message suggests the
                most similar option.
        """
        known = [option for action in self._actions for option in action.option_strings]
        for word in words:
            option = word.partition("=")[0]
            if _OPTION.fullmatch(word) and option not in known:
                names = [name[2:] for name in known if name.startswith("--")]
                near = [name for name in _MEANT.get(option.lstrip("-"), ()) if name in names]
                near = near or similar_names(option.lstrip("-"), names)
                meant = f" (did you mean --{near[0]}?)" if near else ""
                if not near and option.lstrip("-") in commands:
                    meant = f" (`{PROGRAM} {option.lstrip('-')}` is a command of its own)"
                self.error(f"unknown option {option}{meant}")


_MEANT = {
    "trainer": ("estimator", "framework"),
    "grader": ("checker",),
    "judge": ("checker",),
    "verifier": ("checker",),
    "verify": ("checker",),
    "parser": ("reader",),
    "runs": ("replicates",),
    "output": ("out", "figure"),
    "overwrite": ("force",),
    "rule": ("reward",),
    "score": ("reward",),
}
"""Other words for options, and the option to suggest where a command has it."""

WITH_SIMULATION = ("simulate", "contest", "card", "figures", "reproduce")
"""The names of the commands that `simulations.cli` adds."""


def read_arguments(argv: Sequence[str], commands: Commands) -> argparse.Namespace:
    """The options of one call; `options.run` is the subcommand, one of `commands`.

    Raises:
        UsageError: an unknown command or argument, or a missing one.

    Example:
        >>> check = Command("scoring_theory.cli.check_command", "check a reward")
        >>> read_arguments(["check", "-abs(q - c)"], {"check": check}).formula
        '-abs(q - c)'
    """
    top = _top(commands)
    if list(argv) == [HELP, "formulas"]:
        from scoring_theory.cli.topics import print_formulas

        return argparse.Namespace(run=print_formulas)
    arguments = _help_first(list(argv))
    if not arguments or arguments[0].startswith("-"):
        return _without_command(top, arguments)
    if arguments[0] not in commands:
        _refuse_simulation(arguments[0])
        near = similar_names(arguments[0], [*commands, HELP])
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        raise UsageError(f"unknown command {arguments[0]!r}{meant}; try `{PROGRAM} --help`")
    parser = Parser(
        prog=f"{PROGRAM} {arguments[0]}", allow_abbrev=False, formatter_class=HelpFormatter
    )
    declare(parser, commands[arguments[0]])
    parser.set_defaults(commands=commands)
    parser.usage = _usage(parser)
    words = arguments[1:]
    options = words[: words.index("--")] if "--" in words else words
    parser.refuse_unknown_options(options, commands)
    # Intermixed parsing allows a formula after an option: `export --framework trl FORMULA -o FILE`.
    try:
        return unguarded(parser.parse_intermixed_args(_guarded(words)))
    except UsageError:
        _require_options_first(words)
        raise


def declare(parser: argparse.ArgumentParser, command: Command) -> None:
    """Load a subcommand and declare its arguments, its help text and its function `run`.

    Example:
        >>> parser = Parser(prog="scoring-theory verify", formatter_class=HelpFormatter)
        >>> declare(parser, Command("scoring_theory.cli.verify_command", "verify a certificate"))
        >>> parser.format_help().splitlines()[-2:]
        ['  1 at least one certificate is rejected', '  2 invalid input; the message is on stderr']
    """
    module = import_module(command.module)
    definition: CommandDefinition = getattr(module, command.module.rpartition(".")[2].upper())
    parser.description = definition.description
    if isinstance(parser, Parser):
        parser.end_of_help = definition.end_of_help
    definition.add_arguments(parser)
    parser.set_defaults(run=definition.run)


def exit_codes(meanings: Mapping[int, str]) -> str:
    """The last paragraph of a help page; code 2 is invalid input, unless `meanings` says more.

    Example:
        >>> print(exit_codes({0: "the script is printed"}))
        exit codes:
          0 the script is printed
          2 invalid input; the message is on stderr
    """
    rows = sorted({**dict([_BAD_INPUT]), **meanings}.items())
    return "\n".join(["exit codes:", *(f"  {code} {meaning}" for code, meaning in rows)])


def _usage(parser: argparse.ArgumentParser) -> str:
    """The required arguments only; argparse would list every option twice."""
    from scoring_theory.cli.terminal import filled, width_of

    required = [
        _placeholder(action)
        for action in parser._actions
        if action.required or not action.option_strings
    ]
    usage = " ".join([f"usage: {parser.prog}", *required, "[OPTIONS]"])
    return "\n".join(filled(usage, width_of(sys.stdout), 7)).removeprefix("usage: ")


def _placeholder(action: argparse.Action) -> str:
    value = str(action.metavar or action.dest.upper())
    if action.option_strings:
        return f"{action.option_strings[0]} {value}"
    return value if action.required else f"[{value}]"


def require_one(options: argparse.Namespace, names: Sequence[str], command: str) -> None:
    """Require exactly one of `formula`, the positional argument, and the options in `names`.

    Raises:
        UsageError: none of them is given, or more than one.

    Example:
        >>> options = argparse.Namespace(formula="c", rule="rlcr")
        >>> try:
        ...     require_one(options, ("formula", "rule"), "repair")
        ... except UsageError as error:
        ...     print(error)
        give only one of a formula, --rule; got a formula and --rule
    """
    words = {name: "a formula" if name == "formula" else f"--{name}" for name in names}
    given = [word for name, word in words.items() if getattr(options, name) is not None]
    listed = ", ".join(words.values())
    if not given:
        raise UsageError(f"give one of: {listed}; try `{PROGRAM} {command} --help`")
    if len(given) > 1:
        raise UsageError(f"give only one of {listed}; got {' and '.join(given)}")


def formula(text: str) -> str:
    """The argument type of formulas: as typed, without the blank that `_guarded` put before it.

    Example:
        >>> formula(" -abs(q - c)")
        '-abs(q - c)'
    """
    return text.strip()


def number_of(
    kind: Callable[[str], float], least: float, most: float = float("inf")
) -> Callable[[str], float]:
    """An argument type for finite numbers between two bounds, both included.

    Raises:
        ArgumentTypeError: (the function that is returned) not such a number.

    Example:
        >>> number_of(int, 2)("8"), number_of(float, 0, 1)("0.25")
        (8, 0.25)
        >>> number_of(float, 0, 1)("2")
        Traceback (most recent call last):
        argparse.ArgumentTypeError: expected a number of at least 0 and at most 1, got '2'
    """

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


def _refuse_simulation(name: str) -> None:
    """Say how a command is run that simulates, which this program does not.

    Raises:
        UsageError: it is such a command.
    """
    if name in WITH_SIMULATION:
        raise UsageError(
            f"`{name}` simulates, which `python -m scoring_theory` does not; run"
            f" `{PROGRAM} {name}`, if it is installed, or `python -m simulations {name}`"
        )


def _without_command(top: Parser, arguments: list[str]) -> argparse.Namespace:
    top.refuse_unknown_options(arguments)
    options = top.parse_args(arguments)
    options.run = _version if options.version else _help(top)
    return options


def _version(_: argparse.Namespace) -> int:
    print(f"scoring-theory {version_of()}")
    return 0


def _help(top: Parser) -> Callable[[argparse.Namespace], int]:
    def run(_: argparse.Namespace) -> int:
        top.print_help()
        return 0

    return run


def _guarded(arguments: Sequence[str]) -> list[str]:
    """The words with a blank before each formula that argparse would take for an option.

    `-abs(q-c)` is such a formula. Words after `--` get the blank too, and `--` itself is left out,
    because with it argparse 3.11 forgets the arguments that it has already read. A lone `-` means
    standard input, and argparse does not take it for an option.
    """
    words = list(arguments)
    end = words.index("--") if "--" in words else len(words)
    guarded = [
        f" {w}" if w.startswith("-") and w != "-" and not _OPTION.fullmatch(w) else w
        for w in words[:end]
    ]
    return guarded + [f" {w}" if w.startswith("-") and w != "-" else w for w in words[end + 1 :]]


def unguarded(options: argparse.Namespace) -> argparse.Namespace:
    """The options without the blanks of `_guarded`, which would otherwise get into file names.

    Example:
        >>> unguarded(argparse.Namespace(file=" -log.csv", seed=0))
        Namespace(file='-log.csv', seed=0)
    """
    for name, value in vars(options).items():
        if isinstance(value, str):
            setattr(options, name, bare(value))
        elif isinstance(value, list):
            setattr(options, name, [bare(x) if isinstance(x, str) else x for x in value])
    return options


def bare(text: str) -> str:
    """A word as it was typed, without the blank of `_guarded` before a minus sign.

    Example:
        >>> bare(" -log.csv"), bare(" log.csv")
        ('-log.csv', ' log.csv')
    """
    return text[1:] if text.startswith(" -") else text


def _require_options_first(words: Sequence[str]) -> None:
    after = words[words.index("--") + 1 :] if "--" in words else []
    if late := [word for word in after if _OPTION.fullmatch(word)]:
        raise UsageError(
            f"`--` ends the options, so {late[0]} must stand before it; a formula does not need"
            " `--`"
        ) from None


def _top(commands: Commands) -> Parser:
    top = Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        formatter_class=HelpFormatter,
        description=(
            "Rewards for an answer with a stated confidence: prove whether a reward makes the most"
            " likely answer with its true probability optimal, design and repair rewards, evaluate"
            " recorded rollouts, simulate training, and draw figures."
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
    lines = [f"  {name:<12}{command.purpose}" for name, command in commands.items()]
    more = [
        "Each command has its own help page, with examples and exit codes:",
        f"  {PROGRAM} check --help",
        f"  {PROGRAM} help check",
        "",
        "For a file that is read, `-` is standard input: `verify -`, `replay -`. For a text file"
        " that is written, `-` is standard output.",
        "",
        "exit codes of all commands:",
        "  0 success",
        "  1 refuted or rejected",
        "  2 invalid input; the message is on stderr",
        "  3 undecided: neither a proof nor a counterexample was found",
        "  70 internal error; 130 interrupted; 141 the reader of a pipe has closed it",
    ]
    return "\n".join(
        [
            "commands:",
            *lines,
            f"  {HELP:<12}show the help page of a command, or that of `formulas`",
            "",
            *more,
        ]
    )
