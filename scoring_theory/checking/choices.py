"""Quantities that the model chooses, such as a length: the verdict is about the best choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING

import numpy as np

from proofs.kernel.formula import Domain, Number, parse, substitute
from proofs.kernel.intervals import Undetermined
from proofs.kernel.normal_form import Rejected, limited
from proofs.kernel.subject import Subject
from proofs.kernel.verifier import parts
from proofs.search.as_text import to_text
from proofs.search.breakpoints import breakpoints
from proofs.search.counterexamples import Certificate, accepted, base_certificate
from proofs.search.find_evidence import find_evidence
from proofs.search.prover import MAX_SEARCH_WORK, Prover
from proofs.search.samples import sample_values
from proofs.trees import names, unparse
from scoring_theory.checking.setting import Setting
from scoring_theory.reward import Reward
from scoring_theory.verdict import Verdict

if TYPE_CHECKING:
    from scoring_theory.checking.setting import Property
    from scoring_theory.expression.numeric import Floats

_HUNDREDTHS = np.arange(101) / 100
_MOST = 2000  # choices that are tried
_PARTS = (0, 60, *range(1, 60))
_TRUTHS = tuple(Fraction(n, 20) for n in (10, 5, 15, 2, 18, 8, 12, 1, 19))


def best_choice(reward: Reward, chosen: Sequence[str]) -> tuple[Reward, Setting]:
    """The reward at the choice that is best for every report and outcome, and the proof.

        R(q, c, L) <= R(q, c, L*) for all q, c and L

    Then no agent earns more than with L*, and every claim about the best choice is the claim about
    R(q, c, L*). Where no such choice is found, the properties are refuted by a misreport or a worse
    answer with a choice that earns more than a truthful report with any choice, or undecided.

    Args:
        reward: a reward with the chosen quantities among its free parameters.
        chosen: their names.

    Returns:
        The reward that the other verdicts are about, and the setting with the choice.

    Raises:
        ValueError: a name is not a free parameter of the reward, or its domain is not bounded.

    Source: `docs/theory.md`, Theorem 43.

    Example:
        >>> best, setting = best_choice(Reward.parse("c - (q-c)^2 - L/10", L="0 <= L <= 1"), ["L"])
        >>> best.parameters, setting.demands["best choice"].status
        ({'L': 'L = 0'}, 'proved')
    """
    domains = {name: _domain(reward, name) for name in chosen}
    for values in _candidates(reward, domains):
        certificate = _dominates(reward, values)
        if certificate is not None:
            shown = ", ".join(f"{name} = {value}" for name, value in values.items())
            reason = f"{shown} earns at least as much as any other choice, whatever the report"
            verdict = Verdict(
                "proved", reason, {name: str(value) for name, value in values.items()}, certificate
            )
            best = reward.bind(**values)
            return best, Setting(
                f"at the best choice, {shown}",
                demands={"best choice": verdict},
                data={"chosen": {name: str(value) for name, value in values.items()}},
            )
    return reward, _without_a_best_choice(reward, tuple(domains))


def _domain(reward: Reward, name: str) -> Domain:
    if name not in reward.free_parameters:
        free = ", ".join(reward.free_parameters) or "none"
        raise ValueError(
            f"{name!r} is not a free parameter of {reward.text!r} (free parameters: {free})"
        )
    domain = reward.domains[name]
    if domain.low is None or domain.high is None:
        raise ValueError(f"a quantity that the model chooses needs a bounded domain, got {name!r}")
    return domain


def _candidates(reward: Reward, domains: Mapping[str, Domain]) -> list[dict[str, Fraction]]:
    """The choices, on a grid, that are largest for all q and c in floating point; best first."""
    picked = _grid(domains)
    tables = _tables(reward, picked)
    with np.errstate(invalid="ignore"):
        best = np.nanmax(tables, axis=0)
        good = [bool(np.all((table >= best - 1e-9) | np.isinf(best))) for table in tables]
    return [choice for choice, fine in zip(picked, good, strict=True) if fine][:4]


def _grid(domains: Mapping[str, Domain]) -> list[dict[str, Fraction]]:
    """Choices on a grid of 61 values each, the ends of the domains first."""
    options = []
    for domain in domains.values():
        low, high = Fraction(domain.low or 0), Fraction(domain.high or 0)  # `_domain` has seen both
        values = [low + (high - low) * Fraction(k, 60) for k in _PARTS]
        options.append([value for value in values if value in domain])
    return [dict(zip(domains, values, strict=True)) for values in islice(product(*options), _MOST)]


def _tables(reward: Reward, picked: Sequence[Mapping[str, Fraction]]) -> Floats:
    """R(q, c) of each choice at the hundredths, (choice, c, q), at one value of what is given."""
    given = sample_values(reward.domains)[0]
    return np.array([reward.bind(**{**given, **choice}).table(_HUNDREDTHS) for choice in picked])


def _dominates(reward: Reward, values: Mapping[str, Fraction]) -> Certificate | None:
    """A certificate that the reward with these values is never smaller than with any others."""
    at = substitute(reward.formula, {name: Number(x) for name, x in values.items()})
    text = f"({unparse(at)}) - ({reward.text})"
    used = names(parse(text, reward.parameters.keys()))
    domains = {name: domain for name, domain in reward.parameters.items() if name in used}
    base = base_certificate(text, domains, "never negative")
    inside = [name for name, value in values.items() if _splits(reward.domains[name], value)]
    try:
        with limited(MAX_SEARCH_WORK):
            if not inside:
                certificate = {**base, **_evidence(text, domains, {})}
            else:  # a square such as (L - 1/3)^2 has no negative terms on either side of its root
                name = inside[0]
                cases = [
                    _evidence(text, domains, {name: part})
                    for part in parts(reward.domains[name], values[name])
                ]
                split = {"parameter": name, "at": str(values[name]), "cases": cases}
                certificate = {**base, "split": split}
    except (Rejected, Undetermined):
        return None
    return certificate if accepted(certificate) else None


def _splits(domain: Domain, value: Fraction) -> bool:
    """Whether a value lies strictly inside its domain."""
    return value not in (domain.low, domain.high)


def _evidence(
    text: str, domains: Mapping[str, str], within: Mapping[str, Domain]
) -> dict[str, object]:
    """Breakpoints, and evidence that both payoffs are never negative on a part of the domains.

    Raises:
        Rejected: no evidence is found.
    """
    whole = Subject(text, domains, within=within.items())
    cuts = [to_text(b) for b in breakpoints(whole.payoffs, whole.domains)]
    subject = Subject(text, domains, cuts, within.items())
    evidence = []
    for correct in (0, 1):
        for piece in subject.pieces:
            found = find_evidence(piece.smooth(subject.payoffs[correct]), piece.region)
            if found.evidence is None:
                raise Rejected(found.reason)
            evidence.append(found.evidence)
    return {"breakpoints": cuts, "evidence": evidence}


def _without_a_best_choice(reward: Reward, chosen: tuple[str, ...]) -> Setting:
    """Refutations by a misreport or a worse answer that beat truth at every choice, if found."""
    name = f"with {', '.join(chosen)} chosen by the model"
    open_ = Verdict(
        "undecided",
        "no choice is best for every report and outcome, and no report was found that earns more"
        " than a truthful one with every choice",
    )
    replaces: dict[Property, Verdict] = {}
    misreport = _refuted(reward, chosen, ("p", "p", "q"), "not proper for the best choice")
    # proper at each fixed choice implies proper at the best one, which then needs no verdict
    if Prover(reward.text, reward.parameters).proper.decision != "proved":
        replaces["proper"] = replaces["strictly proper"] = open_ if misreport is None else misreport
    worse = _refuted(
        reward, chosen, ("p_low", "p_high", "q_low"), "not jointly optimal for the best choice"
    )
    found = worse if worse is not None else misreport  # a misreport fails with one answer as well
    replaces["jointly optimal"] = open_ if found is None else found
    return Setting(name, replaces, otherwise="at each fixed choice")


def _refuted(
    reward: Reward, chosen: tuple[str, ...], fields: tuple[str, str, str], claim: str
) -> Verdict | None:
    """The refutation with the largest gain over the best truthful choice on a grid."""
    given = {n: v for n, v in sample_values(reward.domains)[0].items() if n not in chosen}
    picked = _grid({name: reward.domains[name] for name in chosen})
    tables = _tables(reward, picked)
    for p in _TRUTHS:
        low = p if claim.startswith("not proper") else p / 2
        honest = np.array([tables[:, :, round(100 * p)][:, c] for c in (0, 1)])
        truth = float(np.max(float(1 - p) * honest[0] + float(p) * honest[1]))
        with np.errstate(invalid="ignore"):
            earned = float(1 - low) * tables[:, 0, :] + float(low) * tables[:, 1, :]
        place = np.unravel_index(int(np.nanargmax(earned)), earned.shape)
        if not np.isfinite(truth) or earned[place] <= truth + 1e-9:
            continue
        values = {**given, **picked[int(place[0])]}
        q = Fraction(int(place[1]), 100)
        numbers = dict(zip(fields, (low, p, q), strict=True)) if low != p else {"p": p, "q": q}
        certificate = {
            **base_certificate(reward.text, reward.parameters, claim),
            **{k: str(v) for k, v in numbers.items()},
            "values": {k: str(v) for k, v in values.items()},
            "chosen": list(chosen),
        }
        if accepted(certificate):
            shown = ", ".join(f"{k} = {v}" for k, v in values.items())
            at = f"p = {p}: q = {q}" if low == p else f"an answer with p = {low} and q = {q}"
            than = "" if low == p else f" of an answer with p = {p}"
            reason = f"{at} with {shown} earns more than a truthful report{than} with any choice"
            witness = {k: str(v) for k, v in {**numbers, **values}.items()}
            return Verdict("refuted", reason, witness, certificate)
    return None
