"""`scoring-theory rules`: the catalogue of scores and rewards."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from scoring_theory.cli import inputs, paths
from scoring_theory.cli.parser import CommandDefinition

if TYPE_CHECKING:
    from scoring_theory.catalogue import Entry

_PROPER = {"strict": "strictly", "weak": "weakly", "no": "no"}
_LONG = 12  # a longer formula of lam* is replaced by its value


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the subcommand."""
    from scoring_theory.catalogue.entry import KIND_TITLES

    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="show one entry with all its details"
    )
    parser.add_argument("--kind", choices=list(KIND_TITLES), help="show one kind of entry")
    paths.add_json(parser)


def _run(options: argparse.Namespace) -> int:
    """Print one entry, or the table of all entries."""
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
    from scoring_theory.catalogue.entry import KIND_TITLES
    from scoring_theory.cli.terminal import paint, print_table

    head = ["name", "formula", "proper", "lam*", "source"]
    for kind, title in KIND_TITLES.items():
        rows = [
            [one.key, _readable(one.formula), _PROPER[one.proper], _weight(one), one.source]
            for one in entries
            if one.kind == kind
        ]
        if rows:
            print(paint(title, "head"))
            print_table(head, rows, cut="source", fit="formula")
            print()
    print("Details of one entry: scoring-theory rules NAME")


def _readable(formula: str) -> str:
    """The formula with decimals of more than six digits rounded, for reading only."""
    return re.sub(r"\d+\.\d{7,}", lambda number: f"{float(number[0]):.6g}", formula)


def _weight(entry: Entry) -> str:
    """The largest safe weight: its formula or, if that is long, its value at the constants."""
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
    from scoring_theory.cli.terminal import paint, print_prose

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
            print_prose(f"  {name:<13}{text}", indent=15)
    print(f"\nCheck it: {_suggestion(entry)}")


def _of(entry: Entry) -> str:
    """The definition of S, of which lam* is the weight."""
    return (
        ", the largest safe weight of S in c + lam*S, where S"
        f" {'is this score' if entry.role == 'score' else '= R - c'}"
    )


def _suggestion(entry: Entry) -> str:
    """A command that checks the entry; a score is added to correctness first."""
    if entry.role == "reward":
        return f"scoring-theory check --rule {entry.key}"
    if not entry.domains:
        return f'scoring-theory check "c + lam*{entry.key}" --param "0 < lam <= 1"'
    parameters = "".join(f' --param "{name}={value}"' for name, value in entry.constants.items())
    return f'scoring-theory check "c + lam*({entry.formula})" --param "0 < lam <= 1"{parameters}'


RULES_COMMAND = CommandDefinition(
    description="""\
List the catalogue: all scores and rewards with a name. Formulas of every command may contain these
names: check "c + spherical", repair "c + 2*brier", simulate --reward "c + log".

  score      S(q, c) rewards calibration only: a certain and true forecast
             has the same score for a correct and for a wrong answer; it is
             added to correctness, as in "c + brier"
  reward     R(q, c) rewards accuracy as well
  published  a reward as a paper or trainer defines it, with its constants
  improper   an improper rule (counterexample): some misreport has a larger
             expected reward

lam* is the largest safe weight: for lam > 0, c + lam*S is jointly optimal if and only if
lam <= lam*. For a score, S is the score itself; for a reward R it is R - c. The test suite proves
every entry.""",
    examples="""\
examples:
  scoring-theory rules                    all entries
  scoring-theory rules --kind published   one kind
  scoring-theory rules spherical          one entry with formula, parameters, source and notes
  scoring-theory rules rlcr_code --json""",
    exit_codes={0: "the entries are printed"},
    add_arguments=_add_arguments,
    run=_run,
)
