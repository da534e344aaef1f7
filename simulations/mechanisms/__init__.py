"""The five mechanisms of confidence drift, each isolated in a pair of experiments.

Under a reward that ignores confidence, the expected gradient of a free confidence head is exactly 0
(`docs/theory.md`, Theorem 35); a strictly proper reward moves it to the success probability. Any
other systematic drift needs a mechanism:

    coupling    binary reward; confidence is computed from the policy's own answer probability,
                which training increases
    noise       binary reward; the confidence of a single run drifts at random to one value
    estimator   RLCR; dividing by the standard deviation of the group changes the optimum
    proxy       RLCR; the verifier errs, and confidence is calibrated to the verifier
    shift       RLCR; confidence is learned in distribution and measured out of distribution

Each mechanism is a pair of experiments that differ in one argument. Its effect is one number, which
is measured in simulations and compared with its exact value.

    >>> proxy = mechanism("proxy", scale="short")
    >>> proxy.exact(), proxy.exact(without=True)
    (0.1, 0.0)
"""

from simulations.mechanisms.mechanism import EFFECTS, LIMITS, Line, Mechanism, MechanismName, Trial
from simulations.mechanisms.pairs import MECHANISMS, everything_off, mechanism

__all__ = [
    "EFFECTS",
    "LIMITS",
    "MECHANISMS",
    "Line",
    "Mechanism",
    "MechanismName",
    "Trial",
    "everything_off",
    "mechanism",
]
