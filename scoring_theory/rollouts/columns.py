"""From raw columns to rollouts: the roles of columns, the scale, and missing confidences."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from scoring_theory.printable import printable
from scoring_theory.readers import READERS
from scoring_theory.rollouts.formats import LogFormat, recognised
from scoring_theory.rollouts.labels import PRINTED, Labels, encode, first_unprintable
from scoring_theory.rollouts.rollouts import LABELS, ConfidenceScale, RolloutError, Rollouts
from scoring_theory.rollouts.texts import Completions, read_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scoring_theory.reward import Reward

_EQUAL = 1e-6
"""How far a logged reward may be from that of the formula: trainers log in single precision."""
_FEW, _LONG = 30, 80
"""How many column names, and how many characters of a value, an error message shows."""
_LEFT = 8
"""How many columns that were not used are named."""
REQUIRED = ("confidence", "correct")
NUMBERS = ("step", "reward", "weight")
"""The roles of columns of numbers that a log may have beside confidences and outcomes."""
COLUMN_NAMES: Mapping[str, tuple[str, ...]] = {
    "confidence": ("confidence",),
    "correct": ("correct",),
    "method": ("method", "model"),
    "dataset": ("dataset",),
    "question": ("question", "item"),
    "answer": ("answer", "sample"),
    "step": (),
    "reward": (),
    "weight": (),
}
"""The names under which the column of a role is searched without a mapping, in this order."""
USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "confidence": (
        "probability", "prob", "forecast", "stated_confidence", "conf", "p", "q", "y_prob", "p_hat",
        "predicted_probability", "forecast_probability", "pred_prob",
    ),
    "correct": (
        "outcome", "is_correct", "was_correct", "right", "happened", "occurred", "resolution", "y",
        "o", "label", "y_true",
    ),
    "method": ("forecaster", "forecaster_id", "analyst", "expert"),
    "question": ("question_id", "item_id", "event_id", "case_id", "market_id", "event"),
}  # fmt: skip
"""What forecasters call these columns, in any capitals: taken where one of them, and no other name,
is there; `method` and `question` only in a table of no recognised format. `pred` and `prediction`
are none of them, since a classifier writes its answer there.
"""
_OTHERWISE: Mapping[str, tuple[str, ...]] = {"correct": ("event",)}
"""Taken where none of the others is there: `event` is the outcome, unless there is another."""
_MEANT: Mapping[str, str] = {
    "confidence": "the stated confidence",
    "correct": "the outcome (1 or 0)",
    "method": "who answered (`method`)",
    "question": "the question",
}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How a log is read.

    Attributes:
        columns: The name of the column by role, where it differs from `COLUMN_NAMES`; a path such
            as `score.value` names what is nested.
        scale: "unit" or "percent"; None means "unit" with an error for apparent percentages.
        missing: The reward of an answer without a usable confidence; "refuse" makes it an error,
            and None as well, unless the format of the log says otherwise.
        graded: Whether `correct` holds scores in [0, 1].
        completions: Where the confidences, and possibly the outcomes, are read from the text of
            completions.
        paid: The reward that was logged, from which outcomes are recovered where a log has none.

    Raises:
        RolloutError: If an attribute is outside its domain.

    Example:
        >>> policy = Policy(columns={"confidence": "p"})
        >>> policy.understand("log.csv", ["p", "correct", "model"]).chosen
        {'confidence': 'p', 'correct': 'correct', 'method': 'model'}
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    scale: ConfidenceScale | None = None
    missing: float | Literal["refuse"] | None = None
    graded: bool = False
    completions: Completions = field(default_factory=Completions)
    paid: Reward | None = None

    def __post_init__(self) -> None:
        if self.completions.asked and self.scale is not None:
            raise RolloutError("`scale` is an option of the reader, where completions are read")
        if unknown := set(self.columns) - set(COLUMN_NAMES):
            raise RolloutError(
                f"columns can be mapped for {', '.join(COLUMN_NAMES)}, got {sorted(unknown)[0]!r}"
            )
        if self.scale is not None and self.scale not in get_args(ConfidenceScale):
            raise RolloutError(f'`scale` must be "unit" or "percent", got {self.scale!r}')
        if isinstance(self.missing, float | int) and not math.isfinite(self.missing):
            raise RolloutError(f"`missing` must be a finite payoff, got {self.missing!r}")

    def understand(
        self, source: str, names: Iterable[str], known: LogFormat | None = None
    ) -> Understood:
        """The column of each role that the log has, and what is read from completions.

        Args:
            source: The name of the log in messages.
            names: The names of its columns, and the paths to what is nested in them.
            known: The format, where it was recognised before its rows were made.

        Raises:
            RolloutError: If a required or a mapped column does not exist.
        """
        existing = list(names)
        log_format = recognised(existing) if known is None or known.generic else known
        offered = {} if log_format is None else log_format.roles(existing)
        log_format = log_format or known
        if "step" not in self.columns:  # an axis of time is shown where it is asked for
            offered = {role: name for role, name in offered.items() if role != "step"}
        how = self._how(offered, existing)
        known_roles = [role for role in COLUMN_NAMES if how is None or role not in how.read_roles]
        found: dict[str, str] = {}
        taken = {*self.columns.values(), *(() if how is None else how.columns.values())}
        for role in known_roles:
            free = [name for name in existing if name not in taken]
            if (name := self._find(source, role, existing, offered, free)) is not None:
                found[role] = name
                taken.add(name)
        if self.paid is not None and "reward" not in found:
            raise _no_column(source, "reward", "reward", existing)
        if how is not None:
            for role, name in how.columns.items():
                if not _exists(name, existing):
                    raise _no_column(source, name, role, existing)
            prompt = offered.get("prompt", "prompt")
            found |= {**how.columns, **({"prompt": prompt} if prompt in existing else {})}
        unused = () if log_format is not None else _unused(existing, found.values())
        return Understood(found, log_format, how, unused)

    def _how(self, offered: Mapping[str, str], existing: list[str]) -> Completions | None:
        """How completions are read: as asked, or if the format has them and no confidences."""
        asked = self.completions
        states = "confidence" in self.columns or any(
            name in existing for name in (offered.get("confidence"), *COLUMN_NAMES["confidence"])
        )
        text = asked.text or (offered.get("text") if asked.asked or not states else None)
        if text is None:
            if asked.asked:
                raise RolloutError(
                    "`reader`, `truth`, `checker` and `truth_key` need `text` (--text), the column"
                    " of the completions"
                )
            return None
        judged = "correct" in self.columns or any(
            name in existing for name in (offered.get("correct"), *COLUMN_NAMES["correct"])
        )
        truth = asked.truth or (None if judged or asked.text else offered.get("truth"))
        return replace(asked, text=text, truth=truth)

    def _find(
        self,
        source: str,
        role: str,
        existing: list[str],
        offered: Mapping[str, str],
        free: list[str],
    ) -> str | None:
        """The column of a role; a missing one is an error that lists the columns of the log."""
        if role in self.columns:
            candidates: tuple[str, ...] = (self.columns[role],)
            column = candidates[0] if _exists(candidates[0], existing) else None
            if column is None and candidates[0] == role:  # `--by step` in any recognised log
                column = offered.get(role)
        else:
            candidates = (*([offered[role]] if role in offered else []), *COLUMN_NAMES[role])
            column = next((name for name in candidates if name in existing), None)
        if column is None and role == "correct" and self.paid is not None:
            return None
        if column is None and role not in self.columns and (role in REQUIRED or not offered):
            column = self._usual(source, role, free)
        if column is None and (role in REQUIRED or role in self.columns):
            how = f'pass `--column {role}=NAME` (columns={{"{role}": "NAME"}})'
            hint = "" if role in self.columns else f"; if it has another name, {how}"
            if hint and role == "correct" and "reward" in offered:
                hint += (
                    "; or recover outcomes from the logged reward"
                    f" {_quoted(offered['reward'])}: `--paid FORMULA` of replay and calibrate"
                    ' (paid="FORMULA")'
                )
            if hint and role == "confidence" and not offered:
                hint += _how_to_make_long(free)
            raise _no_column(source, candidates[0], role, existing, hint)
        return column

    @staticmethod
    def _usual(source: str, role: str, free: list[str]) -> str | None:
        """The one column with a usual name, whatever its capitals; of several, none is guessed."""
        usual = (*COLUMN_NAMES[role], *USUAL_NAMES.get(role, ()))
        found = [name for name in free if name.lower() in usual]
        found = found or [name for name in free if name.lower() in _OTHERWISE.get(role, ())]
        if len(found) > 1:
            *most, last = map(_quoted, found)
            raise RolloutError(
                f"{source}: {_MEANT.get(role, role)} may be in column {', '.join(most)} or {last};"
                f' choose one with `--column {role}=NAME` (columns={{"{role}": "NAME"}})'
            )
        return found[0] if found else None


def _unused(existing: Iterable[str], chosen: Iterable[str]) -> tuple[str, ...]:
    """The columns of which nothing was taken; a path stands for the column that it begins with.

    Example:
        >>> _unused(["p", "score", "score.value", "id", "id.a", "a.b"], ["p", "score.value"])
        ('id', 'a.b')
    """
    names, taken = list(existing), set(chosen)
    whole = set(names)

    def starts(name: str) -> Iterator[str]:
        return (name[:cut] for cut in range(len(name)) if name[cut] == ".")

    taken |= {start for name in taken for start in starts(name)}
    nested = {name for name in names if any(start in whole for start in starts(name))}
    return tuple(name for name in names if name not in taken and name not in nested)


def _how_to_make_long(free: Sequence[str]) -> str:
    """What to do with a table that has a column of confidences for each forecaster."""
    known = {name for names in (*COLUMN_NAMES.values(), *USUAL_NAMES.values()) for name in names}
    wide = [name for name in free if name.lower() not in known and "." not in name]
    if len(wide) < 2:
        return ""
    kept = [name for name in free if name not in wide and "." not in name]
    return (
        f". If {wide[0]!r} and {wide[1]!r} hold the confidences of two forecasters: a log has one"
        " row for each forecast, which pandas makes by"
        f' `read_csv(FILE).melt(id_vars={kept!r}, var_name="method", value_name="confidence")`'
    )


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of the columns of a log.

    Attributes:
        chosen: The column of each role.
        log_format: The format that was recognised; None for a plain table.
        completions: How completions are read; None if they are not.
        unused: The columns of a plain table of which nothing was taken.
    """

    chosen: Mapping[str, str]
    log_format: LogFormat | None
    completions: Completions | None
    unused: tuple[str, ...] = ()

    def require_paths(self, source: str, names: Sequence[str]) -> None:
        """Check that every column that was taken is one of these, where none is nested deeper.

        Args:
            source: The name of the log in messages.
            names: The columns and paths of the log.

        Raises:
            RolloutError: A column is not one of them.

        Example:
            >>> Understood({"correct": "score"}, None, None).require_paths("a log", ["score"])
        """
        for name in self.chosen.values():
            if name not in names:
                raise no_path(source, name, names)

    def sentence(self, what: str) -> str:
        """One line on what was recognised, which columns were taken, and which were not.

        Example:
            >>> taken = {"confidence": "p", "correct": "hit"}
            >>> Understood(taken, None, None, unused=("id",)).sentence("a table")
            'Read as a table: confidence from p, correct from hit. Column not used: id.'
        """
        title = what if self.log_format is None else f"{self.log_format.title} ({what})"
        listed = []
        for role, name in self.chosen.items():
            shown = _NAMED.get(role, role)
            listed.append(f"{shown} from {printable(name)}")
        how = self.completions
        if how is not None:
            reader = next((name for name, one in READERS.items() if one == how.reader), "given")
            taken = " and ".join(how.read_roles)
            listed.append(f"{taken} read from completions by the reader {reader}")
        return f"Read as {title}: {', '.join(listed)}.{self._left()}"

    def _left(self) -> str:
        """A sentence on the columns that were not used, or ""."""
        if not self.unused:
            return ""
        more = len(self.unused) - _LEFT
        shown = [*map(printable, self.unused[:_LEFT]), *([f"{more} more"] if more > 0 else [])]
        return f" Column{'s' if len(self.unused) > 1 else ''} not used: {', '.join(shown)}."


_NAMED: Mapping[str, str] = {"text": "completions", "truth": "truths", "reward": "logged reward"}


def _exists(name: str, existing: list[str]) -> bool:
    """Whether there is such a column, or one that a path such as `resps.0.0` begins with."""
    return name in existing or any(
        name[:cut] in existing for cut in range(len(name)) if name[cut] == "."
    )


def _no_column(
    source: str, name: str, role: str, existing: list[str], hint: str = ""
) -> RolloutError:
    of = "" if name == role else f" for `{role}`"
    return NoColumnError(
        f"{source}: there is no column {name!r}{of}; the columns are {_listed(existing)}{hint}"
    )


def no_path(source: str, name: str, existing: Sequence[str]) -> RolloutError:
    """The error for a path to what no row has, with those that it may have meant.

    Args:
        source: The name of the log in messages.
        name: The path that was asked for.
        existing: The columns and paths of the log.

    Example:
        >>> no_path("a log", "score.valu", ["id", "score", "score.value", "score.answer"])
        NoColumnError("a log: there is no column or path 'score.valu'; there is 'score.value'")
    """
    beside = [each for each in existing if each.startswith(f"{name.rpartition('.')[0]}.")]
    meant = get_close_matches(name, beside, n=1, cutoff=0.8) or beside
    told = f"there is {_listed(meant)}" if meant else f"the columns are {_listed(existing)}"
    return NoColumnError(f"{source}: there is no column or path {name!r}; {told}")


def _listed(names: Sequence[str]) -> str:
    more = ["..."] if len(names) > _FEW else []
    return ", ".join([*map(_quoted, names[:_FEW]), *more]) or "none"


@dataclass(frozen=True, slots=True)
class FoundColumns:
    """The columns of a log by role, before validation.

    Attributes:
        columns: By role, a list as it was read, an array of numbers, or labels.
        where: From the index of a row to its name in messages.
        understood: How the columns were chosen.
        again: Reads the same columns by the exact reader; None where it has read them.

    Example:
        >>> FoundColumns({"confidence": [0.5], "correct": [1]}).where(0)
        'row 1'
    """

    columns: Mapping[str, Any]
    where: Callable[[int], str] = lambda row: f"row {row + 1}"
    understood: Understood | None = None
    again: Callable[[], FoundColumns] | None = None


def to_rollouts(
    source: str, found: FoundColumns, policy: Policy, *, digest: str = "", reading: str = ""
) -> Rollouts:
    """Rollouts from raw columns: every value is validated, and no row is dropped.

    Raises:
        RolloutError: If a value is outside its domain; the message names the row and the value.

    Example:
        >>> raw = FoundColumns({"confidence": ["90", "50%"], "correct": ["true", 0]})
        >>> to_rollouts("a log", raw, Policy(scale="percent")).confidence
        array([0.9, 0.5])
    """
    columns, understood = without_sentinel(found).columns, found.understood
    log_format = None if understood is None else understood.log_format
    how = None if understood is None else understood.completions
    if len(next(iter(columns.values()))) == 0:
        raise RolloutError(f"{source}: there are no rows")
    missing = policy.missing
    if missing is None and log_format is not None:
        missing = log_format.missing
    payoff = None if missing is None or missing == "refuse" else float(missing)
    if how is not None:
        columns = read_columns(source, columns, found.where, how, refuse=payoff is None)
    try:
        confidence, malformed = _confidence(
            source, columns["confidence"], found.where, policy.scale, payoff
        )
    except NoConfidenceError as error:
        hint = (
            "--reader NAME (reader=...) names the format of the completions, and --column"
            " confidence=NAME a column with confidences"
        )
        raise NoConfidenceError(f"{error}. {reading} {hint}".replace(".  ", ". ")) from None
    if log_format is not None and policy.missing is None and np.isnan(confidence).any():
        reading = (
            f"{reading} Answers without a readable confidence are paid {payoff:g} under every"
            " reward; another payoff is --missing PAYOFF (missing=PAYOFF)."
        ).strip()
    numbers = {
        role: _number_column(source, role, columns[role], found.where)
        for role in NUMBERS
        if role in columns
    }
    if "correct" not in columns and policy.paid is not None:
        correct = _solved(source, confidence, numbers["reward"], found.where, policy.paid)
    else:
        correct = _correct(source, columns["correct"], found.where, graded=policy.graded)
    labels: dict[str, Any] = {
        role: _filled(source, role, columns[role], found.where)
        for role in LABELS
        if role in columns
    }
    return Rollouts(
        confidence=confidence,
        correct=correct,
        **labels,
        **numbers,
        malformed=malformed,
        missing=payoff,
        scale=policy.scale or "unit",
        source=source,
        digest=digest,
        graded=policy.graded,
        reading=reading,
    )


class NoColumnError(RolloutError):
    """A log has no column, or nothing under a path, that was asked for or is required.

    Example:
        >>> Policy().understand("log.csv", ["correct"])
        Traceback (most recent call last):
        scoring_theory.rollouts.columns.NoColumnError: log.csv: there is no column 'confidence'; ...
    """


class NoConfidenceError(RolloutError):
    """No row of a log states a confidence.

    Example:
        >>> raise NoConfidenceError("there is none")
        Traceback (most recent call last):
        scoring_theory.rollouts.columns.NoConfidenceError: there is none
    """


def without_sentinel(found: FoundColumns) -> FoundColumns:
    """The columns, with no confidence where the format writes a number for one not stated.

    Args:
        found: The columns; where completions are read there is no such number.

    Example:
        >>> plain = FoundColumns({"confidence": [0.5, -1], "correct": [1, 1]})
        >>> without_sentinel(plain).columns["confidence"]
        [0.5, -1]
    """
    understood = found.understood
    known = None if understood is None else understood.log_format
    if (
        understood is None
        or known is None
        or known.absent is None
        or "confidence" not in found.columns
    ):
        return found
    stated = _without(found.columns["confidence"], known.absent)
    return replace(
        found,
        columns={**found.columns, "confidence": stated},
        understood=replace(understood, log_format=replace(known, absent=None)),
    )


def _without(column: Any, sentinel: float) -> Any:
    """The column with None where it holds the number that stands for nothing."""
    if isinstance(column, np.ndarray):
        marks = column == sentinel
        return np.where(marks, np.nan, column) if marks.any() else column
    return [None if cell == sentinel else cell for cell in column]


def _solved(
    source: str,
    confidence: NDArray[Any],
    logged: NDArray[np.float64],
    where: Callable[[int], str],
    paid: Reward,
) -> NDArray[np.float64]:
    """The outcomes c with R(q, c) equal to the logged reward; 0 where no confidence is stated."""
    q = np.asarray(confidence, dtype=np.float64)
    stated = ~np.isnan(q)
    wrong, right = np.zeros(q.size), np.zeros(q.size)
    wrong[stated], right[stated] = paid.table(q[stated])
    is_wrong, is_right = (np.abs(logged - each) <= _EQUAL for each in (wrong, right))
    doubtful = stated & (is_wrong == is_right)
    if doubtful.any():
        row = int(np.argmax(doubtful))
        raise RolloutError(
            f"{source}, {where(row)}: the logged reward {logged[row]:g} is"
            f" {'both' if is_right[row] else 'neither'} what {paid.text} pays at confidence"
            f" {q[row]:g} for a right answer ({right[row]:g}) {'and' if is_right[row] else 'nor'}"
            f" for a wrong one ({wrong[row]:g})"
        )
    return np.where(stated & is_right, 1.0, 0.0)


def _number_column(
    source: str, role: str, column: Any, where: Callable[[int], str]
) -> NDArray[np.float64]:
    """Steps, rewards or weights; only a reward may be absent, since a trainer may not score."""
    values = np.asarray(_numbers(column, percent=False), dtype=np.float64)
    fine = np.isfinite(values)
    if role == "weight":
        fine &= values >= 0
    if role == "reward":
        fine |= np.array([_absent(cell) for cell in column]) if not fine.all() else fine
    if not fine.all():
        row = int(np.argmin(fine))
        rule = "a number of at least 0" if role == "weight" else "a number"
        raise RolloutError(
            f"{source}, {where(row)}: `{role}` must be {rule}, got {_shown(column[row])}"
        )
    if role == "weight" and not values.any():
        raise RolloutError(f"{source}: `weight` must be positive in at least one row, got none")
    return values


def _confidence(
    source: str,
    column: Any,
    where: Callable[[int], str],
    scale: ConfidenceScale | None,
    missing: float | None,
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """The confidences in [0, 1], NaN where there is none, and which rows are malformed."""
    values = _numbers(column, percent=scale == "percent")
    if scale is None and _percentages(values):
        row = int(np.argmax(values > 1))
        raise RolloutError(
            f"{source}, {where(row)}: `confidence` must be a number in [0, 1], got"
            f" {_shown(column[row])}; if the log states percentages, pass `--scale percent`"
            ' (scale="percent"), otherwise `--scale unit`'
        )
    if scale == "percent":
        values = values / np.asarray(
            100, dtype=values.dtype if values.dtype.kind == "f" else np.float64
        )
    holds = (values >= 0) & (values <= 1)  # false for NaN, which stands for anything but a number
    if holds.all():
        return values, None
    refused = np.flatnonzero(~holds)
    percentage = next((row for row in refused if scale is None and _with_sign(column[row])), None)
    if missing is None or percentage is not None:  # a percentage is no missing confidence
        row = int(refused[0] if percentage is None else percentage)
        rule = "a percentage in [0, 100]" if scale == "percent" else "a number in [0, 1]"
        hint = "" if math.isfinite(values[row]) else _hint(column[row])
        raise RolloutError(
            f"{source}, {where(row)}: `confidence` must be {rule}, got {_shown(column[row])}{hint}"
        )
    if not holds.any():
        raise NoConfidenceError(
            f"{source}: `confidence` must be stated in at least one row, got none in {holds.size}"
        )
    malformed = ~holds
    malformed[refused] = [not _absent(column[row]) for row in refused]
    return (
        np.where(holds, values, np.asarray(np.nan, dtype=np.result_type(values, np.float16))),
        malformed,
    )


def _percentages(values: NDArray[Any]) -> bool:
    stated = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    return bool(stated.size and stated.max() > 1 and stated.min() >= 0 and stated.max() <= 100)


def _with_sign(value: object) -> bool:
    """Whether it is a percentage with its sign."""
    return isinstance(value, str) and value.rstrip().endswith("%")


def _hint(value: object) -> str:
    if _with_sign(value):
        return '; percentages need `--scale percent` (scale="percent")'
    return "; `--missing PAYOFF` (missing=PAYOFF) accepts such answers and gives them that reward"


def _numbers(column: Any, *, percent: bool) -> NDArray[Any]:
    """The numbers in the cells; NaN for a cell that is not a number."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "iuf":
        return column
    cells = list(column)
    values = _in_bulk(cells)
    return np.array([_number(cell, percent) for cell in cells]) if values is None else values


def _in_bulk(cells: list[Any]) -> NDArray[np.float64] | None:
    """The numbers at once, if all cells are numbers or all are texts of numbers; otherwise None."""
    kinds = set(map(type, cells))
    try:
        if kinds <= {int, float, type(None)}:
            return np.array(cells, dtype=np.float64)  # None is NaN
        if kinds == {str} and "_" not in (text := "".join(cells)) and text.isascii():
            return np.array(list(map(float, cells)))
    except (ValueError, OverflowError):
        pass
    return None


_REAL = (str, int, float, Decimal, np.integer, np.floating)


def _number(value: Any, percent: bool) -> float:
    """One number, or NaN; NaN also for `1_0` and other scripts, which only Python accepts."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, _REAL):
        return math.nan
    if "_" in (shown := str(value).strip()) or not shown.isascii():
        return math.nan
    text = value.strip().removesuffix("%") if percent and isinstance(value, str) else value
    try:
        return float(text)
    except (ValueError, OverflowError):
        return math.nan


_WORDS: Mapping[str, float] = {
    **dict.fromkeys(("true", "correct", "c", "yes"), 1.0),
    **dict.fromkeys(("false", "incorrect", "i", "no"), 0.0),
}
"""Verdicts in words, in any capitals; C and I are those of Inspect's scorers."""


def _correct(
    source: str, column: Any, where: Callable[[int], str], *, graded: bool
) -> NDArray[Any]:
    """The outcomes, each 0 or 1 (or a score); texts are parsed once per distinct value."""
    if isinstance(column, np.ndarray) and column.dtype.kind in "biuf":
        values = column
    elif isinstance(column, Labels):
        values = np.array([_outcome(str(name)) for name in column.names.tolist()])[column.code]
        column = column.texts()
    else:
        cells = list(column)
        try:
            outcomes = {cell: _outcome(cell) for cell in set(cells)}
            values = np.array([outcomes[cell] for cell in cells])
        except TypeError:  # a cell that is not hashable, such as a list
            values = np.array([_outcome(cell) for cell in cells])
    fine = (values >= 0) & (values <= 1)
    holds = fine if graded else (values == 0) | (values == 1)
    if not holds.all():
        row = int(np.argmin(holds))
        rule = "a score in [0, 1]" if graded else "0 or 1"
        hint = "; if it is a score, pass `--graded` (graded=True)" if fine[row] else ""
        raise RolloutError(
            f"{source}, {where(row)}: `correct` must be {rule}, got {_shown(column[row])}{hint}"
        )
    return values


def _outcome(value: Any) -> float:
    if isinstance(value, (bool, np.bool_)) or (
        isinstance(value, str) and value.strip().lower() in _WORDS
    ):
        return _WORDS[str(value).strip().lower()]
    return _number(value, percent=False)


def _absent(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, str) and value.strip().lower() in ("", "nan"))
        or value != value
    )


def _shown(value: Any) -> str:
    plain = value.item() if isinstance(value, np.generic) else value
    return "nothing" if value is None or value == "" else _quoted(plain)


def _quoted(value: object) -> str:
    """The `repr` of a value, shortened for an error message."""
    text = repr(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}..."


def _filled(source: str, role: str, column: Any, where: Callable[[int], str]) -> Labels:
    """The labels of a column without gaps; labels that reports print must be printable."""
    if isinstance(column, Labels):
        names = column.names.tolist() if column.names.dtype.kind == "O" else []
        empty = [k for k, name in enumerate(names) if _is_empty(role, name)]
        gap = int(np.argmax(np.isin(column.code, empty))) if empty else -1
    elif isinstance(column, np.ndarray) and column.dtype.kind in "biu":
        gap = -1
    elif set(map(type, column)) == {str}:
        gap = -1 if role == "answer" or "" not in column else list(column).index("")
    else:
        gap = next((row for row, value in enumerate(column) if _is_empty(role, value)), -1)
    if gap >= 0:
        value = column.names[column.code[gap]] if isinstance(column, Labels) else column[gap]
        raise RolloutError(
            f"{source}, {where(gap)}: `{role}` must be filled in, got {_shown(value)}"
        )
    labels = encode(role, column)
    if role in PRINTED and (row := first_unprintable(labels)) is not None:
        name = str(labels.names[labels.code[row]])
        raise RolloutError(
            f"{source}, {where(row)}: `{role}` must be printable text on one line, got {name!a}"
        )
    return labels


def _is_empty(role: str, value: Any) -> bool:
    if value.__class__ is str:
        return not value and role != "answer"
    return value is None or value != value or (value == "" and role != "answer")
