"""`python -m scoring_theory` is the command `scoring-theory`."""

import sys

from scoring_theory.cli import main

if __name__ == "__main__":
    sys.exit(main())
