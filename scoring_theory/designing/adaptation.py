"""What a safe reward becomes for graded scores, or for a verifier with known errors."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from proofs.trees import unparse
from scoring_theory.checking import Report, check
from scoring_theory.checking.graded import affine_extension
from scoring_theory.checking.settings import SettingOptions
from scoring_theory.checking.verifier_errors import corrected
from scoring_theory.reward import Reward
from scoring_theory.thresholds import Amount, amount


@dataclass(frozen=True)
class Adaptation:
    """The setting that a repaired reward is for: graded scores, or known errors of the verifier.

    Attributes:
        graded: whether c is a score in [0, 1].
        rates: the false positive and the false negative rate, or None.

    Example:
        >>> Adaptation(graded=True).apply(Reward.parse("c - (q - c)^2")).text
        'c*(1 - (q - 1)^2) - (1 - c)*q^2'
    """

    graded: bool = False
    rates: tuple[Fraction, Fraction] | None = None

    @classmethod
    def asked(
        cls, graded: bool, false_positive: Amount | None, false_negative: Amount | None
    ) -> Adaptation | None:
        """The setting of the options of `repair`; None without graded scores and errors.

        Raises:
            ValueError: graded scores and rates are given, or a rate is not a number in [0, 1].

        Example:
            >>> Adaptation.asked(False, 0.1, None)
            Adaptation(graded=False, rates=(Fraction(1, 10), Fraction(0, 1)))
            >>> Adaptation.asked(False, "0 <= a <= 0.1", None)
            Traceback (most recent call last):
            ValueError: `false_positive` must be a known rate, such as 0.1, got '0 <= a <= 0.1'
        """
        SettingOptions(graded, None, false_positive, false_negative)
        if (false_positive, false_negative) == (None, None):
            return cls(graded=True) if graded else None
        a = _rate(false_positive, "false_positive")
        b = _rate(false_negative, "false_negative")
        return cls(rates=(a, b)) if a or b else None

    def check(self, reward: Reward) -> Report:
        """The check of a reward in this setting, where ties are accepted."""
        if self.rates is None:
            return check(reward, allow_weak=True, graded=self.graded)
        a, b = self.rates
        return check(reward, allow_weak=True, false_positive=a, false_negative=b)

    def underlying(self, given: Report) -> Reward:
        """The reward for correctness: the mean over the errors if the given one is corrected."""
        effective = next((s.data.get("effective_reward") for s in given.settings), None)
        return given.reward if effective is None else Reward.parse(effective)

    def fits(self, given: Report) -> bool:
        """Whether a reward is made for this setting already, if it is safe for correctness."""
        if self.rates is None:
            return safe(given)
        return any("effective_reward" in s.data for s in given.settings)

    def apply(self, reward: Reward) -> Reward:
        """The affine extension, or the reward whose mean over the errors is the given one.

        Raises:
            ValueError: a payoff is infinite or the errors hide correctness, so that no reward can
                be corrected.
        """
        formula = unparse(reward.bound)
        if self.rates is None:
            return Reward.parse(affine_extension(formula))
        return Reward.parse(corrected(formula, *self.rates))

    def why(self, given: Report) -> str:
        """Why a reward that is safe for correctness is changed."""
        if not safe(given):
            proper = given.verdict("proper")
            return (given.verdict("jointly optimal") if proper else proper).reason
        a, b = self.rates or (Fraction(0), Fraction(0))
        return (
            f"with the rates a = {a} and b = {b} the best report is the probability of acceptance,"
            " a + (1 - a - b) p, and not the success probability p"
        )

    @property
    def change(self) -> str:
        """What `apply` does, one sentence."""
        if self.rates is None:
            return (
                "for a score c between 0 and 1 the reward is c R(q, 1) + (1 - c) R(q, 0), the"
                " affine extension; for c = 0 or 1 it is the same"
            )
        a, b = self.rates
        return (
            f"corrected for the false positive rate {a} and the false negative rate {b}: its mean"
            " over the errors is the reward for correctness, so that q states p itself"
        )


def safe(report: Report) -> bool:
    """Whether a reward is proved proper (ties accepted) and jointly optimal in its setting.

    Example:
        >>> safe(check("c - (q - c)^2")), safe(check("c - (q - c)^2", graded=True))
        (True, False)
    """
    return bool(report.verdict("proper") and report.verdict("jointly optimal"))


def _rate(given: Amount | None, name: str) -> Fraction:
    try:
        value = amount(0 if given is None else given, f"`{name}`")
    except ValueError:
        raise ValueError(f"`{name}` must be a known rate, such as 0.1, got {given!r}") from None
    if not 0 <= value <= 1:
        raise ValueError(f"`{name}` must be a rate in [0, 1], got {given!r}")
    return value
