"""The result of `probe`: what a function pays, the formula of it, and what is wrong."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isnan
from typing import Any

from scoring_theory.checking import Report
from scoring_theory.checking.report import EXIT_CODES, Outcome
from scoring_theory.display import Code, line, table
from scoring_theory.printable import printable
from scoring_theory.probing.defects import DEFECTS, Defect, Unread
from scoring_theory.readers import READERS, Reader

PROBE_SCHEMA = 1
_TITLES = {"trl": "TRL", "verl": "verl", "openrlhf": "OpenRLHF", "verifiers": "verifiers"}


@dataclass(frozen=True)
class Probe:
    """What `probe` found out about a reward function.

    Attributes:
        functions: their names.
        framework: whose signature they have.
        reader: the format of the completions.
        weights: of the functions.
        levels: the confidences that were stated.
        on_correct: the payoff of a right answer at each.
        on_wrong: the payoff of a wrong one.
        formula: R(q, c) with simple numbers, which equals every payoff; None if none was found.
        parts: the formula of each function, where there are several.
        report: the check of the formula; None without one.
        defects: the defects.
        unread: what unreadable completions earn.
        remarks: what else should be known.
        grid: the confidences that the verdict is about, where it is not about all.
        limits: what was limited as the functions ran: "time and memory", "time" or "none".
        understood: whether no function pays every completion alike, whatever is in it.

    Example:
        >>> from scoring_theory import probe
        >>> def yes(completions, **columns):
        ...     return [1.0 if "</answer>" in text else 0.0 for text in completions]
        >>> probe(yes)
        Probe('yes': refuted (tie), 1)
    """

    functions: tuple[str, ...]
    framework: str
    reader: Reader
    weights: tuple[Fraction, ...]
    levels: tuple[Fraction, ...]
    on_correct: tuple[float, ...]
    on_wrong: tuple[float, ...]
    formula: str | None
    parts: tuple[str | None, ...]
    report: Report | None
    defects: tuple[Defect, ...]
    unread: tuple[Unread, ...]
    remarks: tuple[str, ...]
    limits: str
    grid: str | None = None
    understood: bool = True

    def __repr__(self) -> str:
        kinds = ", ".join(defect.kind for defect in self.defects)
        about = f"{' + '.join(self.functions)!r}: {self.outcome()}"
        return line(
            "Probe", f"{about}{f' ({kinds})' if kinds else ''}", self.formula or "no formula"
        )

    def __bool__(self) -> bool:
        """Refuse: a function with a defect has a result as well.

        Raises:
            TypeError: always.
        """
        raise TypeError("the truth of a Probe is ambiguous: use .holds")

    @property
    def holds(self) -> bool:
        """Whether no defect was found, and the claim about the formula is proved."""
        return self.outcome() == "holds"

    def outcome(self) -> Outcome:
        """In one word: "holds" for the formula and all that was seen, "refuted", or "undecided"."""
        if self.defects:
            return "refuted"
        if self.report is None:
            return "undecided"
        open_ = any(each.status == "undecided" for each in self.unread)
        told = self.report.outcome()
        return "undecided" if told == "holds" and open_ else told

    def exit_code(self) -> int:
        """As for `check`: 0 holds, 1 refuted, 3 undecided."""
        return EXIT_CODES[self.outcome()]

    @property
    def command(self) -> str:
        """The command that proves or refutes the formula; empty where there is none."""
        if self.formula is None or not self.understood:
            return ""
        words = ["scoring-theory", "check", self.formula]
        earned = {each.what: each.earns for each in self.unread}
        for option, what in (("--missing", "no confidence"), ("--malformed", "a word")):
            if what in earned and earned[what] not in ("None, left out of its group", "-inf"):
                words.append(f"{option}={earned[what]}")
        words += [f"--grid={self.grid.replace(' ', '')}"] if self.grid is not None else []
        if not self.reader.reads_answers:
            words.append("--forecast")
        elif self.report is not None and self.report.kind == "score":
            words.append("--claim=jointly-optimal")  # a score alone is judged as a score
        return shlex.join(words)

    def headline(self) -> str:
        """The verdict in a line."""
        if self.outcome() == "holds":
            return "HOLDS AS PROBED (the formula is proved; the function was called, not proved)"
        if not self.understood:
            return "UNDECIDED (every completion is paid alike, as if none were understood)"
        if self.outcome() == "undecided":
            return "UNDECIDED (no defect was seen, and nothing is proved)"
        kinds = dict.fromkeys(defect.kind for defect in self.defects)
        if not kinds:
            return "REFUTED (see the verdict on the formula)"
        return f"REFUTED ({'; '.join(DEFECTS[kind] for kind in kinds)})"

    def rows(self) -> list[tuple[str, str]]:
        """Everything as pairs of a label and a sentence, in reading order."""
        rows = [("defect", f"{defect.kind}: {defect.reason}") for defect in self.defects]
        told = [("remark" if self.understood else "not understood", text) for text in self.remarks]
        rows += [] if self.understood else told
        rows.append(("probed", self._about()))
        if self.formula is not None:
            rows.append(("formula", f"{self.formula}, at every confidence that was stated"))
        else:
            rows.append(("formula", "none with simple numbers fits; the payoffs were compared"))
        rows += [
            ("function", f"{weight} times {name}: {part or 'no formula'}")
            for name, weight, part in zip(self.functions, self.weights, self.parts, strict=False)
        ]
        rows += [("unreadable", text) for text in self._unread_rows()]
        rows += told if self.understood else []
        if self.command:
            rows.append(("to prove", self.command))
        return [(label, printable(text)) for label, text in rows]

    def _about(self) -> str:
        named = next((name for name, known in READERS.items() if known == self.reader), "")
        form = f"reader {named}" if named else repr(self.reader)
        levels = f"{len(self.levels)} confidences, right and wrong"
        limited = {"none": "in this process"}.get(self.limits, f"in a child, {self.limits} limited")
        return f"{_TITLES[self.framework]}, {form}: {levels}, twice, {limited}"

    def _unread_rows(self) -> list[str]:
        """What unreadable completions earn, those of one payoff together."""
        groups: dict[tuple[str, str], list[str]] = {}
        for each in self.unread:
            groups.setdefault((each.earns, each.status), []).append(each.what)
        return [
            f"{', '.join(what)}: {earns} ({status} to be no loophole)"
            if status == "proved"
            else f"{', '.join(what)}: {earns} ({'a loophole' if status == 'refuted' else status})"
            for (earns, status), what in groups.items()
        ]

    def text(self) -> str:
        """The report for a terminal, with the check of the formula below."""
        names = " + ".join(
            name if weight == 1 else f"{weight}*{name}"
            for name, weight in zip(self.functions, self.weights, strict=True)
        )
        lines = [printable(names), self.headline(), ""]
        lines += [f"  {label:<18} {text}" for label, text in self.rows()]
        if self.report is not None:
            lines += ["", self.report.text()]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Everything as plain data; payoffs that are no numbers are null or a text."""
        return {
            "schema": PROBE_SCHEMA,
            "verdict": self.outcome(),
            "functions": list(self.functions),
            "framework": self.framework,
            "reader": self.reader.to_json(),
            "weights": [str(weight) for weight in self.weights],
            "formula": self.formula,
            "parts": list(self.parts),
            "defects": [defect.to_json() for defect in self.defects],
            "unread": [each.to_json() for each in self.unread],
            "remarks": list(self.remarks),
            "levels": [str(level) for level in self.levels],
            "on_correct": _plain(self.on_correct),
            "on_wrong": _plain(self.on_wrong),
            "grid": self.grid,
            "limits": self.limits,
            "command": self.command,
            "check": None if self.report is None else self.report.to_json(),
        }

    def _repr_html_(self) -> str:
        rows: list[tuple[object, object]] = [
            (label, Code(text) if label == "to prove" else text) for label, text in self.rows()
        ]
        return table(rows, caption=f"{' + '.join(self.functions)}: {self.headline()}")


def _plain(payoffs: Sequence[float]) -> list[float | str | None]:
    """Payoffs as JSON holds them: NaN as null, infinities as texts."""
    return [
        None if isnan(paid) else paid if abs(paid) != float("inf") else json.dumps(paid)
        for paid in payoffs
    ]
