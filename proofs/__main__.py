"""Verify certificates with nothing installed: `python -m proofs verify FILE`, or `python -I proofs verify FILE`.

`python -m proofs export FILE` prints a Coq file for the first certificate in FILE that can be:
polynomial pieces.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

if __package__ in (None, ""):  # run as a folder, isolated from any installation
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from proofs.kernel.normal_form import Rejected
from proofs.kernel.verifier import SCHEMA, verify

MAX_BYTES = 1 << 23
USAGE = """usage: python -m proofs verify FILE [FILE ...]   (a certificate, or a bundle of certificates, as JSON)
       python -m proofs export FILE              (prints a Coq file that proves a rule of polynomial pieces)"""


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object; one that names a field twice would show a reader another formula than the one that is checked."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a field twice")
    return found


def _shown(text: str) -> str:
    """On one line, in ASCII, whatever a file holds."""
    return "".join(c if " " <= c <= "~" else ascii(c)[1:-1] for c in " ".join(text.split()))


def _read(path: Path) -> str:
    """The text of a file that is small enough to be read at once."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Rejected(f"a file of certificates may have at most {MAX_BYTES >> 20} MB")
    return content.decode("utf-8")


def certificates_of(text: str) -> list[object]:
    """The certificates in a file: one, or the list under `certificates`.

    Raises:
        Rejected: the text is not JSON, or holds no certificate.
    """
    try:
        data = json.loads(text, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as reason:
        raise Rejected(f"not JSON: {reason}") from reason
    found = data.get("certificates", [data]) if isinstance(data, dict) else data
    if not isinstance(found, list) or not found:
        raise Rejected("the file holds no certificate")
    return found


def verify_file(path: Path) -> list[str]:
    """What the certificates of a file prove.

    Raises:
        Rejected: one of them is not accepted.
        OSError: the file cannot be read.
    """
    told = []
    for certificate in certificates_of(_read(path)):
        if not isinstance(certificate, dict):
            raise Rejected(f"a certificate must be an object, got {certificate!r:.60}")
        told.append(verify(certificate))
    return told


def export_to_coq(path: Path) -> str:
    """The Coq file of the first certificate in a file that has one.

    Raises:
        Rejected: none has; the message says why the first has none.
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
    """0: printed; 1: no certificate in the file can be exported; 2: the file cannot be read."""
    try:
        print(export_to_coq(Path(name)))
    except Rejected as reason:
        print(_shown(f"cannot export {name}: {reason}"), file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as reason:
        print(_shown(f"cannot read {name}: {reason}"), file=sys.stderr)
        return 2
    return 0


def main(arguments: list[str]) -> int:
    """0: every certificate is accepted; 1: one is not; 2: bad usage or an unreadable file."""
    if len(arguments) == 2 and arguments[0] == "export":
        return print_export(arguments[1])
    if len(arguments) < 2 or arguments[0] != "verify":
        print(USAGE, file=sys.stderr)
        return 2
    start, count, worst = time.perf_counter(), 0, 0
    for name in arguments[1:]:
        try:
            told = verify_file(Path(name))
        except Rejected as reason:
            print(_shown(f"REJECTED {name}: {reason}"))
            worst = max(worst, 1)
            continue
        except (OSError, UnicodeDecodeError) as reason:
            print(_shown(f"cannot read {name}: {reason}"), file=sys.stderr)
            return 2
        count += len(told)
        for line in told:
            print(_shown(f"accepted {line}"))
    print(
        f"{count} certificates of schema {SCHEMA} accepted in {time.perf_counter() - start:.3f} s"
    )
    return worst


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
