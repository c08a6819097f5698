"""Boxes whose areas are people: teams of one level laid out in rows, named where the name has room."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from string import ascii_lowercase

from sim.charts.letters import SMALL, balanced, text_width_in, wrapped

LINE_IN = SMALL * 1.25 / 72
PAD_IN = 0.05
LEAST_IN = 0.44
"""Height that a level has at least, so that three lines of text fit in its boxes; a small level is narrow instead."""
NOBODY_IN = (0.9, 0.14)
"""Width and height of a level without people, which cases pass all the same."""


@dataclass(frozen=True)
class Team:
    """A team: what it is called, and its head count in each place where it stands."""

    name: str
    sizes: tuple[int, ...]

    @property
    def people(self) -> int:
        """Head count over all places."""
        return sum(self.sizes)


@dataclass(frozen=True)
class Box:
    """A rectangle in inches, from the upper left corner of its level.

    ``words``: what stands in it, broken to fit; a letter for what stands below the level instead; empty: no room.
    """

    team: Team
    left: float
    top: float
    width: float
    height: float
    words: str
    cells: tuple[tuple[float, float, float, float], ...]
    """Left, top, width and height of each place's part."""


@dataclass(frozen=True)
class Strip:
    """One level: its boxes side by side and in rows, which fill ``width`` × ``height`` inches."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    below: str = ""
    """Names that have no room in it, after the letters of their boxes; each line ends with a line feed."""


def fitted(words: str, width_in: float, height_in: float) -> str:
    r"""Words broken so as to stand in a box, or nothing if they have no room there.

    Of the two lines of ``words`` (a name, a number) the second stands beside the first if all has room in one line.

    >>> fitted("a\n1", 1.0, 0.2), fitted("a\n1", 0.2, 0.3), fitted("a\n1", 0.2, 0.2)
    ('a 1', 'a\n1', '')
    """
    room_in = width_in - 2 * PAD_IN
    one_line = words.replace("\n", " ")
    parts = "\n".join(balanced(line, room_in, SMALL) for line in words.split("\n"))
    for lines in (one_line, parts, balanced(one_line, room_in, SMALL)):
        widest = max(text_width_in(line, SMALL) for line in lines.split("\n"))
        if widest <= room_in and (lines.count("\n") + 1) * LINE_IN + 0.02 <= height_in:
            return lines
    return ""


def in_rows(sizes: Sequence[int], n_rows: int) -> list[list[int]]:
    """Positions of things in rows of nearly equal sums, in their order.

    >>> in_rows([3, 3, 3, 3], 2), in_rows([6, 1, 1], 2)
    ([[0, 1], [2, 3]], [[0], [1, 2]])
    """
    share, rows, before = sum(sizes) / n_rows, [[0]], sizes[0]
    for position, size in enumerate(sizes[1:], start=1):
        is_full = before + size / 2 > share * len(rows) and len(rows) < n_rows
        rows.append([position]) if is_full else rows[-1].append(position)
        before += size
    return rows


def tiles(sizes: Sequence[int], width: float, height: float, n_rows: int) -> list[tuple[float, float, float, float]]:
    """Left, top, width and height of parts of a rectangle, each of an area in proportion to its size."""
    total, top, found = sum(sizes), 0.0, []
    for row in in_rows(sizes, n_rows):
        of_row = sum(sizes[position] for position in row)
        row_height, left = height * of_row / total, 0.0
        for position in row:
            part = width * sizes[position] / of_row
            found.append((left, top, part, row_height))
            left += part
        top += row_height
    return found


def arrange(teams: Sequence[Team], most_width: float, per_person: float, words: Callable[[Team], str]) -> Strip:
    """The boxes of a level, ``per_person`` square inches for each of its people, the largest first.

    ``words`` says what stands in a box; where that has no room there, it stands below the level, and a letter in the
    box. A level of nobody is a frame without boxes.
    """
    if not teams:
        return Strip(min(most_width, NOBODY_IN[0]), NOBODY_IN[1], ())
    largest_first = sorted(teams, key=lambda team: -team.people)
    area = per_person * sum(team.people for team in teams)
    width = min(most_width, area / LEAST_IN)
    tried = [_boxes(largest_first, width, area / width, n_rows, words) for n_rows in range(1, len(teams) + 1)]
    boxes = max(tried, key=lambda some: (sum(bool(box.words) for box in some), -_elongation(some)))
    lettered: list[Box] = []
    below: list[str] = []
    for box in boxes:
        if box.words:
            lettered.append(box)
            continue
        letter = "" if len(boxes) == 1 else letter_of(len(below))
        lettered.append(replace(box, words=fitted(letter, box.width, box.height)))
        below.append(f"{letter} {words(box.team)}".replace("\n", " ").strip())
    names = wrapped("; ".join(below), most_width, SMALL) + "\n" if below else ""
    return Strip(width, area / width, tuple(lettered), names)


def letter_of(position: int) -> str:
    """The letter of a box whose name stands below.

    >>> letter_of(0), letter_of(25), letter_of(26)
    ('a', 'z', 'aa')
    """
    return ascii_lowercase[position % 26] * (position // 26 + 1)


def _boxes(teams: Sequence[Team], width: float, height: float, n_rows: int, words: Callable[[Team], str]) -> list[Box]:
    parts = tiles([team.people for team in teams], width, height, n_rows)
    boxes = [
        Box(team, *part, fitted(words(team), part[2], part[3]), ()) for team, part in zip(teams, parts, strict=True)
    ]
    return [replace(box, cells=_cells(box)) for box in boxes]


def _cells(box: Box) -> tuple[tuple[float, float, float, float], ...]:
    sizes = box.team.sizes
    layouts = [tiles(sizes, box.width, box.height, n_rows) for n_rows in range(1, len(sizes) + 1)]
    best = min(layouts, key=_longest)
    return tuple((box.left + left, box.top + top, width, height) for left, top, width, height in best)


def _elongation(boxes: Sequence[Box]) -> float:
    return _longest([(box.left, box.top, box.width, box.height) for box in boxes])


def _longest(parts: Sequence[tuple[float, float, float, float]]) -> float:
    """How far the least square of some rectangles is from a square."""
    return max(abs(math.log(width / height)) for _, _, width, height in parts)
