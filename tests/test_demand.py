"""Demand: who comes when, drawn once, whatever the structure and whatever else is asked for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_street import scenario

from sim.demand import Demand, arrival_times, draw_demand, hour_weights, times_of_day
from sim.scenario.schema import Profile
from sim.streams import Streams
from sim.structure.places import places
from sim.tables import NONE
from sim.units import DAY_S, HOUR_S, WEEK_S

YEAR_H = 365 * 24
LUCK = Streams(1, 0)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP = [{"unit": "counter", "present": True, "share": 1}]


def drawn(end_s=4 * WEEK_S, seed=1, replication=0, place=None, demand=None, **matters) -> Demand:
    """The demand of some matters on the small street; none of them needs a procedure here."""
    return draw_demand(scenario(matters, {}, place=place, demand=demand), seed, replication, end_s)


def cases(demand, number=0):
    """(case, opened_s, household) of a matter."""
    own = demand.matters[number]
    return list(zip(own.case.tolist(), own.opened_s.tolist(), own.household.tolist(), strict=True))


# ---- profiles


def test_a_flat_profile_is_one_at_every_hour():
    assert (hour_weights(Profile(), 100) == 1).all()


def test_hours_of_a_profile_are_weights_and_the_others_zero():
    """Nine to eleven at 1, eleven to twelve at 2: 24 / 4 = 6 and 12."""
    weights = hour_weights(Profile(hours={"9-11": 1.0, "11-12": 2.0}), 48)
    assert weights.tolist() == pytest.approx(([0.0] * 9 + [6.0, 6.0, 12.0] + [0.0] * 12) * 2)


def test_days_of_the_week_that_are_not_named_are_zero():
    """Of the year's 365 days 53 are Mondays and 52 Tuesdays; Mondays weigh three times as much."""
    weights = hour_weights(Profile(weekdays={"mon": 3.0, "tue": 1.0}), 7 * 24).reshape(7, 24)
    assert weights[:, 0].tolist() == pytest.approx([3 * 365 / 211, 365 / 211, 0, 0, 0, 0, 0])
    assert (weights == weights[:, :1]).all()


def test_months_and_days_of_the_month_that_are_not_named_are_one():
    """January's 31 days at 2 and the twelve first days at 3: 31 x 2 + 2 x 2 (1 January is both) + 11 x 2 more."""
    weights = hour_weights(Profile(months={1: 2.0}, days_of_month={1: 3.0}), YEAR_H).reshape(365, 24)[:, 0]
    mean = (6 + 30 * 2 + 11 * 3 + (365 - 31 - 11)) / 365
    assert weights[0] == pytest.approx(6 / mean)
    assert weights[1] == pytest.approx(2 / mean)
    assert weights[31] == pytest.approx(3 / mean)
    assert weights[32] == pytest.approx(1 / mean)


@st.composite
def profiles(draw):
    weight = st.floats(0.1, 5) | st.just(0.0)
    cuts = sorted(draw(st.sets(st.integers(0, 24), min_size=2, max_size=5)))
    return Profile(
        hours={f"{first}-{last}": draw(weight) for first, last in pairwise(cuts)},
        weekdays=draw(st.dictionaries(st.sampled_from(WEEKDAYS), weight)),
        months=draw(st.dictionaries(st.integers(1, 12), weight)),
        days_of_month=draw(st.dictionaries(st.integers(1, 31), weight)),
    )


@settings(max_examples=50, deadline=None)
@given(profiles())
def test_the_mean_over_the_year_is_one_and_longer_runs_agree(profile):
    """Hours that are not named, or are named as zero, have none."""
    with np.errstate(invalid="ignore"):
        weights = hour_weights(profile, YEAR_H + 40 * 24)
    assume(not np.isnan(weights).any())  # all weights zero: such a profile is a fault of the file
    assert weights[:YEAR_H].mean() == pytest.approx(1)
    assert (weights[:500] == hour_weights(profile, 500)).all()
    named = {hour for name, weight in profile.hours.items() for hour in range(*map(int, name.split("-"))) if weight}
    assert (weights.reshape(-1, 24)[:, sorted(set(range(24)) - named)] == 0).all()


def test_times_of_day_follow_the_hours():
    """Half of them between nine and ten, half between two and four, evenly."""
    profile = Profile(hours={"9-10": 2.0, "14-16": 1.0})
    assert (times_of_day(profile, np.array([0.0, 0.25, 0.5, 0.75, 0.99])) / HOUR_S).tolist()[1:] == pytest.approx(
        [9.5, 14, 15, 15.96]
    )
    assert (times_of_day(Profile(), np.array([0.0, 0.5])) / HOUR_S).tolist() == [0, 12]
    assert times_of_day(profile, np.array([1 - 2.0**-53]))[0] <= 16 * HOUR_S


# ---- arrivals


def test_arrivals_of_a_constant_rate_have_exponential_gaps():
    """Ten an hour for two years: the gaps' distribution function within the Kolmogorov bound of one in a thousand."""
    at_s = arrival_times(LUCK, "card", 10 / HOUR_S, None, 104 * WEEK_S)
    n = len(at_s)
    assert n == pytest.approx(10 * 24 * 7 * 104, abs=4 * np.sqrt(10 * 24 * 7 * 104))
    gaps = np.sort(np.diff(at_s))
    distance = np.abs(1 - np.exp(-gaps * 10 / HOUR_S) - np.arange(1, n) / n).max()
    assert distance < 1.95 / np.sqrt(n)


def test_arrivals_follow_the_weights_hour_by_hour():
    """Counts by hour of the week against their expectation, by chi-square; none in hours of zero."""
    profile = Profile(hours={"8-12": 2.0, "13-17": 1.0}, weekdays={"mon": 3.0, "wed": 1.0, "sun": 0.5})
    weights = hour_weights(profile, 104 * 168)
    at_s = arrival_times(LUCK, "card", 20 / HOUR_S, weights, 104 * WEEK_S)
    expected = 20 * weights.reshape(104, 168).sum(axis=0)
    found = np.bincount(at_s // HOUR_S % 168, minlength=168)
    assert (found[expected == 0] == 0).all()
    busy = expected > 0
    assert busy.sum() == 3 * 8
    chi_square = ((found[busy] - expected[busy]) ** 2 / expected[busy]).sum()
    assert 8 < chi_square < 52  # 24 degrees: one in a thousand is below 8.1, one in a thousand above 51.2


def test_an_hour_of_zero_is_skipped_and_the_rest_evenly_filled():
    """Only the third hour has a rate: all arrivals are in it, uniform over its seconds."""
    at_s = arrival_times(LUCK, "card", 1.0, np.array([0.0, 0.0, 1.0, 0.0]), 4 * HOUR_S)
    assert ((at_s >= 2 * HOUR_S) & (at_s < 3 * HOUR_S)).all()
    assert len(at_s) == pytest.approx(3600, abs=240)
    assert np.abs(
        np.sort(at_s - 2 * HOUR_S) / HOUR_S - (np.arange(len(at_s)) + 0.5) / len(at_s)
    ).max() < 1.95 / np.sqrt(len(at_s))


def test_no_rate_no_arrivals():
    assert len(arrival_times(LUCK, "card", 0.0, None, WEEK_S)) == 0
    assert len(arrival_times(LUCK, "card", 1.0, np.zeros(24), DAY_S)) == 0


@pytest.mark.parametrize("end_s", [WEEK_S, 3 * DAY_S + 9 * HOUR_S + 1234, HOUR_S // 2])
@pytest.mark.parametrize("profile", [None, Profile(hours={"8-12": 2.0, "13-17": 1.0})])
def test_a_longer_run_keeps_the_earlier_arrivals(end_s, profile):
    def until(end_s):
        weights = None if profile is None else hour_weights(profile, -(-end_s // HOUR_S))
        return arrival_times(LUCK, "card", 30 / HOUR_S, weights, end_s)

    long = until(5 * WEEK_S)
    short = until(end_s)
    assert short.tolist() == long[long < end_s].tolist()
    assert (np.diff(long) >= 0).all()


def test_far_more_arrivals_than_expected_are_still_all_drawn():
    """The number drawn first is a guess (18 where 10 are expected), too low in some of these runs."""
    counts = [len(arrival_times(Streams(seed, 0), "card", 1e-3, None, 10_000)) for seed in range(2000)]
    assert np.mean(counts) == pytest.approx(10, abs=0.3)
    assert np.var(counts) == pytest.approx(10, abs=1.2)
    assert max(counts) > 20


# ---- cases


def test_rates_are_for_the_street_the_household_or_the_person():
    """200 / year, 2 / household / year with 100 households, 0.8 / person / year at 2.5 persons: the same arrivals."""
    place = {"persons_per_household": 2.5}
    rates = ("200 / year", "2 / household / year", "0.8 / person / year")
    found = [cases(drawn(place=place, card={"rate": rate}, end_s=20 * WEEK_S)) for rate in rates]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == pytest.approx(200 * 20 / 52, abs=35)


def test_levels_of_demand_are_nested_thinnings_of_one_draw():
    """A case asked for at 0.8 is asked for at 1, at 1.25 and at 2, at the same instant, by the same household."""
    levels = (0.4, 0.8, 1.0, 1.25, 2.0)
    made = [drawn(demand={"scale": scale}, card={"rate": "50 / day"}, end_s=20 * WEEK_S) for scale in levels]
    known = [
        {(index, *case[1:]) for index, case in zip(one.matters[0].index.tolist(), cases(one), strict=True)}
        for one in made
    ]
    assert all(less < more for less, more in pairwise(known))
    for scale, one in zip(levels, known, strict=True):
        assert len(one) == pytest.approx(50 * 140 * scale, abs=4 * np.sqrt(50 * 140 * scale))
    assert {one.matters[0].n_drawn for one in made} == {len(known[-1])}


def test_a_case_that_stays_keeps_its_luck_at_another_level():
    few, many = (drawn(demand={"scale": scale}, card={"rate": "50 / day"}) for scale in (0.5, 1.5))
    luck = [
        dict(zip(one.matters[0].index.tolist(), one.uniforms(one.matters[0], "work", 2).tolist(), strict=True))
        for one in (few, many)
    ]
    assert luck[0].items() < luck[1].items()


def test_thinning_leaves_the_rhythm_of_the_week_as_it_was():
    demand = {"profiles": {"peak": {"hours": {"9-12": 1}, "weekdays": {"mon": 3, "fri": 1}}}}
    made = drawn(demand=demand | {"scale": 0.5}, card={"rate": "100 / day", "profile": "peak"}, end_s=52 * WEEK_S)
    day = made.matters[0].opened_s // DAY_S % 7
    assert set(day) == {0, 4}
    assert (day == 0).mean() == pytest.approx(0.75, abs=0.02)


def test_scale_is_of_residents_alone():
    report = {"kind": "task", "rate": "5 / day"}
    assert cases(drawn(report=report)) == cases(drawn(report=report, demand={"scale": 0.5}))


def test_tasks_by_rate_come_for_each_item():
    one, six = (
        drawn(report={"kind": "task", "rate": "1 / day", "items": items}, end_s=52 * WEEK_S) for items in (1, 6)
    )
    assert len(cases(one)) == pytest.approx(364, abs=76)
    assert len(cases(six)) == pytest.approx(6 * 364, abs=187)


def test_tasks_by_schedule_come_all_items_at_once():
    made = drawn(report={"kind": "task", "schedule": {"days": ["wed"], "at": "9:00", "every_weeks": 2}, "items": 3})
    wednesday = 2 * DAY_S + 9 * HOUR_S
    assert cases(made) == [(k, wednesday + 2 * WEEK_S * (k // 3), NONE) for k in range(6)]
    assert made.matters[0].index.tolist() == list(range(6))


def test_cases_are_numbered_by_time_then_stream_then_index():
    """Both sent at nine; `a-stream` goes first, whichever is declared first."""
    monday = {"kind": "task", "schedule": {"days": ["mon"], "at": "9:00"}, "items": 2}
    early = {"kind": "task", "schedule": {"days": ["mon"], "at": "8:00"}}
    declared = {"late": monday | {"stream": "b-stream"}, "first": monday | {"stream": "a-stream"}, "early": early}
    for names in (("late", "first", "early"), ("early", "first", "late")):
        made = drawn(end_s=WEEK_S, **{name: declared[name] for name in names})
        found = {name: [case for case, _, _ in cases(made, number)] for number, name in enumerate(names)}
        assert found == {"early": [0], "first": [1, 2], "late": [3, 4]}


def test_case_numbers_run_through_in_order_of_time():
    made = drawn(card={"rate": "20 / day"}, permit={"rate": "5 / day"}, report={"kind": "task", "rate": "1 / day"})
    every = sorted(case for number in range(3) for case in cases(made, number))
    assert [case for case, _, _ in every] == list(range(made.n_cases))
    assert [at_s for _, at_s, _ in every] == sorted(at_s for _, at_s, _ in every)


def test_one_more_matter_changes_no_other_draw():
    """Instants, households and luck stay; only the running numbers make room."""
    alone = drawn(card={"rate": "20 / day"})
    beside = drawn(a={"rate": "9 / day"}, card={"rate": "20 / day"}, z={"kind": "task", "rate": "1 / day"})
    here, there = alone.matters[0], beside.matters[1]
    assert here.opened_s.tolist() == there.opened_s.tolist()
    assert here.household.tolist() == there.household.tolist()
    assert alone.uniforms(here, "work").tolist() == beside.uniforms(there, "work").tolist()
    assert there.number == 1


def test_a_renamed_matter_keeps_its_luck_by_its_stream():
    assert cases(drawn(card={"rate": "9 / day"})) == cases(drawn(senior={"rate": "9 / day", "stream": "card"}))
    assert cases(drawn(card={"rate": "9 / day"})) != cases(drawn(senior={"rate": "9 / day"}))


@pytest.mark.parametrize("end_s", [WEEK_S, 11 * DAY_S + 4321])
def test_a_longer_run_keeps_the_earlier_cases_and_their_numbers(end_s):
    matters = {
        "card": {"rate": "20 / day", "profile": "peak"},
        "permit": {"rate": "5 / day"},
        "report": {"kind": "task", "schedule": {"days": ["wed"], "at": "9:00"}, "items": 3},
    }
    demand = {"profiles": {"peak": {"hours": {"9-12": 1, "14-17": 2}}}}
    long, short = (drawn(until_s, demand=demand, **matters) for until_s in (6 * WEEK_S, end_s))
    for number in range(3):
        kept = [case for case in cases(long, number) if case[1] < end_s]
        assert cases(short, number) == kept
        n = len(kept)
        one, other = (each.uniforms(each.matters[number], "work") for each in (long, short))
        assert one[:n].tolist() == other.tolist()


def test_another_replication_or_seed_is_another_year():
    known = [
        cases(drawn(seed=seed, replication=replication, card={"rate": "9 / day"}))
        for seed, replication in ((1, 0), (1, 1), (2, 0))
    ]
    assert all(
        not {at_s for _, at_s, _ in a} & {at_s for _, at_s, _ in b}
        for a, b in ((known[0], known[1]), (known[0], known[2]))
    )


# ---- households


def test_households_are_drawn_evenly_and_communities_have_what_belongs_to_them():
    """A hundred households, 40 of them in the east: chi-square of 99 degrees, and 40% of the cases."""
    made = drawn(card={"rate": "500 / day"})
    home = made.matters[0].household
    counts = np.bincount(home, minlength=100)
    expected = len(home) / 100
    assert len(counts) == 100
    assert ((counts - expected) ** 2 / expected).sum() < 150
    community = places(scenario({}, {}).structure).of("community", home)
    assert (community == (home >= 40)).all()
    assert (community == 0).mean() == pytest.approx(0.4, abs=0.02)


def test_what_belongs_to_a_household_is_the_same_in_every_replication():
    first, later = (drawn(replication=replication, card={"rate": "9 / day"}) for replication in (0, 5))
    assert first.by_household("distance").tolist() == later.by_household("distance").tolist()
    assert len(first.by_household("distance")) == 100
    assert first.by_household("distance").tolist() != first.by_household("height").tolist()


def test_no_matters_no_cases():
    made = drawn()
    assert made.matters == ()
    assert made.n_cases == 0
