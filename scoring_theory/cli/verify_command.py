"""`scoring-theory verify`: verify a certificate with the kernel alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from scoring_theory.cli import paths
from scoring_theory.cli.parser import CommandDefinition

FIELDS = ("schema", "formula", "parameters", "claim")
"""The fields of every certificate."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument(
        "file",
        type=paths.source,
        metavar="FILE",
        help="certificates as JSON, or - for standard input",
    )
    paths.add_json(parser)


def _run(options: argparse.Namespace) -> int:
    """Verify every certificate of a file; exit code 1 if one is rejected."""
    from proofs.kernel.normal_form import Rejected
    from proofs.kernel.verifier import verify

    results: list[dict[str, Any]] = []
    for certificate in _certificates(options.file):
        try:
            claim, reason = verify(certificate), None
        except Rejected as error:
            claimed = f"the claim '{certificate['claim']}' of {certificate['formula']}"
            claim, reason = claimed, str(error)
        results.append({"claim": claim, "accepted": reason is None, "reason": reason})
    if options.json:
        from scoring_theory.cli.terminal import print_json

        print_json({"schema": 1, "certificates": results})
    else:
        _print(results)
    return 0 if all(result["accepted"] for result in results) else 1


def _certificates(file: paths.Source) -> Iterator[Mapping[str, Any]]:
    """The certificates of a file: one of them, a list of them, or a report that contains them.

    Raises:
        ValueError: the file contains anything else; only a certificate is accepted or rejected.
    """
    read = file.read()
    try:
        content = json.loads(read.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file.shown}: not JSON: {error}") from None
    for key in ("certificate", "certificates"):  # a report has the first, which has the second
        content = content[key] if isinstance(content, dict) and key in content else content
    listed = content if isinstance(content, list) else [content]
    if not listed or not all(isinstance(entry, dict) for entry in listed):
        raise ValueError(f"{file.shown} does not contain a certificate")
    for entry in listed:
        if absent := [name for name in FIELDS if name not in entry]:
            raise ValueError(
                f"{file.shown} does not contain a certificate: {', '.join(absent)} must be given"
            )
    yield from listed


def _print(results: list[dict[str, Any]]) -> None:
    from scoring_theory.cli.terminal import paint, print_prose
    from scoring_theory.printable import printable

    for result in results:
        word = paint("accepted", "good") if result["accepted"] else paint("rejected", "bad")
        told = ": ".join(str(result[key]) for key in ("claim", "reason") if result[key] is not None)
        print_prose(f"{word}: {printable(' '.join(told.split()))}", indent=2)


VERIFY_COMMAND = CommandDefinition(
    description="""\
Verify a certificate with the small exact kernel alone. The kernel derives everything again from the
formula as it was typed; it does not search and does not use floating point. FILE is the output of
`check --certificate FILE` or of `check --json`; `verify -` reads standard input.""",
    examples="""\
examples:
  scoring-theory check "c - (q - c)**2" --certificate proof.json
  scoring-theory verify proof.json
  scoring-theory check "c - (q - c)**2" --certificate - | scoring-theory verify -
  scoring-theory check "c - (q - c)**2" --json | scoring-theory verify -""",
    exit_codes={0: "every certificate is accepted", 1: "at least one certificate is rejected"},
    add_arguments=_add_arguments,
    run=_run,
)
