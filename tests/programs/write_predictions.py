"""`python -m tests.programs.write_predictions`: fit the knobs of the predictions, and write them.

The files of simulations/evidence were written before the predictions were compared with the
published rows; running this again must change nothing (four minutes of CPU time).
"""

from __future__ import annotations

from pathlib import Path

from simulations.evidence.prediction import write_profiles, write_stored

FOLDER = Path(__file__).resolve().parents[2] / "simulations" / "evidence"


def main() -> None:
    """Write both files."""
    for name, text in {**write_stored(), **write_profiles()}.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
