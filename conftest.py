"""Two speeds of property tests: `quick` (`make test`) and `thorough` (`make test-all`).

Neither has deadlines or randomness: a busy machine fails no test, and a red one stays red.
"""

import gc

from hypothesis import settings

CALM = settings.get_profile("ci")
settings.register_profile("quick", CALM, max_examples=15)
settings.register_profile("thorough", CALM, max_examples=100)


def pytest_collection_finish() -> None:
    """What is imported and collected stays until the end, so no collection need look at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
