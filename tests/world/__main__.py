"""Run everything again and write the figures, the page and its chart (``make world``: some minutes)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

import sim
from sim.experiment.workers import Workers
from sim.language import LANGUAGES
from world import figures, halls, page, ranges, runs

WORKERS = 2


def main() -> None:
    """Write all; figures have so many digits that no machine's rounding shows."""
    with Workers(WORKERS) as pool:
        found = list(pool.in_order(runs.replication, range(figures.REPLICATIONS)))
        ways = {"along_the_spread": ranges.along_the_spread(), "over_all": ranges.over_all()}
        rows = [{"way": way, **row} for way, points in ways.items() for row in pool.in_order(ranges.read, points)]
    kept = {"index": False, "float_format": "%.8g", "lineterminator": "\n"}
    figures.table(found, runs.enough()).to_csv(figures.FIGURES, **kept)
    pd.DataFrame(rows).to_csv(figures.POINTS, **kept)
    page.write(figures.kept())
    draw()


def draw() -> None:
    """The chart of waits beside the surveys."""
    compared = sim.compare(*(halls.FOLDER / f"{name}.yaml" for name in (halls.BEFORE, halls.AFTER)), workers=WORKERS)
    with tempfile.TemporaryDirectory() as folder:
        for lang in LANGUAGES:
            (drawn,) = sim.chart(compared.folder, ["waits"], lang, out=folder)
            name = "waits.png" if lang == "en" else f"waits-{lang}.png"
            (halls.FOLDER / name).write_bytes(Path(drawn).read_bytes())


if __name__ == "__main__":
    main()
