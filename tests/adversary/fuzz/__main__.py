"""`python -m tests.adversary.fuzz SECONDS [TARGET ...]`: each target for its share of the time,
with atheris.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOUND = Path("out") / "fuzz"


def _child(name: str, seconds: int) -> None:
    """One target in this process; libFuzzer ends it, with 0 where nothing was found."""
    import atheris

    with atheris.instrument_imports(include=["proofs", "scoring_theory"]):
        from tests.adversary.fuzz.targets import SEEDS, TARGETS

    corpus = FOUND / name
    corpus.mkdir(parents=True, exist_ok=True)
    for place, seed in enumerate(SEEDS[name]):
        (corpus / f"seed{place}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        "-timeout=60",
        "-rss_limit_mb=2048",
        "-max_len=2000",
        "-verbosity=0",
        "-print_final_stats=1",
        f"-artifact_prefix={FOUND}/{name}-",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


def main(arguments: list[str]) -> int:
    """0: nothing found, or atheris is not installed; 1: a finding, whose input lies in out/fuzz."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("atheris is not installed, so nothing is fuzzed (`pip install atheris`)")
        return 0
    from tests.adversary.fuzz.targets import TARGETS

    names = arguments[1:] or list(TARGETS)
    share, found = max(1, int(arguments[0]) // len(names)), 0
    for name in names:
        command = [
            sys.executable,
            "-c",
            f"from tests.adversary.fuzz.__main__ import _child; _child({name!r}, {share})",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
        runs = next(
            (
                line.split()[-1]
                for line in done.stderr.splitlines()
                if "number_of_executed_units" in line
            ),
            "?",
        )
        told = "nothing found" if done.returncode == 0 else f"FOUND, exit code {done.returncode}"
        print(f"{name:<28} {share} s, {runs} runs: {told}", flush=True)
        if done.returncode:
            found = 1
            noise = ("INFO", "WARNING", "stat::")
            print(
                "\n".join(
                    x for x in done.stderr.splitlines() if x.strip() and not x.startswith(noise)
                )[-3000:]
            )
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
