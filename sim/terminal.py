"""What the command line shows: tables, a progress bar, messages. Everything printed passes through here."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.language import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

WIDTH_OF_A_FILE = 160
NARROWEST = 12
"""Columns of the screen to which the head of a column may be folded."""
"""Characters in a line where the output is not a terminal."""


class Screen(Console):
    """A console that leaves it to the command line what becomes of a reader who has gone away."""

    def on_broken_pipe(self) -> None:
        """Pass it on."""
        raise BrokenPipeError


def console(*, stderr: bool = False) -> Screen:
    """Standard output or error, with a fixed width where it is not a terminal."""
    stream = sys.stderr if stderr else sys.stdout
    return Screen(file=stream, width=None if stream.isatty() else WIDTH_OF_A_FILE, highlight=False, soft_wrap=False)


def tell(line: str, *, stderr: bool = False) -> None:
    """Print a line as it stands."""
    console(stderr=stderr).print(Text(line), soft_wrap=True)


def show_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, n_text_columns: int = 1) -> None:
    """Print a table; the columns after the first ``n_text_columns`` hold numbers and stand to the right.

    Where it would be wider than the screen, the heads of numbers are folded to the width of the numbers.
    """
    lines, screen = [list(row) for row in rows], console()
    columns = [[cell_len(row[position]) for row in lines] for position in range(len(header))]
    widths = [max([cell_len(name), *cells]) for name, cells in zip(header, columns, strict=True)]
    is_wide = sum(widths) + 2 * len(widths) > screen.width
    table = Table(box=None, show_header=any(header), pad_edge=False)
    for position, name in enumerate(header):
        is_text = position < n_text_columns
        head = Text(name)
        if is_wide and not is_text:
            head = Text("\n").join(head.wrap(screen, max([NARROWEST, *columns[position]])))
        table.add_column(head, justify="left" if is_text else "right", overflow="fold", no_wrap=not is_text)
    for row in lines:
        table.add_row(*(Text(cell) for cell in row))
    with screen.capture() as captured:
        screen.print(table)
    for line in captured.get().splitlines():
        screen.out(line.rstrip(), highlight=False)


def figure(value: float) -> str:
    """A number to about three digits, as people write it; empty where there is none.

    >>> figure(1234.56), figure(12.345), figure(0.01234), figure(0.0), figure(math.nan)
    ('1,235', '12.3', '0.0123', '0', '')
    """
    if not math.isfinite(value):
        return ""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(digits, 6)}f}"


class Bars:
    """Progress on standard error, from the first report to the end; nothing where that is not a terminal."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self._progress: Progress | None = None
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int, /) -> None:
        """Show how far a stage has come."""
        if not sys.stderr.isatty():
            return
        if self._progress is None:
            self._progress = _progress()
            self._progress.start()
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(say(f"cli.stage.{stage}", self.lang), total=total)
        self._progress.update(self._bars[stage], completed=done, total=total)


def _progress() -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console(stderr=True),
        transient=True,
    )
