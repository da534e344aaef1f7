"""Property tests have 15 examples in `make test`, 50 in `make test-long`, 100 in `make test-all`.

None has deadlines or randomness: a busy machine fails no test, and a red one stays red.
"""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

LONG = Path(__file__).parent / "tests" / "long_tests.txt"

CALM = settings.get_profile("ci")
settings.register_profile("quick", CALM, max_examples=15)
settings.register_profile("long", CALM, max_examples=50)
settings.register_profile("thorough", CALM, max_examples=100)


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that `make costs` has found to be expensive as slow, unless it is running."""
    if "SCORING_THEORY_COSTS" in os.environ:
        return
    long = frozenset(LONG.read_text(encoding="utf-8").split())
    for item in items:
        if item.nodeid.split("[")[0] in long:
            item.add_marker("slow")


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end, so no collection need look at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
