"""Separate credit: the answer's tokens follow one reward, the confidence's tokens another."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from proofs.kernel.signs import constant_sign
from proofs.kernel.subject import Subject
from proofs.search.as_text import to_text
from proofs.search.prover import Prover
from proofs.trees import names
from scoring_theory.advantage.exact_gain import exact_payoffs
from scoring_theory.checking.setting import Setting
from scoring_theory.optimality.verdicts import proper_verdict, strict_verdict
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property


def separate_credit(answer: Reward, confidence: Reward) -> Setting:
    """Whether the best answer with its true probability is optimal under separate credit.

    With separate parameters for the answer and for the confidence, the first maximise the expected
    reward of the answer alone and the second, for each answer, that of the confidence. If the
    answer's reward does not depend on q and pays correct answers more, then every strictly proper
    score at every positive weight leaves the most probable answer with its true probability as the
    only optimum (Theorem 50). Shared parameters are not covered.

    Args:
        answer: the reward of the answer's tokens.
        confidence: the reward of the confidence's tokens; its positive weight does not matter.

    Example:
        >>> found = separate_credit(Reward.parse("c"), Reward.parse("log(1 - abs(q - c))"))
        >>> [verdict.status for verdict in found.replaces.values()]
        ['proved', 'proved', 'proved']
    """
    prover = Prover(confidence.text, confidence.parameters)
    proper, strict = proper_verdict(prover), strict_verdict(prover)
    replaces: dict[Property, Verdict] = {
        "proper": proper,
        "strictly proper": strict,
        "jointly optimal": _joint(answer, proper),
    }
    shared = "with shared parameters the two rewards interfere: that is measured, not proved"
    return Setting(
        "with separate credit",
        replaces,
        rows=[
            ("answer tokens", answer.text),
            ("confidence tokens", f"{confidence.text}, at any positive weight"),
            ("assumption", f"separate parameters for answer and confidence; {shared}"),
        ],
        data={"credit": "separate", "answer": answer.text, "confidence": confidence.text},
        otherwise="with one reward for all tokens",
    )


def _joint(answer: Reward, proper: Verdict) -> Verdict:
    """Whether the best answer with its true probability is optimal for both kinds of tokens."""
    if "q" in names(answer.formula):
        return Verdict(
            "undecided",
            "the answer's reward depends on the confidence, so that the two parts are not separate",
        )
    paid = exact_payoffs(Subject(answer.text, answer.parameters), Fraction(1, 2))
    if paid is None or answer.free_parameters:
        return Verdict("undecided", "the answer's reward has an infinite or a free payoff")
    wrong, right = paid
    if constant_sign(right - wrong) < 0:
        pays = f"a wrong answer earns {to_text(wrong)}, a correct one {to_text(right)}"
        return Verdict(
            "refuted", pays, {"wrong_pays": to_text(wrong), "right_pays": to_text(right)}
        )
    if proper.status != "proved":
        return replace(proper, reason=f"of the confidence's reward: {proper.reason}")
    return Verdict(
        "proved",
        "the answer's tokens do not see the score, so that the most probable answer is optimal for"
        " them at every weight of the score, and its true probability for the others",
    )
