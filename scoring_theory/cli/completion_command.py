"""`scoring-theory completion`: a script that lets a shell complete commands, options, choices and file names.

The script is written once, so that completing runs nothing of ours and costs the other commands no
time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from scoring_theory.cli import paths
from scoring_theory.cli.parser import HELP, PROGRAM, Commands, declare

SHELLS = ("bash", "zsh", "tcsh")
DESCRIPTION = """\
Print a script that completes commands, options, their choices and file names in a shell. It needs
shtab: pip install "scoring-theory[completion]"."""
EXAMPLES = """\
examples:
  scoring-theory completion bash > ~/.local/share/bash-completion/completions/scoring-theory
  scoring-theory completion zsh > ~/.zfunc/_scoring-theory       with fpath+=~/.zfunc before compinit
  scoring-theory completion tcsh > ~/.scoring-theory.tcsh        with `source` of it in ~/.tcshrc

It is in force in the next shell that you open."""
_FILES = (paths.source, paths.file, paths.target, paths.figure)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("shell", choices=SHELLS, help="whose script")


def run(options: argparse.Namespace) -> int:
    """Print the script.

    Raises:
        ModuleNotFoundError: shtab is not installed; the message says how to get it.
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
        if _of_files(action):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        elif action.metavar == "DIR":
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]
    print(shtab.complete(top, shell=options.shell))
    return 0


def whole(commands: Commands) -> argparse.ArgumentParser:
    """One parser of all commands, which a call of one of them never builds."""
    top = argparse.ArgumentParser(prog=PROGRAM, allow_abbrev=False)
    top.add_argument("--version", action="store_true", help="print the version")
    below = top.add_subparsers(metavar="COMMAND")
    for name, command in commands.items():
        declare(below.add_parser(name, help=command.purpose, allow_abbrev=False), command)
    below.add_parser(HELP, help="explain a command").add_argument(
        "command", nargs="?", choices=list(commands)
    )
    return top


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _actions(one)
        else:
            yield action


def _of_files(action: argparse.Action) -> bool:
    return action.type in _FILES or getattr(action.type, "func", None) is paths.figures
