"""Which values torch takes as rewards, in a batch of three, and which a probe takes:
`python probed_values.py`, pairs on stdout.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import torch

from scoring_theory.probing.calling import StoppedTrainerError, tensor_number

VALUES: list[Any] = [
    1, 0.5, True, None, "1", b"1", [1.0], (1.0,), {}, {"score": 1.0}, 1j, np.float32(1),
    np.int64(1), np.float64(1), np.bool_(True), np.array(1.0), np.array([1.0]), np.array([[1.0]]),
    np.array([1.0, 2.0]), torch.tensor(1.0), torch.tensor([1.0]), torch.tensor([[1.0]]),
    torch.tensor([1.0, 2.0]), torch.tensor(1), torch.tensor(1.0, dtype=torch.bfloat16),
    Decimal("0.5"), Fraction(1, 2), float("inf"), 10**400, object(), set(),
]  # fmt: skip


def by_trl(value: Any) -> float:
    """The statement of `GRPOTrainer._calculate_rewards`, for None as well: that is NaN there."""
    rewards = torch.zeros(3, 1)
    rewards[:, 0] = torch.tensor([value] * 3, dtype=torch.float32)
    return float(rewards[0, 0])


def by_verl(value: Any) -> float:
    """The statement of `RewardManagerBase.assemble_rm_scores`."""
    rewards = torch.zeros(3, 4)
    rewards[torch.arange(3), torch.tensor([1, 2, 3])] = rewards.new_tensor([value] * 3)
    return float(rewards[0, 1])


def outcome(reads: Callable[[Any], float], value: Any) -> float | None:
    """What is read; None where the trainer stops."""
    try:
        return reads(value)
    except (StoppedTrainerError, TypeError, ValueError, RuntimeError, OverflowError):
        return None


def main() -> None:
    readers = (by_trl, by_verl, lambda value: tensor_number(value, "TRL"))
    print(
        json.dumps([[repr(value), *(outcome(read, value) for read in readers)] for value in VALUES])
    )


if __name__ == "__main__":
    main()
