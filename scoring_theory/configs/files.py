"""Configurations in files: YAML, and launch commands in shell scripts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

LARGEST = 1_000_000
_LAUNCHERS = {
    "verl": re.compile(r"(?:verl|recipe)[\w.]*\.main_\w+|main_(?:ppo|dapo)\.py"),
    "openrlhf": re.compile(r"openrlhf\.cli\.\w+|train_ppo_ray(?:\.py)?"),
}
_OVERRIDE = re.compile(r"(?:\+{0,2}|~)([A-Za-z_][\w.@/]*)=(.*)", re.DOTALL)
_ASSIGNED = re.compile(r"(?:export\s+)?([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^}]*))?\}|([A-Za-z_]\w*))")
_ENDS = ("|", "||", "&&", ";", "&", ">", ">>", "2>&1", "<")


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
    if file.suffix.lower() in (".yaml", ".yml", ".json"):
        return Stated(yaml_settings(text))
    return launched(text, file.parent)


def yaml_settings(text: str) -> dict[str, Any]:
    r"""The mapping of a YAML text, by the safe loader.

    Raises:
        ValueError: it is not YAML, or not a mapping.
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
        read = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ValueError(f"the file is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(read, dict):
        raise ValueError(f"a configuration must be a mapping of settings, got {read!r:.60}")
    return {str(name): value for name, value in read.items()}


def launched(text: str, folder: Path | None = None) -> Stated:
    r"""The settings of the launch command in a shell script; nothing is executed.

    Variables that the script itself sets to a plain text are put in. `--config FILE` of TRL is read
    first, and the options of the command override it.

    Args:
        text: the script.
        folder: where `--config FILE` is looked up; None reads no further file.

    Raises:
        ValueError: there is no launch command of TRL, verl or OpenRLHF, or there are several.

    Example:
        >>> script = "N=16\npython -m verl.trainer.main_ppo \\\n  actor_rollout_ref.rollout.n=$N"
        >>> launched(script)
        Stated(settings={'actor_rollout_ref.rollout.n': '16'}, framework='verl')
        >>> launched("trl grpo --scale_rewards none --use_vllm").settings
        {'trainer': 'grpo', 'scale_rewards': 'none', 'use_vllm': True}
    """
    found = [stated for words in _commands(text) if (stated := _launch(words, folder)) is not None]
    if len(found) != 1:
        raise ValueError(
            f"the file has {len(found) or 'no'} launch command{'s' * (len(found) > 1)} of TRL, verl"
            " or OpenRLHF: give a YAML file, or a script with one such command"
        )
    return found[0]


def _commands(text: str) -> Iterator[list[str]]:
    """The words of every command, with the variables that were set before it."""
    variables: dict[str, str] = {}
    for line in _joined(text):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue  # a quotation over several lines, such as a here-document
        words = [_put_in(word, variables) for word in words]
        while words and (assigned := _ASSIGNED.fullmatch(words[0])):
            if len(words) == 1:
                variables[assigned[1]] = assigned[2]
            words = words[1:]
        if words[:1] == ["export"]:
            for word in words[1:]:
                if assigned := _ASSIGNED.fullmatch(word):
                    variables[assigned[1]] = assigned[2]
            continue
        if words:
            yield words


def _joined(text: str) -> Iterator[str]:
    """The lines of a script, those that end in a backslash joined; comments inside are left out."""
    waiting = ""
    for line in text.splitlines():
        stripped = line.rstrip()
        if waiting and stripped.lstrip().startswith("#"):
            continue
        if stripped.endswith("\\"):
            waiting += stripped[:-1] + " "
            continue
        yield waiting + stripped
        waiting = ""
    if waiting:
        yield waiting


def _put_in(word: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        name, otherwise = found[1] or found[3], found[2]
        return variables.get(name, found[0] if otherwise is None else otherwise)

    return _VARIABLE.sub(value, word)


def _launch(words: Sequence[str], folder: Path | None) -> Stated | None:
    """The settings of one command, if it is a launch of a known framework."""
    end = next((at for at, word in enumerate(words) if word in _ENDS), len(words))
    words = words[:end]
    for at, word in enumerate(words):
        if word == "trl" and words[at + 1 : at + 2] in (["grpo"], ["rloo"]):
            options = _options(words[at + 2 :])
            return Stated({"trainer": words[at + 1], **_with_file(options, folder)}, "trl")
        if _LAUNCHERS["verl"].fullmatch(word):
            return Stated(_overrides(words[at + 1 :]), "verl")
        if _LAUNCHERS["openrlhf"].fullmatch(word):
            return Stated(_options(words[at + 1 :]), "openrlhf")
    scripts = [at for at, word in enumerate(words) if word.endswith(".py")]
    if scripts:
        options = _options(words[scripts[0] + 1 :])
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
    return found


def _with_file(options: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    name = options.pop("config", None)
    if not isinstance(name, str) or folder is None:
        return options
    beside = folder / name
    file = beside if beside.is_file() else Path(name)  # scripts run from the root of a repository
    return {**yaml_settings(file.read_text(encoding="utf-8")), **options}


def _options(words: Sequence[str]) -> dict[str, Any]:
    """The options of a command: `--name value`, `--name=value`, `--name a b`, or `--flag`."""
    found: dict[str, Any] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            found[name] = value if equals else True
        elif name and found[name] is True:
            found[name] = word
        elif name:
            earlier = found[name]
            found[name] = [*(earlier if isinstance(earlier, list) else [earlier]), word]
    return found
