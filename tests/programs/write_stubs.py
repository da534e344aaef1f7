"""`make names`: write the type stubs of the packages whose names are loaded when they are first
used.
"""

from __future__ import annotations

from pathlib import Path

import scoring_theory
import simulations

PACKAGES = (scoring_theory, simulations)


def main() -> None:
    for package in PACKAGES:
        text = "\n".join(package._PUBLIC.stub()) + "\n"
        Path(str(package.__file__)).with_suffix(".pyi").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
