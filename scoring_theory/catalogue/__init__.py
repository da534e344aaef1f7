"""The catalogue of scoring rules: proper ones with their critical weights, and foils that are not proper.

Rules without parameters are `Reward` objects; families are called with values:

    >>> brier.text, power(alpha=3).parameters
    ('-(q - c)^2', {'alpha': 'alpha = 3'})
    >>> CATALOGUE["power"].critical_weight
    '1/alpha'
"""

from __future__ import annotations

from collections.abc import Mapping

from scoring_theory.catalogue.foils import FOILS
from scoring_theory.catalogue.proper import PROPER
from scoring_theory.catalogue.published import PUBLISHED as PUBLISHED
from scoring_theory.catalogue.rule import Rule
from scoring_theory.display import Named

CATALOGUE: Mapping[str, Rule] = Named(
    "CATALOGUE",
    {rule.key: rule for rule in (*PROPER, *FOILS)},
    columns=("title", "formula", "proper", "critical_weight"),
)

correctness = CATALOGUE["correctness"]()
brier = CATALOGUE["brier"]()
log = CATALOGUE["log"]()
spherical = CATALOGUE["spherical"]()
boosting = CATALOGUE["boosting"]()
one_sided = CATALOGUE["one_sided"]()
one_sided_log = CATALOGUE["one_sided_log"]()
zero_one = CATALOGUE["zero_one"]()
linear = CATALOGUE["linear"]()
signed_confidence = CATALOGUE["signed_confidence"]()
odds_penalty = CATALOGUE["odds_penalty"]()
cubic_error = CATALOGUE["cubic_error"]()
root_error = CATALOGUE["root_error"]()
doubled_wrong = CATALOGUE["doubled_wrong"]()

pseudospherical = CATALOGUE["pseudospherical"]
power = CATALOGUE["power"]
beta_family = CATALOGUE["beta_family"]
winkler = CATALOGUE["winkler"]
overconfidence = CATALOGUE["overconfidence"]
underconfidence = CATALOGUE["underconfidence"]
exponential = CATALOGUE["exponential"]
threshold_bet = CATALOGUE["threshold_bet"]
confidence_target = CATALOGUE["confidence_target"]
clipped_log = CATALOGUE["clipped_log"]
floored_log = CATALOGUE["floored_log"]
shifted_log = CATALOGUE["shifted_log"]
smoothed_log = CATALOGUE["smoothed_log"]
focal = CATALOGUE["focal"]
moving_winkler = CATALOGUE["moving_winkler"]
