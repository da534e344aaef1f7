"""Worlds: questions, answers, and the probability that each answer is correct or accepted.

A world does not depend on agents, rewards or training. All its probabilities are known, so that
everything measured in it is exact. Every question has an answer that is never correct: a
deliberately wrong answer must always be possible, since a reward that is not jointly optimal may
reward it (`docs/theory.md`, section 2).

*In distribution* and *out of distribution* are two worlds with the same questions in the same
order; agents are trained in the first and measured in both. A verifier that errs is modelled in the
same way: `world.as_paid()` is the world according to its verifier; an agent is trained there and
measured in `world`, the truth.

Worlds are made by `bank`, `several_right`, `bank_of` (sets of unrelated questions;
`read_solve_rates` reads their solve rates from a file), `feature_world`, and, for agents that read
tokens, `lookup_world` and `sum_world`. They are changed by
wrappers, functions from a world to a world that return the world itself if they change nothing:

    success probabilities   competence_shift, covariate_shift, with_steps, annotator_disagreement,
                            drifted
    answers                 with_meanings
    verifier                noisy_reward_model, fitted_heads, noisy_verifier, with_abstention

Apply them from top to bottom: a world whose verifier errs refuses a change of its success
probabilities, since the verifier's acceptance probabilities would no longer match them. Wrappers of
one row can be applied in any order; the result may depend on it.

    >>> world = noisy_verifier(competence_shift(bank(64, seed=1), 0.5), false_positive=0.2)
    >>> world.best_accuracy < world.as_paid().best_accuracy
    True
"""

from scoring_theory.advantage import Outcomes
from simulations.worlds.banks import (
    Beta,
    Listed,
    TwoPoint,
    bank,
    bank_of,
    read_solve_rates,
    several_right,
)
from simulations.worlds.features import feature_world
from simulations.worlds.outcomes import draw_outcomes
from simulations.worlds.reward_heads import fitted_heads, robust_mixture
from simulations.worlds.tokens import lookup_world, sum_world
from simulations.worlds.world import World
from simulations.worlds.wrappers import (
    accepted_probability,
    annotator_disagreement,
    competence_shift,
    covariate_shift,
    drifted,
    informedness,
    noisy_reward_model,
    noisy_verifier,
    with_abstention,
    with_meanings,
    with_steps,
)

__all__ = [
    "Beta",
    "Listed",
    "Outcomes",
    "TwoPoint",
    "World",
    "accepted_probability",
    "annotator_disagreement",
    "bank",
    "bank_of",
    "competence_shift",
    "covariate_shift",
    "draw_outcomes",
    "drifted",
    "feature_world",
    "fitted_heads",
    "informedness",
    "lookup_world",
    "noisy_reward_model",
    "noisy_verifier",
    "read_solve_rates",
    "robust_mixture",
    "several_right",
    "sum_world",
    "with_abstention",
    "with_meanings",
    "with_steps",
]
