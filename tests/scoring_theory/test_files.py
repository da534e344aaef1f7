"""Files appear whole or not at all."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from scoring_theory.files import replacing, write


def test_text_and_bytes_are_kept_as_they_are(tmp_path: Path) -> None:
    assert write(tmp_path / "new" / "a.txt", "é\r\n").read_bytes() == b"\xc3\xa9\r\n"
    assert write(str(tmp_path / "b"), b"\x00\r\n").read_bytes() == b"\x00\r\n"


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


needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")


@needs_posix
def test_a_link_stays_and_its_target_is_written(tmp_path: Path) -> None:
    for name, old in (("there", "old"), ("not yet", None)):
        target, link = tmp_path / name, tmp_path / f"link to {name}"
        if old is not None:
            target.write_text(old)
        link.symlink_to(name)
        write(link, "new")
        assert link.is_symlink()
        assert target.read_text() == "new"


@needs_posix
def test_a_pipe_or_a_device_is_written_into(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write(pipe, "text")
    reader.join(10)
    assert got == ["text"]
    assert pipe.is_fifo()
    write(os.devnull, "text")
    assert Path(os.devnull).is_char_device()
    assert list(tmp_path.iterdir()) == [pipe]


@needs_posix
def test_files_have_the_rights_that_the_user_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        path = write(tmp_path / "a", "old")
        assert path.stat().st_mode & 0o777 == 0o640
        path.chmod(0o600)
        assert write(path, "new").stat().st_mode & 0o777 == 0o600
    finally:
        os.umask(before)
