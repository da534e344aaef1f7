"""Certificates of the whole catalogue and of all published rewards, one JSON file each: `proofs/certificates`.

Run `python -m scoring_theory.checking.archive proofs/certificates` to write them anew; anyone can verify them with
`python -m proofs verify proofs/certificates/*.json`, which needs nothing but the standard library.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from proofs.kernel.check import SCHEMA
from scoring_theory import files
from scoring_theory.catalogue import CATALOGUE
from scoring_theory.catalogue.published import PUBLISHED
from scoring_theory.catalogue.rule import Rule
from scoring_theory.checking import Report, check


def theorems(rule: Rule) -> Iterator[Report]:
    """What is certified of a rule: the rule at its defaults, the family, and c + lam S at lam* and at twice lam*."""
    yield check(rule())
    if rule.domains:
        yield check(rule.family)
    if rule.critical_weight in (None, "0", "inf"):
        return
    for factor in (1, 2):
        weighted = f"c + {factor}*({rule.critical_weight})*({rule.formula})"
        yield check(weighted, parameters=dict(rule.domains))


def bundle(name: str, title: str, reports: Iterator[Report]) -> dict[str, object]:
    """The distinct certificates of some reports, in order."""
    found: list[Mapping[str, object]] = []
    for report in reports:
        found += [c for c in report.certificates if c not in found]
    return {"schema": SCHEMA, "name": name, "title": title, "certificates": found}


def bundles() -> Iterator[tuple[str, dict[str, object]]]:
    """File name and content of every file of the archive."""
    for key, rule in CATALOGUE.items():
        yield f"rule_{key}.json", bundle(key, rule.title, theorems(rule))
    for key, entry in PUBLISHED.items():
        yield f"published_{key}.json", bundle(key, entry.title, iter([check(entry.reward)]))


def write(folder: Path) -> list[Path]:
    """Write every file, each whole or not at all."""
    return [files.write(folder / name, json.dumps(content, indent=1) + "\n") for name, content in bundles()]


def main(arguments: list[str]) -> int:
    """Command line: the folder to write to."""
    if len(arguments) != 1:
        print("usage: python -m scoring_theory.checking.archive FOLDER", file=sys.stderr)
        return 2
    print(f"{len(write(Path(arguments[0])))} files written to {arguments[0]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
