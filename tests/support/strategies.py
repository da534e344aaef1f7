"""Hypothesis strategies of the project: rules with parameters, threshold distributions, formulas,
probabilities.
"""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from proofs.kernel.formula import Apply, Name, Node, Number, parse_domain
from scoring_theory.catalogue import CATALOGUE, Entry
from scoring_theory.reward import Reward
from scoring_theory.thresholds import BetaPart, ThresholdDistribution

# Values inside the domains, chosen so that float laws hold to 1e-9 (an eps of 1e-9 would not say
# more).
PARAMETERS = {
    "alpha": st.fractions(Fraction(9, 8), 6, max_denominator=8),
    "beta": st.fractions(Fraction(9, 8), 6, max_denominator=8),
    "a": st.fractions(Fraction(1, 4), 8, max_denominator=4),
    "b": st.fractions(Fraction(1, 4), 8, max_denominator=4),
    "r": st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=20),
    "k": st.fractions(Fraction(1, 10), 8, max_denominator=10),
    "t": st.fractions(0, Fraction(19, 20), max_denominator=20),
    "eps": st.fractions(Fraction(1, 1000), Fraction(1, 5), max_denominator=1000),
    "s": st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20),
    "gamma": st.fractions(Fraction(1, 2), 4, max_denominator=4),
}

probabilities = st.floats(0, 1, allow_subnormal=False)
inner_probabilities = st.floats(0.001, 0.999)
rational_probabilities = st.fractions(0, 1, max_denominator=200)
shares = st.fractions(0, 3, max_denominator=12)


@st.composite
def rules(draw: st.DrawFn, *, proper: tuple[str, ...] = ("strict", "weak")) -> tuple[Entry, Reward]:
    """An entry of the catalogue and one member of it; a published reward with the constants of its
    source.
    """
    entry = draw(st.sampled_from([r for r in CATALOGUE.values() if r.proper in proper]))
    if entry.published:
        return entry, entry()
    values = {
        name: PARAMETERS[name] if name in PARAMETERS else inside(text)
        for name, text in entry.domains.items()
    }
    return entry, entry(**{name: draw(value) for name, value in values.items()})


def inside(domain: str) -> st.SearchStrategy[Fraction]:
    """Values of a parameter that has no strategy of its own, away from the ends of its domain."""
    _, bounds = parse_domain(domain)
    low = Fraction(0) if bounds.low is None else bounds.low
    high = low + 8 if bounds.high is None else bounds.high
    return st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20).map(
        lambda x: low + x * (high - low)
    )


@st.composite
def threshold_distributions(draw: st.DrawFn) -> ThresholdDistribution:
    """Up to three atoms (perhaps one at 0) and up to two Beta parts with whole-number shapes, of
    positive mass.
    """
    thresholds = st.fractions(0, Fraction(99, 100), max_denominator=100)
    atoms = draw(st.dictionaries(thresholds, shares, max_size=3))
    shapes = st.integers(1, 4).map(Fraction)
    parts = draw(st.lists(st.builds(BetaPart, shares, shapes, shapes), max_size=2))
    distribution = ThresholdDistribution(atoms, tuple(parts))
    return distribution if distribution.total else ThresholdDistribution.uniform()


def formulas(names: tuple[str, ...] = ("q", "c")) -> st.SearchStrategy[Node]:
    """Trees of the grammar: polynomial, piecewise and transcendental parts, small enough to stay
    finite.
    """
    leaves = st.one_of(
        st.sampled_from([Name(name) for name in names]),
        st.fractions(-3, 3, max_denominator=8).map(Number),
    )

    def grow(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        pairs = st.tuples(inner, inner)
        return st.one_of(
            st.builds(Apply, st.sampled_from(["+", "-", "*"]), pairs),
            st.builds(Apply, st.sampled_from(["min", "max", "<", "<=", "and", "or"]), pairs),
            st.builds(lambda x: Apply("neg", (x,)), inner),
            st.builds(lambda x: Apply("abs", (x,)), inner),
            st.builds(
                lambda x: Apply(
                    "exp", (Apply("clip", (x, Number(Fraction(-2)), Number(Fraction(2)))),)
                ),
                inner,
            ),
            st.builds(lambda x: Apply("^", (x, Number(Fraction(2)))), inner),
            st.builds(lambda x, y, z: Apply("if", (Apply("<", (x, y)), y, z)), inner, inner, inner),
        )

    return st.recursive(leaves, grow, max_leaves=8)
