"""`simulate`, `figures` and `reproduce` on the command line, as small as they go."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scoring_theory.catalogue import Entry
from scoring_theory.checking import check
from scoring_theory.cli import main as without_simulation
from scoring_theory.cli.commands import WITHOUT_SIMULATION
from scoring_theory.cli.parser import WITH_SIMULATION, UsageError
from scoring_theory.cli.paths import LEDGER
from scoring_theory.reward import Reward
from simulations import MECHANISMS
from simulations.cli import COMMANDS, main, system_options
from simulations.cli.chosen_experiments import accepted_abstentions
from simulations.cli.reproduce_command import FILES, RESULTS, print_verdicts
from simulations.laboratory.systems import SYSTEM_TITLES
from tests.support.strategies import rules

Capture = pytest.CaptureFixture[str]
TINY = ("--short", "--replicates", "2", "--steps", "30", "--batch", "8")


def tiny(options: Sequence[str]) -> list[str]:
    """The options, and the sizes of a tiny run that they do not set."""
    sizes = [
        word
        for name, value in zip(TINY[1::2], TINY[2::2], strict=True)
        if name not in options
        for word in (name, value)
    ]
    return [TINY[0], *sizes, *options]


def simulated(capsys: Capture, *options: str) -> list[dict[str, Any]]:
    assert main(["simulate", *tiny(options), "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    assert found["schema"] == 1
    records: list[dict[str, Any]] = found["records"]
    return records


def test_records_say_what_was_done_and_what_came_out(capsys: Capture) -> None:
    (record,) = simulated(capsys, "--reward", "c - (q - c)**2", "--agent", "tabular")
    assert record["name"] == "c - (q - c)**2"
    assert record["agent"] == "tabular"
    assert record["description"]["steps"] == 30
    assert record["steps"][-1] == 30
    assert (
        len(record["in"]["accuracy"]["mean"])
        == len(record["steps"])
        == len(record["out"]["ece"]["sd"])
    )


def test_the_same_seed_is_the_same_run(capsys: Capture) -> None:
    digests = [
        simulated(capsys, "--reward", "binary", "--seed", seed)[0]["digest"]
        for seed in ("1", "1", "2")
    ]
    assert digests[0] == digests[1] != digests[2]


def test_the_coupling_can_be_cut(capsys: Capture) -> None:
    """With the link, binary reward raises stated confidence; without, it stays (`docs/theory.md`,
    section 8).
    """
    options = ("--reward", "binary", "--steps", "400", "--batch", "32")
    both = (simulated(capsys, *options, *more)[0]["in"] for more in ((), ("--no-coupling",)))
    linked, cut = (found["mean_confidence"]["mean"] for found in both)
    assert linked[-1] - linked[0] > 0.05
    assert abs(cut[-1] - cut[0]) < 0.02


def test_without_a_shift_both_worlds_are_one(capsys: Capture) -> None:
    (record,) = simulated(capsys, "--reward", "rlcr", "--shift", "0")
    assert record["in"] == record["out"]


def test_options_reach_the_experiment(capsys: Capture) -> None:
    options = (
        "--estimator",
        "group_std",
        "--outcomes",
        "shared",
        "--group-size",
        "4",
        "--learning-rate",
        "0.5",
    )
    (record,) = simulated(capsys, "--agent", "tabular", "--reward", "c + 0.5*spherical", *options)
    told = record["description"]
    rule = {"estimator": "group_std", "group_size": 4, "learning_rate": 0.5, "batch": 8}
    assert {key: told["training"][key] for key in rule} == rule
    assert told["outcomes"] == "shared"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--agent", "tabular", "--no-coupling"], "of the coupled agent"),
        (
            ["--reward", "spherical2"],
            "the catalogue has no entry 'spherical2'; did you mean spherical",
        ),
        (["--reward", "pseudospherical"], '`--reward "c + pseudospherical"`'),
        (["--reward", "binary", "--reward", "binary"], "given twice"),
        (["--group-size", "1"], "`group_size` must be at least 2"),
        (["--update", "replicator"], "replicator"),
        (["--replicates", "0"], "expected a whole number of at least 1, got '0'"),
        (["--learning-rate", "nan"], "expected a number"),
        (["--batch", "1_0"], "expected a whole number of at least 1, got '1_0'"),
        (["--entropy", "\u0661"], "expected a number of at least 0"),
        (["--false-negative", "1"], "in this world all answers to a question are right alike"),
        (["--agent", "gpt"], "invalid choice"),
        (["--reward", "1/(q - c)"], "inf"),
        (
            ["--agent", "tabular", "--batch", "1000"],
            "`batch` must be at most the number of questions 256, got 1000",
        ),
        (["--solve-rates", __file__], "--solve-rates is an option of the agents without features"),
        (["--agent", "tabular", "--solve-rates", "no-such.csv"], "no such file"),
        (["--without"], "needs the name of a system"),
        (
            ["--agent", "tabular", "--stated-noise", "1"],
            "--stated-noise is an option of the coupled agent; got --agent tabular",
        ),
        (["--update", "natural"], 'the coupled agent does not support the update "natural"'),
        (["--agent", "tabular", "--epochs", "2"], 'only the update "ppo" has several epochs'),
        (["--agent", "continuous", "--update", "natural"], 'does not support the update "natural"'),
        (
            ["--agent", "continuous", "--learning-rate", "1e300"],
            "training diverged: `learning_rate` 1e+300 is too",
        ),
        (
            ["--agent", "self-probability", "--no-coupling"],
            "got --agent self-probability",
        ),
        (
            ["--agent", "tabular", "--reward", "rlcr", "--abstain", ".3", "--update", "replicator"],
            "the replicator needs",
        ),
        (["--abstain", "lots"], "expected a number or `truthrl`, got 'lots'"),
        (["--abstain", "nan"], "expected a number or `truthrl`, got 'nan'"),
        (
            ["--reward", "truthrl", "--abstain", "1.5"],
            "the smallest and the largest expected reward of 'truthrl', from -1 to 1; got 1.5",
        ),
        (["--disagreement", "2"], "at least 0 and at most 1, got '2'"),
        (["--preset", "openrlhf_default"], "invalid choice"),
        (["--false-positive", "0.2", "--shift", "nan"], "expected a number"),
        (["luck"], "knows no 'luck'"),
        (
            ["sampling-noise"],
            "a fixed experiment, so it cannot be combined with --steps, --batch",
        ),
        (["--false-positive", "1.5"], "at least 0 and at most 1, got '1.5'"),
    ],
)
def test_faults_are_sentences(capsys: Capture, options: list[str], words: str) -> None:
    assert main(["simulate", *tiny(options)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("scoring-theory: ")
    assert words in captured.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), False),
        (("--abstain", "0.3"), True),
        (("--false-positive", "0.2"), True),
        (("--shift", "0"), False),
    ],
    ids=str,
)
def test_the_table_says_when_it_shows_what_is_paid_and_not_what_is_true(
    capsys: Capture, options: tuple[str, ...], said: bool
) -> None:
    assert main(["simulate", *TINY, "--agent", "tabular", "--reward", "rlcr", *options]) == 0
    shown = capsys.readouterr().out
    assert ("are measured by the verifier of training" in shown) == said
    assert ("pays abstentions" in shown) == ("--abstain" in options)


def test_a_single_seed_has_no_spread_and_is_one_seed(capsys: Capture, tmp_path: Path) -> None:
    picture = str(tmp_path / "noise")
    name = "sampling-noise"
    assert main(["simulate", name, "--replicates", "1", "--json", "--figure", picture]) == 0
    for side in json.loads(capsys.readouterr().out)["systems"]:
        (finding,) = side["findings"]
        assert (finding["measured"], finding["standard_error"]) == (None, None)
    assert main(["simulate", name, "--replicates", "1"]) == 0
    assert "with, 1 run\n" in capsys.readouterr().out
    assert (
        main(["simulate", "--short", "--steps", "2", "--replicates", "1", "--reward", "rlcr"]) == 0
    )
    assert "after 2 steps, one run\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--agent", "self-probability"), {"agent": {"kind": "self-probability", "levels": 1001}}),
        (("--agent", "tabular", "--levels", "101"), {"agent": {"levels": 101}}),
        (
            ("--preset", "verl_default"),
            {"estimator": "group_std", "std_epsilon": 1e-6, "update": "ppo", "batch": 8},
        ),
        (("--preset", "rlcr", "--estimator", "none"), {"estimator": "none", "update": "ppo"}),
        (
            ("--agent", "continuous", "--preset", "verl_default"),
            {"estimator": "group_std", "std_epsilon": 1e-6},
        ),
        (
            ("--agent", "tabular", "--update", "ppo", "--epochs", "3", "--kl", "0.1"),
            {"epochs": 3, "kl": 0.1},
        ),
        (
            ("--agent", "tabular", "--update", "natural", "--entropy", "0.1"),
            {"update": "natural", "entropy": 0.1},
        ),
        (
            ("--right-weight", "0", "--wrong-weight", "0.5"),
            {"right_weight": 0.0, "wrong_weight": 0.5},
        ),
        (("--estimator", "batch_std"), {"estimator": "batch_std", "components": []}),
        (
            ("--abstain", "0.25"),
            {"elsewhere": {"abstain": 7}, "world": {"abstain": 7, "view": "paid"}},
        ),
    ],
    ids=str,
)
def test_every_choice_of_the_laboratory_can_be_typed(
    capsys: Capture, options: tuple[str, ...], told: dict[str, Any]
) -> None:
    (record,) = simulated(capsys, "--reward", "rlcr", *options)
    for name, value in told.items():
        described = record["description"]
        found = {**described["training"], **described}[name]
        assert (
            {key: found[key] for key in value} == value
            if isinstance(value, dict)
            else found == value
        )
    (plain,) = simulated(capsys, "--reward", "rlcr", *options[: 2 * (options[0] == "--agent")])
    assert (len(options) == 2 and options[0] == "--agent") or record["digest"] != plain["digest"]


@pytest.mark.parametrize(
    ("agent", "reward", "payoff", "chance"),
    [
        ("tabular", "binary", "0.3", 0.3),
        ("coupled", "binary", "truthrl", 0.5),
        ("tabular", "truthrl", "0.2", 0.6),  # 2 x - 1 = .2
        ("coupled", "rlcr", "0.36", 0.6),  # x^2 = .36
        ("tabular", "c + log", "0", 0.6484),  # x + x log x + (1 - x) log(1 - x) = 0, beside x = 0
    ],
)
def test_abstentions_are_told_apart_from_answers(
    capsys: Capture, agent: str, reward: str, payoff: str, chance: float
) -> None:
    """Against the metrics of training, which are counted by another way through the kernels.

    In truth an abstention is never correct, so accuracy = coverage - hallucination; to the verifier
    it is correct with the probability x, V(x) = A, so accuracy rises by x (1 - coverage).
    """
    (record,) = simulated(capsys, "--agent", agent, "--reward", reward, "--abstain", payoff)
    for side, paid in (("in", chance), ("out", 0.0)):
        found = {name: values["mean"] for name, values in record["abstention"][side].items()}
        assert found.keys() == {"coverage", "hallucination", "selective_accuracy"}
        for at in (0, -1):
            coverage, hallucination = found["coverage"][at], found["hallucination"][at]
            assert 0 < hallucination < coverage < 1
            counted = record[side]["accuracy"]["mean"][at]
            expected = coverage - hallucination + paid * (1 - coverage)
            assert counted == pytest.approx(expected, abs=5e-5 if reward == "c + log" else 1e-9)
    assert record["description"]["elsewhere"]["abstain"] is not None


@pytest.mark.slow
@given(found=rules(proper=("strict", "weak")), part=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_an_abstention_earns_what_was_typed(found: tuple[Entry, Reward], part: float) -> None:
    """V(x) = A for every proper reward, at the larger of two x."""
    _, reward = found
    p = np.linspace(0, 1, 201)
    values = reward.value(p)
    assume(np.isfinite(values).all())
    payoff = float(values.min() + part * (values[-1] - values.min()))
    if values[-1] <= values.min():  # V falls: a score, which no abstention suits
        assume(False)
    chance = accepted_abstentions("it", reward, payoff)
    assert chance is not None
    assert float(reward.value(chance)) == pytest.approx(payoff, abs=1e-6 * (1 + abs(payoff)))
    assert (reward.value(p[p > chance + 1e-6]) >= payoff - 1e-9).all()
    for outside in (float(values[-1]) + 0.01, float(values.min()) - 0.01):
        with pytest.raises(UsageError, match="must lie between"):
            accepted_abstentions("it", reward, outside)


def test_truthrl_is_the_binary_reward_with_half_for_an_abstention(capsys: Capture) -> None:
    """2c - 1 and 0 are twice c and 1/2, less 1: at half the learning rate the same training."""
    options = ("--agent", "tabular", "--abstain", "truthrl")
    (named,) = simulated(capsys, *options, "--reward", "truthrl", "--learning-rate", "0.25")
    (plain,) = simulated(capsys, *options, "--reward", "binary", "--learning-rate", "0.5")
    for name, values in named["abstention"]["in"].items():
        assert values["mean"] == pytest.approx(plain["abstention"]["in"][name]["mean"], abs=1e-9)


def test_the_table_of_abstentions_is_measured_by_the_truth(capsys: Capture) -> None:
    options = ["--agent", "tabular", "--reward", "binary", "--abstain", "0.5"]
    assert main(["simulate", *TINY, *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    (head,) = [line for line in lines if "coverage out" in line]
    assert "selective accuracy" in head
    assert len([line for line in lines if line.startswith("binary")]) == 2


def test_neither_a_verifier_nor_a_drift_hides_the_truth_about_abstentions(capsys: Capture) -> None:
    """Measured in distribution as out of distribution, where both have the same truth."""
    options = ("--agent", "tabular", "--reward", "binary", "--abstain", "0.5")
    (erring,) = simulated(capsys, *options, "--false-positive", "0.3", "--shift", "0")
    told = erring["abstention"]
    assert told["in"] == told["out"]
    assert erring["in"]["accuracy"] != erring["out"]["accuracy"]
    # the drift lowers all log-odds by 1, as the world out of distribution has them from the start
    (drifting,) = simulated(capsys, *options, "--drift", "1")
    start, end = (
        [drifting["abstention"][side]["hallucination"]["mean"][at] for side in ("in", "out")]
        for at in (0, 1)
    )
    assert start[0] < start[1] - 0.01
    assert end[0] == pytest.approx(end[1])


def test_gdpo_takes_correctness_and_the_rest_of_a_typed_reward_apart(capsys: Capture) -> None:
    (record,) = simulated(
        capsys, "--agent", "tabular", "--reward", "c - (q - c)^2", "--estimator", "component_std"
    )
    parts = record["description"]["components"]
    assert [part[:2] for part in parts] == [["correctness", 1.0], ["the rest", 1.0]]
    assert Reward.parse(parts[0][2]) == Reward.parse("c")
    assert Reward.parse(parts[1][2]) == Reward.parse("-(q - c)^2")


def test_annotators_and_a_drift_change_what_is_true(capsys: Capture) -> None:
    options = ("--agent", "tabular", "--reward", "binary", "--shift", "0")
    (plain,) = simulated(capsys, *options)
    (torn,) = simulated(capsys, *options, "--disagreement", "1")
    assert torn["description"]["world"]["best_accuracy"] == pytest.approx(1 / 7)
    assert torn["in"] == torn["out"] != plain["in"]
    (moved,) = simulated(capsys, *options, "--drift", "2")
    start, end = (
        moved["in"]["accuracy"]["mean"][i] / moved["out"]["accuracy"]["mean"][i] for i in (0, -1)
    )
    assert (start, end < 0.6) == (1.0, True)


def test_a_table_and_a_figure(capsys: Capture, tmp_path: Path) -> None:
    assert (
        main(["simulate", *TINY, "--reward", "c + log", "--figure", str(tmp_path / "curves")]) == 0
    )
    printed = capsys.readouterr().out
    assert "(start)" in printed
    assert "replaces the reward -inf when wrong at 1" in printed
    assert {path.suffix for path in tmp_path.iterdir()} == {".pdf", ".png", ".csv"}


def shown(capsys: Capture, *options: str) -> list[dict[str, Any]]:
    assert main(["simulate", "--short", "--json", *options]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found: list[dict[str, Any]] = json.loads(captured.out)["systems"]
    return found


COSTLY = ("coupling", "sampling-noise", "verifier-noise")
"""More CPU time than the others; `test_a_short_mechanism_still_shows` runs all mechanisms."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in COSTLY))
        for name in MECHANISMS
        if name in SYSTEM_TITLES
    ],
)
def test_every_mechanism_is_one_command_and_vanishes_with_one_flag(
    capsys: Capture, name: str
) -> None:
    (on,), (off,) = shown(capsys, name), shown(capsys, name, "--without")
    assert (on["without"], off["without"]) == (False, True)
    effect, none = on["findings"][0], off["findings"][0]
    assert 0 <= effect["standard_error"] < 0.02
    for one in (effect, none):
        assert one["measured"] == pytest.approx(one["exact"], abs=0.03)
    if name != "verifier-noise":  # a system of its own, with other findings
        assert abs(none["measured"]) < 0.12 * effect["measured"]


def test_a_mechanism_takes_replicates_and_a_seed(capsys: Capture) -> None:
    (one,) = shown(capsys, "coupling", "--replicates", "2", "--seed", "5")
    (other,) = shown(capsys, "coupling", "--replicates", "2", "--seed", "6")
    assert one["runs"] == 2
    assert one["findings"][0]["measured"] != other["findings"][0]["measured"]


@pytest.mark.parametrize(
    "option", [("--shift", "0"), ("--reward", "log"), ("--agent", "coupled"), ("--no-coupling",)]
)
def test_a_mechanism_refuses_what_would_make_it_another_experiment(
    capsys: Capture, option: tuple[str, ...]
) -> None:
    assert main(["simulate", "shift", *option]) == 2
    assert capsys.readouterr().err.endswith(f"it cannot be combined with {option[0]}\n")


def test_a_mechanism_is_told_in_words_and_drawn_with_and_without(
    capsys: Capture, tmp_path: Path
) -> None:
    assert main(["simulate", "--short", "estimator", "--figure", str(tmp_path / "one")]) == 0
    printed, told = capsys.readouterr()
    assert "Without it: the group mean is subtracted, without division by the" in printed
    rows = [line for line in printed.splitlines() if line.startswith("confidence minus")]
    assert [row.split()[-2] for row in rows] == ["0.300", "0.002"]
    assert "with, 4 runs\n" in printed
    assert "without, 4 runs\n" in printed
    assert told == f"wrote {tmp_path / 'one'}.pdf, {tmp_path / 'one'}.png, {tmp_path / 'one'}.csv\n"
    assert {path.name for path in tmp_path.iterdir()} == {"one.pdf", "one.png", "one.csv"}


def test_help_shows_every_mechanism_its_switch_and_a_figure(capsys: Capture) -> None:
    assert main(["simulate", "--help"]) == 0
    printed = capsys.readouterr().out
    for words in (
        "--list",
        "--without",
        "--figure out/coupling",
    ):
        assert words in printed


def test_questions_come_from_a_file_of_solve_rates(capsys: Capture, tmp_path: Path) -> None:
    path = tmp_path / "rates.csv"
    path.write_text("question,solve_rate\na,0.5\nb,0.25\nc,0.75\n")
    options = [
        "simulate",
        *TINY[:3],
        "--steps",
        "5",
        "--agent",
        "tabular",
        "--reward",
        "rlcr",
        "--json",
    ]
    assert main([*options, "--solve-rates", str(path)]) == 0
    told = json.loads(capsys.readouterr().out)["records"][0]["description"]
    assert (
        told["world"]["questions"],
        told["world"]["best_accuracy"],
        told["training"]["batch"],
    ) == (3, 0.5, 3)
    assert told["elsewhere"]["recipe"]["wrappers"] == [{"competence_shift": 1.0}]
    continuous = ["--agent", "continuous", "--levels", "21", "--solve-rates", str(path)]
    assert main([*options[:4], "--steps", "5", "--reward", "rlcr", "--json", *continuous]) == 0
    agent = json.loads(capsys.readouterr().out)["records"][0]["description"]["agent"]
    assert (agent["kind"], agent["levels"]) == ("continuous", 21)
    path.write_text("solve_rate\n0.5\n7\n")
    assert main([*options, "--solve-rates", str(path)]) == 2
    assert "got '7' in line 3 of rates.csv" in capsys.readouterr().err


def test_a_verifier_that_errs_is_believed_in_training_and_found_out_in_the_truth(
    capsys: Capture,
) -> None:
    options = ("--agent", "tabular", "--reward", "binary", "--shift", "0", "--steps", "3")
    (true,) = simulated(capsys, *options)
    (fooled,) = simulated(capsys, *options, "--false-positive", "0.25", "--false-negative", "0.1")
    assert true["in"] == true["out"]
    right, paid = fooled["out"]["accuracy"]["mean"][0], fooled["in"]["accuracy"]["mean"][0]
    assert paid == pytest.approx(0.9 * right + 0.25 * (1 - right))
    assert right == pytest.approx(true["in"]["accuracy"]["mean"][0])


def test_the_verdict_table_tells_ties_from_failures(capsys: Capture) -> None:
    rewards = {
        "binary": "c",
        "rlcr": "c - (q - c)^2",
        "double": "c - 2*(q - c)^2",
        "linear": "c - abs(q - c)",
    }
    print_verdicts({name: check(text) for name, text in rewards.items()})
    rows = {
        line.split()[0]: line.split()[1:]
        for line in capsys.readouterr().out.splitlines()
        if line.strip()
    }
    assert rows["binary"][:3] == ["only", "weakly", "weakly"]
    assert rows["rlcr"] == ["holds", "strictly", "proved", "0", "1", "-", "-"]
    assert rows["double"] == ["refuted", "strictly", "refuted", "-1", "1/2", "1/4", "1/2"]
    assert rows["linear"][:2] == ["refuted", "no"]


@pytest.mark.slow
def test_reproduce_leaves_everything_behind(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCORING_THEORY_DATA", raising=False)
    assert main(["reproduce", "--short", "--out", str(tmp_path / "new" / "out")]) == 0
    printed = capsys.readouterr().out
    assert "the log is a synthetic example" in printed
    names = {path.name for path in (tmp_path / "new" / "out").iterdir()}
    assert names == {
        *RESULTS,
        *FILES,
        LEDGER,
    }, "what is written is what was looked for before the work began"
    assert all(f"\n{name} " in printed for name in MECHANISMS)
    drawn = {Path(name).stem for name in names if name.endswith(".png")}
    assert {
        "before-training",
        "reliability",
        "earned",
        "drift-coupled",
        "drift-tabular",
        "mechanisms",
    } <= drawn
    assert {f"{stem}{kind}" for stem in drawn for kind in (".pdf", ".csv")} <= names


def test_a_named_but_missing_log_is_not_replaced(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invented log in place of a recorded one that cannot be found would pass for it."""
    monkeypatch.setenv("SCORING_THEORY_DATA", str(tmp_path))
    assert main(["figures", "--short", "--out", str(tmp_path / "out")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_a_word_for_an_effect_leads_to_the_systems_that_show_it(capsys: Capture) -> None:
    for word, names in system_options.SYNONYMS.items():
        assert set(names) <= set(SYSTEM_TITLES), word
    assert main(["simulate", "overconfidence"]) == 2
    assert "did you mean coupling or estimator?" in " ".join(capsys.readouterr().err.split())


def test_a_transformer_is_trained_by_one_option(capsys: Capture) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    options = ["--agent", "transformer", "--short", "--steps", "2", "--reward", "rlcr"]
    assert main(["simulate", *options, "--json"]) == 0
    (record,) = json.loads(capsys.readouterr().out)["records"]
    assert record["description"]["agent"]["parameters"] > 1e5
    assert record["description"]["world"]["questions"] == 171
    assert record["description"]["elsewhere"]["questions"] == 85
    assert main(["simulate", *options, "--questions", "9"]) == 2
    assert "has questions of its own, without --questions" in capsys.readouterr().err
    assert main(["simulate", *options, "--shift", "0.2", "--false-positive", "0.1"]) == 0


def test_without_pytorch_it_is_said_how_to_install_it(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from simulations.transformer.network import pytorch

    pytorch.cache_clear()
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["simulate", "--agent", "transformer"]) == 2
    assert "scoring-theory[transformer]" in capsys.readouterr().err
    pytorch.cache_clear()


def test_the_program_without_simulations_says_which_has_them(capsys: Capture) -> None:
    assert set(WITH_SIMULATION) == set(COMMANDS) - set(WITHOUT_SIMULATION)
    for name in WITH_SIMULATION:
        assert without_simulation([name, "majority"]) == 2
        said = " ".join(capsys.readouterr().err.split())
        assert f"python -m simulations {name}" in said
        assert f"scoring-theory {name}" in said
    assert without_simulation(["simulat"]) == 2
    assert "unknown command 'simulat'" in capsys.readouterr().err
