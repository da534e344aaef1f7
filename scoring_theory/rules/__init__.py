"""The catalogue (being filled): correctness and the three classical rules."""

from __future__ import annotations

from scoring_theory.reward import Reward

correctness = Reward.parse("c", name="correctness")
brier = Reward.parse("-(q - c)^2", name="Brier", source="Brier 1950")
log = Reward.parse("c*log(q) + (1 - c)*log(1 - q)", name="log", source="Good 1952")
spherical = Reward.parse("(c*q + (1 - c)*(1 - q))/sqrt(q^2 + (1 - q)^2)", name="spherical", source="Roby 1965")
