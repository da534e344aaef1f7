"""`scoring-theory verify`: a certificate, checked again by the kernel alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import Any

from scoring_theory.cli import paths

DESCRIPTION = """\
Check a certificate again, with the small exact kernel alone: it derives everything from the
formula as typed, searches for nothing, and uses no floating point. FILE is what `check
--certificate FILE` wrote, or the output of `check --json`; `-` reads standard input."""
FIELDS = ("schema", "formula", "parameters", "claim")
"""What every certificate has."""
EXAMPLES = """\
examples:
  scoring-theory check "c - (q - c)**2" --certificate proof.json
  scoring-theory verify proof.json
  scoring-theory check "c - (q - c)**2" --certificate - | scoring-theory verify -

exit code: 0 every certificate is accepted, 1 one is rejected, 2 bad input."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("file", type=paths.source, metavar="FILE", help="a certificate, as JSON")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(options: argparse.Namespace) -> int:
    """Verify every certificate of a file."""
    from proofs.kernel.normal_form import Rejected
    from proofs.kernel.verifier import verify

    results: list[dict[str, Any]] = []
    for certificate in _certificates(options.file):
        try:
            claim, reason = verify(certificate), None
        except Rejected as error:
            claim, reason = f"{certificate['formula']} is {certificate['claim']}", str(error)
        results.append({"claim": claim, "accepted": reason is None, "reason": reason})
    if options.json:
        from scoring_theory.cli.terminal import print_json

        print_json({"schema": 1, "certificates": results})
    else:
        _print(results)
    return 0 if all(result["accepted"] for result in results) else 1


def _certificates(file: paths.Source) -> Iterator[Mapping[str, Any]]:
    """One certificate, a list of them, or a report that holds some.

    Raises:
        ValueError: the file holds something else; only a certificate can be accepted or rejected.
    """
    try:
        found = json.loads(file.read().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file.shown}: not JSON: {error}") from None
    for key in ("certificate", "certificates"):  # a report holds the first, and that the second
        found = found[key] if isinstance(found, dict) and key in found else found
    listed = found if isinstance(found, list) else [found]
    if not listed or not all(isinstance(one, dict) for one in listed):
        raise ValueError(f"{file.shown} holds no certificate")
    for one in listed:
        if absent := [name for name in FIELDS if name not in one]:
            raise ValueError(
                f"{file.shown} holds no certificate: {', '.join(absent)} must be given"
            )
    yield from listed


def _print(results: list[dict[str, Any]]) -> None:
    from scoring_theory.cli.terminal import paint, print_prose
    from scoring_theory.printable import printable

    for result in results:
        word = paint("accepted", "good") if result["accepted"] else paint("rejected", "bad")
        told = ": ".join(str(result[key]) for key in ("claim", "reason") if result[key] is not None)
        print_prose(f"{word}: {printable(' '.join(told.split()))}", indent=2)
