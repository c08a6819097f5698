"""Laws of the engine on random streets: what no institution can change, and what may not matter."""

from __future__ import annotations

import ast
import heapq
import inspect
from dataclasses import replace

import pandas as pd
import pytest
from check_laws import check_all
from either import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_inputs import luck, offices, street, streets

from sim import rules
from sim.engines.simpy_engine import Street, Team
from sim.tables import NONE, EngineInput, Outcome, Ready
from sim.units import DAY_S

pytestmark = pytest.mark.usefixtures("engine")


def examples(number: int) -> settings:
    """So many random streets; they are small, but none is timed."""
    return settings(max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def waits_s(legs: pd.DataFrame) -> list[int]:
    return (legs["started_s"] - legs["joined_s"]).tolist()


@examples(250)
@given(streets())
def test_any_street_obeys_the_laws(given_input):
    check_all(given_input, run(given_input))


def test_a_street_that_meets_every_outcome_obeys_the_laws():
    """The random streets do reach every outcome, putting back, places kept and third attempts."""
    legs = []
    for seed in range(12):
        given_input = street(seed, 40, 3, 3, crowded=seed % 2 == 0)
        legs.append(run(given_input))
        check_all(given_input, legs[-1])
    table = pd.concat(legs)
    assert set(table["outcome"]) == set(Outcome)
    begun = table[table["ended_s"].ge(0) & table["started_s"].ge(0)]
    assert (begun["worked_s"] < begun["ended_s"] - begun["started_s"]).sum() > 20
    assert (table["joined_s"].ge(0) & (table["joined_s"] < table["ready_s"])).sum() > 3
    assert table["attempt"].max() == 3


@examples(60)
@given(offices())
def test_one_queue_is_the_recursion_of_kiefer_and_wolfowitz(office):
    """First come, first served by c clerks: each customer starts with the clerk who is free first.

    J. Kiefer and J. Wolfowitz (1955), On the theory of queues with many servers.
    """
    free_s = [0] * int(office.teams["size"][0])
    expected = []
    for row in office.itineraries.itertuples():
        start_s = max(row.opens_s, heapq.heappop(free_s))
        heapq.heappush(free_s, start_s + row.work_s)
        expected.append((start_s, start_s + row.work_s))
    legs = run(office)
    assert list(zip(legs["started_s"].tolist(), legs["ended_s"].tolist(), strict=True)) == expected


@examples(60)
@given(offices())
def test_with_one_more_clerk_nobody_waits_longer(office):
    more = replace(office, teams=office.teams.assign(size=office.teams["size"] + 1))
    assert all(after <= before for before, after in zip(waits_s(run(office)), waits_s(run(more)), strict=True))


@examples(30)
@given(streets(always_open=True), st.integers(2, 7))
def test_slower_clocks_only_stretch_time(given_input, factor):
    """All times k times as long give results exactly k times as long, as long as no day or hour is named."""
    rows = given_input.itineraries.copy()
    rows.loc[rows["ready_kind"] == int(Ready.NEXT_OPEN_DAY), "ready_kind"] = int(Ready.WALL)
    rows.loc[rows["next_limit"] == rows["row"], "next_limit"] = NONE
    plain = replace(given_input, itineraries=rows)
    slow = EngineInput(
        itineraries=stretched(rows, factor, "opens_s", "ready_s", "work_s", "ends_by_s", "limit_s", "deadline_at_s"),
        units=stretched(plain.units, factor, "restart_s"),
        teams=plain.teams,
        calendars=stretched(plain.calendars, factor, "open_s", "close_s"),
        gates=stretched(plain.gates, factor, "at_s"),
        end_s=plain.end_s * factor,
    )
    times = ("ready_s", "joined_s", "started_s", "ended_s", "worked_s")
    pd.testing.assert_frame_equal(run(slow), stretched(run(plain), factor, *times))


def stretched(table: pd.DataFrame, factor: int, *columns: str) -> pd.DataFrame:
    """The same table with some columns times a factor, where they are not "none"."""
    return table.assign(**{name: table[name].where(table[name] == NONE, table[name] * factor) for name in columns})


@examples(30)
@given(streets(), st.integers(0, 1000))
def test_the_numbers_of_units_mean_nothing(given_input, seed):
    """Units declared in another order, every mention renumbered: the same legs at the renumbered units."""
    new = list(range(len(given_input.units)))
    luck(seed).shuffle(new)
    units = given_input.units.assign(unit=new).sort_values("unit", ignore_index=True)
    serves = [" ".join(str(new[int(unit)]) for unit in units.split()) for units in given_input.teams["serves"]]
    renumbered = replace(
        given_input,
        units=units,
        teams=given_input.teams.assign(serves=serves),
        itineraries=given_input.itineraries.assign(unit=given_input.itineraries["unit"].map(dict(enumerate(new)))),
    )
    expected = run(given_input)
    pd.testing.assert_frame_equal(run(renumbered), expected.assign(unit=expected["unit"].map(dict(enumerate(new)))))


@examples(30)
@given(streets(), st.integers(0, 1000))
def test_a_calendar_cut_into_periods_is_the_same_calendar(given_input, seed):
    """Shift changes without a gap are no closings, whatever they are marked as: nobody goes, nothing pauses."""
    rng, pieces = luck(seed), []
    for row in given_input.calendars.itertuples():
        length_s = min(row.close_s, given_input.end_s) - row.open_s
        cuts = sorted(rng.sample(range(row.open_s + 1, row.open_s + length_s), 3)) if length_s > 3 else []
        bounds = [row.open_s, *cuts, row.close_s]
        marks = [*(rng.randrange(2) for _ in cuts), row.is_break]
        pieces += [(row.calendar, *piece) for piece in zip(bounds, bounds[1:], marks, strict=False)]
    cut = pd.DataFrame(pieces, columns=given_input.calendars.columns)
    assert len(cut) > len(given_input.calendars)
    pd.testing.assert_frame_equal(run(replace(given_input, calendars=cut)), run(given_input))


@examples(30)
@given(streets(), st.integers(1, 9))
def test_the_future_does_not_change_the_past(given_input, days):
    """A run that ends earlier has the same legs, as far as it goes."""
    end_s = days * DAY_S
    short, long = run(replace(given_input, end_s=end_s)), run(given_input)
    ended = long[long["ended_s"].between(0, end_s - 1)].reset_index(drop=True)
    pd.testing.assert_frame_equal(short[short["outcome"] != Outcome.OPEN].reset_index(drop=True), ended)
    still_open = short[short["outcome"] == Outcome.OPEN].merge(long, on=["case", "row", "attempt"])
    assert len(still_open) == (short["outcome"] == Outcome.OPEN).sum()
    assert still_open["ready_s_x"].equals(still_open["ready_s_y"])
    assert (still_open["started_s_x"] == still_open["started_s_y"].where(lambda at_s: at_s < end_s, NONE)).all()


class VisitAll(Street):
    """The same street, where any change makes it look at every team."""

    def touch(self, team: Team) -> None:
        super().touch(team)
        for other in self.teams:
            super().touch(other)


@examples(40)
@given(streets())
def test_looking_only_at_teams_that_changed_is_enough(given_input):
    pd.testing.assert_frame_equal(VisitAll(given_input).run(), run(given_input))


@examples(20)
@given(streets())
def test_the_same_input_gives_the_same_legs_and_is_left_alone(given_input):
    copy = EngineInput(*(table.copy() for table in list(vars(given_input).values())[:5]), given_input.end_s)
    pd.testing.assert_frame_equal(run(given_input), run(copy))
    for name in ("itineraries", "units", "teams", "calendars", "gates"):
        pd.testing.assert_frame_equal(getattr(given_input, name), getattr(copy, name))


PLAIN = (
    ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Expr, ast.Constant, ast.Assign, ast.AugAssign, ast.If,
    ast.IfExp, ast.For, ast.While, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Subscript, ast.Tuple,
    ast.Name, ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context,
)  # fmt: skip


def test_rules_are_scalar_functions():
    """Whole numbers, loops and indexing: what a compiler for numerical Python takes without change."""
    functions = [node for node in ast.parse(inspect.getsource(rules)).body if isinstance(node, ast.FunctionDef)]
    allowed = {function.name for function in functions} | {"len", "min", "max", "range"}
    for function in functions:
        nodes = [node for statement in function.body for node in ast.walk(statement)]
        assert all(isinstance(node, PLAIN) for node in nodes), function.name
        assert {node.func.id for node in nodes if isinstance(node, ast.Call)} <= allowed
    codes = [value for name, value in vars(rules).items() if name.isupper()]
    assert all(type(code) is int or isinstance(code, int) for code in codes)


@pytest.mark.parametrize("instant_s", range(12))
def test_a_gate_and_an_opening_take_the_first_instant_not_before(instant_s):
    instants = [2, 3, 7, 9]
    later = [at_s for at_s in instants if at_s >= instant_s]
    assert rules.gate_s(instants, instant_s) == (later[0] if later else NONE)
    assert rules.n_up_to(instants, instant_s) == sum(at_s <= instant_s for at_s in instants)
