"""Many formulas in one file: `check --batch` prints one line for each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from proofs.quantity import Quantity
    from scoring_theory.checking import Report

_NAMED = re.compile(r"(?!lambda\b|def\b)([A-Za-z][\w.+-]*(?: [\w.+-]+)*)\s*:(?!=)\s*(\S.*)")
_BAD_INPUT = 2
_SEVERITY = (0, 3, 1, _BAD_INPUT)
"""Exit codes from the best to the worst."""
_HEAD = ("line", "reward", "result", "margin", "lam*", "errors pay below")
_SHORT = 12  # characters of an exact number in the table


class BatchLine(NamedTuple):
    """One formula of a file.

    Example:
        >>> BatchLine(3, "RLCR", "c - (q - c)^2").label
        'RLCR'
    """

    number: int
    name: str
    formula: str

    @property
    def label(self) -> str:
        """The name, or else the formula."""
        return self.name or self.formula


def batch_lines(content: bytes) -> list[BatchLine]:
    r"""The formulas of a file, one on each line that is neither empty nor a comment.

    Raises:
        ValueError: the file contains no formula, or is not UTF-8.

    Example:
        >>> [(line.number, line.name) for line in batch_lines(b"# two\nRLCR: c - (q - c)^2\n\nc")]
        [(2, 'RLCR'), (4, '')]
    """
    lines: list[BatchLine] = []
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), 1):
        text = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
        named = _NAMED.fullmatch(text)
        if text:
            lines.append(BatchLine(number, *((named[1], named[2]) if named else ("", text))))
    if not lines:
        raise ValueError("the file contains no formula: write one on each line")
    return lines


def print_batch(
    lines: Sequence[BatchLine], checked: Callable[[str], Report], *, as_json: bool
) -> int:
    """Check and print every formula; the exit code is the worst of theirs.

    A line that is not a formula is reported with its number, and the others are still checked.

    Args:
        lines: the formulas.
        checked: the check of a formula.
        as_json: print one JSON object on each line instead of a table.
    """
    from scoring_theory.cli.terminal import print_prose, print_table

    codes: list[int] = []
    rows: list[list[str]] = []
    errors: list[str] = []
    for line in lines:
        try:
            report = checked(line.formula)
        except (ValueError, ArithmeticError) as error:
            codes.append(_BAD_INPUT)
            told: dict[str, object] = {"error": str(error)}
            rows.append([str(line.number), line.label, "error", "", "", ""])
            errors.append(f"line {line.number}: {error}")
        else:
            codes.append(report.exit_code())
            told = report.to_json()
            rows.append([str(line.number), line.label, *_cells(report)])
        if as_json:
            print(json.dumps({"line": line.number, "name": line.name, **told}), flush=True)
    if not as_json:
        print_table(_HEAD, rows, fit="reward")
        print_prose("\n".join(errors), indent=2)
    return max(codes, key=_SEVERITY.index)


def _cells(report: Report) -> list[str]:
    numbers = (report.accuracy_margin, report.critical_weight, report.global_failure_below)
    return [report.outcome(), *map(brief, numbers)]


def brief(quantity: Quantity | None) -> str:
    """A number in a table: exact if that is short, otherwise four digits; "-" for none.

    Example:
        >>> from proofs.quantity import Quantity
        >>> brief(Quantity("1/3", 1 / 3)), brief(Quantity("1 - log(99)/2", -1.29756)), brief(None)
        ('1/3', '-1.298', '-')
    """
    if quantity is None:
        return "-"
    is_decimal = "." in quantity.exact or len(quantity.exact) > _SHORT
    known = quantity.value == quantity.value
    return f"{quantity.value:.4g}" if is_decimal and known else quantity.exact
