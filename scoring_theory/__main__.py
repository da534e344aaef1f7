"""`python -m scoring_theory` runs the commands that need no simulation.

`python -m simulations` runs them all.
"""

import sys

from scoring_theory.cli import main

if __name__ == "__main__":
    sys.exit(main())
