"""What the measures of one arrangement say of it: whether it keeps up with its cases, and where they wait longest."""

from __future__ import annotations

from collections.abc import Collection, Mapping

UNFINISHED_MOST_SHARE = 0.05
"""The largest share of cases still open at the end with which an arrangement still counts as keeping up."""
WORKING_DAY_MIN = 480.0


def keeps_up(unfinished_share: float) -> bool:
    """Whether at most one case in twenty is still open at the end of the run.

    Where more are, cases pile up: what residents have spent *so far* (resident-hours, visits, waiting) is a lower
    bound, and may even fall as work piles up, because nobody comes to collect what is not done. Such an arrangement
    cannot be the best one.

    >>> keeps_up(0.05), keeps_up(0.19)
    (True, False)
    """
    return unfinished_share <= UNFINISHED_MOST_SHARE


def street_is_bottleneck(wait_min: Mapping[str, float], levels: Mapping[str, str]) -> bool:
    """Whether the street office itself is the bottleneck for residents' cases.

    It is, where cases wait a working day (8 hours) or more on average at some unit of the street, and longer there than
    at any unit of the communities.

    Parameters
    ----------
    wait_min
        ``wait_unit_min`` of each unit: minutes from joining its queue to being served, a paper's counted only while
        the unit is open.
    levels
        The level of each unit (``street``, ``community``, …).

    Examples
    --------
    >>> levels = {"approval": "street", "counter": "community"}
    >>> street_is_bottleneck({"approval": 500.0, "counter": 20.0}, levels)
    True
    >>> street_is_bottleneck({"approval": 300.0, "counter": 20.0}, levels)
    False
    >>> street_is_bottleneck({"approval": 500.0, "counter": 900.0}, levels)
    False
    """
    longest = {
        level: max((wait for unit, wait in wait_min.items() if levels.get(unit) == level), default=0.0)
        for level in ("street", "community")
    }
    return longest["street"] >= WORKING_DAY_MIN and longest["street"] > longest["community"]


def at_edge(best: tuple[int, ...], there: Collection[tuple[int, ...]]) -> list[int]:
    """The axes of a grid along which a best point lacks a neighbour: the next level was not tried, or cannot be.

    Beyond such an edge an arrangement might be better still.

    >>> at_edge((0, 1), {(0, 0), (0, 1), (0, 2), (1, 1)}), at_edge((1,), {(0,), (1,), (2,)})
    ([0], [])
    """
    return [
        axis
        for axis, level in enumerate(best)
        if any((*best[:axis], level + step, *best[axis + 1 :]) not in there for step in (-1, 1))
    ]
