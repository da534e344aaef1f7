"""Two speeds of property tests: `quick` (`make test`) and `thorough` (`make test-all`).

Neither has deadlines or randomness: a busy machine fails no test, and a red one stays red.
"""

from hypothesis import settings

CALM = settings.get_profile("ci")
settings.register_profile("quick", CALM, max_examples=15)
settings.register_profile("thorough", CALM, max_examples=100)
