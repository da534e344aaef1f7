"""Files appear whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring_theory.files import replacing, write


def test_text_and_bytes_are_kept_as_they_are(tmp_path: Path) -> None:
    assert write(tmp_path / "new" / "a.txt", "é\r\n").read_bytes() == b"\xc3\xa9\r\n"
    assert write(str(tmp_path / "b"), b"\x00\r\n").read_bytes() == b"\x00\r\n"
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o644


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path / "a", "old")

    def half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a", "old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_errors_tell_of_the_file_that_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as refused:
        write(tmp_path, "text")
    assert refused.value.filename == str(tmp_path)
    assert not list(tmp_path.iterdir())
