"""ChildAnswers that are half right: whether they are paid in between, and whether that is safe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring_theory.checking.check import check
from scoring_theory.probing.defects import Defect
from scoring_theory.probing.seen import ALIKE, Seen, payoff_number


def partial_credit(seen: Seen, formula: str | None) -> tuple[Defect | None, str]:
    """A defect, or a remark, about answers that are half right.

    Only a reward that is affine in the score stays safe (Theorem 39).
    """
    for label in dict.fromkeys((case.label, str(case.truth)) for case, _ in seen.rows("partly")):
        rows = [(case, paid) for case, paid in seen.rows("partly")
                if (case.label, str(case.truth)) == label]  # fmt: skip
        whole = [(case.level, payoff_number(paid)) for case, paid in rows if case.right]
        partly = [(case.level, payoff_number(paid)) for case, paid in rows if not case.right]
        if not all(seen.near(seen.on_correct[at], paid) for at, paid in whole):
            continue  # this kind of truth is not understood
        defect, remark = _judged(seen, formula, label[0], partly)
        if defect is not None or remark:
            return defect, remark
    return None, ""


def _judged(
    seen: Seen, formula: str | None, label: str, partly: Sequence[tuple[int, float]]
) -> tuple[Defect | None, str]:
    paid = np.array([each for _, each in partly])
    at = [level for level, _ in partly]
    right, wrong = np.array(seen.on_correct)[at], np.array(seen.on_wrong)[at]
    finite = np.isfinite(paid) & np.isfinite(right) & np.isfinite(wrong)
    paid, right, wrong = paid[finite], right[finite], wrong[finite]
    close = ALIKE * seen.size
    if not paid.size or np.allclose(right, wrong, rtol=0, atol=close):
        return None, ""
    if any(np.allclose(paid, each, rtol=0, atol=close) for each in (right, wrong)):
        return None, ""  # it counts as right or as wrong
    share = float(np.dot(paid - wrong, right - wrong) / np.dot(right - wrong, right - wrong))
    if np.allclose(paid, share * right + (1 - share) * wrong, rtol=0, atol=close):
        remark = (
            f"partial credit: {label} is paid {share:.3g} as right and the rest as wrong, which"
            " keeps the verdict (Theorem 39)"
        )
        return None, remark
    told = f"{label} is paid as neither right nor wrong nor a mixture of both (Theorem 39)"
    if formula is not None:
        report = check(formula, graded=True)
        for name in ("proper", "jointly optimal"):
            if report.verdict(name).status == "refuted":
                told += f"; {formula} with a score c: {report.verdict(name).reason}"
                break
    return Defect("graded", told), ""
