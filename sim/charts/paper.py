"""Axes measured in inches, for diagrams that are drawn to scale, and the numbers of cases written in them."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.charts.letters import number
from sim.charts.style import WIDTH_IN

BETWEEN_IN = 0.3
"""Between panels."""


class Paper:
    """The body of a figure of :func:`sim.charts.style.sheet`, measured downward from its upper left corner."""

    def __init__(self, figure: Figure, body_in: float) -> None:
        self._figure = figure
        left, bottom, _, _ = figure.get_layout_engine().get()["rect"]  # type: ignore[union-attr]
        figure.set_layout_engine("none")
        self._height = figure.get_figheight()
        self._left, self._top = left * WIDTH_IN, bottom * self._height + body_in

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes whose units are inches, without frame or ticks."""
        bottom = self._top - top - height
        bounds = ((self._left + left) / WIDTH_IN, bottom / self._height, width / WIDTH_IN, height / self._height)
        axes = self._figure.add_axes(bounds)
        axes.set(xlim=(0, width), ylim=(height, 0))
        axes.set_axis_off()
        return axes


def on_pages(n: int, most: int) -> list[range]:
    """Positions of ``n`` panels by page, ``most`` on a page, as many on each as can be.

    >>> on_pages(6, 4), on_pages(5, 3), on_pages(2, 4)
    ([range(0, 3), range(3, 6)], [range(0, 3), range(3, 5)], [range(0, 2)])
    """
    each = -(-n // -(-n // most))
    return [range(first, min(first + each, n)) for first in range(0, n, each)]


def cases(n: float) -> str:
    r"""A number of cases a year, without a fraction if there is one at least.

    >>> cases(2785.3), cases(0.25)
    ('2\xa0785', '0.25')
    """
    return number(round(n)) if n >= 1 else number(n)
