"""Selection of the best of N by reward: rejection sampling, RAFT, preference pairs from rewards."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Expression, Rejected
from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import Subject
from proofs.search.samples import sample_values
from proofs.trees import names
from scoring_theory.advantage.exact_gain import Paid, exact_payoffs
from scoring_theory.advantage.fitness import cases
from scoring_theory.advantage.trainers import Outcomes
from scoring_theory.checking.setting import Setting
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property

_FIRST = tuple(Fraction(n, 20) for n in (15, 5, 10, 18, 2, 1))
_SHOWN = tuple(Fraction(n, 10) for n in (1, 3, 5, 7, 9))


def selected(
    own: Paid,
    residents: Paid,
    p: Fraction,
    size: int,
    outcomes: Outcomes,
    *,
    other: Fraction | None = None,
) -> Fraction:
    """The exact probability that one of N rollouts has the largest reward; ties are drawn evenly.

    Args:
        own: payoffs of the rollout when wrong and when correct.
        residents: payoffs of each of the other N - 1 rollouts.
        p: the success probability of the others' answer.
        size: N, at least 2.
        outcomes: how correctness is correlated among the N.
        other: the success probability of the rollout's own answer; None for the same answer.

    Raises:
        Undetermined: two payoffs are too close to compare.

    Example:
        >>> brier, p = Subject("-(q - c)^2", {}), Fraction(3, 4)
        >>> daring, truth = (exact_payoffs(brier, q) for q in (Fraction(1), p))
        >>> str(selected(daring, truth, p, 4, "independent"))
        '3/4'
        >>> str(selected(truth, truth, p, 4, "independent"))
        '1/4'
    """
    total = Fraction(0)
    for case in cases(p, size, outcomes, other=other):
        ties, beaten = 0, False
        for paid, count in ((residents[1], case.right), (residents[0], size - 1 - case.right)):
            sign = _compare(own[case.own], paid) if count else 1
            beaten = beaten or sign < 0
            ties += count if sign == 0 else 0
        total += Fraction(0) if beaten else Fraction(case.chance) / (ties + 1)
    return total


def best_of(reward: Reward, size: int, *, outcomes: Outcomes = "independent") -> Setting:
    """What is reinforced where only the rollout with the largest reward of N is kept.

    A truthful rollout among truthful ones is kept with probability 1/N. A report with a larger
    probability spreads (Theorem 49): where R(q, 1) rises and R(q, 0) falls, q = 1 is kept with
    probability p, so that it wins for p > 1/N, and q = 0 wins for smaller p if R(0, 1) >= R(0, 0).

    Args:
        reward: the reward that ranks the rollouts.
        size: N, at least 2.
        outcomes: how correctness is correlated among the N.

    Raises:
        ValueError: N is less than 2.

    Example:
        >>> found = best_of(Reward.parse("-(q - c)^2"), 4)
        >>> print(found.replaces["strictly proper"].reason)
        p = 3/4: of 4 rollouts, one that states 1 among truthful ones is kept with probability 3/4
    """
    if size < 2:
        raise ValueError(f"`select` needs a group of at least 2 rollouts, got {size}")
    name, otherwise = f"where the best of {size} is kept", "where all are trained on"
    if "q" not in names(reward.formula):
        return _flat(name, otherwise)
    values = sample_values(reward.domains)[0] if reward.domains else {}
    bound = reward.bind(**values) if values else reward
    subject = Subject(bound.text, bound.parameters)
    found = _daring(subject, size, outcomes, values)
    if found is None:
        open_ = Verdict("undecided", "no report that is kept more often than the truth was found")
        return Setting(name, {"proper": open_, "strictly proper": open_}, otherwise=otherwise)
    replaces: dict[Property, Verdict] = {
        "proper": found, "strictly proper": found, "jointly optimal": found,
    }  # fmt: skip
    rows = [("kept, q = 1", _table(subject, Fraction(1), size, outcomes)),
            ("kept, q = 0", _table(subject, Fraction(0), size, outcomes))]  # fmt: skip
    return Setting(
        name,
        replaces,
        rows=[row for row in rows if row[1]],
        data={"select": "best", "group_size": size, "outcomes": outcomes},
        otherwise=otherwise,
    )


def _daring(
    subject: Subject, size: int, outcomes: Outcomes, values: dict[str, Fraction]
) -> Verdict | None:
    """A report that is kept more often than a truthful rollout; the most telling one."""
    for p in _FIRST:
        chances = [(_chance(subject, q, p, size, outcomes), q) for q in _reports(p)]
        known = [(chance, q) for chance, q in chances if chance is not None]
        if known and max(known)[0] > Fraction(1, size):
            chance, q = max(known)
            given = "".join(f"{name} = {value}, " for name, value in values.items())
            reason = (
                f"{given}p = {p}: of {size} rollouts, one that states {q} among truthful ones is"
                f" kept with probability {_short(chance)}"
            )
            witness = {
                **{name: str(value) for name, value in values.items()},
                "p": str(p), "report": str(q), "size": str(size), "outcomes": outcomes,
                "kept": str(chance), "truth_kept": str(Fraction(1, size)),
            }  # fmt: skip
            return Verdict("refuted", reason, witness)
    return None


def _reports(p: Fraction) -> Sequence[Fraction]:
    return [
        q for q in (Fraction(0), *(Fraction(n, 20) for n in range(1, 20)), Fraction(1)) if q != p
    ]


def _chance(
    subject: Subject, q: Fraction, p: Fraction, size: int, outcomes: Outcomes
) -> Fraction | None:
    """The probability that a report is kept; None where a payoff is infinite or too close."""
    own, residents = exact_payoffs(subject, q), exact_payoffs(subject, p)
    if own is None or residents is None:
        return None
    try:
        return selected(own, residents, p, size, outcomes)
    except (Rejected, Undetermined):
        return None


def _table(subject: Subject, q: Fraction, size: int, outcomes: Outcomes) -> str:
    chances = [(p, _chance(subject, q, p, size, outcomes)) for p in _SHOWN]
    shown = [
        f"p = {float(p):g}: {float(chance):.3f}" for p, chance in chances if chance is not None
    ]
    return f"{'; '.join(shown)}  (a truthful rollout: {1 / size:.3f})" if shown else ""


def _flat(name: str, otherwise: str) -> Setting:
    same = "every confidence has the same reward, and is kept equally often"
    replaces: dict[Property, Verdict] = {
        "proper": Verdict("proved", same), "strictly proper": Verdict("refuted", same)
    }  # fmt: skip
    return Setting(name, replaces, otherwise=otherwise)


def _compare(a: Expression, b: Expression) -> int:
    return constant_sign(a - b)


def _short(chance: Fraction) -> str:
    return str(chance) if chance.denominator < 10_000 else f"{float(chance):.4f}"
