"""What a run found, as data and as a table."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- mutation: written by python -m tests.mutation --write -->", "<!-- end -->"
REASONS: dict[str, dict[str, str]] = tomllib.loads((HERE / "survivors.toml").read_text())
"""Of each survivor, by its key: the kind of reason, and the reason."""


def record(done: Mapping[str, Mapping[str, Any]], *, seed: int, seconds: float) -> dict[str, Any]:
    """All figures, and the survivors."""
    areas = {name: {"commit": x["commit"], **_area(x["results"])} for name, x in done.items()}
    return {"seed": seed, "seconds": seconds, "areas": areas}


def _area(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    counted = Counter(one["result"] for one in results)
    survivors = [one for one in results if one["result"] == "survived"]
    return {
        "mutants": len(results),
        "killed": counted["killed"],
        "timeouts": counted["timeout"],
        "survived": counted["survived"],
        "survivors": [
            {"key": one["key"], "file": one["file"], "line": one["line"], "change": one["change"]}
            | REASONS.get(one["key"], {})
            for one in sorted(survivors, key=lambda one: (one["file"], one["line"]))
        ],
    }


def share(area: Mapping[str, Any]) -> float:
    """The share that is killed, in percent; a mutant that runs into its time limit is killed."""
    return 100 * float(area["killed"] + area["timeouts"]) / max(int(area["mutants"]), 1)


def table(found: Mapping[str, Any]) -> str:
    """The figures in Markdown."""
    head = (
        "| area | mutants | killed | of these by the time limit | survived | killed | commit |\n"
        "|---|---:|---:|---:|---:|---:|---|"
    )
    lines = [
        f"| {name} | {x['mutants']} | {x['killed'] + x['timeouts']} | {x['timeouts']} "
        f"| {x['survived']} | {share(x):.1f} % | {x['commit'][:7]} |"
        for name, x in found["areas"].items()
    ]
    return "\n".join([head, *lines, "", *_sentences(found)])


def _sentences(found: Mapping[str, Any]) -> Iterable[str]:
    kinds = Counter(
        one.get("kind", "no reason given")
        for area in found["areas"].values()
        for one in area["survivors"]
    )
    yield (
        f"Seed {found['seed']}. Survivors: "
        + ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
        + "."
    )


def document(found: Mapping[str, Any], path: Path) -> None:
    """Put the table between its marks in a document."""
    before, mark, rest = path.read_text().partition(BEGIN)
    path.write_text(f"{before}{mark}\n{table(found)}\n{END}{rest.partition(END)[2]}")
