"""Configurations in files: YAML, and launch commands in shell scripts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from scoring_theory.configs.given import Unresolved
from scoring_theory.configs.shell import UNTOLD_WORDS, as_written, commands, known

_PYTHON = (".py", ".pyw", ".ipynb")
LARGEST = 1_000_000
_LAUNCHERS = {
    "verl": re.compile(r"(?:verl|recipe)[\w.]*\.main_\w+|main_(?:ppo|dapo)\.py"),
    "openrlhf": re.compile(r"openrlhf\.cli\.\w+|train_ppo_ray(?:\.py)?"),
}
_OVERRIDE = re.compile(r"(?:\+{0,2}|~)([A-Za-z_][\w.@/]*)=(.*)", re.DOTALL)
_TAKES_ONE = re.compile(
    r".*(?:name|path|dir|model|tokenizer|pretrain|file|data|dataset|split|size|steps|length|len|rate"
    r"|lr|seed|url|host|port|epochs|episodes|ratio|nodes|gpus|node|project|to|key|config)"
)
"""Options without effect that take one value, so that `--output_dir $OUT` holds no further option.
"""


class Stated(NamedTuple):
    """The settings of a file, and the framework where the file names it.

    Example:
        >>> Stated({"beta": 0}, "trl").framework
        'trl'
    """

    settings: Mapping[str, Any]
    framework: str = ""


def read_settings(path: str | Path) -> Stated:
    """The settings that a YAML file or a launch command in a shell script states.

    Args:
        path: a file with the ending .yaml or .yml (or .json) is read as YAML, any other as a
            script.

    Raises:
        ValueError: it is neither, or it is larger than a megabyte.
        ImportError: YAML needs the extra `configs`.
    """
    file = Path(path)
    content = file.read_bytes()
    if len(content) > LARGEST:
        raise ValueError(f"{file.name} has more than {LARGEST} bytes: it is no configuration")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{file.name} is not a text in UTF-8") from None
    if not text.strip():
        raise ValueError(f"{file.name} is empty: it states no settings")
    if file.suffix.lower() in (".yaml", ".yml", ".json"):
        return Stated(yaml_settings(text))
    try:
        return launched(text, file.parent)
    except ValueError as error:
        if file.suffix.lower() not in _PYTHON:
            raise
        raise ValueError(
            f"{error}. {file.name} is Python, which is not executed here: where it makes the"
            " configuration, such as a GRPOConfig, call read_config(config) with this object"
        ) from None


def yaml_settings(text: str) -> dict[str, Any]:
    r"""The mapping of a YAML text, by the safe loader.

    Raises:
        ValueError: it is not YAML, not a mapping, or a key is given twice in one mapping.
        ImportError: PyYAML is not installed.

    Example:
        >>> yaml_settings("algorithm:\n  adv_estimator: grpo\n")
        {'algorithm': {'adv_estimator': 'grpo'}}
    """
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise ImportError(
            "reading YAML needs PyYAML: install it with pip install 'scoring-theory[configs]'"
        ) from None
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        repeated = _repeated(root)
        read = None if root is None or repeated else loader.construct_document(root)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(f"the file is not YAML: {' '.join(str(error).split())}") from None
    if repeated:
        raise ValueError(repeated)
    if read is None:
        raise ValueError("the file states no settings: it has nothing but comments")
    if not isinstance(read, dict):
        raise ValueError(f"a configuration must be a mapping of settings, got {read!r:.60}")
    return {str(name): value for name, value in read.items()}


def _repeated(root: Any) -> str:
    """A sentence about a key that a mapping of the composed YAML has twice; empty if none has.

    The loader would take the last of two values. A merge (`<<`) may bring a key that is there.
    """
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen or isinstance(node.value, str):
            continue
        seen.add(id(node))
        lines: dict[str, int] = {}
        for each in node.value:
            waiting += each if node.id == "mapping" else [each]
        for key, _ in node.value if node.id == "mapping" else ():
            name, line = str(key.value), key.start_mark.line + 1
            if not isinstance(key.value, str) or name == "<<":
                continue
            if name in lines:
                return (
                    f"the key {name!r:.60} is given twice, in line {lines[name]} and in line"
                    f" {line}: leave one of them, since YAML would take the last alone"
                )
            lines[name] = line
    return ""


def launched(text: str, folder: Path | None = None) -> Stated:
    r"""The settings of the launch command in a shell script; nothing is executed.

    Variables and arrays that the script itself sets are put in; a setting whose value only a run
    would tell, such as `$1`, is an `Unresolved`, and so is a word that may hold further settings.
    `--config FILE` of TRL is read first, and the options of the command override it.

    Args:
        text: the script.
        folder: where `--config FILE` is looked up; None reads no further file.

    Raises:
        ValueError: there is no launch command of TRL, verl or OpenRLHF, or there are several; or a
            quotation is not closed.

    Example:
        >>> script = "N=16\npython -m verl.trainer.main_ppo \\\n  actor_rollout_ref.rollout.n=$N"
        >>> launched(script)
        Stated(settings={'actor_rollout_ref.rollout.n': '16'}, framework='verl')
        >>> launched("trl grpo --scale_rewards none --use_vllm").settings
        {'trainer': 'grpo', 'scale_rewards': 'none', 'use_vllm': True}
    """
    try:
        launches = [_launch(words, folder) for words in commands(text)]
    except RecursionError:
        raise ValueError("the brackets of the script are nested too deeply") from None
    found = [stated for stated in launches if stated is not None]
    if len(found) != 1:
        raise ValueError(
            f"the file has {len(found) or 'no'} launch command{'s' * (len(found) > 1)} of TRL, verl"
            " or OpenRLHF: give a YAML file, or a script with one such command"
        )
    settings = {as_written(name): _told(value) for name, value in found[0].settings.items()}
    return Stated(settings, found[0].framework)


def _told(value: Any) -> Any:
    """The value, as an `Unresolved` where a run decides it."""
    words = value if isinstance(value, list) else [value]
    if all(known(word) for word in words if isinstance(word, str)):
        return value
    return Unresolved(" ".join(map(as_written, words)))


def _launch(words: Sequence[str], folder: Path | None) -> Stated | None:
    """The settings of one command, if it is a launch of a known framework."""
    for at, word in enumerate(words):
        if word == "trl" and words[at + 1 : at + 2] in (["grpo"], ["rloo"]):
            options = _trl_options(words[at + 2 :])
            return Stated({"trainer": words[at + 1], **_with_file(options, folder)}, "trl")
        if _LAUNCHERS["verl"].fullmatch(word):
            return Stated(_overrides(words[at + 1 :]), "verl")
        if _LAUNCHERS["openrlhf"].fullmatch(word):
            return Stated(_options(words[at + 1 :]), "openrlhf")
    scripts = [at for at, word in enumerate(words) if word.endswith(".py")]
    if scripts:
        options = _trl_options(words[scripts[0] + 1 :])
        if options.keys() & {"num_generations", "scale_rewards", "loss_type", "config"}:
            return Stated(_with_file(options, folder), "trl")
    return None


def _overrides(words: Sequence[str]) -> dict[str, Any]:
    """Hydra's overrides `name=value`; its own options keep their dashes: `--config-name`."""
    found: dict[str, Any] = {}
    for word in words:
        if match := _OVERRIDE.fullmatch(word):
            found[match[1]] = match[2].strip("'\"")
        elif word.startswith(("-", "~")):
            name, _, value = word.partition("=")
            found[name] = value
        elif not known(word):
            found[word] = word
    return found


def _with_file(options: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    name = options.pop("config", None)
    if not isinstance(name, str) or folder is None:
        return options
    if not known(name):
        return {**options, "--config": name}
    beside = folder / name
    file = beside if beside.is_file() else Path(name)  # scripts run from the root of a repository
    return {**yaml_settings(file.read_text(encoding="utf-8")), **options}


def _trl_options(words: Sequence[str]) -> dict[str, Any]:
    """The options of TRL's parser, which takes `--scale-rewards` for `--scale_rewards` as well."""
    return {
        name if not known(name) else name.replace("-", "_"): value
        for name, value in _options(words).items()
    }


def _options(words: Sequence[str]) -> dict[str, Any]:
    """The options of a command: `--name value`, `--name=value`, `--name a b`, or `--flag`.

    A word that may be several, such as `$MORE`, may hold options: it has a name of its own.
    """
    found: dict[str, Any] = {}
    name = ""
    for word in words:
        several = word.startswith(UNTOLD_WORDS)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            found[name] = value if equals else True
        elif name and found[name] is True:
            found[name] = word
            if several and not _TAKES_ONE.fullmatch(name):
                found[word] = word
        elif several:
            found[word] = word
        elif name:
            earlier = found[name]
            found[name] = [*(earlier if isinstance(earlier, list) else [earlier]), word]
    return found
