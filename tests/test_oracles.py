"""The known answers of ``oracles/queueing.csv``, held against the simulation by way of scenario files.

A textbook's unit of time is written as one hour, so that whole seconds are far below every tolerance. Seeds are those
of the files; replications are independent. The quick form asks whether the known answer lies in the 99.9% interval of
16 short replications; the slow form asks the same of long ones, and that they be as precise as the table's hint says.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from either import Chosen, run
from runs import Ran, ran, run_of, scenario

from sim.demand import arrival_times, hour_weights
from sim.measures import Window, queue_by_hour
from sim.scenario.schema import Profile, Scenario
from sim.statistics import mean_interval, paired_difference
from sim.streams import Streams
from sim.tables import NONE, EngineInput, Outcome
from sim.units import DAY_S, HOUR_S, WEEK_S

with (Path(__file__).parent / "oracles" / "queueing.csv").open(encoding="utf-8", newline="") as file:
    TABLE = {row["id"]: row for row in csv.DictReader(file)}

LEVEL = 0.999
QUICK, LONG = 16, 64
"""Independent replications of the quick and of the slow form."""
ENDED_UNFIT = "a customer of the cohort is still there when the run ends"


class Model(NamedTuple):
    """A queue in the scenario language; weeks of arrivals a replication, in the quick and in the slow form."""

    file: str
    weeks: int
    long_weeks: int
    overrides: dict[str, Any] = {}  # noqa: RUF012
    warm_up: str = "2 weeks"
    drain: str = "1 weeks"


FOUR_CLERKS = {"structure.teams.clerks.size": 4}
CALL_CENTRE = {
    "structure.teams.clerks.size": 50,
    "demand.matters.customer.rate": "48 / hour",
    "demand.matters.customer.work.mean": "1 h",
}
MODELS = {
    "three clerks": Model("textbook/mm3", 150, 1750),
    "four clerks": Model("textbook/mm3", 150, 1750, FOUR_CLERKS),
    "fifty clerks": Model("textbook/mm3", 1, 3, CALL_CENTRE, "4 days", "1 days"),
    "ten queues": Model("textbook/dedicated", 6, 24, {}, "4 days", "2 days"),
    "one queue for ten": Model("textbook/pooled", 6, 36, {}, "4 days", "1 days"),
    "M/D/1": Model("textbook/md1", 36, 95),
    "M/M/1": Model("textbook/mm1", 36, 280),
    "M/E2/1": Model("textbook/me2", 36, 225),
    "M/D/2": Model("textbook/md2", 18, 250),
    "three classes": Model("textbook/priorities", 15, 120),
    "three classes, interrupting": Model("textbook/priorities-interrupting", 15, 120),
    "two classes": Model("textbook/two-classes", 40, 125),
    "patience": Model("textbook/patience", 14, 30),
    "fixed patience": Model("textbook/patience-fixed", 14, 33),
    "rework": Model("textbook/rework", 36, 430),
    "hand-off": Model("textbook/hand-off", 24, 155),
    "gate": Model("textbook/gate", 9, 34),
    "eight hours a day": Model("textbook/daily-calendar", 26, 30),
    "constant roster": Model("textbook/constant-roster", 36, 36),
}
BY_SIMPY_TOO = ("three classes", "patience", "rework")
"""The others would take long, and the legs of both engines are equal (``test_twins.py``)."""


class Cohort(NamedTuple):
    """One replication: the legs of customers who came after the warm-up and before the drain, and their cases."""

    ran: Ran
    window: Window
    legs: pd.DataFrame
    cases: pd.DataFrame


Estimate = Callable[[Cohort], float]


def wait_h(legs: pd.DataFrame) -> pd.Series:
    """Hours from joining to being served, or to giving up."""
    return (legs["started_s"].where(legs["started_s"] != NONE, legs["ended_s"]) - legs["joined_s"]) / HOUR_S


def mean_wait(cohort: Cohort) -> float:
    return float(wait_h(cohort.legs).mean())


def share_who_wait(cohort: Cohort) -> float:
    return float((cohort.legs["started_s"] > cohort.legs["joined_s"]).mean())


def share_who_leave(cohort: Cohort) -> float:
    return float((cohort.legs["outcome"] == Outcome.GAVE_UP).mean())


def number_in_system(cohort: Cohort) -> float:
    """Time average over the cohort's window, whoever is there."""
    legs, window = cohort.ran.legs, cohort.window
    there = legs["ended_s"].clip(upper=window.stop_s) - legs["joined_s"].clip(lower=window.warm_up_s)
    return float(there.clip(lower=0).sum() / window.cohort_s)


def time_in_system(cohort: Cohort) -> float:
    """Hours from coming to leaving for good."""
    left_s = cohort.legs.groupby("case")["ended_s"].max()
    return float((left_s - cohort.cases["opened_s"]).mean() / HOUR_S)


def visits(cohort: Cohort) -> float:
    return float(cohort.legs.groupby("case").size().mean())


def wait_of_class(number: int) -> Estimate:
    return lambda cohort: float(wait_h(cohort.legs[cohort.legs["class"] == number]).mean())


def delay_of_class(number: int) -> Estimate:
    """Time in system less the mean service of twenty minutes: waiting, also while interrupted."""

    def estimate(cohort: Cohort) -> float:
        legs = cohort.legs[cohort.legs["class"] == number]
        return float((legs["ended_s"] - legs["joined_s"]).mean() / HOUR_S) - 1 / 3

    return estimate


KNOWN: dict[str, tuple[str, Estimate]] = {
    "MMC1-Wq": ("three clerks", mean_wait),
    "MMC1-C": ("three clerks", share_who_wait),
    "MMC1-L": ("three clerks", number_in_system),
    "MMC2-Wq": ("four clerks", mean_wait),
    "MMC2-C": ("four clerks", share_who_wait),
    "MMC5-Wq": ("fifty clerks", mean_wait),
    "POOL-DED": ("ten queues", mean_wait),
    "POOL-CEN": ("one queue for ten", mean_wait),
    "MG1-MD1": ("M/D/1", mean_wait),
    "MG1-MM1": ("M/M/1", mean_wait),
    "MG1-ME2": ("M/E2/1", mean_wait),
    "MDC-2": ("M/D/2", mean_wait),
    **{f"PRI-NP2-{k}": ("three classes", wait_of_class(k)) for k in (1, 2, 3)},
    **{f"PRI-PR1-{k}": ("three classes, interrupting", delay_of_class(k)) for k in (1, 2, 3)},
    **{f"PRI-MG1-{k}": ("two classes", wait_of_class(k)) for k in (1, 2)},
    "EA1-ab": ("patience", share_who_leave),
    "EA1-w": ("patience", mean_wait),
    "MMD-ab": ("fixed patience", share_who_leave),
    "MMD-w": ("fixed patience", mean_wait),
    "REWORK-W": ("rework", time_in_system),
    "REWORK-V": ("rework", visits),
    "HANDOFF": ("hand-off", time_in_system),
    "GATE-W": ("gate", mean_wait),
    "CAL-PRE": ("eight hours a day", time_in_system),
    "CAL-CONST": ("constant roster", mean_wait),
}
"""Rows that are one number: the queue that gives it, and how it is estimated."""
LAWS = {"DIFF-34", "CRN-MONO", "LITTLE", "CONSERVE", "SCALE", "NSPP-STEP"}
"""Rows with a test of their own below."""
FACTORS = {"MMC5-Wq": 8.0, "POOL-CEN": 2.5, "PRI-PR1-1": 1.5}
"""Times the table's tolerance: see :func:`test_long_runs_are_as_precise_as_the_table_asks`."""


def estimates(model: str, *, long: bool) -> pd.DataFrame:
    """What one queue gives for each of its rows of the table; a row a replication."""
    return _estimates(model, long, Chosen.engine)


@cache
def _estimates(model: str, long: bool, _engine: str) -> pd.DataFrame:
    queue = MODELS[model]
    lengths = {
        "run.warm_up": queue.warm_up,
        "run.cohort": f"{queue.long_weeks if long else queue.weeks} weeks",
        "run.drain": queue.drain,
    }
    given = scenario(queue.file, queue.overrides | lengths)
    answers = {name: estimate for name, (answered_by, estimate) in KNOWN.items() if answered_by == model}
    cohorts = (cohort_of(given, replication) for replication in range(LONG if long else QUICK))
    return pd.DataFrame([{name: estimate(cohort) for name, estimate in answers.items()} for cohort in cohorts])


def cohort_of(given: Scenario, replication: int) -> Cohort:
    assert given.run.warm_up != "auto"
    window = Window(given.run.warm_up, given.run.cohort, given.run.warm_up + given.run.cohort + given.run.drain)
    made = run_of(given, window.end_s, replication)
    cases = made.plan.cases.set_index("case")
    cases = cases[window.opens(cases["opened_s"])]
    legs = made.legs[made.legs["case"].isin(cases.index)]
    assert (legs["outcome"] != Outcome.OPEN).all(), ENDED_UNFIT
    return Cohort(made, window, legs, cases)


def tolerance(name: str) -> float:
    """The half-width that the table asks for, in the units of the expected value."""
    hint = TABLE[name]["tolerance_hint"]
    absolute = re.search(r"class 1: abs ([\d.]+)" if name.endswith("-1") else r"^abs ([\d.]+)", hint)
    if absolute:
        return float(absolute[1])
    relative = re.search(r"(?<!\d)(\d+)%(?! CI)", hint)
    assert relative is not None, hint
    return float(relative[1]) / 100 * expected(name)


def expected(name: str) -> float:
    return float(TABLE[name]["expected"])


def missed(values: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """The rows whose 99.9% interval does not contain the known answer: it, and the interval."""
    found = {name: mean_interval(values[name], LEVEL) for name in values}
    return {
        name: (expected(name), low, high)
        for name, (_, low, high, _) in found.items()
        if not low <= expected(name) <= high
    }


def test_no_row_of_the_table_is_left_out():
    assert set(KNOWN) | LAWS == set(TABLE)
    assert {model for model, _ in KNOWN.values()} == set(MODELS)


@pytest.mark.parametrize(
    ("model", "engine"),
    [(model, "compiled") for model in MODELS] + [(model, "simpy") for model in BY_SIMPY_TOO],
    indirect=["engine"],
)
def test_known_answers_lie_in_the_interval(model, engine):
    assert missed(estimates(model, long=False)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("model", [name for name in MODELS if name != "constant roster"])
def test_long_runs_are_as_precise_as_the_table_asks(model):
    """The answer lies in the 99.9% interval, and the interval's half-width is within the tolerance hint.

    Three rows would need too many customers, and may be wider by a factor:

    - MMC5-Wq, fifty clerks at 96% of capacity, who forget their state only over thousands of services: 1.5 million
      customers give 15% where 2% would need 90 million (factor 8);
    - POOL-CEN, where one customer in thirty waits at all: 1.9 million give 6% where 3% would need 8 million (2.5);
    - PRI-PR1-1, one customer in ten of its queue: 2.6 million give 0.0027 h where 0.002 h would need 5 million (1.5).

    The constant roster needs no long run of its own: its legs are those of M/M/1 (``test_metamorphic.py``).
    """
    values = estimates(model, long=True)
    assert missed(values) == {}
    widths = {name: (mean_interval(values[name], LEVEL).half_width, tolerance(name)) for name in values}
    assert {name: pair for name, pair in widths.items() if pair[0] > FACTORS.get(name, 1.0) * pair[1]} == {}


@pytest.mark.parametrize("long", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_fourth_clerk_saves_what_the_formula_says(long):
    """DIFF-34, paired: both structures meet the same customers."""
    three, four = estimates("three clerks", long=long), estimates("four clerks", long=long)
    saved = paired_difference(four["MMC2-Wq"], three["MMC1-Wq"], LEVEL)
    assert saved.low <= expected("DIFF-34") <= saved.high
    assert saved.low > 0


def test_the_gate_itself_holds_for_two_hours():
    legs = ran("textbook/gate", weeks=40).legs
    cases = ran("textbook/gate", weeks=40).plan.cases.set_index("case")["opened_s"]
    held_h = (legs["joined_s"] - cases.loc[legs["case"]].to_numpy())[legs["joined_s"] != NONE] / HOUR_S
    by_day = held_h.groupby(legs["joined_s"] // DAY_S).mean()
    interval = mean_interval(by_day, LEVEL)
    assert interval.low <= 2 <= interval.high
    assert held_h.between(0, 4).all()


def test_the_hand_off_takes_half_an_hour():
    legs = ran("textbook/hand-off", weeks=40).legs
    first, second = (legs[legs["row"] == row].set_index("case") for row in (0, 1))
    second = second[second["joined_s"] != NONE]
    assert len(second) > 4000
    assert (second["joined_s"] - first["ended_s"].loc[second.index] == HOUR_S // 2).all()


def test_the_measures_say_what_the_legs_say():
    """The figure that a user reads is the one that is held against theory here."""
    cohort = cohort_of(scenario("textbook/mm3", {"run.cohort": "40 weeks"}), 0)
    assert cohort.ran.measures(cohort.window)["wait_visit_min", ""] / 60 == pytest.approx(mean_wait(cohort), rel=1e-12)


# ---- laws


def until_empty(file: str, overrides: dict[str, Any] | None = None, weeks: int = 30) -> Ran:
    """A run that goes on, without arrivals, until everybody has left."""
    made = ran(file, overrides, weeks=weeks)
    given = replace(made.plan.engine_input, end_s=made.plan.engine_input.end_s + 5 * WEEK_S)
    emptied = replace(made, plan=replace(made.plan, engine_input=given), legs=run(given))
    assert emptied.everybody_left
    return emptied


@pytest.mark.parametrize(
    ("file", "size"),
    [("textbook/mm3", 3), ("textbook/md2", 2), ("textbook/me2", 1), ("textbook/pooled", 10)],
)
def test_with_one_more_clerk_nobody_waits_longer(file, size):
    """CRN-MONO: the same customers, served in their order by c and by c + 1 clerks (Kiefer and Wolfowitz 1955)."""
    fewer, more = (
        until_empty(file, {"structure.teams.clerks.size": n}, weeks=10).legs.set_index("case") for n in (size, size + 1)
    )
    assert fewer["worked_s"].equals(more["worked_s"])
    waits = (fewer["started_s"] - fewer["joined_s"]) - (more["started_s"] - more["joined_s"])
    assert waits.min() >= 0
    assert waits.max() > 0


@pytest.mark.parametrize("file", ["mm3", "md2", "patience", "priorities", "two-classes", "dedicated"])
def test_the_queue_over_time_is_the_waits_together(file):
    """LITTLE, in integers: from empty to empty, the area under the number waiting is the sum of all waits.

    One side is counted at each second at which somebody joins or leaves the queue; the other is what journeys report.
    """
    made = until_empty(f"textbook/{file}", weeks=6)
    leaves_s = made.legs["started_s"].where(made.legs["started_s"] != NONE, made.legs["ended_s"])
    instants = np.sort(np.concatenate([made.legs["joined_s"], leaves_s]))
    joined = np.searchsorted(np.sort(made.legs["joined_s"]), instants, side="right")
    waiting = joined - np.searchsorted(np.sort(leaves_s), instants, side="right")
    assert waiting.min() >= 0
    assert int((waiting[:-1] * np.diff(instants)).sum()) == made.journeys["wait_s"].sum()


@pytest.mark.parametrize("file", ["textbook/mm3", "textbook/patience", "tests/valid/tiny-before"])
def test_the_measured_queue_is_the_waits_together(file):
    """LITTLE for the measure that charts show: the queue by hour of the week, and the waits of all visits."""
    made = until_empty(f"../{file}" if file.startswith("tests") else file, weeks=6)
    end_s = made.plan.engine_input.end_s
    assert end_s % WEEK_S == 0
    queue = queue_by_hour(made.plan, made.legs, Window(0, end_s, end_s))
    assert queue["mean_waiting"].sum() * end_s / WEEK_S * HOUR_S == pytest.approx(
        made.journeys["wait_s"].sum(), rel=1e-9
    )


def test_no_order_of_service_saves_waiting_weighted_by_work():
    """CONSERVE (Kleinrock 1965): one clerk who never idles beside work, whatever class goes first.

    In any finite run from empty to empty the sum of work x wait is the same integer; its mean rate is
    rho W0 / (1 - rho), with W0 half the mean of squared work that arrives in a unit of time.
    """
    orders = [
        {"structure.procedures.short.steps.0.priority": short, "structure.procedures.long.steps.0.priority": long}
        for short, long in ((1, 2), (2, 1), (1, 1))
    ]
    runs = [until_empty("textbook/two-classes", order).legs for order in orders]
    sums = [int((legs["worked_s"] * (legs["started_s"] - legs["joined_s"])).sum()) for legs in runs]
    assert sums[0] == sums[1] == sums[2] > 0
    assert len({int(legs["started_s"].sum()) for legs in runs}) == 3
    waits = estimates("two classes", long=False)
    load = 0.3 * 1.0 + 0.4 * 0.8
    residual_h = 0.3 * 1.0**2 / 2 + 0.4 * 2 * 0.8**2 / 2
    interval = mean_interval(0.3 * waits["PRI-MG1-1"] + 0.4 * 0.8 * waits["PRI-MG1-2"], LEVEL)
    assert interval.low <= load * residual_h / (1 - load) <= interval.high


SCALED = {
    "itineraries": ("opens_s", "ready_s", "work_s", "limit_s", "deadline_at_s", "ends_by_s"),
    "units": ("restart_s",),
    "calendars": ("open_s", "close_s"),
    "gates": ("at_s",),
}


@pytest.mark.parametrize(
    "file", ["mm3", "priorities-interrupting", "patience", "rework", "hand-off", "gate", "daily-calendar"]
)
def test_times_seven_times_as_long_give_results_seven_times_as_long(file):
    """SCALE: exact in whole seconds, for the same customers."""
    made = ran(f"textbook/{file}", weeks=6)
    given = made.plan.engine_input
    assert (given.itineraries["ready_kind"] != 3).all(), "coming back on another day knows how long a day is"
    tables = {name: stretched(getattr(given, name), *columns) for name, columns in SCALED.items()}
    slow = run(EngineInput(**tables, teams=given.teams, end_s=7 * given.end_s))
    pd.testing.assert_frame_equal(
        slow, stretched(made.legs, "ready_s", "joined_s", "started_s", "ended_s", "worked_s"), check_exact=True
    )


def stretched(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return table.assign(**{name: table[name].where(table[name] == NONE, 7 * table[name]) for name in columns})


def step_counts(rates: dict[str, float], n_days: int) -> np.ndarray:
    """Arrivals by day and hour, (days, 24), of a rate per minute that changes by the hour."""
    per_s = sum(rates.values()) / 24 / 60
    weights = hour_weights(Profile(hours=rates), n_days * 24)
    at_s = arrival_times(Streams(1, 0), "step", per_s, weights, n_days * DAY_S)
    assert (np.diff(at_s) >= 0).all()
    return np.bincount(at_s // HOUR_S, minlength=n_days * 24).reshape(n_days, 24)


def test_arrivals_follow_a_step_in_their_rate():
    """NSPP-STEP: over 3000 days each hour's count has its own mean, and its mean for variance."""
    from scipy.stats import chi2

    counts = step_counts({"0-1": 0.05, "1-2": 1.0, "2-3": 0.05}, 3000)
    assert expected("NSPP-STEP") == 60
    for hour, mean in enumerate((3.0, 60.0, 3.0)):
        found = mean_interval(counts[:, hour], LEVEL)
        assert found.low <= mean <= found.high
        spread = 2999 * counts[:, hour].var(ddof=1) / mean
        assert chi2.ppf((1 - LEVEL) / 2, 2999) <= spread <= chi2.ppf((1 + LEVEL) / 2, 2999)
    assert counts[:, 3:].sum() == 0
    assert abs(np.corrcoef(counts[:, 0], counts[:, 1])[0, 1]) < 4 / 3000**0.5


def test_nobody_comes_in_an_hour_of_rate_zero():
    counts = step_counts({"0-1": 1.0, "1-2": 0.0, "2-3": 1.0}, 300)
    assert counts[:, 1].sum() == 0
    assert counts[:, 0].mean() == pytest.approx(60, rel=0.05)
    assert counts[:, 2].mean() == pytest.approx(60, rel=0.05)
