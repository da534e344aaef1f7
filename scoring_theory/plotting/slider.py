"""A slider over figures for notebooks, with a figure of several settings where no kernel runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from scoring_theory.display import line

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from scoring_theory.plotting.saving import Drawn

_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")
_DPI = 120  # readable at the width of a notebook


class FigureSlider(Generic[_K, _T]):
    """One drawing of many settings: in a running notebook a slider chooses the setting.

    A notebook that was saved, a page and a slide have no kernel; they show the settings of `shown`
    in one figure instead.

    Attributes:
        name: What the slider chooses, such as "weight".
        settings: What is drawn, by the value of the slider.

    Example:
        >>> from scoring_theory import Reward
        >>> from scoring_theory.plotting import value_curves
        >>> family = Reward.parse("c - lam*(q - c)^2", lam="lam > 0")
        >>> weights = {lam: family.bind(lam=lam) for lam in (0.5, 1, 2)}
        >>> chosen = FigureSlider(value_curves, weights, name="weight", shown=[0.5, 2])
        >>> chosen
        FigureSlider('weight': 0.5, 1, 2)
        >>> len(chosen.at(1).axes[0].lines), len(chosen.several.axes[0].lines)
        (1, 4)
    """

    def __init__(
        self,
        draw: Callable[[Any], Figure | Drawn],
        settings: Mapping[_K, _T],
        *,
        name: str,
        shown: Sequence[_K],
    ) -> None:
        """Draw nothing yet.

        Args:
            draw: A function that draws a sequence of things, such as `value_curves`, or a mapping
                of names to things, such as `reliability_grid`.
            settings: By the value of the slider, in its order: a thing, or a mapping of names to
                things.
            name: What the slider chooses.
            shown: The values that the figure of several settings shows, at least one.

        Raises:
            ValueError: `settings` or `shown` is empty, or a value of `shown` is not in `settings`.
        """
        if not settings or not shown:
            raise ValueError("`settings` and `shown` must each hold at least one value")
        if unknown := [value for value in shown if value not in settings]:
            raise ValueError(
                f"`shown` must hold values of `settings`, {', '.join(map(str, settings))}, got"
                f" {', '.join(map(str, unknown))}"
            )
        self.name, self.settings = name, dict(settings)
        self._draw, self._shown = draw, tuple(shown)

    def __repr__(self) -> str:
        return line("FigureSlider", f"{self.name!r}: {', '.join(map(str, self.settings))}")

    def at(self, value: _K) -> Figure:
        """The figure of one value of the slider.

        Raises:
            KeyError: The slider has no such value.
        """
        return self._figure([self.settings[value]])

    @property
    def several(self) -> Figure:
        """The figure of the values in `shown`."""
        return self._figure([self.settings[value] for value in self._shown])

    def _figure(self, things: Sequence[_T]) -> Figure:
        if all(isinstance(thing, Mapping) for thing in things):
            named = [thing for thing in things if isinstance(thing, Mapping)]
            drawn = self._draw({name: thing for each in named for name, thing in each.items()})
        else:
            drawn = self._draw(things)
        return drawn.figure if isinstance(drawn, tuple) else drawn

    def widget(self) -> Any:
        """The slider above its figure, for a running notebook.

        Raises:
            ModuleNotFoundError: ipywidgets is not installed.
        """
        try:
            from ipywidgets import Image, SelectionSlider, VBox
        except ModuleNotFoundError as missing:
            raise ModuleNotFoundError(
                "a slider needs ipywidgets: pip install 'scoring-theory[notebooks]'",
                name=missing.name,
            ) from None
        slider = SelectionSlider(
            options=[(str(value), value) for value in self.settings],
            value=self._shown[0],
            description=self.name,
            continuous_update=False,
            style={"description_width": "initial"},
        )
        image = Image(value=_png(self.at(slider.value)), format="png", layout={"max_width": "100%"})

        def draw(_change: object) -> None:
            image.value = _png(self.at(slider.value))

        slider.observe(draw, names="value")
        # A child of a column is as wide as the column unless told otherwise.
        return VBox([slider, image], layout={"align_items": "flex-start"})

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        if shell is None:
            return {"text/plain": repr(self)}
        data, _metadata = shell.display_formatter.format(self.several)
        return {**self.widget()._repr_mimebundle_(), **data, "text/plain": repr(self)}


def _png(figure: Figure) -> bytes:
    png = BytesIO()
    figure.savefig(png, format="png", dpi=_DPI, bbox_inches="tight")
    return png.getvalue()
