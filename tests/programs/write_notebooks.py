"""`make notebooks`: execute the sources in notebooks/sources, and write notebooks/*.ipynb.

    python -m tests.programs.write_notebooks [NAME ...]            write what has changed
    python -m tests.programs.write_notebooks [NAME ...] --check    execute, compare, write nothing
    python -m tests.programs.write_notebooks [NAME ...] --pictures write all, such as after a change
                                                                   of the style of figures

A notebook whose cells and printed outputs are as before is left alone, since figures differ in a
few bytes between machines. Widgets need a kernel, so they are left out of what is saved; their
static figures stay. With `--check` the exit code is 1 if a notebook prints something else than the
committed one, and always if a cell takes more than a minute of CPU time.
"""

from __future__ import annotations

import base64
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.support.outputs import agree

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SOURCES = FOLDER / "sources"
CPU_SECONDS = 60
LARGEST = 300_000  # bytes of a notebook
WIDGET = "application/vnd.jupyter.widget-view+json"
_TEXTS = ("text/html", "text/latex", "text/markdown", "text/plain")
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument(
        "names", nargs="*", help="such as 01_what_makes_a_score_proper; all if none"
    )
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument(
        "--pictures", action="store_true", help="write even where only pictures can differ"
    )
    chosen = parser.parse_args(arguments)
    known = [path.stem for path in sources()]
    if unknown := sorted({*chosen.names} - {*known}):
        parser.error(f"no notebook {', '.join(unknown)}; known: {', '.join(known)}")
    wrong = 0
    for name in chosen.names or known:
        made, slow = executed(from_source(name))
        complaints = [*slow, *too_large(made)]
        before = saved(name)
        differing = ["it was never executed"] if before is None else list(differences(before, made))
        writes = not chosen.check and bool(differing or chosen.pictures)
        if chosen.check:
            complaints += differing
        elif writes:
            write(name, made)
        print(f"{name}: {'; '.join([*complaints, *['written'] * writes]) or 'unchanged'}")
        wrong += bool(complaints)
    return min(wrong, 1)


def sources() -> list[Path]:
    """The text sources, in the order of the course."""
    return sorted(SOURCES.glob("*.py"))


def from_source(name: str) -> Any:
    """The notebook of a source without outputs; its cells have numbers as ids."""
    import jupytext

    notebook = jupytext.read(SOURCES / f"{name}.py")
    notebook.metadata = type(notebook.metadata)(
        {"kernelspec": _KERNEL, "language_info": {"name": "python"}}
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def saved(name: str) -> Any:
    """The committed notebook, or None."""
    import nbformat

    path = FOLDER / f"{name}.ipynb"
    return nbformat.read(path, as_version=4) if path.exists() else None


def write(name: str, notebook: Any) -> None:
    import nbformat

    nbformat.validate(notebook)
    nbformat.write(notebook, FOLDER / f"{name}.ipynb")


def executed(notebook: Any) -> tuple[Any, list[str]]:
    """The notebook with outputs, and a complaint for each cell that takes too much CPU time.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails, such as an assertion.
    """
    import psutil
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(FOLDER)}},
    )
    slow = []
    with client.setup_kernel():
        kernel = psutil.Process(client.km.provisioner.pid)
        before = sum(kernel.cpu_times()[:2])
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
            after = sum(kernel.cpu_times()[:2])
            if after - before > CPU_SECONDS:
                slow.append(f"cell {number} takes {after - before:.0f} s of CPU time")
            before = after
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [as_saved(output) for output in cell.outputs]
    return notebook, slow


def as_saved(output: Any) -> Any:
    """An output without the view of a widget, which shows an error where no kernel runs, and with
    figures of at most 256 colours, a third of the size.
    """
    data = output.get("data", {})
    data.pop(WIDGET, None)
    if "image/png" in data:
        data["image/png"] = fewer_colours(data["image/png"])
    return output


def fewer_colours(png: str) -> str:
    """A picture, as base64, with a palette of at most 256 colours."""
    from PIL import Image

    picture, saved = Image.open(BytesIO(base64.b64decode(png))), BytesIO()
    picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(saved, "png", optimize=True)
    return base64.b64encode(saved.getvalue()).decode()


def too_large(notebook: Any) -> Iterator[str]:
    import nbformat

    if (size := len(nbformat.writes(notebook).encode())) > LARGEST:
        yield f"{size} bytes, more than {LARGEST}"


def differences(before: Any, after: Any) -> Iterator[str]:
    """What differs between two notebooks: cells, and what they print; pictures are not compared."""
    if cells(before) != cells(after):
        yield "the cells differ from those of the source"
        return
    for number, (old, new) in enumerate(zip(before.cells, after.cells, strict=True)):
        shown, printed = (" ".join(texts(cell)) for cell in (old, new))
        if not agree(shown, printed):
            yield f"cell {number} prints {printed[:300]!r} instead of {shown[:300]!r}"


def cells(notebook: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Type, text and metadata of each cell."""
    return [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]


def texts(cell: Any) -> Iterator[str]:
    """What a cell prints; the tags of HTML are blanks."""
    for output in cell.get("outputs", ()):
        if "text" in output:
            yield output.text
        for kind in _TEXTS:
            if kind in output.get("data", {}):
                yield re.sub(r"<[^>]*>", " ", output.data[kind])


if __name__ == "__main__":
    sys.exit(main())
