"""Cards say what `check` says, escape every text, ask no host for anything, and do not change."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from proofs.kernel.verifier import verify
from scoring_theory import CATALOGUE, TRAINERS, Card, Reward, card, check
from scoring_theory.cards import (
    TrainingCurve,
    card_html,
    card_markdown,
    certificate_digest,
    threshold_texts,
    trainer_effects,
)
from scoring_theory.cards.atlas import atlas_index, atlas_readme, atlas_row
from scoring_theory.pages import adaptive
from scoring_theory.plotting.card_page import card_figures, card_pdf
from simulations.cli import main
from simulations.trained_card import with_training
from tests.programs import write_atlas
from tests.support.pages import attributes_of, parsed

HOSTILE = '<script>alert("x")</script> | **bold** `code` $x$ &amp;'
CURVE = TrainingCurve("two steps", (0, 1, 2), (0.2, 0.3, 0.5), (0.8, 0.7, 0.6), (0.6, 0.4, 0.1))
SOME = {name: TRAINERS[name] for name in ("rloo", "rlcr", "trl_default", "trl_rloo")}
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def rlcr() -> Card:
    return card("rlcr", trainers=SOME, training=CURVE)


# ---------------------------------------------------------------- what a card says


def test_trainers_with_the_same_effect_stand_together_and_harmless_ones_first(rlcr: Card) -> None:
    """RLCR: a mean keeps the optimum (Theorem 31), a KL penalty in the reward moves it (Theorem
    54), the standard deviation of the group drives confidence to 0 or 1 (Theorems 25 to 30).
    """
    found = {effect.trainers: effect for effect in rlcr.effects}
    assert list(found) == [("rloo", "rlcr"), ("trl_rloo",), ("trl_default",)]
    kept, penalised, divided = found.values()
    assert kept.keeps
    assert (kept.bias, kept.example) == (0, "")
    assert penalised.penalised
    assert not penalised.keeps
    assert (divided.confidence, divided.answers) == ("refuted", "refuted")
    assert rlcr.worst is divided
    # At p = .3 confidence ends at 0, at .7 at 1: .3 away, farther than at .1, .5 and .9.
    assert (divided.bias, divided.example) == (0.3, "at p = 0.3 confidence ends at 0")


def test_a_reward_without_incentives_on_confidence_has_no_worst_trainer() -> None:
    made = card("binary", trainers=SOME)
    assert made.worst is None
    assert all(one.every for effect in made.effects for one in effect.predictions)


def test_components_are_correctness_and_the_rest() -> None:
    """GDPO normalises each: it destroys the weights (Theorem 33), so the truth is not optimal."""
    (effect,) = trainer_effects(CATALOGUE["rlcr"](), {"gdpo": TRAINERS["gdpo"]})
    assert effect.confidence == "refuted"


def test_a_score_is_trained_beside_correctness() -> None:
    made = card("log", trainers={})
    assert made.beside is not None
    assert made.trained.formula == "c + c*log(q) + (1 - c)*log(1 - q)"
    assert made.claims["strictly proper"].status == "proved"
    assert made.claims["c + S jointly optimal"].status == "refuted"
    # V(p) = p + p log p + (1 - p) log(1 - p): V' = 1 + log(p/(1 - p)) = 0 at p = 1/(1 + e).
    assert threshold_texts(made.trained)[1] == "1/(1 + exp(1))"
    assert "| global failure, c + S |" in card_markdown(made)


def test_a_family_is_shown_at_its_values() -> None:
    made = card("brier_k", parameters={"k": 3}, trainers={})
    assert made.formula == "c - 3*(q - c)^2"
    assert made.family == "c - k*(q - c)^2 with k = 3"
    with pytest.raises(ValueError, match="every parameter needs a value: k has none"):
        card("brier_k", parameters={"k": "0 < k <= 1"}, trainers={})


def test_a_digest_is_that_of_the_certificate_which_the_kernel_accepts() -> None:
    report = check("c - 2*(q - c)^2")
    text = card_markdown(card("c - 2*(q - c)^2", trainers={}))
    for verdict in (report.strictly_proper, report.jointly_optimal):
        certificate = verdict.certificate
        assert certificate is not None
        verify(certificate)
        digest = hashlib.sha256(json.dumps(certificate, sort_keys=True).encode()).hexdigest()
        assert certificate_digest(certificate) == digest
        assert f"| {digest[:16]} |" in text


@pytest.mark.parametrize("key", ["rlcr", "log", "truthrl", "dcpo", "threshold_bet", "beta_family"])
def test_every_number_of_check_is_on_the_card(key: str) -> None:
    made = card(CATALOGUE[key], trainers={})
    page = parsed(card_html(made))
    report = check(made.report.reward)
    assert report.headline() in page.text
    for label, text in report.rows():
        if label not in ("proper", "jointly optimal", "accuracy rewarded"):
            assert text in page.text
    for verdict in (report.proper, report.strictly_proper):
        assert verdict.reason in page.text


# ---------------------------------------------------------------- pages


def test_whatever_a_reward_is_called_is_text() -> None:
    reward = Reward.parse("c - (q - c)^2", name=HOSTILE, source=HOSTILE)
    made = replace(card(reward, trainers={}), notes=HOSTILE, missing=HOSTILE)
    page = parsed(card_html(made, card_figures(made)))
    assert HOSTILE in page.text
    assert not attributes_of(page, "script")
    text = card_markdown(made)
    assert "<script>" not in text
    assert r"\*\*bold\*\*" in text


def test_a_page_asks_no_host_for_anything_and_describes_its_figure(rlcr: Card) -> None:
    page = parsed(card_html(rlcr, card_figures(rlcr)))
    (policy,) = (one["content"] for one in attributes_of(page, "meta") if "http-equiv" in one)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline';")
    assert "script-src" not in policy
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
    images = attributes_of(page, "img")
    assert [image["alt"].partition(".")[0] for image in images] == [
        "Rewards by confidence",
        "Expected reward by success probability",
        "Threshold weight",
        "A short training",
    ]
    # RLCR: R(1, 1) = 1, R(1, 0) = -1; V(1/2) = 1/4; R(t, 1) - R(t, 0) = 2 t.
    assert "with q = 0 and 1 with q = 1; a wrong one 0 and -1." in images[0]["alt"]
    assert "over 0.25 at 1/2 to 1 at 1; it never decreases." in images[1]["alt"]
    assert "is 0.5 at t = 1/4, 1 at 1/2, 1.5 at 3/4." in images[2]["alt"]
    assert "mean confidence from 0.80 to 0.60" in images[3]["alt"]
    assert len(attributes_of(page, "table")) == len(attributes_of(page, "caption")) == 3
    assert len(attributes_of(page, "main")) == 1


def test_a_pdf_has_two_pages_and_is_the_same_again(rlcr: Card) -> None:
    content = card_pdf(replace(rlcr, title=HOSTILE))
    assert card_pdf(replace(rlcr, title=HOSTILE)) == content
    assert len(re.findall(rb"/Type /Page\b", content)) in (1, 2)
    assert b"CreationDate" not in content


def test_a_table_row_of_markdown_keeps_its_columns(rlcr: Card) -> None:
    for block in re.findall(r"(?:^\|.*\n)+", card_markdown(rlcr), flags=re.MULTILINE):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1, block


def test_an_image_is_shortened_and_stays_what_it_is() -> None:
    svg = (
        '<svg width="9"><!-- a --><metadata>\n<x/></metadata>\n <path d="M 1.23456 2.5 \nL -0.004'
        ' 10.000001 " style="stroke: #000000"/><use xlink:href="#STIXGeneral-Regular-1f"/></svg>'
    )
    assert adaptive(svg).partition("</style>")[2] == (
        '\n<path d="M1.23 2.5L-0 10" style="stroke: currentColor"/>'
        '<use xlink:href="#Regular1f"/></svg>'
    )


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "give one reward, or --all DIR"),
        (["rlcr", "--all", "x"], "give one reward, or --all DIR"),
        (["rlrc"], "the catalogue has no entry 'rlrc'; did you mean rlcr"),
        (["2 +"], "expected a number"),
        (["c + lam*brier"], "--param lam=0.5"),
        (["c + lam*brier", "--param", "0 < lam <= 1"], "every parameter needs a value: lam"),
        (["rlcr", "--param", "k=1"], "k"),
        (["rlcr", "-o", "card.txt"], "ends in .html, .md or .pdf"),
        (["rlcr", "-o", "card"], "ends in .html, .md or .pdf"),
        (["rlcr", "--trainer", "trl_defalt"], "did you mean trl_default"),
        (["--all", "x", "--trainer", "grpo"], "--trainer is for one reward"),
        (["__import__('os')"], ""),
    ],
)
def test_bad_input_is_refused_in_a_sentence(
    arguments: list[str],
    sentence: str,
    capsys: Capture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["card", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in " ".join(captured.err.split())
    assert "Traceback" not in captured.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "ending", [".html", pytest.param(".md", marks=pytest.mark.slow),
               pytest.param(".pdf", marks=pytest.mark.slow)],
)  # fmt: skip
def test_the_command_writes_the_same_bytes_again(
    ending: str, tmp_path: Path, capsys: Capture
) -> None:
    paths = [tmp_path / f"{name}{ending}" for name in ("a", "b")]
    for path in paths:
        assert main(["card", "rlcr", "--trainer", "rlcr", "-o", str(path)]) == 0
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    capsys.readouterr()
    assert main(["card", "rlcr", "--trainer", "rlcr", "-o", str(paths[0])]) == 2
    assert "--force" in capsys.readouterr().err


# ---------------------------------------------------------------- the atlas

ATLAS = write_atlas.ATLAS
KINDS = {key: entry.kind for key, entry in CATALOGUE.items()}


def test_the_atlas_has_a_small_page_for_every_entry_and_nothing_else() -> None:
    """`make atlas` writes it."""
    expected = {f"{key}{ending}" for key in CATALOGUE for ending in (".md", ".svg")}
    assert {path.name for path in ATLAS.iterdir()} == {*expected, "README.md"}
    sizes = {path.name: path.stat().st_size for path in ATLAS.iterdir()}
    assert max(sizes.values()) <= 40 * 1024
    assert sum(sizes.values()) < 3_000_000
    for path in ATLAS.glob("*.svg"):
        assert "prefers-color-scheme: dark" in path.read_text(encoding="utf-8")


def agrees(key: str) -> None:
    """The claims, numbers and alternative text of a committed card, and its row of the overview."""
    made = card(CATALOGUE[key], trainers={})
    told = dict(write_atlas.pages(made))[f"{key}.md"]
    written = (ATLAS / f"{key}.md").read_text(encoding="utf-8")
    before_trainers = told.partition("\n\nCheck it again")[0]
    assert written.startswith(before_trainers), key
    overview = (ATLAS / "README.md").read_text(encoding="utf-8")
    (row,) = (line for line in overview.splitlines() if f"]({key}.md)" in line)
    fresh = atlas_readme([made], KINDS)
    assert row.rpartition(" | ")[0] in fresh, key


@pytest.mark.parametrize("key", ["rlcr", "log", "dcpo"])
def test_the_atlas_says_what_check_says(key: str) -> None:
    agrees(key)


@pytest.mark.slow
@pytest.mark.parametrize("key", list(CATALOGUE))
def test_all_of_the_atlas_says_what_check_says(key: str) -> None:
    agrees(key)


@pytest.mark.slow
@pytest.mark.parametrize("key", ["brier_k", "one_sided", "log"])
def test_the_atlas_says_what_trainers_do(key: str) -> None:
    """The last line of numbers is simulated; another processor may round it differently."""
    made = with_training(card(CATALOGUE[key]))
    told = dict(write_atlas.pages(made))[f"{key}.md"]
    written = (ATLAS / f"{key}.md").read_text(encoding="utf-8")
    number = re.compile(r"\b0\.\d\d\b")
    (told_before, told_after), (before, after) = (
        text.split("## A short training") for text in (told, written)
    )
    assert told_before == before
    assert number.sub("#", told_after) == number.sub("#", after)
    for mine, theirs in zip(number.findall(told_after), number.findall(after), strict=True):
        assert float(mine) == pytest.approx(float(theirs), abs=0.021)
    overview = (ATLAS / "README.md").read_text(encoding="utf-8")
    assert atlas_row(made)[-1].replace("_", r"\_") in overview


def test_the_index_sorts_by_a_script_that_its_policy_names(rlcr: Card) -> None:
    made = [rlcr, card("brier_k", trainers={}), card("binary", trainers={})]
    text = atlas_index(made, KINDS)
    page = parsed(text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = (one["content"] for one in attributes_of(page, "meta") if "http-equiv" in one)
    assert policy.endswith(f"script-src 'sha256-{digest}'")
    assert "unsafe-inline'; base-uri" in policy
    assert len(attributes_of(page, "button")) == len(attributes_of(page, "th")) - len(made) == 9
    links = [one["href"] for one in attributes_of(page, "a")]
    assert links == ["rlcr.html", "brier_k.html", "binary.html"]
    keys = [one["data-key"] for one in attributes_of(page, "td") if "data-key" in one]
    # lam*, local and global failure threshold of each: k = 2 halves lam*; 1/4 and 1/2 fail. Any
    # weight of a constant is safe.
    assert keys == ["1", "", "", "0.5", "0.25", "0.5", "1e300", "", ""]
