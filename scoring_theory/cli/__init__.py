"""The commands that need no simulation: one module per subcommand, loaded when it is called.

The installed program `scoring-theory`, which also simulates, is `simulations.cli.main`.

Rules of every subcommand: text for people on stdout, or with `--json` one object and nothing else;
progress, error messages and the names of written files on stderr; invalid input ends with a
sentence and exit code 2, never with a traceback. `scoring_theory.cli.paths` has the rule for files.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring_theory.cli.parser import Commands

BAD_INPUT, INTERNAL, INTERRUPTED, CLOSED_PIPE = 2, 70, 130, 141


def main(argv: Sequence[str] | None = None, commands: Commands | None = None) -> int:
    """Run one subcommand and return its exit code.

    Args:
        argv: The arguments after `scoring-theory`; by default those of this process.
        commands: The available commands; by default those that need no simulation.

    Example:
        >>> main(["check", "c - 2*(q - c", "--json"])
        2
    """
    from scoring_theory.cli.commands import WITHOUT_SIMULATION
    from scoring_theory.cli.parser import UsageError, read_arguments
    from scoring_theory.cli.paths import files_checked
    from scoring_theory.cli.terminal import allow_any_character

    if sys.stderr is None:  # the shell has closed it, as by `2>&-`: nobody reads the messages
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        return _complain("standard output is closed: there is no place for the result", BAD_INPUT)
    allow_any_character(sys.stdout, sys.stderr)
    try:
        options = read_arguments(
            sys.argv[1:] if argv is None else argv, commands or WITHOUT_SIMULATION
        )
        with files_checked(options):
            code = int(options.run(options))
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse has printed a help text or the version
        return stop.code if isinstance(stop.code, int) else BAD_INPUT
    except UsageError as error:
        return _complain(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return _complain("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader (`| head`) has closed the pipe. Without this, Python would print a second error
        # at exit, when it flushes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CLOSED_PIPE
    except (ValueError, OSError, ImportError, ArithmeticError) as error:
        return _complain(_sentence(error), BAD_INPUT)
    except MemoryError:
        return _complain("there is not enough memory for this", BAD_INPUT)
    except Exception as error:
        # An internal error needs its own exit code, because 1 means "refuted".
        if os.environ.get("SCORING_THEORY_DEBUG"):
            raise
        cause = f"{type(error).__name__}: {error}"
        return _complain(
            f"internal error in scoring-theory ({cause}); set SCORING_THEORY_DEBUG=1 to see the"
            " traceback",
            INTERNAL,
        )


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"cannot use {os.fspath(error.filename)!r}: {error.strerror.lower()}"
    return str(error) or type(error).__name__


def _complain(sentence: str, code: int) -> int:
    from scoring_theory.cli.terminal import print_prose
    from scoring_theory.printable import printable

    print_prose(f"scoring-theory: {printable(sentence)}", indent=2, stream=sys.stderr)
    return code
