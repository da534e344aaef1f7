"""Accepted certificates, and what becomes of them when somebody tampers with them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from proofs.search.prover import Prover
from scoring_theory.catalogue import CATALOGUE
from tests.support.random_rewards import case

Certificate = dict[str, Any]
Random = random.Random

HAIRS = (
    "c*q/10^9",
    "(1 - c)*q^2/10^9",
    "c*(1 - q)*q/10^6",
    "(-c)*q^5/7",
    "(1 - c)*3",
    "(q == 0)*c/100",
    "(q == 0)*(1 - c)/10^6",
    "(q == 1)*(1 - c)/10^6",
    "(q == 1)*(-c)/10^6",
    "(q == 1/2)*c/1000",
    "(1/2 - q)*c/10^9",
    "(q > 1/2)*(c - 0.5001)/1000",
    "(q > 999999/1000000)*(c - 1/2)",
    "(q < 1/10^9)*c",
    "c*log(q)/10^6",
    "(1 - c)*sqrt(q)/10^6",
    "abs(q - c)/100",
)
CLAIMS = ("proper", "strictly proper", "jointly optimal", "accuracy rewarded")
REFUTATIONS = ("not proper", "not strictly proper")


def hair(c: Certificate, rng: Random) -> Certificate:
    return {**c, "formula": f"{c['formula']} + {rng.choice(HAIRS)}"}


def negated(c: Certificate, rng: Random) -> Certificate:
    return {**c, "formula": f"-1*({c['formula']})"}


def scaled_down(c: Certificate, rng: Random) -> Certificate:
    return {**c, "formula": f"({c['formula']}) - {rng.choice(('c', '2*c', 'c/1000', 'c*1.001'))}"}


def number_changed(c: Certificate, rng: Random) -> Certificate:
    found = list(re.finditer(r"(?<![A-Za-z_0-9.])\d+(?![A-Za-z_0-9.])", c["formula"]))
    if not found:
        return c
    one = rng.choice(found)
    other = rng.choice(
        (f"{one[0]}.001", f"{int(one[0]) + 1}", f"({one[0]} - 1/1000)", f"(-{one[0]})")
    )
    return {**c, "formula": c["formula"][: one.start()] + other + c["formula"][one.end() :]}


def claim_swapped(c: Certificate, rng: Random) -> Certificate:
    if c["claim"] in REFUTATIONS:
        return {**c, "claim": REFUTATIONS[c["claim"] == "not proper"]}
    if c["claim"] in CLAIMS:
        other = {k: v for k, v in c.items() if k != "q0"}
        return {**other, "claim": rng.choice([x for x in CLAIMS if x != c["claim"]])}
    return c


def domain_widened(c: Certificate, rng: Random) -> Certificate:
    if not c["parameters"]:
        return c
    name = rng.choice(sorted(c["parameters"]))
    text = c["parameters"][name]
    ends = [Fraction(x) for x in re.findall(r"-?\d+(?:/\d+)?", text.replace(name, ""))]
    low, high = min(ends, default=Fraction(0)), max(ends, default=Fraction(1))
    options = [
        text.replace(" < ", " <= "),
        name,
        f"{low} <= {name} <= {high + Fraction(1, 1000)}",
        f"{name} >= {low - Fraction(1, 1000)}",
        f"{low - 1} < {name} < {high + 1}",
        f"{name} = {high + Fraction(1, 100)}",
        f"{name} = {low}",
        f"{name} = {low - Fraction(1, 100)}",
    ]
    return {**c, "parameters": {**c["parameters"], name: rng.choice(options)}}


def evidence_shuffled(c: Certificate, rng: Random) -> Certificate:
    found = list(c.get("evidence", []))
    boxes: dict[str, Any] = {"kind": "boxes", "cells": ["0", "1/2", "1"]}
    other = rng.choice(([boxes], [{"kind": "terms"}], [{"kind": "terms", "degree": 14}], found[:1]))
    found = rng.choice(
        (found[::-1], found[1:], found[:-1], other * max(len(found), 1), found + found[:1])
    )
    return {**c, "evidence": found} if "evidence" in c else c


def evidence_tampered(c: Certificate, rng: Random) -> Certificate:
    rich = [i for i, e in enumerate(c.get("evidence", [])) if "cells" in e]
    if not rich:
        return c
    index = rng.choice(rich)
    one = {k: list(v) if isinstance(v, list) else v for k, v in c["evidence"][index].items()}
    key = rng.choice([k for k, v in one.items() if isinstance(v, list) and v])
    place = rng.randrange(len(one[key]))
    value = Fraction(one[key][place])
    change = rng.choice(
        ("cut", str(value + Fraction(1, 1000)), str(-value), str(value * 2), "0", "twice")
    )
    if change == "cut":
        del one[key][place]
    elif change == "twice":
        one[key].insert(place, one[key][place])
    else:
        one[key][place] = change
    return {**c, "evidence": [one if i == index else e for i, e in enumerate(c["evidence"])]}


def numbers_changed(c: Certificate, rng: Random) -> Certificate:
    keys = [k for k in ("p", "q", "p_low", "p_high", "q_low", "q0", "room") if k in c]
    if not keys:
        return c
    swapped = dict(zip(keys, rng.sample([c[k] for k in keys], len(keys)), strict=True))
    one = rng.choice(keys)
    moved = {
        one: str(
            rng.choice(
                (
                    Fraction(c[one]) / 2,
                    1 - Fraction(c[one]),
                    Fraction(rng.randint(-1, 9), 8),
                    Fraction(0),
                    Fraction(1),
                )
            )
        )
    }
    return {**c, **rng.choice((swapped, moved))}


def values_changed(c: Certificate, rng: Random) -> Certificate:
    if not c.get("values"):
        return c
    name = rng.choice(sorted(c["values"]))
    other = rng.choice(
        (
            "0",
            "-1",
            "1000",
            "1/2",
            str(Fraction(c["values"][name]) + 1),
            str(-Fraction(c["values"][name])),
        )
    )
    return {**c, "values": rng.choice(({**c["values"], name: other}, {}))}


def breakpoints_changed(c: Certificate, rng: Random) -> Certificate:
    points, evidence = list(c.get("breakpoints", [])), list(c.get("evidence", []))
    if "evidence" not in c:
        return c
    if points and rng.random() < 0.7:
        place = rng.randrange(len(points))
        if rng.random() < 0.5:
            return {
                **c,
                "breakpoints": points[:place] + points[place + 1 :],
                "evidence": evidence[:place] + evidence[place + 1 :],
            }
        return {
            **c,
            "breakpoints": [*points[:place], f"({points[place]})*999/1000", *points[place + 1 :]],
        }
    return {
        **c,
        "breakpoints": [rng.choice(("1/2", "1/10^9", "999/1000")), *points],
        "evidence": [*evidence[:1], *evidence],
    }


def split_changed(c: Certificate, rng: Random) -> Certificate:
    """A split cut elsewhere, of another parameter, or with its cases left out, doubled or in
    another order.
    """
    if "split" not in c:
        return c
    cases, at = list(c["split"]["cases"]), Fraction(c["split"]["at"])
    other = rng.choice(
        (
            {"cases": cases[1:]},
            {"cases": cases[::-1]},
            {"cases": [*cases, cases[-1]]},
            {"cases": cases[:1] * len(cases)},
            {"at": str(at + Fraction(1, 1000))},
            {"at": str(1 - at)},
            {"parameter": rng.choice(sorted(c["parameters"]))},
        )
    )
    return {**c, "split": {**c["split"], **other}}


MUTATIONS: tuple[Callable[[Certificate, Random], Certificate], ...] = (
    hair,
    hair,
    hair,
    negated,
    scaled_down,
    number_changed,
    number_changed,
    claim_swapped,
    domain_widened,
    evidence_shuffled,
    evidence_tampered,
    numbers_changed,
    numbers_changed,
    values_changed,
    breakpoints_changed,
    split_changed,
)


@cache
def certificates(seed: int, count: int) -> tuple[Certificate, ...]:
    """Accepted certificates: of the catalogue, its families, the published rewards, and random
    rewards.
    """
    known = [(r().text, r().parameters) for r in CATALOGUE.values()]
    drawn = [case(Random(seed * 1000 + i))[1:] for i in range(count)]
    found: list[Certificate] = []
    for formula, parameters in [*Random(seed).sample(known, min(count, len(known))), *drawn]:
        prover = Prover(formula, dict(parameters))
        for decided in (prover.proper, prover.strict, prover.jointly_optimal, prover.accuracy):
            if decided.certificate and decided.certificate not in found:
                found.append(decided.certificate)
    return tuple(found)


def mutants(seed: int, rewards: int, count: int) -> Iterator[tuple[str, Certificate]]:
    """Certificates with one, sometimes two changes."""
    rng, originals = Random(seed), certificates(seed, rewards)
    made = 0
    while made < count:
        original = rng.choice(originals)
        changes = rng.sample(MUTATIONS, rng.choice((1, 1, 2)))
        mutant = original
        for change in changes:
            mutant = change(mutant, rng)
        if mutant != original:
            made += 1
            yield "+".join(change.__name__ for change in changes), mutant
