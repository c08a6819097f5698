"""Scenarios that share the possible legs of their cases give what each gives alone; those that must not do not."""

from pathlib import Path

import pandas as pd
import pytest
from test_discovery import WAYS
from test_discovery import street as lamps

from sim.demand import draw_demand
from sim.experiment.replicate import Task, replicate
from sim.itineraries import laid_out_of, lay_out, plan
from sim.measures import Window
from sim.scenario import Variants
from sim.units import WEEK_S

JINFENG = Path(__file__).parents[1] / "scenarios" / "jinfeng"
WINDOW = Window(0, WEEK_S, 2 * WEEK_S)
OTHER = [
    {"structure.communities.c1.households": 4000, "structure.communities.c4.households": 6000},
    {"structure.rules.papers_factor": 0.5},
    {"structure.rules.admission.leakage": 0.9},
    {"structure.rules.admission.community": {"leakage": 0.5}},
    {"structure.rules.admission.follow": {"share": 0.5}},
    {"structure.procedures.hotline.steps.0.work.mean": "30 min"},
    {"structure.rules.neglect": {"chance": 0.5, "lies": "1 days"}},
    {"structure.units.committee.kind": "desk"},
]


@pytest.fixture(scope="module")
def after():
    return Variants.of(JINFENG / "after.yaml")


def variant(after, overrides):
    """The scenario with values set."""
    return after.at(overrides).scenario


@pytest.mark.parametrize("overrides", OTHER, ids=lambda each: next(iter(each)))
def test_a_layout_does_not_serve_another_structure(after, overrides):
    base, other = variant(after, {}), variant(after, overrides)
    demand = draw_demand(base, 1, 0, WINDOW.end_s)
    layout = lay_out(base, demand)
    assert layout.serves(base, demand)
    assert not layout.serves(other, demand)
    shared, alone = plan(other, demand, layout), plan(other, demand)
    pd.testing.assert_frame_equal(shared.engine_input.itineraries, alone.engine_input.itineraries)
    pd.testing.assert_frame_equal(shared.cases, alone.cases)


def test_a_layout_serves_other_staff_and_gives_the_same(after):
    levers = Variants.of(JINFENG / "levers-after.yaml")
    base, moved = levers.at({}).scenario, levers.at({"structure.move.staff": 30}).scenario
    demand = draw_demand(base, 1, 0, WINDOW.end_s)
    layout = lay_out(base, demand)
    assert layout.serves(moved, demand)
    shared, alone = plan(moved, demand, layout), plan(moved, demand)
    pd.testing.assert_frame_equal(shared.engine_input.itineraries, alone.engine_input.itineraries)
    pd.testing.assert_frame_equal(shared.engine_input.teams, alone.engine_input.teams)


def test_a_transition_that_begins_at_another_time_is_laid_out_anew(after):
    """It follows the stated warm-up; without one, no work depends on the warm-up."""
    weeks = [{"run.warm_up": f"{n} weeks"} for n in (0, 1)]
    transition = {"structure.rules.transition": {"extra_work_share": 1.0, "half_life": "7 days"}}
    early, late = (variant(after, each | transition) for each in weeks)
    demand = draw_demand(early, 1, 0, WINDOW.end_s)
    layout = lay_out(early, demand)
    assert not layout.serves(late, demand)
    work = [plan(late, demand, each).engine_input.itineraries["work_s"] for each in (layout, None)]
    assert work[0].equals(work[1])
    first, second = (variant(after, each) for each in weeks)
    assert lay_out(first, demand).serves(second, demand)


def test_scenarios_run_together_give_what_each_gives_alone(after):
    scenarios = (variant(after, {}), variant(after, OTHER[0]), variant(after, OTHER[1]))
    together = replicate(Task(scenarios, 1, 0, WINDOW, "compiled", keep=False))
    for scenario, outcome in zip(scenarios, together, strict=True):
        (alone,) = replicate(Task((scenario,), 1, 0, WINDOW, "compiled", keep=False))
        pd.testing.assert_frame_equal(outcome.measures, alone.measures)


@pytest.mark.parametrize(
    "changes",
    [
        {"duty": {"rhythm": {"at": "10:00"}}},
        {"duty": {"team": "office"}},
        {"teams": {"station": {"size": 0, "calendar": "office", "serves": ["counter", "desk"], "each": "community"}}},
        {"discovery": WAYS | {"patrols": {"walk": {"duty": "walk", "rounds": 2, "coverage": 0.7}}}},
        {"discovery": WAYS | {"camera": None}},
        {"discovery": None},
    ],
    ids=str,
)
def test_what_is_found_otherwise_is_laid_out_anew(changes):
    base, other = lamps(WAYS, rate="3 / day"), lamps(**({"discovery": WAYS} | changes), rate="3 / day")
    demand = draw_demand(base, 1, 0, 4 * WEEK_S)
    shared, alone = plan(other, demand, lay_out(base, demand)), plan(other, demand)
    assert laid_out_of(base) != laid_out_of(other)
    pd.testing.assert_frame_equal(shared.engine_input.itineraries, alone.engine_input.itineraries)
    pd.testing.assert_frame_equal(shared.cases, alone.cases)
    assert not shared.cases["found_s"].equals(plan(base, demand).cases["found_s"])


@pytest.mark.parametrize(
    "changes",
    [
        {"duty": {"length": "3 h", "people": 2}},
        {"teams": {"station": {"size": 5, "calendar": "office", "serves": ["counter", "desk"], "each": "community"}}},
    ],
    ids=str,
)
def test_what_is_found_alike_shares_its_layout(changes):
    base, other = lamps(WAYS, rate="3 / day"), lamps(WAYS, **changes, rate="3 / day")
    demand = draw_demand(base, 1, 0, 4 * WEEK_S)
    layout = lay_out(base, demand)
    assert layout.serves(other, demand)
    pd.testing.assert_frame_equal(
        plan(other, demand, layout).engine_input.itineraries, plan(other, demand).engine_input.itineraries
    )
