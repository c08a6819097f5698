"""Jinfeng before and after: shares of visits by length of wait, and how soon hotline orders close."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from sim import calendars
from sim.experiment.replicate import Task, replicate
from sim.measures import Window
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.tables import NONE
from sim.units import DAY_S, WEEK_S
from world.waits import class_shares

FOLDER = Path(__file__).parents[2] / "scenarios" / "jinfeng"
NAMES = ("before", "after")
WARM_UP_WEEKS = 10
"""What the pilots of the comparison in the README found."""
LIMITS_DAYS = (7, 15)
"""Beijing's limits for ordinary and for complex orders (``hotline_limits_beijing``)."""
MEASURES = frozenset({"on_time_share", "unfinished_share", "wait_visit_min"})


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Both streets, which share their demand."""
    return tuple(load(FOLDER / f"{name}.yaml").scenario for name in NAMES)


def window() -> Window:
    """Warm-up, cohort and drain of the README's comparison."""
    run, warm_up_s = scenarios()[0].run, WARM_UP_WEEKS * WEEK_S
    return Window(warm_up_s, run.cohort, warm_up_s + run.cohort + run.drain)


def replication(number: int) -> dict[str, float]:
    """All figures of one replication of both streets."""
    found: dict[str, float] = {}
    task = Task(scenarios(), scenarios()[0].run.seed, number, window(), "compiled", measures=MEASURES)
    for short, outcome in zip(NAMES, replicate(task), strict=True):
        table = outcome.measures
        values = dict(zip(zip(table["measure"], table["group"], strict=True), table["value"], strict=True))
        figures = {
            "wait": values["wait_visit_min", ""],
            "counter.on_time": values["on_time_share", "counter"],
            "hotline.on_time": values["on_time_share", "hotline"],
            **class_shares(outcome.tables["waits.csv"]),
            **closing(outcome.tables["journeys.parquet"]),
        }
        found |= {f"jinfeng.{short}.{name}": value for name, value in figures.items()}
    return found


def closing(journeys: pd.DataFrame) -> dict[str, float]:
    """Of the cohort's orders: shares closed within Beijing's limits, and the mean of working days until closed.

    A working day is one of the office's open hours. Orders not closed count as not within a limit, and are left out of
    the mean.
    """
    opened_s = journeys["opened_s"].to_numpy()
    mine = (journeys["channel"] == "hotline").to_numpy() & window().opens(opened_s)
    opened_s, closed_s = opened_s[mine], journeys["closed_s"].to_numpy()[mine]
    closed = closed_s != NONE
    within = {
        f"hotline.within_{days}": float((closed & (closed_s - opened_s <= days * DAY_S)).mean()) for days in LIMITS_DAYS
    }
    office = next(iter(scenarios()[0].calendars.values()))
    opens, closes, _ = calendars.periods(office, window().end_s)
    worked_s = np.diff(calendars.open_seconds(opens, closes, np.array([opened_s, closed_s])[:, closed]), axis=0)
    return within | {"hotline.working_days": float(worked_s.mean() / calendars.working_day_s(office))}
