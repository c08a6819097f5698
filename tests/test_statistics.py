"""Intervals cover as they claim, warm-up is found where it is, quantiles and Gini are as defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics import against_best, gini, mean_interval, mser, paired_difference, precision_reached, quantile


def test_interval_of_known_values():
    interval = mean_interval([1, 2, 3, 4, 5])
    # t(4, 0.975) = 2.776445; s = sqrt(2.5)
    assert interval.mean == 3
    assert interval.half_width == pytest.approx(2.776445 * math.sqrt(2.5 / 5), rel=1e-6)
    assert (interval.low, interval.high) == (3 - interval.half_width, 3 + interval.half_width)


@pytest.mark.parametrize(("level", "n"), [(0.95, 3), (0.95, 10), (0.8, 5)])
def test_intervals_cover_the_mean_as_often_as_they_claim(level, n):
    samples = np.random.default_rng(20180101).normal(5.0, 2.0, (4000, n))
    covered = sum(low <= 5.0 <= high for _, low, high, _ in (mean_interval(sample, level) for sample in samples))
    # 4000 trials: a standard error of 0.35 to 0.63 points; three of them, and far from the normal quantile's 0.81.
    assert covered / 4000 == pytest.approx(level, abs=3 * math.sqrt(level * (1 - level) / 4000))


def test_one_value_has_no_interval():
    assert mean_interval([4.0]).mean == 4.0
    assert math.isnan(mean_interval([4.0]).half_width)
    assert not precision_reached([4.0], 0.5)
    with pytest.raises(ValueError, match="no values"):
        mean_interval([])


def test_pairing_takes_out_the_common_luck():
    luck = np.random.default_rng(1)
    common = luck.normal(100, 20, 10)
    first, second = common + luck.normal(0, 1, 10), common + 2 + luck.normal(0, 1, 10)
    paired = paired_difference(first, second)
    assert paired.mean == pytest.approx((second - first).mean())
    assert paired.low > 0
    assert paired.half_width < mean_interval(first).half_width / 5
    assert paired_difference(second, first).mean == -paired.mean
    with pytest.raises(ValueError, match="equal lengths, not 2 and 3"):
        paired_difference([1, 2], [1, 2, 3])


def test_precision_is_relative_with_a_floor():
    values = [98.0, 100.0, 102.0]  # half-width 4.97
    assert precision_reached(values, 0.05)
    assert not precision_reached(values, 0.049)
    assert precision_reached(values, 0.0, absolute_floor=5.0)
    assert precision_reached([-98.0, -100.0, -102.0], 0.05)


def noisy(level: np.ndarray) -> np.ndarray:
    return level + np.random.default_rng(3).normal(0, 1, len(level))


def test_mser_finds_the_end_of_the_warm_up():
    series = noisy(np.concatenate((np.linspace(-30, 0, 60), np.zeros(340))))
    cut = mser(series, batch=5)
    assert cut is not None
    assert 50 <= cut <= 70
    assert cut % 5 == 0
    assert mser(noisy(np.zeros(400)), batch=5) in range(0, 100, 5)


def test_mser_by_hand():
    # Ten batches of one; cutting d leaves sum of squares / (10 - d)**2: 0.9 * 100 / 100, then 0.
    assert mser([10, 0, 0, 0, 0, 0, 0, 0, 0, 0], batch=1) == 1
    assert mser([7.0] * 10, batch=1) == 0
    # An odd observation at the end is no warm-up, and an incomplete batch is left out.
    assert mser([0] * 20 + [99], batch=2) == 0


def test_mser_refuses_what_is_still_moving():
    assert mser(noisy(np.arange(400) * 0.1)) is None
    assert mser(noisy(np.repeat([50.0, 0.0], [300, 100]))) is None
    with pytest.raises(ValueError, match="ten batches of 5"):
        mser([1.0] * 49)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0.001, 1))
def test_a_quantile_is_the_smallest_value_that_a_share_does_not_exceed(values, share):
    found = quantile(values, share)
    at_most = sum(value <= found for value in values) / len(values)
    below = sum(value < found for value in values) / len(values)
    assert found in values
    assert at_most >= share - 1e-12
    assert below < share + 1e-12


def test_gini_is_half_the_relative_mean_difference():
    values, weights = np.array([1.0, 4.0, 0.0, 7.0]), np.array([2.0, 1.0, 5.0, 2.0])
    pairs = (weights[:, None] * weights * np.abs(values[:, None] - values)).sum()
    assert gini(values, weights) == pytest.approx(pairs / (2 * 10**2 * 2.0))
    assert gini([0.0, 0.0]) == 0
    assert gini([3, 3, 3]) == pytest.approx(0)


@given(st.lists(st.integers(0, 10**6), min_size=1), st.floats(0.01, 100))
def test_gini_knows_no_unit(values, factor):
    assert gini([value * factor for value in values]) == pytest.approx(gini(values), abs=1e-9)
    assert -1e-9 <= gini(values) < 1


def test_the_truly_best_point_is_among_those_not_told_apart():
    luck = np.random.default_rng(20180101)
    true = np.array([1.0, 1.0, 1.02, 1.05, 1.3, 2.0])
    kept = 0
    for _ in range(600):
        common = luck.normal(0, 0.5, 4)
        values = true[:, None] + common + luck.normal(0, 0.05, (len(true), 4))
        rows = {row.point: row for row in against_best(dict(enumerate(values)))}
        kept += not rows[0].told_apart
        assert not rows[rows[0].best].told_apart
    # 600 trials at 0.95 or more: three standard errors below.
    assert kept / 600 > 0.95 - 3 * math.sqrt(0.95 * 0.05 / 600)


def test_points_are_told_apart_at_a_level_that_holds_for_all():
    # Student, two degrees of freedom, three points, so 0.975 for each of two differences: t(2, 0.9875) = 6.2053.
    rows = against_best({0: [0.0, 0.0, 0.0], 1: [1.0, 2.0, 3.0], 2: [9.0, 9.0, 9.5]})
    assert rows[1].difference == 2
    assert (rows[1].high - rows[1].low) / 2 == pytest.approx(6.205347 * 1 / math.sqrt(3), rel=1e-6)
    assert [row.told_apart for row in rows] == [False, False, True]


def test_higher_may_be_better_and_points_may_lack_values():
    rows = against_best({0: [0.2, 0.2], 1: [0.9, math.nan], 2: [math.nan, math.nan]}, "higher")
    assert [(row.point, row.best, row.told_apart) for row in rows] == [(0, 1, False), (1, 1, False)]
    assert rows[0].difference == pytest.approx(-0.7)
    assert against_best({}) == []
