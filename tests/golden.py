"""Golden tables: the measures of a short run of Jinfeng and of each system; written again only by ``make golden``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.experiment.replicate import Task, replicate
from sim.measures import Window
from sim.scenario import load
from sim.units import WEEK_S

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "golden"
SCENARIOS = {
    "jinfeng-before": "jinfeng/before",
    "jinfeng-after": "jinfeng/after",
    "five-mentougou": "five-systems/mentougou",
    "five-qingdao": "five-systems/qingdao",
    "five-haidian": "five-systems/haidian",
    "five-shanghai": "five-systems/shanghai",
}
"""File by name of the table."""
WINDOW = Window(2 * WEEK_S, 3 * WEEK_S, 6 * WEEK_S)
SEED = 1


def measures(name: str) -> pd.DataFrame:
    """Measures of one short replication, without the many rows by matter."""
    scenario = load(ROOT / "scenarios" / f"{SCENARIOS[name]}.yaml").scenario
    table = replicate(Task((scenario,), SEED, 0, WINDOW, "simpy", keep=False))[0].measures
    return table[~table["group"].str.startswith("matter:")].reset_index(drop=True)


def write() -> None:
    """Write every golden table."""
    FOLDER.mkdir(exist_ok=True)
    for name in SCENARIOS:
        measures(name).to_csv(FOLDER / f"{name}.csv", index=False, float_format="%.10g", lineterminator="\n")


if __name__ == "__main__":
    write()
