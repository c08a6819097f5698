"""One case's way through the units, from its legs: stretches in a unit, stretches between units, and comings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

STATES = ("work", "queue", "papers")
"""Worked on; a resident waits in person; papers wait on a desk."""


@dataclass(frozen=True)
class Segment:
    """A stretch of the case's time in one unit, in seconds since it was opened."""

    unit: int
    state: str
    start_s: int
    end_s: int


@dataclass(frozen=True)
class Route:
    """A stretch between two units: on the way (``way``), or with the resident at home until a new coming (``home``)."""

    state: str
    start_s: int
    end_s: int
    unit_from: int
    unit_to: int


def segments(legs: pd.DataFrame, opened_s: int, closed_s: int) -> list[Segment]:
    """Waiting and work in each unit; a leg that never started or ended is drawn up to the closing of the case.

    Work that was put back (for a resident, over night) is drawn in one stretch at its end, as long as it took.
    """
    found = []
    for leg in legs[legs["joined_s"] >= 0].to_dict("records"):
        ended = leg["ended_s"] if leg["ended_s"] >= 0 else closed_s
        started = max(leg["started_s"], ended - leg["worked_s"]) if leg["started_s"] >= 0 else ended
        waiting = "queue" if leg["visit"] > 0 else "papers"
        for state, start, end in ((waiting, leg["joined_s"], started), ("work", started, ended)):
            if end > start:
                found.append(Segment(leg["unit"], state, start - opened_s, end - opened_s))
    return found


def widened(found: list[Segment], least_s: float) -> list[tuple[Segment, float, float]]:
    """Each segment with the start and length that it is drawn with: at least ``least_s`` long.

    What follows a widened segment is moved on to its end; what truly runs beside it is not.
    """
    boxes = []
    drawn_to_s = 0.0
    for segment in sorted(found, key=lambda one: (one.start_s, one.end_s)):
        overlap_s = drawn_to_s - segment.start_s
        start_s = drawn_to_s if 0 < overlap_s < 4 * least_s else float(segment.start_s)
        length_s = max(segment.end_s - start_s, least_s)
        boxes.append((segment, start_s, length_s))
        drawn_to_s = start_s + length_s
    return boxes


def routes(legs: pd.DataFrame, opened_s: int) -> list[Route]:
    """Stretches from the last end before a leg to its joining; what follows at once in the same unit has none."""
    found: list[Route] = []
    reached = legs[legs["joined_s"] >= 0].sort_values(["joined_s", "row", "attempt"]).to_dict("records")
    for position, leg in enumerate(reached):
        earlier = [one for one in reached[:position] if 0 <= one["ended_s"] <= leg["joined_s"]]
        if not earlier:
            continue
        before = max(earlier, key=lambda one: one["ended_s"])
        comes_anew = leg["visit"] > 0 and (
            leg["attempt"] > 1 or leg["visit"] not in [one["visit"] for one in reached[:position]]
        )
        start_s, end_s = before["ended_s"] - opened_s, leg["joined_s"] - opened_s
        if before["unit"] != leg["unit"] or end_s > start_s:
            found.append(Route("home" if comes_anew else "way", start_s, end_s, before["unit"], leg["unit"]))
    return found


def comings(legs: pd.DataFrame, opened_s: int) -> list[tuple[int, int]]:
    """Unit and second of each coming of the resident: the first leg of each visit and attempt."""
    present = legs[(legs["visit"] > 0) & (legs["joined_s"] >= 0)].sort_values("joined_s")
    first = present.drop_duplicates(["visit", "attempt"])
    return [(leg["unit"], leg["joined_s"] - opened_s) for leg in first.to_dict("records")]
