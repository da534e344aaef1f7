"""How long it takes to read completions, ordinary and hostile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scoring_theory.readers import READERS, write_completion

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

HOSTILE = {"json": '{"a":', "boxed": "\\boxed{"}


@pytest.mark.parametrize("name", READERS)
def test_ordinary_completions(benchmark: BenchmarkFixture, name: str) -> None:
    """1,000 completions of 10,000 characters."""
    text = 400 * "Some thoughts about it. " + write_completion(READERS[name], "4", 0.5)
    benchmark(lambda: [READERS[name].read(text) for _ in range(1000)])


@pytest.mark.parametrize("name", READERS)
def test_ten_megabytes_of_hostile_text(benchmark: BenchmarkFixture, name: str) -> None:
    unit = HOSTILE.get(name, "<answer>")
    text = unit * (10_000_000 // len(unit)) + '"answer""confidence"'
    benchmark.pedantic(READERS[name].read, args=(text,), rounds=1)
