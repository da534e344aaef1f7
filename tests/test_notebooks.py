"""The course: every notebook is the executed form of its source, defines nothing, and is complete.

`make notebooks` writes the notebooks; `.ci/run` executes each of them anew and compares what is
printed.
"""

from __future__ import annotations

import ast
import base64
import copy
import io
import re
from pathlib import Path
from typing import Any

import pytest

from scoring_theory.plotting import FigureSlider, value_curves
from tests.programs import write_notebooks, write_slides
from tests.programs.write_notebooks import FOLDER, LARGEST, WIDGET

NAMES = [path.stem for path in write_notebooks.sources()]
START = "00_start_here"
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
EXERCISES = 3


def text_of(name: str) -> str:
    return (write_notebooks.SOURCES / f"{name}.py").read_text(encoding="utf-8")


def markdown(notebook: Any) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_the_course_has_these_notebooks() -> None:
    """A source for each notebook, and each in the table of the first one."""
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES
    assert [START, *re.findall(r"^# \| `(\d\d_\w+)` \|", text_of(START), re.M)] == NAMES
    assert [int(name[:2]) for name in NAMES] == list(range(len(NAMES)))


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_its_source_executed(name: str) -> None:
    """`make notebooks` writes it."""
    source, saved = write_notebooks.from_source(name), write_notebooks.saved(name)
    assert write_notebooks.cells(saved) == write_notebooks.cells(source)
    code = [cell for cell in saved.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert {output.output_type for output in outputs} <= {
        "stream",
        "display_data",
        "execute_result",
    }
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert not [output for output in outputs if WIDGET in output.get("data", {})]
    assert (FOLDER / f"{name}.ipynb").stat().st_size < LARGEST


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_defines_nothing(name: str) -> None:
    """What a notebook needs belongs into a package, where it is tested."""
    tree = ast.parse(text_of(name))
    assert [node.lineno for node in ast.walk(tree) if isinstance(node, DEFINITIONS)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_says_what_it_teaches_and_asks(name: str) -> None:
    """Goals, minutes, prerequisites; three exercises with folded solutions, which are asserted."""
    notebook = write_notebooks.from_source(name)
    head = notebook.cells[0].source
    assert head.startswith("# ")
    for row in ("You will learn", "Time", "You need"):
        assert re.search(rf"^\| \*\*{row}\*\* \| .+ \|$", head, re.M), row
    minutes = re.search(r"^\| \*\*Time\*\* \| (\d+) minutes \|$", head, re.M)
    assert minutes
    assert 10 <= int(minutes[1]) <= 60
    if name != START:
        assert f"| `{name}` |" in text_of(START)
        assert f"| {minutes[1]} |" in re.findall(rf"`{name}`.*", text_of(START))[0] + " |"
    exercises = markdown(notebook).partition("## Exercises")[2]
    assert re.findall(r"^\*\*(\d)\.\*\*", exercises, re.M) == [str(k + 1) for k in range(EXERCISES)]
    assert exercises.count("<details><summary>Solution</summary>\n\n") == EXERCISES
    assert exercises.count("\n\n</details>") == EXERCISES
    answers = [cell for cell in notebook.cells if "solution" in cell.metadata.get("tags", ())]
    assert answers == notebook.cells[-1:]
    assert asserts(answers[0]) >= EXERCISES
    assert answers[0].metadata["jupyter"] == {"source_hidden": True}


def asserts(cell: Any) -> int:
    """How many statements of a cell are assertions."""
    code = "\n".join(line for line in cell.source.splitlines() if line.lstrip()[:1] != "%")
    return sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code or "pass")))


def unasserted(notebook: Any) -> list[str]:
    """The sections whose text holds a number or a formula, after which nothing is asserted."""
    claimed, heading, found = False, "", []
    for cell in notebook.cells[3:]:
        headings = (
            re.findall(r"^## (.*)", cell.source, re.M) if cell.cell_type == "markdown" else []
        )
        if headings:
            found += [heading] * claimed
            claimed, heading = False, headings[-1]
        if heading in ("What you should remember", "Exercises"):
            break
        if cell.cell_type == "code":
            claimed = claimed and not asserts(cell)
        elif re.search(r"\$.*[=<>].*\$|\b0\.\d", cell.source):
            claimed = True
    return found


@pytest.mark.parametrize("name", NAMES)
def test_claims_are_asserted(name: str) -> None:
    notebook = write_notebooks.from_source(name)
    assert unasserted(notebook) == []
    for cell in notebook.cells:
        if cell.cell_type == "code" and asserts(cell):
            cell.source = "pass"
    assert unasserted(notebook)  # it has teeth


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_installs_the_package_where_it_is_missing(name: str) -> None:
    """The same cell in each; the package is looked for before anything of it is imported."""
    install = [
        cell.source for cell in write_notebooks.from_source(name).cells if "%pip" in cell.source
    ]
    first = [
        cell.source for cell in write_notebooks.from_source(START).cells if "%pip" in cell.source
    ]
    assert install == first
    assert len(install) == 1
    assert text_of(name).index("find_spec(") < text_of(name).index("from scoring_theory") + 1


def test_the_first_cell_installs_the_newest_wheel_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As IPython runs it, with a `%pip` that installs nothing."""
    from IPython.core.interactiveshell import InteractiveShell

    (cell,) = (each for each in write_notebooks.from_source(START).cells if "%pip" in each.source)
    shell, installed = InteractiveShell(), list[str]()
    shell.register_magic_function(installed.append, magic_name="pip")
    monkeypatch.chdir(tmp_path)
    shell.run_cell(cell.source).raise_error()
    assert installed == []  # it is there
    monkeypatch.setattr("importlib.util.find_spec", {}.get)
    with pytest.raises(AssertionError, match="beside this notebook"):
        shell.run_cell(cell.source).raise_error()
    for version in ("0.1.0", "0.2.0"):
        (tmp_path / f"scoring_theory-{version}-py3-none-any.whl").touch()
    shell.run_cell(cell.source).raise_error()
    wheel = tmp_path.resolve() / "scoring_theory-0.2.0-py3-none-any.whl"
    assert installed == [f'install --quiet "{wheel}[notebooks]"']


@pytest.mark.parametrize("name", NAMES)
def test_links_of_a_notebook_lead_somewhere(name: str) -> None:
    for link in re.findall(r"\]\((\.\./[^)#]+)", markdown(write_notebooks.from_source(name))):
        assert (FOLDER / link).exists(), link


def test_the_comparison_of_notebooks_has_teeth() -> None:
    """Another source, another number and another text are seen; a picture may differ."""
    saved = write_notebooks.saved(START)
    assert list(write_notebooks.differences(saved, copy.deepcopy(saved))) == []
    other = copy.deepcopy(saved)
    other.cells[0].source += " more"
    assert list(write_notebooks.differences(saved, other)) == [
        "the cells differ from those of the source"
    ]
    printing = next(k for k, cell in enumerate(saved.cells) if "".join(write_notebooks.texts(cell)))
    other = copy.deepcopy(saved)
    other.cells[printing].outputs[0].text = "correct, said 0.9: 0.5"
    (found,) = write_notebooks.differences(saved, other)
    assert found.startswith(f"cell {printing} prints")
    other = copy.deepcopy(saved)
    pictures = [
        output
        for cell in other.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    drawing = pictures[0]
    drawing.data["image/png"] = "another picture"
    assert list(write_notebooks.differences(saved, other)) == []


def test_what_is_saved_has_no_widget_and_is_small() -> None:
    notebook = write_notebooks.from_source(START)
    figure = io.BytesIO()
    value_curves(["c"]).savefig(figure, format="png")
    picture = base64.b64encode(figure.getvalue()).decode()
    shown = type(notebook)(data={WIDGET: {"model_id": "1"}, "image/png": picture})
    saved = write_notebooks.as_saved(shown).data
    assert list(saved) == ["image/png"]
    assert len(saved["image/png"]) < len(picture) / 2
    notebook.cells[0].source = "x" * LARGEST
    assert list(write_notebooks.too_large(notebook))


def test_an_unknown_notebook_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        write_notebooks.main(["10_nothing"])
    assert stopped.value.code == 2
    assert "no notebook 10_nothing; known: 00_start_here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "shown"),
    [({}, [1]), ({1: "c"}, []), ({1: "c"}, [2])],
    ids=["none", "hidden", "unknown"],
)
def test_a_slider_needs_settings(settings: dict[int, str], shown: list[int]) -> None:
    with pytest.raises(ValueError, match="`settings`"):
        FigureSlider(value_curves, settings, name="k", shown=shown)


def test_a_slider_in_a_running_notebook_draws_what_is_chosen() -> None:
    slider = FigureSlider(value_curves, {1: "c", 2: "c - (q - c)^2"}, name="reward", shown=[2])
    choice, image = slider.widget().children
    before = bytes(image.value)
    assert before.startswith(b"\x89PNG")
    assert choice.value == 2
    choice.value = 1
    assert bytes(image.value).startswith(b"\x89PNG")
    assert bytes(image.value) != before
    assert choice.options == (("1", 1), ("2", 2))
    assert len(slider.at(1).axes[0].lines) == 1
    assert slider._repr_mimebundle_() == {"text/plain": "FigureSlider('reward': 1, 2)"}


def test_a_slider_over_mappings_draws_their_union() -> None:
    drawn: list[object] = []
    from matplotlib.figure import Figure

    def draw(named: object) -> Figure:
        drawn.append(named)
        return Figure()

    slider = FigureSlider(draw, {1: {"a": 1}, 2: {"b": 2}}, name="k", shown=[1, 2])
    slider.at(2)
    assert slider.several.axes == []
    assert drawn == [{"b": 2}, {"a": 1, "b": 2}]
    slider.widget().children[0].value = 2  # it begins at the first that is shown, 1
    assert drawn[-1] == {"b": 2}


def test_every_answer_of_the_quiz_is_checked() -> None:
    """Twelve questions, each with a folded answer that holds a command or code with its output.

    `tests/test_readme.py` runs them.
    """
    page = (FOLDER.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
    questions = re.split(r"^\*\*(\d+)\.\*\* ", page.partition("## Quiz")[2], flags=re.M)[1:]
    assert [int(number) for number in questions[::2]] == list(range(1, 13))
    for text in questions[1::2]:
        answer = text.partition("<details><summary>Answer</summary>\n\n")[2].partition(
            "</details>"
        )[0]
        assert re.search(r"^```(console\n\$ scoring-theory|python\n>>>)", answer, re.M), text


def test_the_plans_name_sections_that_exist() -> None:
    page = (FOLDER.parent / "docs" / "teaching.md").read_text(encoding="utf-8")
    named = re.findall(r"notebook (\d\d),? (?:up to |sections )?\"([^\"]+)\"", page)
    assert len(named) >= 6
    for number, heading in named:
        (name,) = (name for name in NAMES if name.startswith(number))
        headings = re.findall(r"^# ## (.+)", text_of(name), re.M)
        assert any(each.startswith(heading.rstrip(",")) for each in headings), (number, heading)


def test_slides_show_results_without_code_and_need_no_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, file in (("reveal.js", "reveal.js"), ("katex", "katex.min.js")):
        (tmp_path / "libraries" / name / "dist").mkdir(parents=True)
        (tmp_path / "libraries" / name / "dist" / file).touch()
    out = tmp_path / "slides"
    given = [START, "--out", str(out), "--libraries", str(tmp_path / "libraries")]
    assert write_slides.main(given) == 0
    page = (out / f"{START}.html").read_text(encoding="utf-8")
    loaded = re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"([^\"]+)\"", page)
    assert not [address for address in loaded if re.match("https?:|//", address)]
    assert {"reveal.js/dist/reveal.js", "katex/dist/katex.min.js"} <= {*loaded}
    slides = sum(
        "slide" in cell.metadata.get("slideshow", {}).values()
        for cell in write_notebooks.from_source(START).cells
    )
    assert page.count("<section><section>") + page.count("<section>\n<section>") >= slides - 1
    assert "find_spec" not in page
    assert "Exercises" not in page
    assert "data:image/png" in page
    assert (
        write_slides.main([START, "--out", str(tmp_path / "other"), "--libraries", str(tmp_path)])
        == 1
    )
    assert "could not be put beside them" in capsys.readouterr().err
