"""Scenarios that share the possible legs of their cases give what each gives alone; those that must not do not."""

from pathlib import Path

import pandas as pd
import pytest

from sim.demand import draw_demand
from sim.experiment.replicate import Task, replicate
from sim.itineraries import lay_out, plan
from sim.measures import Window
from sim.scenario import Variants
from sim.units import WEEK_S

JINFENG = Path(__file__).parents[1] / "scenarios" / "jinfeng"
WINDOW = Window(0, WEEK_S, 2 * WEEK_S)
OTHER = [
    {"structure.communities.c1.households": 4000, "structure.communities.c4.households": 6000},
    {"structure.rules.papers_factor": 0.5},
    {"structure.rules.admission.leakage": 0.9},
    {"structure.procedures.hotline.steps.0.work.mean": "30 min"},
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


def test_scenarios_run_together_give_what_each_gives_alone(after):
    scenarios = (variant(after, {}), variant(after, OTHER[0]), variant(after, OTHER[1]))
    together = replicate(Task(scenarios, 1, 0, WINDOW, "compiled", keep=False))
    for scenario, outcome in zip(scenarios, together, strict=True):
        (alone,) = replicate(Task((scenario,), 1, 0, WINDOW, "compiled", keep=False))
        pd.testing.assert_frame_equal(outcome.measures, alone.measures)
