"""A reward under a verifier that accepts some wrong answers and rejects some correct ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.kernel.claims_errors import Rates, accepted_range, accepted_share, rate
from proofs.kernel.formula import FormulaError, parse, rational
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import ONE, ZERO, Expression, Rejected
from proofs.quantity import Quantity
from proofs.search.errors import (
    ErrorsProver,
    as_formula,
    effective_formula,
    formula_in_p,
    slope_above,
    sum_of_two,
)
from proofs.search.prover import Prover
from proofs.trees import branch, domain_text
from scoring_theory.checking.setting import Setting
from scoring_theory.optimality.critical_weight import critical_weight
from scoring_theory.optimality.failure_thresholds import failure_certificate, failure_thresholds
from scoring_theory.optimality.verdicts import (
    bound,
    joint_verdict,
    proper_verdict,
    short,
    strict_verdict,
)
from scoring_theory.reward.parameters import Parameter
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property

_NAME = "under verifier errors"
Rows = list[tuple[str, str]]


def verifier_errors(
    prover: Prover,
    false_positive: Parameter = 0,
    false_negative: Parameter = 0,
    *,
    by_answer: bool = False,
) -> Setting:
    """Whether the best answer still earns the most under a verifier with errors.

        p' = a + (1 - a - b) p,   a = P(accepted | wrong),   b = P(rejected | correct)

    The agent earns U(p', q), so the optimal report is p', and only V on [a, 1 - b] counts. A proper
    reward is jointly optimal under errors with a + b < 1 if and only if V does not decrease next to
    the least a; errors raise the largest safe weight. A reward that was corrected for known rates
    is recognised: its mean over the errors is then a reward for the true p.

    Args:
        prover: the search about the reward.
        false_positive: a, the rate at which wrong answers are accepted: a number in [0, 1], or a
            domain such as "0 <= a <= 0.1".
        false_negative: b, the rate at which correct answers are rejected.
        by_answer: whether the rates may differ between answers, within their domains.

    Raises:
        ValueError: a rate is not a number or a domain in [0, 1].

    Source: `docs/theory.md`, Theorem 40; Natarajan et al. 2013.

    Example:
        >>> setting = verifier_errors(Prover("c - 2*(q - c)^2"), Fraction(1, 4))
        >>> setting.replaces["jointly optimal"].status, setting.data["critical_weight"]["exact"]
        ('proved', '1')
        >>> verifier_errors(Prover("c"), "0 <= a <= 0.1", by_answer=True)
        Setting('under verifier errors': jointly optimal refuted)
    """
    texts = [
        _domain(value, name, letter)
        for value, name, letter in (
            (false_positive, "false_positive", "a"),
            (false_negative, "false_negative", "b"),
        )
    ]
    search = ErrorsProver(prover, texts[0], texts[1], by_answer)
    corrected_for = None if prover.proper.decision == "proved" else _corrected_for(search)
    rows: Rows = [("verifier", _verifier_text(search))]
    if corrected_for is not None:
        return _corrected_setting(search, corrected_for, rows)
    joint = _joint(search)
    at = _rates_of_failure(search, joint)
    thresholds = None if at is None else _thresholds(search.prover, at)
    weight = _weight(search)
    rows += [("stated confidence", _meaning(search))]
    rows += _weight_row(search, weight)
    if thresholds is not None and at is not None:
        rows += _threshold_rows(thresholds, at)
    if search.by_answer and search.known is None and joint.status == "refuted":
        rows.append(("errors by answer", _unmendable(joint)))
    mended = _mended(search)
    if mended is not None:
        rows.append(("corrected reward", f"{mended}  (its mean over these errors is the reward)"))
    local, globally, certificate = thresholds or (None, None, None)
    return Setting(
        _NAME,
        {**_proper_where_it_counts(search), "jointly optimal": joint},
        rows=rows,
        data={
            **_rates_data(search),
            "critical_weight": None if weight is None else weight.to_json(),
            "local_failure_below": None if local is None else local.to_json(),
            "global_failure_below": None if globally is None else globally.to_json(),
            "failure_at_rates": None if thresholds is None or at is None else list(map(str, at)),
            "corrected_reward": mended,
            "corrected_for_errors": False,
        },
        certificates=[] if certificate is None else [certificate],
        otherwise="without errors",
        optimum="giving the best answer and the probability that the verifier accepts it",
    )


def corrected(
    formula: str,
    false_positive: Fraction,
    false_negative: Fraction,
    parameters: Mapping[str, str] | None = None,
) -> str:
    """The reward whose mean over the errors of the verifier is the given reward.

        f~ = ((1 - a) f - b g) / J,   g~ = ((1 - b) g - a f) / J,   J = 1 - a - b

    Args:
        formula: a formula of the grammar, with finite payoffs f = R(., 1) and g = R(., 0).
        false_positive: a.
        false_negative: b.
        parameters: the domains of its parameters.

    Raises:
        ValueError: a + b = 1, so that acceptance says nothing about correctness; or a payoff is
            infinite.

    Source: Natarajan et al. 2013, lemma 1.

    Example:
        >>> corrected("c", Fraction(1, 5), Fraction(3, 10))
        'c*(8/5) + (1 - c)*(-2/5)'
    """
    a, b = false_positive, false_negative
    if a + b == 1:
        raise ValueError(
            f"a verifier with false positive rate {a} and false negative rate {b} accepts all"
            " answers alike, so no reward can be corrected for it"
        )
    subject = Prover(formula, parameters or {}).subject
    for q in (ZERO, ONE):
        for c in (0, 1):
            if not isinstance(subject.payoff(q, c), Expression):
                at = q.constant()
                raise ValueError(
                    f"a reward with an infinite payoff cannot be corrected: R({at}, {c}) is"
                    f" infinite in {formula!r}"
                )
    node = parse(formula, (parameters or {}).keys())
    right, wrong = branch(node, 1), branch(node, 0)
    j = 1 - a - b
    return as_formula(
        sum_of_two(-a / j, right, (1 - b) / j, wrong),
        sum_of_two((1 - a) / j, right, -b / j, wrong),
    )


def _domain(value: Parameter, name: str, letter: str) -> str:
    """The domain of a rate as text."""
    text = value if isinstance(value, str) else str(Fraction(str(value)))
    with suppress(FormulaError):
        text = f"{letter} = {rational(text.strip())}"
    try:
        rate(text)
    except (Rejected, FormulaError):
        raise ValueError(
            f"`{name}` must be a number in [0, 1] or a domain in it such as '0 <= {letter} <="
            f" 0.1', got {value!r}"
        ) from None
    return text


# -------------------------------------------------------------------------------------- verdicts


def _joint(search: ErrorsProver) -> Verdict:
    decided = search.jointly_optimal
    if decided.decision == "proved":
        return Verdict("proved", _why(search), certificate=decided.certificate)
    if decided.decision == "undecided" or not decided.certificate:
        return Verdict("undecided", decided.reason)
    if "p_low" not in decided.certificate:
        reason = (
            "without false positives V falls next to 0, so for every small enough p a deliberately"
            " wrong answer with q = 0 has a larger expected reward than a truthful report"
        )
        return Verdict("refuted", reason, certificate=decided.certificate)
    return _worse_earns_more(search.prover, decided.certificate)


def _proper_where_it_counts(search: ErrorsProver) -> dict[Property, Verdict]:
    """Verdicts on properness, where an improper reward is proper for all p' that occur."""
    decided = search.proper
    if decided is None or decided.certificate is None:
        return {}
    certificate = decided.certificate
    low, high = accepted_range(certificate)
    where = f"for every probability of acceptance p' from {low} to {high},"
    strictly = certificate["claim"] == "strictly proper under errors"
    only = f"{where} every report other than p' has a smaller expected reward"
    weak = "the reward is proper under these errors; it is undecided whether a misreport ties"
    return {
        "proper": Verdict(
            "proved",
            f"{where} no report has a larger expected reward",
            certificate=certificate,
        ),
        "strictly proper": (
            Verdict("proved", only, certificate=certificate)
            if strictly
            else Verdict("undecided", weak)
        ),
    }


def _why(search: ErrorsProver) -> str:
    a, b = search.domains
    if search.by_answer and search.known is None:
        return "the optimal expected reward is the same for every probability of acceptance"
    if a.high is not None and b.high is not None and a.high + b.high < 1:
        return (
            "the expected reward never decreases with the probability of acceptance above"
            f" {a.low}, the least that occurs"
        )
    return "the expected reward never decreases with the success probability of the answer"


def _worse_earns_more(prover: Prover, c: Mapping[str, Any]) -> Verdict:
    subject, prefix = bound(prover, c)
    p = [Fraction(c[name]) for name in ("p_low", "p_high")]
    rates = [_pair(c, name) for name in ("rates_low", "rates_high")]
    shares = [accepted_share(x, r) for x, r in zip(p, rates, strict=True)]
    q = Fraction(c["q_low"])
    paid = [subject.expected(shares[0], q), subject.expected(shares[1], shares[1])]
    at = f"a = {rates[0][0]}, b = {rates[0][1]}: " if "rates" in c else ""
    words = [
        f"an answer with p = {x}, accepted with probability {share}{_rates_text(c, r)}, earns"
        f" {short(y)} with q = {report}"
        for x, share, r, y, report in zip(p, shares, rates, paid, (q, shares[1]), strict=True)
    ]
    witness = {
        **c.get("values", {}),
        "p_low": str(p[0]),
        "p_high": str(p[1]),
        "q_low": str(q),
        "accepted_low": str(shares[0]),
        "accepted_high": str(shares[1]),
    }
    for name in ("rates", "rates_low", "rates_high"):
        if name in c:
            witness[name] = ", ".join(c[name])
    return Verdict("refuted", f"{prefix}{at}{words[0]}; {words[1]}", witness, c)


def _rates_text(c: Mapping[str, Any], rates: Rates) -> str:
    return "" if "rates" in c else f" (a = {rates[0]}, b = {rates[1]})"


def _pair(c: Mapping[str, Any], name: str) -> Rates:
    a, b = c["rates"] if "rates" in c else c[name]
    return Fraction(a), Fraction(b)


def _corrected_for(search: ErrorsProver) -> Prover | None:
    """The reward that the mean over known errors leaves, if that is proper for p."""
    if search.known is None or sum(search.known) == 1:
        return None
    with suppress(Rejected, Undetermined, FormulaError):
        other = Prover(effective_formula(search.prover, search.known), search.prover.parameters)
        return other if other.proper.decision == "proved" else None
    return None


def _corrected_setting(search: ErrorsProver, other: Prover, rows: Rows) -> Setting:
    """The verdicts on the mean of the reward over the errors, which is about the true p."""
    meaning = "its mean over these errors is a reward for correctness itself: "
    verdicts: dict[Property, Verdict] = {
        "proper": proper_verdict(other),
        "strictly proper": strict_verdict(other),
        "jointly optimal": joint_verdict(other, None),
    }
    shown = {k: replace(v, reason=f"{meaning}{v.reason}") for k, v in verdicts.items()}
    rows += [
        ("stated confidence", "will mean the success probability p itself"),
        ("corrected reward", f"corrected for these errors; its mean is {other.formula}"),
    ]
    return Setting(
        _NAME,
        shown,
        rows=rows,
        data={
            **_rates_data(search),
            "effective_reward": other.formula,
            "corrected_for_errors": True,
        },
        otherwise="without errors",
    )


# ------------------------------------------------------------------------------------------ rows


def _rates_data(search: ErrorsProver) -> dict[str, Any]:
    return {
        "false_positive": search.false_positive,
        "false_negative": search.false_negative,
        "by_answer": search.by_answer,
    }


def _verifier_text(search: ErrorsProver) -> str:
    differ = ", which may differ between answers" if search.by_answer else ""
    a, b = (domain_text(*pair) for pair in zip("ab", search.domains, strict=True))
    return f"accepts a wrong answer at the rate {a} and rejects a correct one at {b}{differ}"


def _meaning(search: ErrorsProver) -> str:
    """What stated confidence will mean, and its bias."""
    if search.known is None:
        return (
            "will mean the probability of acceptance, p' = a + (1 - a - b) p; its bias is"
            " a - (a + b) p"
        )
    a, b = search.known
    slope = 1 - a - b
    line = _line(a, slope)
    at = f"{_signed(a)} at p = 0, {_signed(-b)} at p = 1"
    return f"will mean the probability of acceptance, p' = {line}; its bias p' - p is {at}"


def _line(start: Fraction, slope: Fraction) -> str:
    """The text of start + slope p."""
    size = "p" if abs(slope) == 1 else f"{abs(slope)} p"
    if not slope:
        return str(start)
    if not start:
        return size if slope > 0 else f"-{size}"
    return f"{start} {'+' if slope > 0 else '-'} {size}"


def _signed(x: Fraction) -> str:
    return f"+{x}" if x > 0 else str(x)


def _weight(search: ErrorsProver) -> Quantity | None:
    """The critical weight under errors that keep the order of answers, at the least a."""
    a, b = search.domains
    if a.low is None or a.high is None or b.high is None or a.high + b.high >= 1:
        return None
    if search.by_answer and search.known is None:
        return None
    least = a.low
    return critical_weight(search.prover, lambda part: slope_above(part.subject, least)).largest


def _weight_row(search: ErrorsProver, weight: Quantity | None) -> Rows:
    if weight is None:
        return []
    plain = critical_weight(search.prover).largest
    without = "" if plain is None or plain == weight else f"; without errors {plain}"
    least = search.domains[0].low
    return [("critical weight", f"{weight}  (at the false positive rate {least}{without})")]


_FailureThresholds = tuple[Quantity | None, Quantity | None, Mapping[str, Any] | None]


def _rates_of_failure(search: ErrorsProver, joint: Verdict) -> Rates | None:
    """The rates at which failure thresholds are stated: the known ones, or those of the witness."""
    if joint.status != "refuted" or search.prover.proper.decision != "proved":
        return None
    if search.known is None and "rates" in (joint.certificate or {}):
        return _pair(joint.certificate or {}, "rates")
    return search.known


def _thresholds(prover: Prover, rates: Rates) -> _FailureThresholds | None:
    """The failure thresholds in p, from the reward as a function of p."""
    with suppress(Rejected, Undetermined, FormulaError):
        in_p = Prover(formula_in_p(prover, rates), prover.parameters)
        local, globally = failure_thresholds(in_p)
        return local, globally, failure_certificate(in_p, local, globally)
    return None


def _threshold_rows(thresholds: _FailureThresholds, rates: Rates) -> Rows:
    local, globally, _ = thresholds
    told: Sequence[tuple[str, Quantity | None, str]] = (
        ("local failure", local, "expected reward decreases with accuracy"),
        ("global failure", globally, "a deliberately wrong answer earns more"),
    )
    at = f"at a = {rates[0]}, b = {rates[1]}"
    return [
        (label, f"{found}  ({at}, for p below this value, {meaning})")
        for label, found, meaning in told
        if found is not None
    ]


def _unmendable(joint: Verdict) -> str:
    w = joint.witness or {}
    return (
        f"the answer with p = {w['p_low']} may be accepted with probability {w['accepted_low']},"
        f" the one with p = {w['p_high']} with {w['accepted_high']}; a reward sees acceptance"
        " alone, so no reward can mend it"
    )


def _mended(search: ErrorsProver) -> str | None:
    """The corrected reward, where errors are known, occur, and do not stand correctness on end."""
    if search.known is None or not any(search.known) or search.prover.proper.decision != "proved":
        return None
    with suppress(ValueError, Rejected, Undetermined):
        prover = search.prover
        return corrected(prover.formula, *search.known, parameters=prover.parameters)
    return None
