"""Knobs of worlds and agents from published rows, and rows from knobs.

`fit` finds the knobs of an agent before training from its row, and a `profile` says which of them
the row identifies. `with_prospects` takes from two more numbers what such a row does not say, and
`trained` follows a reward from there.
"""

from simulations.fitting.knobs import RANGES, Knobs
from simulations.fitting.profiles import (
    ACCEPTED,
    OF_A_START,
    KnobFit,
    Profile,
    fit,
    row_differences,
)
from simulations.fitting.rows import StatedAnswers, TableRow, stated_answers
from simulations.fitting.training_ends import (
    Prospects,
    head_start_for,
    hidden_shift,
    knowable_auroc,
    trained,
    with_prospects,
)

__all__ = [
    "ACCEPTED",
    "OF_A_START",
    "RANGES",
    "KnobFit",
    "Knobs",
    "Profile",
    "Prospects",
    "StatedAnswers",
    "TableRow",
    "fit",
    "head_start_for",
    "hidden_shift",
    "knowable_auroc",
    "row_differences",
    "stated_answers",
    "trained",
    "with_prospects",
]
