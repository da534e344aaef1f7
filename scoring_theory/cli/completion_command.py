"""`scoring-theory completion`: a shell script that completes commands, options and file names.

The script is generated once, so that completion never runs this program and the other commands
lose no time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from scoring_theory.cli import paths
from scoring_theory.cli.parser import HELP, PROGRAM, CommandDefinition, Commands, declare

SHELLS = ("bash", "zsh", "tcsh")
_FILES = (paths.source, paths.log_source, paths.file, paths.target, paths.figure)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that reads the script")


def _run(options: argparse.Namespace) -> int:
    """Print the script.

    Raises:
        ModuleNotFoundError: shtab is not installed; the message says how to install it.
    """
    try:
        import shtab
    except ModuleNotFoundError as error:
        message = (
            'completion needs shtab; install it with `pip install "scoring-theory[completion]"`'
        )
        raise ModuleNotFoundError(message, name=error.name) from None

    top = whole(options.commands)
    for action in _actions(top):
        if _takes_file(action):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar == "DIR":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(top, shell=options.shell))
    return 0


def whole(commands: Commands) -> argparse.ArgumentParser:
    """One parser with all commands; a normal call builds only the parser of its own command.

    Example:
        >>> from scoring_theory.cli.commands import WITHOUT_SIMULATION
        >>> whole(WITHOUT_SIMULATION).parse_args(["verify", "proof.json"]).file.name
        'proof.json'
    """
    top = argparse.ArgumentParser(prog=PROGRAM, allow_abbrev=False)
    top.add_argument("--version", action="store_true", help="print the version")
    below = top.add_subparsers(metavar="COMMAND")
    for name, command in commands.items():
        declare(below.add_parser(name, help=command.purpose, allow_abbrev=False), command)
    below.add_parser(HELP, help="show the help page of a command").add_argument(
        "command", nargs="?", choices=list(commands)
    )
    return top


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for subparser in action.choices.values():
                yield from _actions(subparser)
        else:
            yield action


def _takes_file(action: argparse.Action) -> bool:
    return action.type in _FILES or getattr(action.type, "func", None) is paths.figures


COMPLETION_COMMAND = CommandDefinition(
    description="""\
Print a script with which a shell completes commands, options, their choices and file names. This
command needs shtab: pip install "scoring-theory[completion]".""",
    examples="""\
examples:
  scoring-theory completion bash > ~/.local/share/bash-completion/completions/scoring-theory
  scoring-theory completion zsh > ~/.zfunc/_scoring-theory   with fpath+=~/.zfunc before compinit
  scoring-theory completion tcsh > ~/.scoring-theory.tcsh    to be sourced in ~/.tcshrc

Completion works in every shell that you open afterwards.""",
    exit_codes={0: "the script is printed"},
    add_arguments=_add_arguments,
    run=_run,
)
