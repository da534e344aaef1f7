"""Fit of knobs to rows that the simulator made, where the right answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulations.fitting import (
    ACCEPTED,
    OF_A_START,
    RANGES,
    Knobs,
    Profile,
    TableRow,
    fit,
    head_start_for,
    hidden_shift,
    knowable_auroc,
    row_differences,
    stated_answers,
    trained,
    with_prospects,
)
from simulations.worlds import competence_shift

LITTLE = Knobs(questions=48, headroom=1.0)
TRUTH = replace(LITTLE, head_start=0.4, constant=2.5, slope=0.4, stated_noise=0.4)


def row_of(knobs: Knobs) -> TableRow:
    return stated_answers(knobs.agent, knobs.start(), knobs.world()).row()


@pytest.mark.parametrize(("constant", "head_start"), [(0.5, 0.9), (2.5, 0.4)])
def test_a_row_of_the_simulator_is_reached(constant: float, head_start: float) -> None:
    """Accuracy and mean confidence determine head start and constant; slope and noise may differ,
    since a row may have several agents."""
    truth = replace(TRUTH, constant=constant, head_start=head_start)
    found = fit(row_of(truth), answers=1000, knobs=LITTLE)
    assert found.loss < 1e-6
    assert found.knobs.head_start == pytest.approx(head_start, rel=1e-3)
    assert found.reached == pytest.approx(row_of(truth), abs=1e-3)


def test_two_knobs_are_found_where_the_others_are_known() -> None:
    found = fit(row_of(TRUTH), answers=1000, knobs=replace(TRUTH, head_start=1.0, constant=0.0),
                free=("head_start", "constant"))  # fmt: skip
    assert found.knobs.head_start == pytest.approx(0.4, rel=1e-4)
    assert found.knobs.constant == pytest.approx(2.5, rel=1e-4)


@pytest.mark.parametrize(
    "free",
    [
        ("head_start", "constant"),
        pytest.param(OF_A_START, marks=pytest.mark.slow),
    ],
)
def test_the_profile_is_flat_for_what_the_row_does_not_hold_and_steep_for_what_it_does(
    free: tuple[str, ...],
) -> None:
    row = row_of(TRUTH)
    found = fit(row, answers=1000, knobs=TRUTH, free=free)
    start = found.profile("head_start", points=3)
    assert start.verdict == "identified"
    assert start.losses[0] > 10 * ACCEPTED < start.losses[-1]
    # The order of confidences depends on the answers alone, and accuracy is all that is left.
    lone = fit(TableRow(row.accuracy), answers=1000, knobs=TRUTH, free=("head_start",))
    for one in (lone, found) if free == OF_A_START else (lone,):
        unseen = one.profile("visible_difficulty", points=3)
        assert unseen.verdict == "not identified"
        assert max(unseen.losses) < 0.01


def test_a_world_without_noise_does_not_have_the_row_of_one_with_noise() -> None:
    """Teeth: without noise the order of confidences is that of the answer probabilities, however
    small the slope, so that a fine grid cannot have an AUROC this near to 1/2."""
    noisy = replace(TRUTH, stated_noise=1.5, slope=0.2, levels=201)
    row, free = row_of(noisy), ("constant", "slope")
    assert fit(row, answers=1000, knobs=noisy, free=free).loss < 1e-6
    assert fit(row, answers=1000, knobs=replace(noisy, stated_noise=0.0), free=free).loss > 10


def test_a_world_without_coupling_does_not_have_the_row_of_one_with_coupling() -> None:
    """Teeth: where confidence does not depend on the answer, its AUROC is that of the questions."""
    row = row_of(replace(TRUTH, slope=1.5))
    without = replace(TRUTH, slope=0.0)
    assert fit(row, answers=1000, knobs=without, free=("constant", "stated_noise")).loss > 10


@pytest.mark.slow
def test_two_more_numbers_find_headroom_and_visible_difficulty() -> None:
    truth = replace(TRUTH, headroom=0.3, visible_difficulty=0.4)
    end = trained(truth, "binary")
    final = stated_answers(truth.agent, end, truth.world()).row().accuracy
    accuracy = row_of(truth).accuracy
    assert final is not None
    assert accuracy is not None
    found = with_prospects(
        replace(truth, headroom=1.0, visible_difficulty=0.9, head_start=1.0), accuracy=accuracy,
        final_accuracy=final, knowable_auroc_after=knowable_auroc(truth, end),
    ).knobs  # fmt: skip
    assert found.headroom == pytest.approx(0.3, abs=0.01)
    assert found.visible_difficulty == pytest.approx(0.4, abs=0.01)
    assert found.head_start == pytest.approx(0.4, rel=0.01)


def test_what_can_be_known_is_an_upper_bound_for_every_agent() -> None:
    """No statement from the features orders answers better than E[c | features, answer]."""
    for reward in ("binary", "rlcr"):
        end = trained(TRUTH, reward, steps=100)
        silent = replace(TRUTH.agent, stated_noise=0.0, levels=1001)
        best = knowable_auroc(TRUTH, end)
        found = stated_answers(silent, end, TRUTH.world()).row().auroc
        assert found is not None
        assert found <= best + 0.002


@pytest.mark.slow
def test_training_is_long_enough() -> None:
    """Twice the steps change no accuracy by .01."""
    knobs = Knobs(headroom=0.0, head_start=0.6, constant=2.5)
    for reward in ("binary", "rlcr"):
        ends = [trained(knobs, reward, steps=steps) for steps in (300, 600)]
        first, second = (stated_answers(knobs.agent, e, knobs.world()).row().accuracy for e in ends)
        assert second == pytest.approx(first, abs=0.01)


def test_a_hidden_shift_reaches_an_accuracy() -> None:
    """Up to the share of answers that are not the one that is never right."""
    end = trained(TRUTH, "binary", steps=100)
    for accuracy in (0.05, 0.3, 0.9):
        world = competence_shift(TRUTH.world(), hidden_shift(TRUTH, end, accuracy))
        assert stated_answers(TRUTH.agent, end, world).row().accuracy == pytest.approx(accuracy)
    assert hidden_shift(TRUTH, TRUTH.start(), 0.99) == -8


def test_samples_scatter_around_the_exact_row() -> None:
    exact = stated_answers(TRUTH.agent, TRUTH.start(), TRUTH.world())
    drawn = exact.sampled(500, samples=2000)
    for name in ("accuracy", "mean_confidence", "auroc", "brier"):
        error = drawn[name].std() / np.sqrt(2000)
        assert drawn[name].mean() == pytest.approx(getattr(exact.row(), name), abs=5 * error)
    few, many = (exact.sampled(n)["accuracy"].std() for n in (100, 10_000))
    assert few == pytest.approx(10 * many, rel=0.1)


def test_the_units_of_the_loss_are_standard_errors() -> None:
    """No number of a sampled row scatters much more than its unit says; mean confidence, whose unit
    holds for any number in [0, 1], scatters less."""
    exact = stated_answers(TRUTH.agent, TRUTH.start(), TRUTH.world())
    drawn = exact.sampled(1000, samples=400)
    rows = (TableRow(*numbers) for numbers in zip(*drawn.values(), strict=True))
    apart = np.array([row_differences(row, exact.row(), 1000) for row in rows])
    scatter = apart.std(axis=0)
    assert scatter.max() < 1.5
    assert scatter[[0, 2, 3]].min() > 0.4


def test_a_profile_that_is_accepted_at_one_end_is_bounded_on_one_side() -> None:
    fits = (LITTLE,) * 3
    made = [Profile("slope", (0.0, 1.0, 2.0), losses, fits, 0.0)
            for losses in ((9.0, 0.0, 9.0), (0.0, 0.0, 9.0), (1.0, 0.0, 3.0))]  # fmt: skip
    assert [one.verdict for one in made] == ["identified", "bounded on one side", "not identified"]
    assert [len(one.accepted) for one in made] == [1, 2, 3]


def test_head_starts_end_at_the_range() -> None:
    assert head_start_for(LITTLE, 0.01) == pytest.approx(RANGES["head_start"][0])
    assert head_start_for(LITTLE, 0.99) == pytest.approx(RANGES["head_start"][1])


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: fit(TableRow(), answers=10), "`row` must have at least one number"),
        (lambda: fit(TableRow(accuracy=1.2), answers=10), "`accuracy` of the row must lie"),
        (lambda: fit(TableRow(accuracy=0.2), answers=0), "`answers` must be at least 1, got 0"),
        (
            lambda: fit(TableRow(accuracy=0.2), answers=10, free=("luck",)),
            "unknown knob 'luck'; known: head_start",
        ),
        (lambda: Knobs(headroom=float("nan")), "`headroom` must be a finite number, got nan"),
        (lambda: Knobs(stated_noise=-1.0), "`stated_noise` must not be negative, got -1"),
        (
            lambda: with_prospects(
                LITTLE, accuracy=0.4, final_accuracy=1.0, knowable_auroc_after=0.7
            ),
            "`final_accuracy` must lie between 0 and 1, got 1.0",
        ),
    ],
)
def test_errors_say_the_rule_and_the_value(call, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        call()
