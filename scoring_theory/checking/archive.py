"""Certificates of the whole catalogue, one JSON file for each entry: `proofs/certificates`.

`make catalogue` (`python -m scoring_theory.checking.archive proofs/certificates`) writes them anew;
anyone can verify them with `python -m proofs verify proofs/certificates/*.json`, which needs
nothing but the standard library.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from proofs.kernel.verifier import SCHEMA
from scoring_theory import files
from scoring_theory.catalogue import CATALOGUE, Entry
from scoring_theory.checking import Report, check


def theorems(entry: Entry) -> Iterator[Report]:
    """The certified claims: the entry, its family, and c + lam S of a score at lam* and 2 lam*."""
    yield check(entry())
    if entry.published:
        return  # the constants are what was published
    if entry.domains:
        yield check(entry.family)
    if entry.role == "reward" or entry.critical_weight in (None, "0", "inf"):
        return
    for factor in (1, 2):
        weighted = f"c + {factor}*({entry.critical_weight})*({entry.formula})"
        yield check(weighted, parameters=dict(entry.domains))


def archive_file(name: str, title: str, reports: Iterator[Report]) -> dict[str, object]:
    """The distinct certificates of some reports, in order, as the content of one file.

    Example:
        >>> content = archive_file("rlcr", "RLCR", iter([check("rlcr")]))
        >>> [certificate["claim"] for certificate in content["certificates"]]
        ['strictly proper', 'jointly optimal']
    """
    distinct: list[Mapping[str, object]] = []
    for report in reports:
        distinct += [c for c in report.certificates if c not in distinct]
    return {"schema": SCHEMA, "name": name, "title": title, "certificates": distinct}


def bundles() -> Iterator[tuple[str, dict[str, object]]]:
    """File name and content of every file of the archive."""
    for key, entry in CATALOGUE.items():
        yield f"{key}.json", archive_file(key, entry.title, theorems(entry))


def write_archive(folder: Path) -> list[Path]:
    """Write every file atomically, and remove the files of entries that no longer exist."""
    written = [
        files.write(folder / name, json.dumps(content, indent=1) + "\n")
        for name, content in bundles()
    ]
    for gone in filter(_is_bundle, sorted({*folder.glob("*.json")} - {*written})):
        gone.unlink()
    return written


def _is_bundle(path: Path) -> bool:
    """Whether a file belongs to this archive; other files in the folder are not removed."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(content, dict) and set(content) == {"schema", "name", "title", "certificates"}


def _main(arguments: list[str]) -> int:
    """Command line: the folder to write to."""
    if len(arguments) != 1:
        print("usage: python -m scoring_theory.checking.archive FOLDER", file=sys.stderr)
        return 2
    print(f"{len(write_archive(Path(arguments[0])))} files written to {arguments[0]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(_main(sys.argv[1:]))
