"""A summary in Markdown, for the page of a pull request or of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoring_theory.probing.defects import DEFECTS
from scoring_theory.probing.result import Probe

if TYPE_CHECKING:
    from scoring_theory.configs import ConfigReading

_MARKS = {"holds": "✅", "refuted": "❌", "undecided": "❔"}


def probe_markdown(found: Probe, reading: ConfigReading | None = None) -> str:
    """The verdict on reward functions, their defects, and the configuration.

    Example:
        >>> from scoring_theory import probe
        >>> def yes(completions, **columns):
        ...     return [1.0 if "<answer>" in text else 0.0 for text in completions]
        >>> print(probe_markdown(probe(yes)).splitlines()[0])
        ### ❌ `yes`: refuted
    """
    names = " + ".join(found.functions)
    lines = [f"### {_MARKS[found.outcome()]} {_code(names)}: {found.outcome()}", ""]
    if found.defects:
        lines += ["| defect | example |", "|---|---|"]
        lines += [
            f"| {DEFECTS[defect.kind]} | {_cell(defect.reason)} |" for defect in found.defects
        ]
        lines.append("")
    formula = "no formula with simple numbers fits its payoffs"
    if found.formula is not None:
        formula = f"Its payoffs are those of {_code(found.formula)}"
    lines.append(f"{formula[:1].upper()}{formula[1:]} ({len(found.levels)} confidences probed).")
    if found.remarks:
        lines += ["", *(f"- {_cell(remark)}" for remark in found.remarks)]
    if found.command:
        lines += ["", "```", found.command, "```"]
    if reading is not None:
        lines += ["", config_markdown(reading)]
    return "\n".join(lines)


def config_markdown(reading: ConfigReading) -> str:
    """What a configuration says.

    Example:
        >>> from scoring_theory import read_config
        >>> print(config_markdown(read_config({"num_generations": 8, "beta": 0.0})))
        ... # doctest: +ELLIPSIS
        ### ❌ TRL GRPOTrainer: group_std, std over G - 1, epsilon 0.0001, G = 8
        ...
    """
    mark = _MARKS[reading.outcome()]
    lines = [f"### {mark} {reading.trainer}", "", "| setting | effect | why |", "|---|---|---|"]
    for setting in (*reading.changes, *reading.not_modelled, *reading.harmless):
        name = _code(f"{setting.name} = {setting.value}")
        lines.append(f"| {name} | {setting.effect} | {_cell(setting.why)} |")
    if reading.not_read:
        lines += ["", f"Not read: {', '.join(map(_code, reading.not_read))}."]
    return "\n".join(lines)


def _code(text: str) -> str:
    """The text as code, also inside of a table."""
    plain = " ".join(text.split()).replace("|", "\\|")
    return f"`` {plain} ``" if "`" in plain else f"`{plain}`"


def _cell(text: str) -> str:
    plain = " ".join(text.split())
    for character in "\\`*_|<>[]":
        plain = plain.replace(character, f"\\{character}")
    return plain
