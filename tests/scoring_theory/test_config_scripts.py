"""Launch commands in shell scripts: words, arrays and branches as a shell has them, unexecuted."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random
from shutil import which

import pytest

from scoring_theory.configs import ConfigReading, read_config
from scoring_theory.configs.shell import UNTOLD, UNTOLD_WORDS, as_written, commands
from simulations.cli import main

TRL = "trl grpo --scale_rewards none --num_generations 8"
VERL = "python -m verl.trainer.main_ppo algorithm.adv_estimator=rloo actor_rollout_ref.rollout.n=4"
ACC = "algorithm.filter_groups.enable=True algorithm.filter_groups.metric=acc"
OPENRLHF = (
    "python -m openrlhf.cli.train_ppo_ray --algo.advantage.estimator rloo"
    " --rollout.n_samples_per_prompt 4 --algo.kl.init_coef 0.0"
)


def script(folder: Path, text: str) -> Path:
    file = folder / "run.sh"
    file.write_text(text, encoding="utf-8")
    return file


def read(folder: Path, text: str) -> ConfigReading:
    return read_config(script(folder, text))


@pytest.mark.parametrize(
    "text",
    [
        f'EXTRA="--scale_rewards group"\n{TRL} $EXTRA',
        f"EXTRA='--bf16 --scale-rewards group'\n{TRL} ${{EXTRA}}",
        f'ARGS=( --scale_rewards\n  group  # why not\n)\n{TRL} "${{ARGS[@]}}"',
        f"ARGS=(--bf16)\nARGS+=(--scale_rewards group)\n{TRL} ${{ARGS[*]}} 2>&1 | tee log",
        f'A="--scale_rewards"; B=group\n{TRL} $A $B',
        f'A="--scale_rewards"\nA+=" group"\nexport ALL="--bf16 $A"\n{TRL} $ALL',
        f'set -- --scale_rewards group\n{TRL} "$@"',
        f"{TRL} ${{EXTRA:---scale_rewards group}}",
        f': "${{SCALE:=group}}"\n{TRL} --scale_rewards $SCALE',
        f"SCALE=none\nif true; then\n  SCALE=group\n  {TRL} --scale_rewards $SCALE\nfi",
        f"cat > notes <<EOF\ndon't\nEOF\n(cd x && {TRL} --scale_rewards group)",
    ],
)
def test_words_that_variables_bring_are_options(text: str, tmp_path: Path) -> None:
    """What overrides `--scale_rewards none` must be seen."""
    reading = read(tmp_path, text)
    assert reading.trainer.estimator == "group_std"
    assert (reading.outcome(), reading.not_read) == ("refuted", ())


@pytest.mark.parametrize(
    "text",
    [
        f'F="{ACC}"\n{VERL} $F',
        f'F="True algorithm.filter_groups.metric=acc"\n{VERL} algorithm.filter_groups.enable=$F',
        f'F=({ACC})\n{VERL} "${{F[@]}}"',
        f'F=({ACC})\nCOMMAND="{VERL}"\n$COMMAND ${{F[@]}}',
    ],
)
def test_overrides_that_variables_bring_are_read(text: str, tmp_path: Path) -> None:
    reading = read(tmp_path, text)
    assert (reading.trainer.keep_outcomes, reading.not_read) == ("mixed", ())
    assert reading.outcome() == "refuted"


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ('if [ "$1" = a ]; then SCALE=group; else SCALE=none; fi', "scale_rewards=$SCALE"),
        ("SCALE=none\nif x; then\n  SCALE=group\nfi", "scale_rewards=$SCALE"),
        ("SCALE=none\n[ -n x ] && SCALE=group", "scale_rewards=$SCALE"),
        ("SCALE=none\n[ -n x ] || { SCALE=group; }", "scale_rewards=$SCALE"),
        ("case $1 in\n a) SCALE=none;;\n *) SCALE=group\nesac", "scale_rewards=$SCALE"),
        ("SCALE=none\nfor SCALE in none group; do x; done", "scale_rewards=$SCALE"),
        ("SCALE=none\nread -r SCALE", "scale_rewards=$SCALE"),
        ("SCALE=none\nf() {\n  SCALE=group\n}\nf", "scale_rewards=$SCALE"),
        ("SCALE=$(cat scale)", "scale_rewards=$(cat scale)"),
        ("SCALE=$1", "scale_rewards=$1"),
        ("", "scale_rewards=$SCALE"),
    ],
)
def test_a_variable_that_a_run_decides_is_not_read(text: str, unclear: str, tmp_path: Path) -> None:
    for word in ("$SCALE", '"$SCALE"', "${SCALE}"):
        reading = read(tmp_path, f"{text}\ntrl grpo --scale_rewards {word}")
        assert reading.unclear == (unclear.replace("$SCALE", word.strip('"')),)
        assert "scale_rewards" not in [setting.name for setting in reading.harmless]


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        (f"{TRL} $EXTRA", ("$EXTRA",)),
        (f"{TRL} --bf16 $EXTRA", ("$EXTRA",)),
        (f'{TRL} "${{EXTRA[@]}}"', ("${EXTRA[@]}",)),
        (f"{TRL} --beta $BETA --output_dir $OUT --seed $(date +%s)", ("beta=$BETA",)),
        (f"{TRL} ${{DEBUG:+--beta 0.1}}", ("${DEBUG:+--beta 0.1}",)),
        (f"{TRL} --config $FILE", ("--config=$FILE",)),
        (f'run() {{\n  {TRL} "$@"\n}}\nrun --scale_rewards group', ("$@ of a function",)),
        (f"{VERL} $EXTRA data.train_files=$HOME/a", ("$EXTRA",)),
        (
            f"{VERL} reward_model.overlong_buffer.enable=$LONG",
            ("reward_model.overlong_buffer.enable=$LONG",),
        ),
        (f"{OPENRLHF} --kl_target $T", ("algo.kl.target=$T",)),
    ],
)
def test_there_is_no_clean_verdict_about_what_is_unclear(
    text: str, unclear: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = script(tmp_path, text)
    reading = read_config(file)
    assert (reading.unclear, reading.not_read) == (unclear, unclear)
    assert reading.outcome() == "undecided"
    assert main(["check", "--config", str(file)]) == 3
    shown = capsys.readouterr().out
    assert "KEEPS" not in shown
    assert f"not read             {', '.join(unclear)}: " in shown
    assert main(["check", "c - (q - c)^2", "--config", str(file)]) == 3
    assert unclear[0] in capsys.readouterr().out


@pytest.mark.parametrize("text", [TRL, VERL, OPENRLHF])
@pytest.mark.parametrize("word", ['"$@"', "$@", "${@}", "$*", '"${@:1}"', '"${@:-x}"'])
def test_the_arguments_of_the_script_may_override_what_is_read(
    text: str, word: str, tmp_path: Path
) -> None:
    """That is said, and the verdict is about a start without them."""
    reading = read(tmp_path, f"{text} {word} 2>&1")
    written = word.strip('"')
    assert (reading.unclear, reading.outcome()) == ((written,), "holds")
    label, sentence = reading.rows()[-1]
    assert label == "not known"
    assert sentence.startswith(f"{written}: arguments with which the script is started")
    cleared = read(tmp_path, f"set --\n{text} {word.replace(':-x', '')}")
    assert (cleared.not_read, cleared.outcome()) == ((), "holds")
    assert cleared == read(tmp_path, text)


def test_arguments_that_are_added_to_known_ones_are_unknown(tmp_path: Path) -> None:
    reading = read(tmp_path, f'set -- --scale_rewards group "$@"\n{TRL} "$@"')
    assert reading.trainer.estimator == "group_std"
    assert (reading.unclear, reading.outcome()) == (("$@",), "refuted")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (VERL.replace("=4", "=$N"), r"`actor_rollout_ref.rollout.n` is \$N, which the script"),
        (VERL.replace("=rloo", "=$1"), r"`algorithm.adv_estimator` is \$1, which the script"),
        (OPENRLHF.replace("rloo", "$1"), r"`algo.advantage.estimator` is \$1, which the script"),
        ("trl grpo --run_name 'a", 'a quotation that is not closed, at "\'a"'),
        ('trl grpo --run_name "a', "a quotation that is not closed"),
        ("trl grpo --run_name ${a", "a bracket that is not closed"),
        ("A=(1 2\ntrl grpo", "a bracket that is not closed"),
        ("${a:-" * 3000 + "}" * 3000, "nested too deeply"),
        ("A=0123456789\n" + "A=$A$A\n" * 60, "too large"),
        ("A=(1 2 3)\n" + 'A=("${A[@]}" "${A[@]}")\n' * 60, "too large"),
    ],
)
def test_scripts_that_cannot_be_read_are_sentences(
    text: str, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=sentence):
        read(tmp_path, text)


def test_the_words_are_those_of_a_shell() -> None:
    """The expected words were printed by bash 5.2, with `printf '[%s]'` in the place of `run`."""
    text = r"""
A=' a  b '; B=(x 'y z' ""); E=; F=()
run $A "$A" x$A'y'
run "${B[@]}" ${B[@]} "${B[*]}" $B ${B[1]} "${B[1]}"
run $E "$E" "${F[@]}" ${F[@]} a"${F[@]}"b
run 'single $A' \$A "q\"u" a#b # comment
run ${E:-x y} "${E:-x y}" ${U-p} ${A:+set} 'don'\''t' $'tab'
run a > out b 2>/dev/null <<< here c &> log
"""
    words = [command[1:] for command in commands(text) if command[:1] == ["run"]]
    assert words == [
        ["a", "b", " a  b ", "x", "a", "b", "y"],
        ["x", "y z", "", "x", "y", "z", "x y z ", "x", "y", "z", "y z"],
        ["", "ab"],
        ["single $A", "$A", 'q"u', "a#b"],
        ["x", "y", "x y", "p", "set", "don't", "tab"],
        ["a", "b", "c"],
    ]


def test_marks_in_the_text_of_a_script_are_none() -> None:
    assert list(commands(f"run {UNTOLD}a{UNTOLD_WORDS}")) == [["run", "a"]]
    assert [as_written(word) for word in next(commands("run $A`b c`"))] == ["run", "$A`b c`"]


WRITTEN = (
    "a", "'b c'", '"d e"', "${A}", '"$A"', "${E}", '"$E"', '"${B[@]}"', "${B[@]}", '"${B[*]}"',
    "${F[@]}", '"${F[@]}"', "${A:-x y}", '"${E:-z w}"', "x${A}", "${A}'y'", '"$@"', "$@", "a#b",
    '"p${B[@]}q"', "${B[1]}", "${B}", "${E:+n}", "${A:+s t}", "=", "{a", '""', "--k=${A}", r"\$A",
)  # fmt: skip


@pytest.mark.skipif(which("bash") is None, reason="compares with bash")
def test_random_words_are_those_that_bash_passes() -> None:
    """A command is named in both; bash prints each of its words, and an empty list as `.`."""
    random = Random(5)
    parts = [
        " ".join("".join(random.choices(WRITTEN, k=random.randint(1, 3))) for _ in range(3))
        for _ in range(400)
    ]
    values = "set --\nA=' a  b '\nB=(x 'y z' \"\")\nE=\nF=()\n"
    lines = "".join(f"run {part}\n" for part in parts)
    prints = "run() { (($#)) && printf '<%s>' \"$@\"; echo .; }\n"
    told = subprocess.run(
        ["bash", "-c", values + prints + lines], capture_output=True, text=True, check=True
    )
    read_here = [command[1:] for command in commands(values + lines) if command[0] == "run"]
    assert told.stdout.splitlines() == [
        "".join(f"<{word}>" for word in words) + "." for words in read_here
    ]
