"""`scoring-theory rules`: the catalogue of scores and rewards."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs

if TYPE_CHECKING:
    from scoring_theory.catalogue import Entry

DESCRIPTION = """\
The catalogue: every score and reward that has a name. A name is a word in the formulas of every
command: check "c + spherical", repair "c + 2*brier", simulate --reward "c + log".

score      S(q, c) for confidence alone: certainty that is right earns no more for a correct answer
           than for a wrong one. It stands beside correctness, as in "c + brier".
reward     R(q, c) that pays for being right as well.
published  rewards as papers and trainers define them, with their constants.
improper   counterexamples: a report other than the honest one earns more.

lam* is the critical weight: c + lam S makes an agent right and honest for every lam up to lam* and
for none above; S is the score itself, and R - c for a reward. The test-suite proves every claim."""
EXAMPLES = """\
examples:
  scoring-theory rules                    all of them
  scoring-theory rules --kind published   one kind
  scoring-theory rules spherical          one in full: formula, parameters, source, what to know
  scoring-theory rules rlcr_code --json"""
_PROPER = {"strict": "strictly", "weak": "weakly", "no": "no"}
_KINDS = {
    "score": "Scores S(q, c)",
    "reward": "Rewards R(q, c)",
    "published": "Published rewards R(q, c)",
    "improper": "Improper, as counterexamples",
}
_LONG = 12  # from here on a formula of lam* is shown by its value


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="show one entry in full")
    parser.add_argument("--kind", choices=list(_KINDS), help="show one kind")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(options: argparse.Namespace) -> int:
    """Print one entry, or all."""
    from scoring_theory.catalogue import CATALOGUE
    from scoring_theory.cli.parser import UsageError
    from scoring_theory.cli.terminal import print_json

    if options.name is not None:
        if options.kind:
            raise UsageError("give NAME or --kind, not both")
        entry = inputs.entry(options.name)
        if options.json:
            print_json({"schema": 1, **_entry_json(entry)})
        else:
            _print_entry(entry)
        return 0
    entries = [entry for entry in CATALOGUE.values() if options.kind in (None, entry.kind)]
    if options.json:
        print_json({"schema": 1, "entries": [_entry_json(entry) for entry in entries]})
    else:
        _print_all(entries)
    return 0


def _print_all(entries: Sequence[Entry]) -> None:
    from scoring_theory.cli.terminal import paint, print_table

    head = ["name", "formula", "proper", "lam*", "source"]
    for kind, title in _KINDS.items():
        rows = [
            [one.key, _readable(one.formula), _PROPER[one.proper], _weight(one), one.source]
            for one in entries
            if one.kind == kind
        ]
        if rows:
            print(paint(title, "head"))
            print_table(head, rows, cut="source", fit="formula")
            print()
    print("One in full: scoring-theory rules NAME")


def _readable(formula: str) -> str:
    """The formula with decimals of more than six digits rounded, for reading only."""
    return re.sub(r"\d+\.\d{7,}", lambda number: f"{float(number[0]):.6g}", formula)


def _weight(entry: Entry) -> str:
    """lam*: its formula, or the value at the entry's own constants where that is easier to read."""
    text = entry.critical_weight or "-"
    if len(text) <= _LONG:
        return text
    at = ", ".join(f"{name}={value}" for name, value in entry.constants.items())
    return f"{entry.largest_weight():.3g}{' at ' if at else ''}{at}"


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.key,
        "title": entry.title,
        "kind": entry.kind,
        "role": entry.role,
        "formula": entry.formula,
        "source": entry.source,
        "proper": entry.proper,
        "critical_weight": entry.critical_weight,
        "bounded": entry.bounded,
        "parameters": dict(entry.domains),
        "values": {name: str(value) for name, value in entry.constants.items()},
        "notes": entry.notes,
        "missing": entry.missing,
    }


def _print_entry(entry: Entry) -> None:
    from scoring_theory.cli.terminal import paint

    what = "a published reward R(q, c)" if entry.published else {
        "score": "a score S(q, c)", "reward": "a reward R(q, c)"
    }[entry.role]  # fmt: skip
    print(f"{paint(entry.title, 'head')}, {what}")
    given = [f"{domain}, here {entry.constants[name]}" for name, domain in entry.domains.items()]
    rows = {
        "name": entry.key,
        "formula": entry.formula,
        "parameters": "; ".join(given),
        "proper": _PROPER[entry.proper],
        "lam*": (
            f"{entry.critical_weight or '-'}{'' if entry.critical_weight is None else _of(entry)}"
        ),
        "bounded": "yes" if entry.bounded else "no",
        "source": entry.source,
        "notes": entry.notes,
        "when missing": entry.missing,
    }
    for name, text in rows.items():
        if text:
            print(f"  {name:<13}{text}")
    print(f"\nCheck it: {_suggestion(entry)}")


def _of(entry: Entry) -> str:
    """What lam* is a weight of."""
    return (
        ", the weight of S in c + lam S, with S"
        f" {'this score' if entry.role == 'score' else '= R - c'}"
    )


def _suggestion(entry: Entry) -> str:
    """A command to paste; a score is a reward only beside correctness."""
    if entry.role == "reward":
        return f"scoring-theory check --rule {entry.key}"
    if not entry.domains:
        return f'scoring-theory check "c + lam*{entry.key}" --param "0 < lam <= 1"'
    parameters = "".join(f' --param "{name}={value}"' for name, value in entry.constants.items())
    return f'scoring-theory check "c + lam*({entry.formula})" --param "0 < lam <= 1"{parameters}'
