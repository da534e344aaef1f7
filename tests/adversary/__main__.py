"""`python -m tests.adversary`: run the adversary, or go on with a run that was stopped, and print
its table.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from tests.adversary.run import document, faults, record, run, table

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Exit code 1 where anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.adversary", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=20_000, help="random rewards, each with one mutant (20000)"
    )
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (all processors)"
    )
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="stop after so long; run again to go on"
    )
    parser.add_argument(
        "--state", type=Path, default=Path("out/adversary.jsonl"), help="rounds that are done"
    )
    parser.add_argument(
        "--write", action="store_true", help="write record.json and docs/reliability.md"
    )
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.rounds)
    rounds = run(seeds, options.state, jobs=options.jobs, seconds=options.seconds)
    found = record(rounds)
    for one in rounds:
        for key in ("fault", "crash", "certificate"):
            if key in one:
                print(
                    f"seed {one['seed']}: {key}: {one[key]}\n"
                    f"  {one.get('text', '')} {one.get('parameters', '')}"
                )
    print(table(found))
    if options.write:
        (HERE / "record.json").write_text(json.dumps(found, indent=1) + "\n")
        document(found, HERE.parents[1] / "docs" / "reliability.md")
    return int(faults(found) > 0)


if __name__ == "__main__":
    raise SystemExit(main())
