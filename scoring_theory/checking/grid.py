"""A reward for reports on a grid: whole percents, a scale from 0 to 10, words for confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.kernel.formula import FormulaError
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import ONE, ZERO, Expression, Rejected, const
from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import Subject
from proofs.quantity import Quantity
from proofs.search.as_text import quantity
from proofs.search.grid import Envelope, GridProver
from proofs.search.prover import Decided, Prover
from scoring_theory.checking.levels import require_levels
from scoring_theory.checking.setting import Setting
from scoring_theory.optimality.critical_weight import largest_weight, weight_parameter
from scoring_theory.optimality.verdicts import bound, proper_verdict, short
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property

_NAME = "for reports on a grid"


def grid(prover: Prover, levels: Sequence[Fraction]) -> Setting:
    """Whether a reward keeps its properties where only the reports on a grid are admitted.

    The claim of properness is that, for every p, a best admitted report is one of the two levels
    next to p (and p itself where it is a level). It holds if and only if each level earns at least
    as much as its two neighbours for p equal to it. V_grid(p) is the largest U(p, q) of a level;
    the reward is jointly optimal on the grid if, moreover, V_grid never decreases.

    Args:
        prover: the search about the reward.
        levels: the admitted reports, in increasing order.

    Raises:
        ValueError: the levels do not increase in [0, 1].

    Source: `docs/theory.md`, Theorem 41.

    Example:
        >>> from scoring_theory.checking.levels import parse_levels
        >>> setting = grid(Prover("c - 2*(q - c)^2"), parse_levels("0..10"))
        >>> setting.replaces["strictly proper"].status, setting.data["local_failure_below"]["exact"]
        ('proved', '1/4')
        >>> near_1 = Prover("c - (q - c)^2 + (0.99 < q < 1)*c")
        >>> near_1.proper.decision, grid(near_1, parse_levels("0..100")).replaces["proper"].status
        ('refuted', 'proved')
    """
    admitted = require_levels(levels)
    search = GridProver(prover, admitted)
    proper = _proper(search)
    replaces: dict[Property, Verdict] = {
        "proper": proper,
        "strictly proper": _strict(search, proper),
        "jointly optimal": _joint(search, proper),
    }
    figures = _figures(search)
    return Setting(
        _NAME,
        replaces,
        rows=[("grid", levels_text(admitted)), *_between(search, proper), *_rows(figures)],
        data={
            "levels": [str(q) for q in admitted],
            **{name: None if x is None else x.to_json() for name, x in figures.items()},
        },
        otherwise="for every report",
        optimum="giving the most likely answer and a level next to its probability",
    )


def levels_text(levels: Sequence[Fraction]) -> str:
    """The levels of a grid in words.

    Example:
        >>> levels_text([Fraction(k, 100) for k in range(101)])
        '101 levels: 0, 1/100, ..., 1'
    """
    shown = [str(q) for q in levels]
    listed = shown if len(shown) <= 6 else [*shown[:2], "...", shown[-1]]
    return f"{len(shown)} levels: {', '.join(listed)}"


# -------------------------------------------------------------------------------------- verdicts


def _proper(search: GridProver) -> Verdict:
    decided = search.proper
    if decided.decision == "proved":
        reason = "for every p, one of the two levels next to p is a best admitted report"
        return Verdict("proved", reason, certificate=decided.certificate)
    if decided.decision == "refuted" and decided.certificate:
        return _misreport(search.prover, decided.certificate)
    return Verdict("undecided", decided.reason)


def _misreport(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    subject, prefix = bound(prover, c)
    p, q = Fraction(c["p"]), Fraction(c["q"])
    honest, other = (short(subject.expected(p, x)) for x in (p, q))
    reason = (
        f"{prefix}p = {p}: expected reward {honest} with the truthful level q = {p}, {other} with"
        f" q = {q}"
    )
    return Verdict("refuted", reason, {**c.get("values", {}), "p": str(p), "q": str(q)}, c)


def _strict(search: GridProver, proper: Verdict) -> Verdict:
    decided = search.strict
    if proper.status != "proved":
        return proper
    if decided.decision == "proved":
        reason = "each level is the only best admitted report for p equal to it"
        return Verdict("proved", reason, certificate=decided.certificate)
    if decided.decision == "refuted" and decided.certificate:
        c = decided.certificate
        subject, prefix = bound(search.prover, c)
        p, q = Fraction(str(c["p"])), Fraction(str(c["q"]))
        reason = (
            f"{prefix}p = {p}: expected reward {short(subject.expected(p, p))} with the truthful"
            f" level q = {p}, and the same with q = {q}"
        )
        values: Any = c.get("values", {})
        return Verdict("refuted", reason, {**values, "p": str(p), "q": str(q)}, c)
    return Verdict("undecided", decided.reason)


def _joint(search: GridProver, proper: Verdict) -> Verdict:
    decided: Decided = search.jointly_optimal
    if decided.decision == "proved":
        reason = "on the grid, the expected reward never decreases with accuracy"
        return Verdict("proved", reason, certificate=decided.certificate)
    if decided.decision == "undecided" or not decided.certificate:
        return Verdict("undecided", decided.reason)
    c: Mapping[str, Any] = decided.certificate
    if "p_low" not in c:
        reason = f"a misreport is better even with a single answer ({proper.reason})"
        return Verdict("refuted", reason, proper.witness, c)
    subject, prefix = bound(search.prover, c)
    low, high, q = (Fraction(c[name]) for name in ("p_low", "p_high", "q_low"))
    numeric = {level: subject.expected(high, level) for level in search.levels}
    best = max(numeric, key=lambda level: quantity(numeric[level]).value)
    reason = (
        f"{prefix}a deliberately wrong answer earns {short(subject.expected(low, q))} with q = {q};"
        f" an answer with p = {high} earns at most {short(numeric[best])}, with q = {best}"
    )
    witness = {"p_low": str(low), "q_low": str(q), "p_high": str(high), "q_high": str(best)}
    return Verdict("refuted", reason, {**c.get("values", {}), **witness}, c)


# ------------------------------------------------------------------------------------------ rows


def _between(search: GridProver, proper: Verdict) -> list[tuple[str, str]]:
    """What the reports between the levels would do, where the grid excludes a failure."""
    if proper.status != "proved" or search.prover.proper.decision != "refuted":
        return []
    reason = proper_verdict(search.prover).reason
    return [("between levels", f"improper, but no admitted report exploits it ({reason})")]


def _figures(search: GridProver) -> dict[str, Quantity | None]:
    """Accuracy margin, critical weight and failure thresholds of the grid."""
    names = ("accuracy_margin", "critical_weight", "local_failure_below", "global_failure_below")
    nothing: dict[str, Quantity | None] = dict.fromkeys(names)
    if search.proper.decision != "proved":
        return nothing
    with suppress(Rejected, Undetermined, FormulaError):
        subject = Subject(search.prover.formula, search.prover.parameters)
        envelope = Envelope(subject, search.levels)
        margin = {**nothing, "accuracy_margin": envelope.margin}
        weight = {**margin, "critical_weight": _weight(search, envelope)}
        if search.prover.free:
            return weight
        thresholds = envelope.thresholds() or (None, None)
        return {**weight, names[2]: thresholds[0], names[3]: thresholds[1]}
    return nothing


def _weight(search: GridProver, envelope: Envelope) -> Quantity | None:
    """lam* of the grid: the largest weight of S at which c + lam S is jointly optimal on it."""
    with suppress(Rejected, Undetermined, FormulaError):
        region, prover = envelope.subject.constants, search.prover
        if (name := weight_parameter(prover)) is not None:
            return largest_weight(envelope.slope, ONE, region, name)
        if prover.free:
            return None
        last = envelope.subject.payoff(const(search.levels[-1]), 1)
        if not isinstance(last, Expression):
            return None
        score = constant_sign(last - envelope.nothing) <= 0
        return largest_weight(envelope.slope, ZERO if score else ONE, region)
    return None


def _rows(figures: Mapping[str, Quantity | None]) -> list[tuple[str, str]]:
    told = (
        ("accuracy margin", "accuracy_margin", "the smallest slope of V on the grid"),
        ("critical weight", "critical_weight", "the largest safe weight on the grid"),
        (
            "local failure",
            "local_failure_below",
            "on the grid, for p below this value, expected reward decreases with accuracy",
        ),
        (
            "global failure",
            "global_failure_below",
            "on the grid, for p below this value, a deliberately wrong answer earns more",
        ),
    )
    return [
        (label, f"{figures[name]}  ({meaning})")
        for label, name, meaning in told
        if figures[name] is not None
    ]
