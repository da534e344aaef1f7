"""`scoring-theory verify`: a certificate, checked again by the kernel alone."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

DESCRIPTION = """\
Check a certificate again, with the small exact kernel alone: it derives everything from the
formula as typed, searches for nothing, and uses no floating point. FILE is what `check
--certificate FILE` wrote, or the output of `check --json`."""
EXAMPLES = """\
examples:
  scoring-theory check "c - (q - c)**2" --certificate proof.json
  scoring-theory verify proof.json

exit code: 0 every certificate is accepted, 1 one is rejected, 2 bad input."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("file", metavar="FILE", help="a certificate, as JSON")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(options: argparse.Namespace) -> int:
    """Verify every certificate of a file."""
    from proofs.kernel.check import verify
    from proofs.kernel.normal_form import Rejected

    results: list[dict[str, Any]] = []
    for certificate in _certificates(options.file):
        try:
            claim, reason = verify(certificate), None
        except Rejected as error:
            claim, reason = f"{certificate.get('formula')} is {certificate.get('claim')}", str(error)
        results.append({"claim": claim, "accepted": reason is None, "reason": reason})
    if options.json:
        from scoring_theory.cli.terminal import print_json

        print_json({"schema": 1, "certificates": results})
    else:
        _print(results)
    return 0 if all(result["accepted"] for result in results) else 1


def _certificates(path: str) -> Iterator[Mapping[str, Any]]:
    """One certificate, a list of them, or a report that holds some."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path}: not JSON: {error}") from None
    for key in ("certificate", "certificates"):  # a report holds the first, and that the second
        found = found[key] if isinstance(found, dict) and key in found else found
    listed = found if isinstance(found, list) else [found]
    if not listed or not all(isinstance(one, dict) for one in listed):
        raise ValueError(f"{path}: there is no certificate in this file")
    yield from listed


def _print(results: list[dict[str, Any]]) -> None:
    from scoring_theory.cli.terminal import paint

    for result in results:
        if result["accepted"]:
            print(f"{paint('accepted', 'good')}: {result['claim']}")
        else:
            print(f"{paint('rejected', 'bad')}: {result['claim']}: {result['reason']}")
