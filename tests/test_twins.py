"""Two engines, one answer: the compiled engine writes the legs of the SimPy engine, every column of every leg."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain
from types import FunctionType, ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_inputs import GRID_S, luck, street, streets
from reached import steps_in, ways_not_taken
from runs import SCENARIOS, scenario

from sim.demand import draw_demand
from sim.engines import cases, compiled_engine, events, heaps, jit, kernel, queues, records, run, services, simpy_engine
from sim.errors import UsageError
from sim.itineraries import plan
from sim.tables import NONE, AtClose, Closing, EngineInput, Outcome, Ready
from sim.units import WEEK_S

LOOP = (records, events, queues, cases, services, kernel)
"""The modules of the loop."""
AFTER_LYING = {"at its limit": Outcome.LEFT, "at its deadline": Outcome.OVERDUE, "out": Outcome.GAVE_UP}
N_STREETS = 200
"""Streets of every kind, by which it is shown what random streets reach."""


def examples(number: int) -> settings:
    return settings(max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def assert_same(given_input: EngineInput, legs: pd.DataFrame) -> None:
    expected = simpy_engine.run(given_input)
    assert legs.equals(expected), pd.concat([legs, expected]).drop_duplicates(keep=False)


def numbered(seed: int) -> EngineInput:
    """One of the streets that random draws can give."""
    rng = luck(seed)
    is_crowded, has_gaps, puts_back = (rng.random() < 0.5 for _ in range(3))
    sizes = (rng.randint(1, 30), rng.randint(1, 4), rng.randint(1, 4))
    return street(seed, *sizes, put_back=puts_back, crowded=is_crowded, gaps=has_gaps)


# ---- the same legs


@examples(500)
@given(streets())
def test_any_street_has_the_same_legs(given_input):
    assert_same(given_input, run(given_input, "compiled"))


@pytest.mark.slow
@examples(5000)
@given(streets())
def test_thousands_of_streets_have_the_same_legs(given_input):
    assert_same(given_input, run(given_input, "compiled"))


@examples(60)
@given(streets(), st.integers(1, 60))
def test_the_loop_uncompiled_and_in_little_room_has_the_same_legs(given_input, room):
    assert_same(given_input, compiled_engine.run_by(kernel, given_input, room))


FILES = [
    f"{folder}/{path.stem}"
    for folder in ("five-systems", "haidian", "halls", "jinfeng", "mentougou", "qingdao", "shanghai", "textbook")
    for path in sorted((SCENARIOS / folder).glob("*.yaml"))
    if path.stem not in ("hall", "street")  # what the files of a folder extend
]


@pytest.mark.parametrize("file", FILES)
def test_shipped_scenarios_have_the_same_legs(file):
    given_scenario = scenario(file)
    made = plan(given_scenario, draw_demand(given_scenario, 3, 0, 2 * WEEK_S))
    assert len(made.engine_input.itineraries) > 20
    assert_same(made.engine_input, run(made.engine_input, "compiled"))


def test_a_street_without_cases_has_no_legs():
    nobody = replace(numbered(7), itineraries=numbered(7).itineraries.iloc[:0])
    assert_same(nobody, run(nobody, "compiled"))


# ---- what the random streets reach


def test_random_streets_take_every_way_through_the_loop():
    """Every statement of every function, and every condition and loop both ways; heaps that must be cleared, too."""
    functions = {module: functions_of(module) for module in LOOP}
    assert {"clear", "put_back", "resume", "keep", "put_off"} < set(chain(*functions.values()))
    with steps_in(*LOOP) as steps:
        with pytest.raises(UsageError):
            compiled_engine.run_by(kernel, too_large("n_tries", 2**15, 9))
        for seed in range(N_STREETS):
            compiled_engine.run_by(kernel, numbered(seed), 1 + seed % 40)
            if seed % 20 == 0 and not any(ways_not_taken(one, steps[one], functions[one]) for one in LOOP):
                break
    assert [way for one in LOOP for way in ways_not_taken(one, steps[one], functions[one])] == []


def functions_of(module: ModuleType) -> set[str]:
    """The functions that stand in a module."""
    own = {name for name, value in vars(module).items() if isinstance(value, FunctionType)}
    return {name for name in own - {"record", "packed"} if vars(module)[name].__module__ == module.__name__}


def test_a_way_not_taken_is_found():
    with steps_in(kernel, services) as steps:
        compiled_engine.run_by(kernel, street(0, 3, 1, 1, put_back=False))
    missed = ways_not_taken(services, steps[services], {"put_back"})
    missed += ways_not_taken(kernel, steps[kernel], {"happen", "simulate"})
    assert any(line.startswith("put_back") and line.endswith("never reached") for line in missed)
    assert any(line.startswith("simulate") and line.endswith("never false") for line in missed)


def test_random_streets_meet_everything():
    met: Counter[str] = Counter()
    for seed in range(N_STREETS):
        given_input = numbered(seed)
        met.update(what for what, is_met in what_is_met(given_input, run(given_input)).items() if is_met)
    assert {what: met[what] for what in what_is_met(numbered(0), run(numbered(0))) if met[what] < 5} == {}


def what_is_met(given_input: EngineInput, legs: pd.DataFrame) -> dict[str, bool]:
    """Which of the things that engines must know are met in a street."""
    rows, units, teams = given_input.itineraries, given_input.units, given_input.teams
    both = legs.merge(rows, on=["case", "row"], suffixes=("", "_planned"))
    before = both.merge(rows, left_on=["case", "next_limit"], right_on=["case", "row"], suffixes=("", "_next"))
    left = before[(before["outcome"] == Outcome.LEFT) & (before["next_limit"] != before["row"])]
    ended = legs[legs["ended_s"] >= 0]
    lay = legs[(legs["class"] == NONE) & (legs["joined_s"] < legs["ended_s"])]
    serves = [text.split() for text in teams["serves"]]
    begun = ended[ended["started_s"] >= 0]
    return {
        "ties of ends and arrivals": bool(set(ended["ended_s"]) & set(legs["ready_s"])),
        "ties of arrivals": legs["joined_s"].duplicated().any(),
        "ties off the grid": (ended["ended_s"] % GRID_S != 0).any(),
        **{f"ready {kind.name}": (both["ready_kind"] == kind).any() for kind in Ready},
        "never ready": (legs["ready_s"] == NONE).any(),
        "calendar with lunch": (given_input.calendars["is_break"] == 1).any(),
        **{f"closing {rule.name}": (units["closing"] == rule).any() for rule in Closing},
        **{f"closing {rule.name}": (units["at_close"] == rule).any() for rule in AtClose},
        **{f"outcome {outcome.name}": (legs["outcome"] == outcome).any() for outcome in Outcome},
        "three classes": set(legs["class"]) >= {0, 1, 2},
        **{f"laid aside, then {what}": (lay["outcome"] == outcome).any() for what, outcome in AFTER_LYING.items()},
        "a team over several units": any(len(one) > 1 for one in serves),
        "a unit of several teams": any(n > 1 for n in Counter(chain(*serves)).values()),
        "a team of nobody": (teams["size"] == 0).any(),
        "overflow": (left["unit"] != left["unit_next"]).any(),
        "escalation": ((left["unit"] == left["unit_next"]) & (left["class"] > left["class_next"])).any(),
        "a place kept": ((legs["joined_s"] >= 0) & (legs["joined_s"] < legs["ready_s"])).any(),
        "a fork": (both["also"] != NONE).any(),
        "a join": (both["n_before"] > 1).any(),
        "a third attempt": (legs["attempt"] == 3).any(),
        "an end by the clock": (both["ends_by_s"] != NONE).any(),
        "put back": (begun["worked_s"] < begun["ended_s"] - begun["started_s"]).any(),
        "a restart": (both["worked_s"] > both["work_s"]).any(),
        "gaps in the numbers of rows": not rows.groupby("case")["row"].max().lt(rows.groupby("case").size()).all(),
    }


# ---- the compiled form


def test_there_is_one_compiled_form_whatever_pandas_gives():
    """A second set of types would compile, and be kept, a second time."""
    whole = numbered(11)
    table = whole.itineraries
    locked = pd.DataFrame(np.asfortranarray(table.to_numpy()), columns=table.columns)
    frames = {name: column.to_numpy() for name, column in table.items()}
    one = table.iloc[:1].assign(
        **dict.fromkeys([name for name in table if name.startswith("next_") or name == "also"], NONE)
    )
    for itineraries in (table, locked, pd.DataFrame(frames), table.astype("int32"), one, table.iloc[:0]):
        run(replace(whole, itineraries=itineraries), "compiled")
    assert [len(getattr(jit.loop(), name).signatures) for name in jit.ENTRIES] == [1, 1, 1]


def too_large(column: str, value: int, end_s: int) -> EngineInput:
    rows = numbered(11).itineraries
    return replace(numbered(11), itineraries=rows.assign(**{column: value}), end_s=end_s)


@pytest.mark.parametrize(
    ("column", "value", "end_s"),
    [("class", 2**40, 2**29), ("class", 2**15, 9), ("n_tries", 2**15, 9), ("limit_s", 2**30, 9), ("n_tries", 0, 2**30)],
)
def test_too_large_an_input_is_refused(column, value, end_s):
    with pytest.raises(UsageError, match="too many for the compiled engine"):
        run(too_large(column, value, end_s), "compiled")


def test_a_gate_after_all_time_is_refused():
    late = pd.DataFrame({"gate": [0], "at_s": [2**30]})
    with pytest.raises(UsageError, match="too many for the compiled engine"):
        run(replace(numbered(11), gates=late), "compiled")


def test_the_largest_input_is_served():
    rows = numbered(11).itineraries.assign(limit_s=2**30 - 2, work_s=2**30 - 2)
    for engine in ("compiled", kernel):
        whole = replace(numbered(11), itineraries=rows, end_s=2**30 - 1)
        legs = run(whole, engine) if engine == "compiled" else compiled_engine.run_by(kernel, whole)
        assert_same(whole, legs)


@pytest.mark.parametrize("n", [1, 2, 3, 50, 400])
def test_a_heap_gives_the_least_first(n):
    keys = np.random.default_rng(n).integers(0, n, n + 3)
    heap = np.zeros(n + 3, dtype=np.int64)
    for k in range(n):
        heaps.push(heap, 2, k, keys[k])
    assert [int(heaps.pop(heap, 2, n - k)) for k in range(n)] == sorted(keys[:n].tolist())
