"""The trainers: the key is the argument `framework` of `export`, and `as_KEY` is the adapter."""

from __future__ import annotations

from collections.abc import Mapping

from scoring_theory.adapters.framework import Framework
from scoring_theory.adapters.nemo_gym import NEMO_GYM
from scoring_theory.adapters.openrlhf import OPENRLHF
from scoring_theory.adapters.skyrl import SKYRL
from scoring_theory.adapters.slime import SLIME
from scoring_theory.adapters.tinker import TINKER
from scoring_theory.adapters.trl import TRL
from scoring_theory.adapters.verifiers import VERIFIERS
from scoring_theory.adapters.verl import VERL
from scoring_theory.display import Named

_ALL = (TRL, VERL, OPENRLHF, VERIFIERS, NEMO_GYM, SKYRL, SLIME, TINKER)
FRAMEWORKS: Mapping[str, Framework] = Named(
    "FRAMEWORKS",
    {entry.module: entry for entry in _ALL},
    columns=("title", "entry"),
)
