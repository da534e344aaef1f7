"""`scoring-theory rules`: what is in the catalogue, and what was published."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs

if TYPE_CHECKING:
    from scoring_theory.catalogue.published import Published
    from scoring_theory.catalogue.rule import Rule
    from scoring_theory.checking import Report

DESCRIPTION = """\
The catalogue of scoring rules S(q, c), proper ones and foils, and rewards R(q, c) as papers and
trainers define them.

lam* is the critical weight: c + lam S makes an agent right and honest for every lam up to lam*
and for none above. For the catalogue, properness and lam* are claims that the test-suite proves;
for published rewards they are checked now, and lam* is that of S = R - c."""
EXAMPLES = """\
examples:
  scoring-theory rules                    both tables
  scoring-theory rules spherical          one in full: formula, parameters, source, what to know
  scoring-theory rules rlcr_code --json"""
_PROPER = {"strict": "strictly", "weak": "weakly", "no": "no"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show one rule or published reward in full")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(options: argparse.Namespace) -> int:
    """Print one entry, or all."""
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.catalogue.published import PUBLISHED
    from scoring_theory.cli.terminal import print_json

    if options.name is not None:
        entry = inputs.entry(options.name)
        found = _entry_json(entry)
        if options.json:
            print_json({"schema": 1, **found})
        else:
            _print_entry(found)
        return 0
    if options.json:
        rules = [_entry_json(rule) for rule in CATALOGUE.values()]
        published = [_entry_json(one) for one in PUBLISHED.values()]
        print_json({"schema": 1, "rules": rules, "published": published})
    else:
        _print_all(CATALOGUE, PUBLISHED)
    return 0


def published_reports(published: Mapping[str, Published], *, quiet: bool = False) -> dict[str, Report]:
    """The check of every published reward, with its constants."""
    from scoring_theory.checking import check
    from scoring_theory.cli.terminal import progress

    reports = {}
    with progress("checking published rewards", total=len(published), quiet=quiet) as step:
        for key, entry in published.items():
            reports[key] = check(entry.reward)
            step()
    return reports


def proper_word(report: Report) -> str:
    """`strictly`, `weakly`, `no` or `unknown`."""
    if report.proper.status == "undecided":
        return "unknown"
    if report.proper.status == "refuted":
        return "no"
    return "unknown" if report.strict is None else "strictly" if report.strict else "weakly"


def _print_all(catalogue: Mapping[str, Rule], published: Mapping[str, Published]) -> None:
    from scoring_theory.cli.terminal import paint, print_table

    head = ["name", "formula", "proper", "lam*", "source"]
    rules = [[key, r.formula, _PROPER[r.proper], r.critical_weight or "-", r.source] for key, r in catalogue.items()]
    print(paint("Scoring rules S(q, c)", "head"))
    print_table(head, rules, cut="source")
    print()
    reports = published_reports(published)
    rewards = [
        [key, published[key].formula, proper_word(report), _weight(report), published[key].source]
        for key, report in reports.items()
    ]
    print(paint("Published rewards R(q, c)", "head"))
    print_table(head, rewards, cut="source")
    print("\nOne in full: scoring-theory rules NAME")


def _weight(report: Report) -> str:
    return "-" if report.critical_weight is None else str(report.critical_weight.exact)


def _entry_json(entry: Rule | Published) -> dict[str, Any]:
    from scoring_theory.catalogue.rule import Rule
    from scoring_theory.checking import check

    shared = {"name": entry.key, "title": entry.title, "formula": entry.formula, "source": entry.source}
    notes = {"parameters": dict(entry.domains), "notes": entry.notes}
    if isinstance(entry, Rule):
        claims = {"proper": entry.proper, "critical_weight": entry.critical_weight, "bounded": entry.bounded}
        values = {name: str(value) for name, value in entry.defaults.items()}
        return {**shared, "kind": "rule", **claims, **notes, "values": values}
    values = {name: str(value) for name, value in entry.constants.items()}
    report = check(entry.reward)
    critical = report.critical_weight.exact if report.critical_weight else None
    claims = {"proper": proper_word(report), "critical_weight": critical, "bounded": report.bounded}
    return {**shared, "kind": "published", **claims, **notes, "values": values, "missing": entry.missing}


def _print_entry(found: Mapping[str, Any]) -> None:
    from scoring_theory.cli.terminal import paint

    kind = "a scoring rule S(q, c)" if found["kind"] == "rule" else "a published reward R(q, c)"
    print(f"{paint(found['title'], 'head')}, {kind}")
    given = [f"{domain}, here {found['values'][name]}" for name, domain in found["parameters"].items()]
    bounded = {True: "yes", False: "no", None: "unknown"}[found["bounded"]]
    rows = {
        "formula": found["formula"],
        "parameters": "; ".join(given),
        "proper": _PROPER.get(found["proper"], found["proper"]),
        "lam*": found["critical_weight"] or "-",
        "bounded": bounded,
        "source": found["source"],
        "notes": found["notes"],
        "when missing": found.get("missing", ""),
    }
    for name, text in rows.items():
        if text:
            print(f"  {name:<13}{text}")
    print(f"\nCheck it: {_suggestion(found)}")


def _suggestion(found: Mapping[str, Any]) -> str:
    """A command to paste; a scoring rule is a reward only beside correctness."""
    if found["kind"] == "published":
        return f"scoring-theory check --rule {found['name']}"
    parameters = "".join(f' --param "{name}={value}"' for name, value in found["values"].items())
    return f'scoring-theory check "c + lam*({found["formula"]})" --param "0 < lam <= 1"{parameters}'
