"""Shapley values by hand and by their axioms, and the table of a change attributed to its parts."""

import math
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from sim.experiment.attribution import ATTRIBUTION, attribute
from sim.statistics import mean_interval, shapley_values

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def games(k):
    """Values of all sets of k members."""
    return arrays.arrays(np.float64, 2**k, elements=NUMBERS)


def near(values):
    return pytest.approx(values, rel=1e-9, abs=1e-6)


# -- by hand ---------------------------------------------------------------------------------------------------------


def test_two_members():
    # none 5, a alone 11, b alone 7, both 15. a adds 6 first and 8 second, b adds 2 first and 4 second.
    assert shapley_values([5, 11, 7, 15]).tolist() == [7, 3]


def test_three_members():
    """One has a left glove, two have a right one; a pair is worth 1 (Shapley and Shubik 1969)."""
    # Sets: -, 0, 1, 01, 2, 02, 12, 012. Member 0 completes the pair in 4 of 6 orders, the others in 1 each.
    assert shapley_values([0, 0, 0, 1, 0, 1, 0, 1]).tolist() == pytest.approx([4 / 6, 1 / 6, 1 / 6])


def test_three_members_with_every_set_different():
    values = {"": 0, "a": 6, "b": 12, "ab": 24, "c": 18, "ac": 30, "bc": 30, "abc": 60}
    # Orders abc acb bac bca cab cba: a adds 6 6 12 30 12 30, b adds 18 30 12 12 30 12, c adds 36 24 36 18 18 18.
    assert shapley_values(list(values.values())).tolist() == pytest.approx([96 / 6, 114 / 6, 150 / 6])


def test_one_member_and_no_member():
    assert shapley_values([3, 5]).tolist() == [2]
    assert shapley_values([3]).tolist() == []


def test_values_of_some_sets_are_missing():
    with pytest.raises(ValueError, match="all sets"):
        shapley_values([1, 2, 3])


# -- axioms ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 6).flatmap(games))
def test_members_sum_to_the_whole(values):
    assert shapley_values(values).sum() == near(values[-1] - values[0])


@given(games(4))
def test_it_is_the_mean_over_all_orders(values):
    added = np.zeros(4)
    orders = list(permutations(range(4)))
    for order in orders:
        here = 0
        for member in order:
            added[member] += values[here | 1 << member] - values[here]
            here |= 1 << member
    assert shapley_values(values) == near(added / len(orders))


@given(games(4), games(4), NUMBERS.map(lambda x: x / 1e6))
def test_the_values_of_a_sum_are_the_sums(one, other, factor):
    assert shapley_values(one + factor * other) == near(shapley_values(one) + factor * shapley_values(other))


@given(games(4), NUMBERS)
def test_who_adds_the_same_to_every_set_gets_that(values, worth):
    """A dummy gets its own worth (nothing, if that is zero), and changes nobody else's."""
    with_dummy = shapley_values(np.concatenate([values, values + worth]))
    assert with_dummy[4] == near(worth)
    assert with_dummy[:4] == near(shapley_values(values))


@given(games(4), st.permutations(range(4)))
def test_names_do_not_matter(values, order):
    renamed = np.array([values[sum(1 << order[bit] for bit in range(4) if s >> bit & 1)] for s in range(16)])
    assert shapley_values(renamed) == near(shapley_values(values)[list(order)])


@given(games(5))
def test_members_who_add_the_same_get_the_same(values):
    swapped = [s if (s & 1) == (s >> 1 & 1) else s ^ 3 for s in range(32)]
    alike = (values + values[swapped]) / 2
    first, second, *_ = shapley_values(alike)
    assert first == near(second)


@given(games(3), games(3))
def test_each_column_is_a_game_of_its_own(one, other):
    both = shapley_values(np.column_stack([one, other]))
    assert both == near(np.column_stack([shapley_values(one), shapley_values(other)]))


# -- the table -------------------------------------------------------------------------------------------------------

PARTS = ("people", "powers")


def measures(values, measure="wait", group=""):
    """Rows of ``{(people, powers, replication): value}``."""
    columns = [*PARTS, "replication", "value"]
    table = pd.DataFrame([(*where, value) for where, value in values.items()], columns=columns)
    return table.assign(measure=measure, group=group, unit="min")


FIRST_RUN = {(0, 0, 0): 20.0, (1, 0, 0): 14.0, (0, 1, 0): 18.0, (1, 1, 0): 10.0}
SECOND_RUN = {(0, 0, 1): 24.0, (1, 0, 1): 20.0, (0, 1, 1): 20.0, (1, 1, 1): 12.0}
TWO_RUNS = FIRST_RUN | SECOND_RUN


def test_the_table_by_hand():
    table = attribute(measures(TWO_RUNS), PARTS)
    assert tuple(table.columns) == ATTRIBUTION
    assert table["part"].tolist() == ["before", "people", "powers", "after"]
    # Replication 0: people (-6 - 8) / 2 = -7, powers (-2 - 4) / 2 = -3; replication 1: -6 and -6.
    assert table["mean"].tolist() == [22, -6.5, -4.5, 11]
    low, high = mean_interval([-3.0, -6.0])[1:3]
    assert table.loc[2, ["low", "high"]].tolist() == [low, high]
    assert table["n"].tolist() == [2] * 4
    # Alone: -6 and -4, -2 and -4; last: -8 and -8, -4 and -8.
    assert table.loc[1:2, "alone"].tolist() == [-5, -3]
    assert table.loc[1:2, "last"].tolist() == [-8, -6]
    assert table.loc[[0, 3], ["alone", "last"]].isna().all(axis=None)


def test_parts_sum_to_the_change_in_every_replication():
    draws = np.random.default_rng(20180101)
    parts = ("a", "b", "c", "d")
    for replication in range(3):
        rows = [(*on, 0, draws.normal(3, 1)) for on in product((0, 1), repeat=4)]
        table = pd.DataFrame(rows, columns=[*parts, "replication", "value"]).assign(measure="m", group="", unit="h")
        found = attribute(table, parts).set_index("part")["mean"]
        whole = found["after"] - found["before"]
        assert found[list(parts)].sum() == pytest.approx(whole, rel=1e-12), replication


def test_rows_may_come_in_any_order_and_parts_as_truth_values():
    table = measures(TWO_RUNS)
    shuffled = table.sample(frac=1, random_state=1).astype(dict.fromkeys(PARTS, bool))
    pd.testing.assert_frame_equal(attribute(table, PARTS), attribute(shuffled, PARTS))


def test_a_replication_without_a_value_somewhere_is_left_out():
    gap = TWO_RUNS | {(1, 0, 1): math.nan}
    found = attribute(measures(gap), PARTS)
    assert found["n"].tolist() == [1] * 4
    assert found["mean"].tolist() == [20, -7, -3, 10]
    assert found["low"].isna().all()


def test_what_some_combinations_do_not_have_has_no_row():
    with_windows = {where: value for where, value in TWO_RUNS.items() if where[0]}
    both = pd.concat([measures(with_windows, group="unit:window"), measures(TWO_RUNS)], ignore_index=True)
    assert set(attribute(both, PARTS)["group"]) == {""}


def test_measures_and_groups_do_not_mix():
    doubled = {where: 2 * value for where, value in TWO_RUNS.items()}
    both = pd.concat([measures(TWO_RUNS), measures(doubled, group="elderly"), measures(doubled, "travel")])
    found = attribute(both.reset_index(drop=True), PARTS)
    assert list(dict.fromkeys(zip(found["measure"], found["group"], strict=True))) == [
        ("wait", ""),
        ("wait", "elderly"),
        ("travel", ""),
    ]
    assert found["mean"].tolist() == [22, -6.5, -4.5, 11, 44, -13, -9, 22, 44, -13, -9, 22]


def test_no_measures_have_no_rows():
    assert attribute(measures(TWO_RUNS).iloc[:0], PARTS).empty
