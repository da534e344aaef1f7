"""`make systems`: write docs/systems.md from the systems of the laboratory and their lessons.

The lesson of a system is the docstring of its module, whose examples are run with the tests.
"""

from __future__ import annotations

import ast
import builtins
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

from simulations.laboratory.system import System
from simulations.laboratory.systems import SYSTEM_TITLES, find_system, module_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "systems.md"
COVERAGE = (
    ("drift under a binary reward, in distribution", "simulate coupling"),
    ("the same, out of distribution", "simulate shift"),
    ("RLCR (Brier): what is proved", 'check "c - (q - c)^2"'),
    ("any bounded proper score as a reward", "rules"),
    ("the log score, which fails", 'check "c + log(1 - abs(q - c))"'),
    ("RLSF: the model's own confidence as the reward", "simulate rlsf"),
    ("correctness combined with own confidence", "simulate self-confidence"),
    ("reward-model ensembles (BRME)", "simulate brme"),
    ("contrastive rewards", "simulate contrastive"),
    ("combinations: no single fix", "simulate combinations"),
    ("abstention", "simulate abstention"),
    ("what honesty costs in training time", "simulate learning-speed"),
    ("step-level confidence", "simulate steps"),
    ("entropy collapse and its remedies", "simulate entropy"),
    ("annotators who disagree", "simulate disagreement"),
    ("prediction against decision", "simulate decision-gap"),
    ("utility weighting", "simulate utility"),
    ("retrieval triggered by low confidence", "simulate retrieval"),
    ("semantic entropy", "simulate semantic-entropy"),
    ("confidence-weighted votes", "simulate votes"),
    ("positive and negative reinforcement", "simulate reinforce-sign"),
    ("rubrics", "simulate rubric"),
    ("self-training on majority votes", "simulate majority"),
    ("soft verifiers", "simulate soft-verifier"),
    ("reasoning judges", "simulate reasoning-judge"),
    ("verifiers that err", "simulate verifier-noise"),
    ("best of N and preference pairs from rewards", "simulate selection"),
    ("separate credit for answer and confidence tokens", "simulate separate-credit"),
    ("the drift of single runs", "simulate sampling-noise"),
    ("division by the standard deviation of the group", "simulate estimator"),
)
"""Every system around the reward, what else can be asked about one, and the command of each."""
WORLD_OPTIONS = (
    ("number of questions and of answers", "simulate --agent tabular --questions 64 --answers 4"),
    ("solve rates of a model, from a file", "simulate --agent tabular --solve-rates rates.csv"),
    ("headroom", "simulate --headroom 1"),
    ("sharpness", "simulate --sharpness 2"),
    ("visible and hidden difficulty", "simulate --visible-difficulty 0.4"),
    ("several right answers, always right", "simulate --agent tabular --right-answers 3"),
    ("traces of several steps", "simulate --agent tabular --trace-steps 4"),
    ("confidence of each step", "simulate steps --set noise=0.2"),
    ("answers with meanings", "simulate --agent tabular --meanings 2"),
    ("correctness within a group", "simulate --agent tabular --outcomes shared"),
    ("harder out of distribution, unseen", "simulate --shift 2"),
    ("harder out of distribution, seen", "simulate --shift 2 --visible-shift"),
    ("other questions out of distribution", "simulate --shift 0 --covariate-shift 1"),
    ("harder during training", "simulate --agent tabular --drift 1"),
    ("annotators who choose at random", "simulate --agent tabular --disagreement 0.3"),
    ("a distribution of annotators", "simulate disagreement --set agreement=0.6"),
    ("verifier errors a and b", "simulate --false-positive 0.2 --false-negative 0.1"),
    ("the same, measured by the truth", "simulate --signal judge --signal-option a=0.2"),
    ("a learned reward model", "simulate --agent tabular --reward-model 1"),
    (
        "reward heads fitted to finite data",
        "simulate --agent tabular --reward-heads 5 --head-scores 12 --head-alpha 0.5",
    ),
    ("the same, fitted to the policy's answers", "simulate --signal brme --signal-option heads=5"),
    ("a rubric, one criterion exploitable", "simulate --signal rubric --signal-option weight=1"),
    ("graded scores", "simulate --signal graded"),
    ("an abstention", "simulate --agent tabular --abstain 0.3"),
)
"""The options of worlds, and a command for each; a number of a system is set with `--set`."""
_IMPORTS = (ast.Import, ast.ImportFrom)
HEAD = """\
# The systems around the reward

`scoring-theory simulate NAME` runs one system: it prints the effect, measured over independent
runs with its standard error, beside its exact value (a closed form, an enumeration of policy x
truth, or the mean field, whose bias for a finite step is stated and halves with the learning
rate: `--half-rate`). `--without` removes the mechanism, and the effect goes with it. `--set
NAME=VALUE` changes a number, `--figure` draws both sides, `--short` is a quick preview. `simulate
all --short` shows every effect in one table.

In Python, `find_system(NAME).run(scale="short", without=False, knobs={...})` of
`simulations.laboratory.systems` returns the same numbers.

This page is written by `make systems` from the systems themselves.
"""


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


def page() -> str:
    """The text of docs/systems.md."""
    rows = [
        "## What can be run",
        "",
        "| system | command |",
        "|---|---|",
        *(f"| {system} | `scoring-theory {command}` |" for system, command in COVERAGE),
    ]
    rows += [
        "",
        "## What a world can be",
        "",
        "An option makes sense in any experiment if its command has no name of a system; otherwise"
        " it is a number",
        "of that system. Options can be combined; what cannot be is refused in a sentence.",
        "",
        "| option of the world | command |",
        "|---|---|",
        *(f"| {option} | `scoring-theory {command}` |" for option, command in WORLD_OPTIONS),
        "",
        "Questions can also be made of tokens, for a small transformer in place of a table:"
        " `scoring-theory simulate --agent transformer` takes the same",
        "rewards, learning rules and signals, and asks about a third of the questions that it was"
        " never trained on",
        "([simulation.md](simulation.md#a-transformer),"
        " [evidence.md](evidence.md#from-the-bandit-to-a-transformer)).",
    ]
    sections = [section(find_system(name)) for name in SYSTEM_TITLES]
    return "\n".join([HEAD, *rows, "", *sections])


def section(system: System) -> str:
    """The lesson of one system, what can be set, its source, and whether it agrees."""
    knobs = "; ".join(f"`{k.name}` ({k.default:g}): {k.meaning}" for k in system.knobs)
    points = {
        "**Without it** (`--without`)": system.switch + ".",
        "**Can be set** (`--set`)": knobs and knobs + ".",
        "**Source**": system.source + ".",
        "**The paper**": system.verdict,
    }
    listed = "\n".join(f"- {point}: {text}" for point, text in points.items() if text)
    title = f"## `{system.name}`: {SYSTEM_TITLES[system.name]}"
    parts = [title, system.story, lesson(system.name), listed]
    return "\n\n".join(filter(None, parts)) + "\n"


def lesson(name: str) -> str:
    """The docstring of the module of a system without its title, with its examples as code.

    The lesson of a module of several systems stands at the first of them.
    """
    if name != next(other for other in SYSTEM_TITLES if module_of(other) == module_of(name)):
        return ""
    module = import_module(module_of(name))
    body = str(module.__doc__).partition("\n")[2].strip("\n")
    return re.sub(
        r"(?m)(^    .*\n?(?:\n(?=    ))?)+", lambda found: _fence(found[0], module), body
    ).strip()


def _fence(text: str, module: ModuleType) -> str:
    """Indented lines as a block; code first imports what it uses of its own module."""
    lines = [line[4:] for line in text.strip("\n").splitlines()]
    if not lines[0].startswith(">>>"):
        return "\n".join(["```text", *lines, "```", ""])
    code = "\n".join(line[4:] for line in lines if line.startswith((">>> ", "... ")))
    tree = list(ast.walk(ast.parse(code)))
    bound = {alias.asname or alias.name for node in tree if isinstance(node, _IMPORTS)
             for alias in node.names}  # fmt: skip
    words = {node.id for node in tree if isinstance(node, ast.Name)} - bound - set(dir(builtins))
    used = sorted(word for word in words - {"np"} if hasattr(module, word))
    own = [">>> import numpy as np"] if "np" in words else []
    own += [f">>> from {module.__name__} import {', '.join(used)}"] if used else []
    return "\n".join(["```python", *own, *lines, "```", ""])


if __name__ == "__main__":
    main()
