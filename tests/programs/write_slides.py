"""`make slides`: the notebooks as Reveal slides in one folder, which then needs no network.

    python -m tests.programs.write_slides [NAME ...] [--out out/slides] [--libraries FOLDER]

A slide is a cell with the slide type "slide" in its source and what follows up to the next one;
code is left out, its figures and tables are shown. reveal.js and KaTeX come from the npm registry,
once; `--libraries` takes them from a folder that holds `reveal.js` and `katex`.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.programs.write_notebooks import FOLDER, SOURCES, sources

LIBRARIES = {"reveal.js": "4.6.1", "katex": "0.16.22"}
_NEEDED = ("dist", "plugin/notes")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", help="such as 00_start_here; all if none")
    parser.add_argument("--out", type=Path, default=Path("out/slides"))
    parser.add_argument("--libraries", type=Path, help="a folder that holds reveal.js and katex")
    chosen = parser.parse_args(arguments)
    known = [path.stem for path in sources()]
    if unknown := sorted({*chosen.names} - {*known}):
        parser.error(f"no notebook {', '.join(unknown)}; known: {', '.join(known)}")
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in chosen.names or known:
        (chosen.out / f"{name}.html").write_text(slides(name), encoding="utf-8")
    missing = [name for name in LIBRARIES if not (chosen.out / name / "dist").is_dir()]
    try:
        for name in missing:
            if chosen.libraries:
                copy(chosen.libraries / name, chosen.out / name)
            else:
                download(name, chosen.out / name)
    except (OSError, subprocess.CalledProcessError) as reason:
        print(
            f"the slides are written, but {name} could not be put beside them ({reason}): npm"
            f" downloads it once, or --libraries takes it from a folder",
            file=sys.stderr,
        )
        return 1
    print(f"slides in {chosen.out}: open {chosen.names[0] if chosen.names else known[0]}.html")
    return 0


def slides(name: str) -> str:
    """The page of a notebook that has been executed."""
    from nbconvert import SlidesExporter

    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(SOURCES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        reveal_url_prefix="reveal.js",
        reveal_theme="white",
    )
    page, _resources = exporter.from_filename(str(FOLDER / f"{name}.ipynb"))
    return str(page)


def download(name: str, to: Path) -> None:
    """A library from the npm registry.

    Raises:
        OSError: npm is not installed.
        subprocess.CalledProcessError: it could not download the library.
    """
    with TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", f"{name}@{LIBRARIES[name]}"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter="data")
        copy(Path(folder) / "package", to)


def copy(library: Path, to: Path) -> None:
    """What the slides need of a library."""
    for part in _NEEDED:
        if (library / part).is_dir():
            shutil.copytree(library / part, to / part)
    if not (to / "dist").is_dir():
        raise FileNotFoundError(f"{library} has no folder dist")


if __name__ == "__main__":
    sys.exit(main())
