"""How many examples a property test has: as many as it says in the thorough profile, fewer in the
quick one.
"""

from __future__ import annotations

from typing import Any

from hypothesis import settings

THOROUGH = 100
"""What a test without a number has in the thorough profile."""
LEAST = 5


def examples(number: int, **options: Any) -> settings:
    """The settings of a property test that has so many examples where nobody waits for it."""
    quick = round(number * settings().max_examples / THOROUGH)
    return settings(max_examples=max(quick, min(LEAST, number)), **options)
