"""Certificates that somebody altered: whatever the kernel still accepts must be true all the same.

A mutant is a certificate of a random reward with one or two changes; where its formula is changed,
so is the tree that the judge evaluates. `FORGERIES` are written by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from tests.adversary.language import C, Q, Reward, Span, Tree, call, name, nodes, tree
from tests.adversary.rewards import BRIER, LOG, bet, damaged, extreme, irrational, small, unit

Certificate = dict[str, Any]


@dataclass(frozen=True)
class Forged:
    """A certificate, and the reward that its formula and domains say."""

    how: str
    reward: Reward
    certificate: Certificate


Change = Callable[[Forged, Random], Forged]
NUMBERS = ("p", "q", "p_low", "p_high", "q_low", "q0", "room")
OF_ALL = (
    "proper",
    "strictly proper",
    "jointly optimal",
    "accuracy rewarded",
    "jointly optimal nowhere",
)
WITNESSED = ("not proper", "not strictly proper")


def with_formula(one: Forged, formula: Tree) -> Forged:
    reward = replace(one.reward, formula=formula)
    return replace(one, reward=reward, certificate={**one.certificate, "formula": reward.text})


def with_fields(one: Forged, **fields: Any) -> Forged:
    return replace(one, certificate={**one.certificate, **fields})


def term_added(one: Forged, rng: Random) -> Forged:
    t, h = unit(rng), small(rng) ** rng.choice((1, 1, 3))
    terms = (
        h * C * Q,
        h * (1 - C) * Q**2,
        h * C,
        -abs(h) * C,
        h * call("==", Q, t) * C,
        h * call("==", Q, 0) * C,
        abs(h) * call("==", Q, 0) * (1 - C),
        abs(h) * call("==", Q, 1) * (1 - C),
        h * (t < Q) * (C - t - h),
        h * (Fraction(1, 10**9) > Q) * C,
        h * C * call("log", Q),
        h * call("abs", Q - t),
        extreme(rng) * C * Q,
        h * (C - irrational(rng)) * (irrational(rng) < Q),
        h * (1 - Fraction(1, 10**12) < Q) * (1 - C),
    )
    return with_formula(one, one.reward.formula + rng.choice(terms))


def broken(one: Forged, rng: Random) -> Forged:
    return with_formula(one, damaged(rng, one.reward.formula))


def turned(one: Forged, rng: Random) -> Forged:
    other = rng.choice(
        (-one.reward.formula, one.reward.formula - C * rng.choice((1, 2, Fraction(1, 1000))))
    )
    return with_formula(one, other)


def _replaced(node: Tree, target: Tree, other: Tree) -> Tree:
    if node is target:
        return other
    return (
        replace(node, args=tuple(_replaced(a, target, other) for a in node.args))
        if node.args
        else node
    )


def number_changed(one: Forged, rng: Random) -> Forged:
    numbers = [n for n in nodes(one.reward.formula) if n.op == "number"]
    if not numbers:
        return one
    target = rng.choice(numbers)
    x = target.value
    other = rng.choice(
        (x + 1, -x, x + small(rng), x * (1 + small(rng) ** 2), Fraction(0), 1 - x, extreme(rng))
    )
    return with_formula(one, _replaced(one.reward.formula, target, tree(other)))


def operation_changed(one: Forged, rng: Random) -> Forged:
    swaps = {
        "<": "<=",
        "<=": "<",
        ">": ">=",
        ">=": ">",
        "+": "-",
        "-": "+",
        "max": "min",
        "min": "max",
        "log": "exp",
        "sqrt": "abs",
        "==": "!=",
        "and": "or",
    }
    found = [n for n in nodes(one.reward.formula) if n.op in swaps]
    if not found:
        return one
    target = rng.choice(found)
    return with_formula(
        one, _replaced(one.reward.formula, target, replace(target, op=swaps[target.op]))
    )


def claim_changed(one: Forged, rng: Random) -> Forged:
    claim = one.certificate["claim"]
    if claim in WITNESSED:
        return with_fields(one, claim=WITNESSED[claim == "not proper"])
    if claim in OF_ALL:
        kept = {k: v for k, v in one.certificate.items() if k != "q0" or rng.random() < 0.3}
        return replace(
            one, certificate={**kept, "claim": rng.choice([x for x in OF_ALL if x != claim])}
        )
    return one


def domain_changed(one: Forged, rng: Random) -> Forged:
    if not one.reward.domains:
        return one
    key = rng.choice(sorted(one.reward.domains))
    d = one.reward.domains[key]
    low, high = d.low or Fraction(0), d.high if d.high is not None else (d.low or Fraction(0)) + 5
    options = [
        Span(d.low, d.high, low_open=d.low is None, high_open=d.high is None),
        Span(None, d.high, True, d.high_open),
        Span(d.low, None, d.low_open, True),
        Span(low, low, False, False),
        Span(high, high, False, False),
        Span(low - Fraction(1, 1000), d.high, True, d.high_open),
        Span(d.low, high + Fraction(1, 10**6), d.low_open, True),
    ]
    reward = replace(one.reward, domains={**one.reward.domains, key: rng.choice(options)})
    return replace(
        one, reward=reward, certificate={**one.certificate, "parameters": reward.parameters}
    )


def witness_changed(one: Forged, rng: Random) -> Forged:
    keys = [k for k in NUMBERS if k in one.certificate]
    if not keys:
        return one
    key = rng.choice(keys)
    x = Fraction(one.certificate[key])
    other = rng.choice(
        (x / 2, 1 - x, x + Fraction(1, 10**9), Fraction(0), Fraction(1), Fraction(-1, 8), unit(rng))
    )
    swapped = dict(
        zip(keys, rng.sample([one.certificate[k] for k in keys], len(keys)), strict=True)
    )
    return with_fields(one, **rng.choice(({key: str(other)}, swapped)))


def values_changed(one: Forged, rng: Random) -> Forged:
    values = one.certificate.get("values")
    if not values:
        return one
    key = rng.choice(sorted(values))
    other = rng.choice(
        ("0", "-1", "1000", "1/2", str(Fraction(values[key]) + 1), str(-Fraction(values[key])))
    )
    return with_fields(one, values=rng.choice(({**values, key: other}, {}, {**values, "q": "1/2"})))


def cuts_changed(one: Forged, rng: Random) -> Forged:
    points, evidence = (
        list(one.certificate.get("breakpoints", [])),
        list(one.certificate.get("evidence", [])),
    )
    if "evidence" not in one.certificate:
        return one
    if points and rng.random() < 0.6:
        i = rng.randrange(len(points))
        if rng.random() < 0.5:
            return with_fields(
                one,
                breakpoints=points[:i] + points[i + 1 :],
                evidence=evidence[:i] + evidence[i + 1 :],
            )
        moved = f"({points[i]})*{rng.choice(('999/1000', '999999999/1000000000', '1001/1000'))}"
        return with_fields(one, breakpoints=[*points[:i], moved, *points[i + 1 :]])
    new = rng.choice(("1/2", "1/10^9", "999/1000", "sqrt(1/2)", "exp(-1)", "0", "2", "q"))
    return with_fields(one, breakpoints=[new, *points], evidence=[*evidence[:1], *evidence])


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths to every text and number of a certificate, and to its lists."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        yield path
        for i, part in enumerate(value):
            yield from _leaves(part, (*path, i))
    else:
        yield path


def structure_changed(one: Forged, rng: Random) -> Forged:
    """Anything but formula, domains and claim: texts replaced, lists cut, doubled, turned round,
    types exchanged.
    """
    fixed = ("formula", "parameters", "claim")
    paths = [p for p in _leaves(one.certificate) if p[0] not in fixed]
    path = rng.choice(paths)
    altered = deepcopy(one.certificate)
    place: Any = altered
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    if isinstance(old, list):
        place[path[-1]] = rng.choice((old[::-1], old[1:], old + old[:1], old * 2, [], old[:-1]))
    elif isinstance(old, str):
        place[path[-1]] = rng.choice(
            (
                old + "0",
                "0",
                "1",
                "-1",
                "1/2",
                "nan",
                "inf",
                "1e400",
                "",
                "terms",
                "boxes",
                "²",
                f"-({old})",
                0,
                None,
            )
        )
    else:
        place[path[-1]] = rng.choice((2.0, True, "2", 1, 3, None, -1, 10**30))
    return replace(one, certificate=altered)


def evidence_exchanged(one: Forged, rng: Random) -> Forged:
    if "evidence" not in one.certificate:
        return one
    count = len(one.certificate["evidence"])
    other = rng.choice(
        (
            {"kind": "terms"},
            {"kind": "boxes", "cells": ["0", "1/2", "1"]},
            {"kind": "terms", "degree": 14},
            {},
        )
    )
    return with_fields(one, evidence=[other] * count)


CHANGES: tuple[Change, ...] = (
    term_added,
    term_added,
    term_added,
    broken,
    turned,
    number_changed,
    number_changed,
    number_changed,
    operation_changed,
    claim_changed,
    claim_changed,
    domain_changed,
    domain_changed,
    witness_changed,
    witness_changed,
    values_changed,
    cuts_changed,
    cuts_changed,
    structure_changed,
    structure_changed,
    evidence_exchanged,
)


def mutants(
    reward: Reward, certificates: list[Mapping[str, Any]], rng: Random, count: int
) -> Iterator[Forged]:
    """Mutants of the certificates of a reward."""
    made = 0
    for _ in range(8 * count):
        original = Forged("", reward, dict(rng.choice(certificates)))
        changes = sorted(
            rng.sample(CHANGES, rng.choice((1, 1, 2))),
            key=lambda change: change is structure_changed,
        )
        mutant = original
        for change in changes:
            mutant = change(mutant, rng)
        if mutant.certificate != original.certificate:
            yield replace(mutant, how="+".join(change.__name__ for change in changes))
            made += 1
        if made == count:
            return


def _base(
    formula: Tree, claim: str, domains: Mapping[str, Span] | None = None, **more: Any
) -> Forged:
    reward = Reward("forged", formula, domains or {})
    shape = {"schema": 2, "formula": reward.text, "parameters": reward.parameters, "claim": claim}
    return Forged(f"{reward.text} is {claim}", reward, {**shape, **more})


def _evidence(*kinds: str, cuts: tuple[str, ...] = ()) -> dict[str, Any]:
    boxes = {"kind": "boxes", "cells": ["0", "1/4", "1/2", "3/4", "1"]}
    return {
        "breakpoints": list(cuts),
        "evidence": [boxes if k == "boxes" else {"kind": k} for k in kinds],
    }


def _forgeries() -> Iterator[Forged]:
    """False claims that look right, and one lie for each thing that a certificate says."""
    lam, t, k = name("lam"), name("t"), name("k")
    tiny = Fraction(1, 10**9)
    false_formulas: tuple[Tree, ...] = (
        C - BRIER,
        C + 2 * LOG,
        C - call("abs", Q - C),
        C + BRIER + tiny * C * Q,
        C + BRIER - tiny * Q * (1 - C),
        BRIER + Fraction(1, 10**300) * C * Q,
        C + BRIER + tiny * call("==", Q, 0) * (1 - C),
        C + BRIER + tiny * call("==", Q, 1) * (1 - C),
        C + BRIER + tiny * call("==", Q, Fraction(1, 2)) * C,
        bet(Random(1), tree(Fraction(1, 3)), tree(Fraction(1, 3) + tiny)),
        C * call("log", Q),
        C**2 + Q * C,
        call("if", Fraction(1, 2) < Q, C + BRIER, C + BRIER - tiny * (C - Fraction(1, 2))),
        (C - call("sqrt", Fraction(1, 2)) + tiny) * (call("sqrt", Fraction(1, 2)) < Q),
        C - (Q - C) ** 2 + Q * (1 / Q) * C * Q,
        call("exp", C) * Q - Q**2,
    )
    for formula in false_formulas:
        for claim in ("proper", "strictly proper", "jointly optimal"):
            for kinds in (("terms",), ("boxes",), ("terms", "terms"), ("boxes", "boxes")):
                yield _base(
                    formula, claim, **_evidence(*kinds, cuts=("1/2",) if len(kinds) == 2 else ())
                )
    free = (
        (C + lam * BRIER, {"lam": Span(Fraction(0), 1 + tiny)}),
        (C + lam * BRIER, {"lam": Span(None, Fraction(1))}),
        (C + lam * LOG, {"lam": Span(Fraction(0), tiny)}),
        (C * t + BRIER, {"t": Span(1 - tiny, Fraction(2))}),
        (
            (t < Q) * (C - t - k),
            {"t": Span(Fraction(0), Fraction(1)), "k": Span(Fraction(0), tiny)},
        ),
        ((t < Q) * (C - t**2), {"t": Span(Fraction(0), Fraction(1))}),
        (C - t * Q, {"t": Span(Fraction(0), None)}),
    )
    for formula, domains in free:
        for kind in ("terms", "boxes"):
            yield _base(formula, "jointly optimal", domains, **_evidence(kind))
            yield _base(
                formula,
                "jointly optimal",
                domains,
                **_evidence(kind, kind, cuts=(next(iter(domains)),)),
            )
        key = next(iter(domains))
        split = {"parameter": key, "at": "1/2", "cases": [_evidence("terms")] * 3}
        yield _base(formula, "jointly optimal", domains, split=split)
    for p, q in (
        ("1/2", "1/2"),
        ("1/2", "1/4"),
        ("0", "1"),
        ("1", "0"),
        ("1/3", "2/3"),
        ("2", "1"),
        ("-1", "0"),
    ):
        for claim in WITNESSED:
            yield _base(C + BRIER, claim, p=p, q=q, values={})
        yield _base(C + BRIER, "not jointly optimal", p_low=p, p_high=q, q_low=p, values={})
    for q0 in ("0", "1", "1/2"):
        yield _base(C + 2 * LOG, "accuracy rewarded", q0=q0, **_evidence("terms"))
        yield _base(-C, "accuracy rewarded", q0=q0, **_evidence("terms"))
    for ends in (
        (["0", "1/4"], ["0", "1/2"]),
        (["1/4", "1"], ["1/2", "1"]),
        (["1/5", "6/25"], ["2/5", "3/5"]),
    ):
        yield _base(
            C + 2 * BRIER,
            "failure thresholds",
            local=ends[0],
            **{"global": ends[1]},
            **_evidence("terms"),
        )
        yield _base(
            C + BRIER,
            "failure thresholds",
            local=ends[0],
            **{"global": ends[1]},
            **_evidence("terms"),
        )


FORGERIES = tuple(_forgeries())
