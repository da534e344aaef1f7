"""The predictions of trained rows: the stored files, and the procedure on rows of the simulator."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulations.evidence import (
    PredictedNumber,
    PublishedRow,
    closed_form_predictions,
    fitted_knobs,
    knob_profiles,
    noise_ranges,
    predicted,
    prediction_errors,
    predictions,
    published_rows,
    stored_knobs,
    stored_shifts,
)
from simulations.evidence.prediction import IN_DISTRIBUTION, METRICS_OF, VARIANTS
from simulations.fitting import (
    Knobs,
    TableRow,
    knowable_auroc,
    row_differences,
    stated_answers,
    trained,
)
from simulations.worlds import competence_shift

PAGE = Path(__file__).resolve().parents[3] / "docs" / "evidence.md"
TRUTH = Knobs(
    head_start=0.6, constant=2.2, slope=0.4, stated_noise=0.5, headroom=0.3,
    visible_difficulty=0.4,
)  # fmt: skip


def published(trained_on: str, method: str, dataset: str = "") -> PublishedRow:
    wanted = trained_on, method, dataset or IN_DISTRIBUTION[trained_on]
    return next(r for r in published_rows() if (r.trained_on, r.method, r.dataset) == wanted)


def made(method: str, **numbers: float | None) -> PublishedRow:
    """A row in the form of the published ones."""
    found = {name: value or 0.0 for name, value in numbers.items()}
    found["ece10"] = found.pop("ece")
    return PublishedRow("Hotpot", "hotpot-vanilla-eval-em", method, **found)


def test_the_stored_knobs_have_the_row_before_training_and_the_two_borrowed_numbers() -> None:
    """Recomputed from the knobs: had they been turned afterwards towards the answers, Base's row or
    a borrowed number would be missed."""
    for trained_on in IN_DISTRIBUTION:
        knobs, loss = stored_knobs()["all", trained_on]
        base = published(trained_on, "Base")
        row = TableRow(base.accuracy, base.mean_confidence, base.auroc, base.brier)
        reached = stated_answers(knobs.agent, knobs.start(), knobs.world()).row()
        assert np.sum(row_differences(reached, row, base.answers) ** 2) == pytest.approx(
            loss, abs=0.01
        )
        final = predicted(knobs, "RLVR").row().accuracy
        assert final == pytest.approx(published(trained_on, "RLVR").accuracy, abs=0.005)
        known = knowable_auroc(knobs, trained(knobs, "binary"))
        assert known == pytest.approx(published(trained_on, "RLVR-Classifier").auroc, abs=0.005)


def test_the_stored_shifts_have_the_published_accuracies() -> None:
    for (trained_on, dataset), by in stored_shifts().items():
        knobs = stored_knobs()["all", trained_on].knobs
        found = predicted(knobs, "RLVR", shift=by).row().accuracy
        assert found == pytest.approx(published(trained_on, "RLVR", dataset).accuracy, abs=1e-4)


def test_every_number_is_predicted_once_and_none_is_borrowed() -> None:
    found = predictions()
    cells = {(one.trained_on, one.dataset, one.method, one.metric) for one in found}
    assert len(cells) == len(found) == 7 * 16
    assert sum(one.in_distribution for one in found) == 14
    assert not any(one.metric == "accuracy" and one.method == "RLVR" for one in found)
    assert cells == {(p.trained_on, p.dataset, p.method, p.metric)
                     for p in closed_form_predictions()}  # fmt: skip
    for one in found:
        row = published(one.trained_on, one.method, one.dataset)
        assert one.published == row._asdict()[{"ece": "ece10"}.get(one.metric, one.metric)]
        assert one.low <= one.predicted <= one.high


def test_bands_are_those_of_chance() -> None:
    """A row that the agent itself gives in a test set of n answers is inside 95 % of the time."""
    knobs = replace(TRUTH, questions=64)
    seen = predicted(knobs, "RLCR")
    drawn, other = seen.sampled(500), seen.sampled(500, seed=1)
    for metric in METRICS_OF["RLCR"]:
        low, high = np.quantile(drawn[metric], [0.025, 0.975])
        inside = np.mean((other[metric] >= low) & (other[metric] <= high))
        assert inside == pytest.approx(0.95, abs=0.02)


def test_a_verdict_can_be_negative() -> None:
    far = PredictedNumber("Math", "gsm8k", "RLCR", "ece", 0.10, 0.08, 0.12, 0.16, 1319)
    near = replace(far, published=0.11)
    assert (far.agrees, far.by_chance) == (False, False)
    assert (near.agrees, near.by_chance) == (True, True)
    assert prediction_errors([far, near])[:3] == (2, 1, 1)
    assert any(not one.agrees for one in predictions()), "contradictions are reported"


def test_a_hidden_shift_changes_what_is_right_and_not_what_is_stated() -> None:
    knobs = replace(TRUTH, questions=64)
    here, away = (predicted(knobs, "RLCR", shift=by) for by in (0.0, 1.0))
    assert np.array_equal(here.mass, away.mass)
    assert here.hits.sum() > away.hits.sum() + 0.1
    end = trained(knobs, "rlcr")
    harder = competence_shift(knobs.world(), 1.0)
    assert away.hits == pytest.approx(stated_answers(knobs.agent, end, harder).hits)


def test_knobs_are_stored_in_full_for_every_variant() -> None:
    variants = {variant for variant, _ in stored_knobs()}
    assert variants == VARIANTS.keys() - {"noise unlearned"}
    for (variant, trained_on), stored in stored_knobs().items():
        assert trained_on in IN_DISTRIBUTION
        for name, value in VARIANTS[variant].items():
            assert getattr(stored.knobs, name) == value


def test_mechanisms_that_are_off_fit_the_rows_before_training_less_well() -> None:
    """Teeth: confidence that does not depend on the answer cannot have Base's AUROC."""
    for trained_on in IN_DISTRIBUTION:
        whole = stored_knobs()["all", trained_on].loss
        assert whole < 0.5
        assert stored_knobs()["no coupling", trained_on].loss > whole + 3.84
        assert stored_knobs()["no noise", trained_on].loss > whole


def test_profiles_say_what_base_does_not_identify() -> None:
    for trained_on in IN_DISTRIBUTION:
        verdicts = {one.knob: one.verdict for one in knob_profiles(trained_on)}
        assert verdicts["head_start"] == verdicts["constant"] == "identified"
        for unseen in ("visible_difficulty", "sharpness", "headroom", "stated_noise"):
            assert verdicts[unseen] != "identified"


@pytest.mark.slow
def test_the_procedure_predicts_the_rows_of_its_own_world() -> None:
    """Fitted to the row before training and the two borrowed numbers of a world that it can make,
    it must predict that world's seven others: here the right answer is known."""
    base = made("Base", **stated_answers(TRUTH.agent, TRUTH.start(), TRUTH.world()).row()._asdict())
    end = trained(TRUTH, "binary")
    final = stated_answers(TRUTH.agent, end, TRUTH.world()).row().accuracy
    assert final is not None
    found = fitted_knobs(base, final_accuracy=final, classifier_auroc=knowable_auroc(TRUTH, end))
    assert found.loss < 0.01
    assert found.knobs.headroom == pytest.approx(TRUTH.headroom, abs=0.05)
    assert found.knobs.visible_difficulty == pytest.approx(TRUTH.visible_difficulty, abs=0.05)
    for method in ("RLVR", "RLCR"):
        truth, ours = predicted(TRUTH, method).row(), predicted(found.knobs, method).row()
        assert ours == pytest.approx(truth, abs=0.03)


@pytest.mark.slow
def test_the_procedure_gives_the_stored_knobs() -> None:
    for trained_on in IN_DISTRIBUTION:
        found = fitted_knobs(
            published(trained_on, "Base"),
            final_accuracy=published(trained_on, "RLVR").accuracy,
            classifier_auroc=published(trained_on, "RLVR-Classifier").auroc,
        )
        stored = stored_knobs()["all", trained_on]
        assert found.loss == pytest.approx(stored.loss, abs=0.01)
        for name in ("head_start", "constant", "slope", "stated_noise", "headroom"):
            assert getattr(found.knobs, name) == pytest.approx(
                getattr(stored.knobs, name), rel=0.01
            )


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_the_table_of_variants_on_the_page_is_computed(variant: str) -> None:
    some = [one for one in predictions(variant) if one.in_distribution]
    error = prediction_errors(some)
    of = "all" if variant == "noise unlearned" else variant
    losses = " | ".join(f"{stored_knobs()[of, t].loss:.1f}" for t in IN_DISTRIBUTION)
    wrong = ", ".join(f"{p.trained_on} {p.method} {p.metric}" for p in some if not p.agrees)
    assert (
        f"| {variant} | {losses} | {error.agree} of {error.cells} | {error.mean:.3f} |"
        f" {error.largest:.3f} | {wrong} |"
    ) in PAGE.read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_table_of_ranges_on_the_page_is_computed() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for both in zip(*(noise_ranges(trained_on) for trained_on in IN_DISTRIBUTION), strict=True):
        cells = " | ".join(
            f"{one.predicted:.3f} ({one.low:.2f} to {one.high:.2f}) | {one.published:.3f}"
            for one in both
        )
        assert f"| {both[0].method} {both[0].metric} | {cells} |" in page
