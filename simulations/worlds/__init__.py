"""What is true: questions, candidate answers, and the probability that each of them is right, and is paid.

A world knows nothing of agents, rewards or training, and publishes its whole truth, so that
everything measured in it is exact. Every question has a hopeless candidate, one that is never
correct: a deliberately wrong answer must always be possible, since that is what a bad reward
teaches (`docs/theory.md`, section 2).

*In distribution* and *out of distribution* are two worlds with the same questions in the same
order; agents are trained in the first and read in both. The same device shows a bad verifier:
`world.as_paid()` is the world as its verifier sees it, and an agent trained there is read in
`world`, the truth.

Worlds are made by `bank`, `bank_of`, `read_solve_rates` and `feature_world`, and changed by
wrappers, functions from a world to a world that give back the world itself where they change
nothing:

    what is true        competence_shift, covariate_shift, annotator_disagreement, drifted
    which answers       with_meanings
    who judges it       noisy_verifier, noisy_reward_model, with_abstention

They compose from top to bottom: what is true comes before who judges it, and a world whose verifier
errs refuses to have its truth changed behind the verifier's back. Within a row, wrappers apply in
the order in which they are written.

    >>> home = noisy_verifier(competence_shift(bank(64, seed=1), 0.5), false_positive=0.2)
    >>> home.best_accuracy < home.as_paid().best_accuracy
    True
"""

from scoring_theory.advantage import Outcomes
from simulations.worlds.banks import Beta, Listed, TwoPoint, bank, bank_of, read_solve_rates
from simulations.worlds.features import feature_world
from simulations.worlds.outcomes import draw_outcomes
from simulations.worlds.world import World
from simulations.worlds.wrappers import (
    annotator_disagreement,
    competence_shift,
    covariate_shift,
    drifted,
    noisy_reward_model,
    noisy_verifier,
    with_abstention,
    with_meanings,
)

__all__ = [
    "Beta",
    "Listed",
    "Outcomes",
    "TwoPoint",
    "World",
    "annotator_disagreement",
    "bank",
    "bank_of",
    "competence_shift",
    "covariate_shift",
    "draw_outcomes",
    "drifted",
    "feature_world",
    "noisy_reward_model",
    "noisy_verifier",
    "read_solve_rates",
    "with_abstention",
    "with_meanings",
]
