"""Verify certificates: `python -m proofs verify FILE`, or isolated `python -I proofs verify FILE`.

`python -m proofs export FILE` prints a Coq file for the first certificate in FILE whose rule is a
polynomial on each piece. Nothing needs to be installed.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

if __package__ in (None, ""):  # run as a folder, isolated from any installation
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import SCHEMA, verify

MAX_BYTES = 1 << 23
USAGE = """\
usage: python -m proofs verify FILE [FILE ...]   (each a certificate, or a bundle, as JSON)
       python -m proofs export FILE              (print a Coq proof of a polynomial rule)"""
_CLOSED_PIPE = 141
"""The exit code of a program whose reader has left, as the shell reports it for SIGPIPE."""


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object, unless a field occurs twice.

    A reader could take the first of two values for the one that is checked, which is the last.
    """
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("an object names a field twice")
    return fields


def _shown(text: str) -> str:
    """The text on one line and in ASCII, whatever the file holds."""
    return "".join(c if " " <= c <= "~" else ascii(c)[1:-1] for c in " ".join(text.split()))


def _read(path: Path) -> str:
    """The text of a file of at most `MAX_BYTES`."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Rejected(f"a file of certificates may have at most {MAX_BYTES >> 20} MB")
    return content.decode("utf-8")


def certificates_of(text: str) -> list[object]:
    """The certificates in a text: one object, a list, or the list under `certificates`.

    Raises:
        Rejected: the text is not JSON, or holds no certificate.

    Example:
        >>> certificates_of('{"schema": 2}')
        [{'schema': 2}]
    """
    try:
        data = json.loads(text, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as reason:
        raise Rejected(f"not JSON: {reason}") from reason
    certificates = data.get("certificates", [data]) if isinstance(data, dict) else data
    if not isinstance(certificates, list) or not certificates:
        raise Rejected("the file holds no certificate")
    return certificates


def verify_file(path: Path) -> list[str]:
    """The claims that the certificates of a file prove, in words.

    Raises:
        Rejected: one of them is not accepted.
        OSError: the file cannot be read.
    """
    claims = []
    for certificate in certificates_of(_read(path)):
        if not isinstance(certificate, dict):
            raise Rejected(f"a certificate must be an object, got {certificate!r:.60}")
        claims.append(verify(certificate))
    return claims


def export_to_coq(path: Path) -> str:
    """The Coq file of the first certificate in a file that can be exported.

    Raises:
        Rejected: no certificate can be exported; the message gives the reason for the first.
        OSError: the file cannot be read.
    """
    from proofs.to_coq import coq_of

    reasons = []
    for certificate in certificates_of(_read(path)):
        try:
            return coq_of(certificate if isinstance(certificate, dict) else {})
        except Rejected as reason:
            reasons.append(reason)
    raise reasons[0]


def print_export(name: str) -> int:
    """Print the Coq file of a certificate file and return the exit code.

    0: printed; 1: no certificate in the file can be exported; 2: the file cannot be read.
    """
    try:
        text = export_to_coq(Path(name))
    except Rejected as reason:
        print(_shown(f"cannot export {name}: {reason}"), file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as reason:
        print(_shown(f"cannot read {name}: {reason}"), file=sys.stderr)
        return 2
    print(text)  # outside the `try`: a closed pipe is an OSError too
    return 0


def main(arguments: list[str]) -> int:
    """Run `verify` or `export` and return the exit code.

    0: every certificate is accepted, or the Coq file is printed; 1: a certificate is not accepted
    or cannot be exported; 2: a usage error or an unreadable file; 141: the reader of the output
    (such as `| head`) has left.

    Example:
        >>> main(["export", "absent.json"])
        2
    """
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout once more at exit, which would raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _CLOSED_PIPE
    return code


def _run(arguments: list[str]) -> int:
    if len(arguments) == 2 and arguments[0] == "export":
        return print_export(arguments[1])
    if len(arguments) < 2 or arguments[0] != "verify":
        print(USAGE, file=sys.stderr)
        return 2
    start, count, worst = time.perf_counter(), 0, 0
    for name in arguments[1:]:
        try:
            claims = verify_file(Path(name))
        except Rejected as reason:
            print(_shown(f"REJECTED {name}: {reason}"))
            worst = max(worst, 1)
            continue
        except (OSError, UnicodeDecodeError) as reason:
            print(_shown(f"cannot read {name}: {reason}"), file=sys.stderr)
            return 2
        count += len(claims)
        for claim in claims:
            print(_shown(f"accepted {claim}"))
    print(
        f"{count} certificates of schema {SCHEMA} accepted in {time.perf_counter() - start:.3f} s"
    )
    return worst


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
