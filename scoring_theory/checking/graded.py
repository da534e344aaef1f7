"""A reward for graded scores: partial credit, rubrics, unit tests, judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.kernel.claims_graded import MAX_GRADES, Law, earned, mean
from proofs.kernel.formula import Apply, Node, Number, parse
from proofs.kernel.subject import Subject
from proofs.search.graded import GradedProver
from proofs.search.prover import Prover
from proofs.trees import branch, unparse
from scoring_theory.checking.levels import require_levels
from scoring_theory.checking.setting import Setting
from scoring_theory.optimality.verdicts import bound, short, strict_verdict
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.report import Report
    from scoring_theory.checking.setting import Property

_NAME = "with graded scores"
_BEST = "under every law of the score, no report has a larger expected reward than its mean"
_ONLY = "under every law of the score, every report other than its mean earns less"


def graded(prover: Prover, grades: Sequence[Fraction] | None = None) -> Setting:
    """Whether a reward keeps its properties when `c` is a score in [0, 1] and q states its mean.

        H(q, s) = R(q, s) - s R(q, 1) - (1 - s) R(q, 0)

    A reward that is proper for outcomes of 0 and 1 is proper for the mean of every law of the score
    if and only if H does not depend on q inside (0, 1), and jointly optimal (a larger mean never
    earns less) if and only if, moreover, H = 0 there; at q = 0 and 1 it may be smaller.

    Args:
        prover: the search about the reward.
        grades: the scores that occur, from 0 to 1; by default every number in [0, 1].

    Raises:
        ValueError: the grades do not increase from 0 to 1.

    Source: `docs/theory.md`, Theorem 39.

    Example:
        >>> setting = graded(Prover("c - (q - c)^2"))
        >>> setting.replaces["strictly proper"].status, setting.replaces["jointly optimal"].status
        ('proved', 'refuted')
        >>> print(setting.replaces["jointly optimal"].reason)
        score 3/10 for sure earns 0.300; score 0 or 1 evenly, of mean 1/2, earns 0.250
    """
    allowed = None if grades is None else require_grades(grades)
    search = GradedProver(prover, allowed)
    proper = _proper(search)
    strict = _strict(search, proper)
    joint = _joint(search, proper)
    replaces: dict[Property, Verdict] = {
        "proper": proper,
        "strictly proper": strict,
        "jointly optimal": joint,
    }
    extension = _improved(search, affine_extension(prover.formula, prover.parameters))
    scores = "every law on [0, 1]" if allowed is None else ", ".join(map(str, allowed))
    rows = [("scores", scores)]
    if extension is not None:
        rows.append(("affine extension", f"{extension[0]} ({extension[1]} for graded scores)"))
    return Setting(
        _NAME,
        replaces,
        rows=rows,
        data={
            "grades": None if allowed is None else [str(s) for s in allowed],
            "affine_extension": None if extension is None else extension[0],
        },
        otherwise="for c = 0 or 1",
        optimum="giving the answer of the largest mean score and stating that mean",
    )


def require_grades(grades: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """The grades, if they increase from 0 to 1.

    Raises:
        ValueError: they do not; a score that never takes the value 0 or 1 must be rescaled.

    Example:
        >>> require_grades([Fraction(0), Fraction(1, 2)])
        Traceback (most recent call last):
        ValueError: the grades must include 0 and 1, got 0, 1/2: rescale the scores
    """
    values = require_levels(grades)
    shown = ", ".join(map(str, values))
    if values[0] != 0 or values[-1] != 1:
        raise ValueError(f"the grades must include 0 and 1, got {shown}: rescale the scores")
    if len(values) > MAX_GRADES:
        raise ValueError(f"at most {MAX_GRADES} grades are read, got {len(values)}")
    return values


def affine_extension(formula: str, parameters: Mapping[str, str] | None = None) -> str:
    """The formula c R(q, 1) + (1 - c) R(q, 0), which is affine in the score.

    It is the same reward for outcomes of 0 and 1, and the only extension to scores between them
    that keeps joint optimality.

    Args:
        formula: a formula of the grammar.
        parameters: the domains of its parameters.

    Example:
        >>> affine_extension("c - (q - c)^2")
        'c*(1 - (q - 1)^2) - (1 - c)*q^2'
    """
    node = parse(formula, (parameters or {}).keys())
    right = _weighed("c", branch(node, 1))
    wrong = _weighed("(1 - c)", branch(node, 0))
    if not wrong:
        return right or "0"
    if not right:
        return wrong
    return f"{right} - {wrong[1:]}" if wrong.startswith("-") else f"{right} + {wrong}"


def objection_to_scores(report: Report, needed: Sequence[Verdict]) -> str:
    """Why graded scores must not be paid with a reward, and what to write instead; "" if they may.

    Args:
        report: its check with graded scores; all parameters have values.
        needed: the verdicts on it that must be proved.
    """
    reward = report.reward
    named, extension = f"`{reward.text}`", affine_extension(unparse(reward.bound))
    failed = next((verdict for verdict in needed if not verdict), None)
    if failed is None:
        if GradedProver(Prover(reward.text, reward.parameters)).affine:
            return ""
        return (
            f"{named} is not proved affine in the score for every q, 0 and 1 included: write its"
            f" affine extension {extension}"
        )
    better = any(setting.data.get("affine_extension") for setting in report.settings)
    instead = (
        f"write its affine extension {extension}"
        if better
        else "`repair` with graded=True finds a safe reward"
    )
    return f"{named} is {failed.status} with graded scores: {failed.reason.rstrip('.')}; {instead}"


def _weighed(share: str, payoff: Node) -> str:
    """The text of share * payoff; empty if the payoff is 0."""
    match payoff:
        case Number(value) if value in (0, 1):
            return share if value else ""
        case Apply("neg", (inner,)):
            return f"-{_weighed(share, inner)}"
        case Apply("+" | "-" | "if" | "and" | "or" | "not" | "<" | "<=" | "==" | "!=", _):
            return f"{share}*({unparse(payoff)})"
        case Number(value) if value < 0:
            return f"-{share}*{-value}"
    return f"{share}*{unparse(payoff)}"


def _improved(search: GradedProver, text: str) -> tuple[str, str] | None:
    """The affine extension and what is proved of it, if that is more than of the reward."""
    other = GradedProver(Prover(text, search.prover.parameters), search.grades)
    if search.jointly_optimal.decision != "proved" == other.jointly_optimal.decision:
        return text, "proper and jointly optimal"
    if search.proper.decision != "proved" == other.proper.decision:
        return text, "proper"
    return None


def _proper(search: GradedProver) -> Verdict:
    decided = search.proper
    if decided.decision == "proved":
        return Verdict("proved", _BEST, certificate=decided.certificate)
    if decided.decision == "refuted" and decided.certificate:
        return _misreport(search.prover, decided.certificate)
    return Verdict("undecided", decided.reason)


def _strict(search: GradedProver, proper: Verdict) -> Verdict:
    decided = search.strict
    if proper.status != "proved":
        return proper
    if decided.decision == "proved":
        return Verdict("proved", _ONLY, certificate=decided.certificate)
    return strict_verdict(search.prover)


def _joint(search: GradedProver, proper: Verdict) -> Verdict:
    decided = search.jointly_optimal
    if decided.decision == "proved":
        reason = "the reward is affine in the score, and a larger mean never earns less"
        return Verdict("proved", reason, certificate=decided.certificate)
    if decided.decision == "undecided" or not decided.certificate:
        return Verdict("undecided", decided.reason)
    c = decided.certificate
    if "low" not in c:
        reason = "the reward is not jointly optimal for scores of 0 and 1, for any parameters"
        return Verdict("refuted", reason, certificate=c)
    if c["low"] == c["high"]:
        reason = f"a misreport is better even with a single answer ({proper.reason})"
        return Verdict("refuted", reason, proper.witness, c)
    return _smaller_mean(search.prover, c)


def _law(pairs: Any) -> Law:
    return [(Fraction(s), Fraction(x)) for s, x in pairs]


def law_text(law: Law) -> str:
    """A law of the score in words.

    Example:
        >>> law_text([(Fraction(0), Fraction(1, 2)), (Fraction(1), Fraction(1, 2))])
        'score 0 or 1 evenly'
    """
    atoms = [(s, x) for s, x in law if x]
    if len(atoms) == 1:
        return f"score {atoms[0][0]} for sure"
    scores = [str(s) for s, _ in atoms]
    listed = f"score {', '.join(scores[:-1])} or {scores[-1]}"
    if len({x for _, x in atoms}) == 1:
        return f"{listed} evenly"
    return f"{listed} with probabilities {', '.join(str(x) for _, x in atoms)}"


def _misreport(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    subject, prefix = bound(prover, c)
    law, q = _law(c["law"]), Fraction(c["q"])
    m = mean(law)
    honest, other = (_paid(subject, law, report) for report in (m, q))
    reason = (
        f"{prefix}{law_text(law)}: expected reward {honest} with the truthful mean q = {m},"
        f" {other} with q = {q}"
    )
    witness = {"law": _witness_law(law), "q": str(q), "mean": str(m)}
    return Verdict("refuted", reason, {**c.get("values", {}), **witness}, c)


def _smaller_mean(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    subject, prefix = bound(prover, c)
    low, high, q = _law(c["low"]), _law(c["high"]), Fraction(c["q"])
    means = mean(low), mean(high)
    first = f"{law_text(low)} earns {_paid(subject, low, q)}"
    stated = f" with q = {q}" if q != means[0] else ""
    size = "the same mean" if means[0] == means[1] else f"mean {means[1]}"
    second = f"{law_text(high)}, of {size}, earns {_paid(subject, high, means[1])}"
    reason = f"{prefix}{first}{stated}; {second}"
    witness = {
        "low": _witness_law(low),
        "high": _witness_law(high),
        "q": str(q),
        "mean_low": str(means[0]),
        "mean_high": str(means[1]),
    }
    return Verdict("refuted", reason, {**c.get("values", {}), **witness}, c)


def _paid(subject: Subject, law: Law, q: Fraction) -> str:
    return short(earned(subject, law, q))


def _witness_law(law: Law) -> str:
    return ", ".join(f"{s} with probability {x}" for s, x in law)
