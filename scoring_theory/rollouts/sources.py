"""The files of a log: one file, the files of a folder, or those that a pattern matches."""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from scoring_theory.rollouts.rollouts import RolloutError

_PATTERN = re.compile(r"[*?\[]")


def is_several(name: str | Path) -> bool:
    """Whether the name stands for several files: a folder, or a pattern that is no file's name.

    Example:
        >>> is_several("out/*.jsonl"), is_several("log.csv")
        (True, False)
    """
    path = Path(name)
    return path.is_dir() or bool(_PATTERN.search(str(name)) and not path.exists())


def log_files(name: str | Path, suffixes: Collection[str]) -> list[Path]:
    """The files that a name stands for, numbers in their names in order of size.

    A folder stands for the files in it that are of a known kind, or, if it has none, for those in
    its subfolders; hidden files are left out. A name with `*`, `?` or `[` that is not a file is a
    pattern, in which `**` matches any folders.

    Args:
        name: The name of a file or of a folder, or a pattern.
        suffixes: The suffixes of known kinds, such as `.csv`.

    Raises:
        RolloutError: A folder or a pattern stands for no file.

    Example:
        >>> [path.name for path in log_files("log.csv", [".csv"])]
        ['log.csv']
    """
    path = Path(name)
    if path.is_dir():
        for found in (path.glob("*"), path.rglob("*")):
            chosen = [each for each in found if each.is_file() and _is_known(each, suffixes)]
            if chosen:
                return in_order(chosen)
        raise RolloutError(
            f"{path}: there is no log in this folder; logs end in {', '.join(sorted(suffixes))}"
        )
    if is_several(name):
        matched = [Path(each) for each in glob.glob(str(name), recursive=True)]
        chosen = [each for each in matched if each.is_file()]
        if not chosen:
            raise RolloutError(f"{name}: no file matches this pattern")
        return in_order(chosen)
    return [path]


def _is_known(path: Path, suffixes: Collection[str]) -> bool:
    name = path.name.lower().removesuffix(".gz")
    return not name.startswith(".") and any(name.endswith(suffix) for suffix in suffixes)


def in_order(paths: Iterable[Path]) -> list[Path]:
    """The paths with numbers in order of size, so that step 9 comes before step 10.

    Example:
        >>> [path.name for path in in_order([Path("10.jsonl"), Path("9.jsonl")])]
        ['9.jsonl', '10.jsonl']
    """

    def key(path: Path) -> list[tuple[int, int, str]]:
        parts = re.findall(r"\d+|\D+", str(path))
        return [(0, int(each), "") if each.isdecimal() else (1, 0, each) for each in parts]

    return sorted(paths, key=key)
