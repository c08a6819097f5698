"""Factors by inversion: their mean is 1 and their spread as stated, by quadrature on a uniform grid."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from sim.distributions import factors, whole
from sim.scenario.quantities import Draw

N = 200_000
GRID = (np.arange(N) + 0.5) / N
"""Midpoints: the mean of a function of them is its integral over luck."""
EXTREMES = np.array([0.0, 2.0**-53, 0.5, 1 - 2.0**-53])


def draw(distribution, cv=None):
    return Draw.model_validate({"mean": "1 h", "distribution": distribution} | ({} if cv is None else {"cv": cv}))


@pytest.mark.parametrize(
    ("distribution", "cv"),
    [
        ("lognormal", 0.3),
        ("lognormal", 1.0),
        ("lognormal", 1.5),
        ("gamma", 0.5),
        ("gamma", 1.0),
        ("gamma", 2.0),
        ("exponential", 1.0),
    ],
)
def test_factors_have_mean_one_and_the_stated_coefficient_of_variation(distribution, cv):
    drawn = factors(draw(distribution, cv), GRID)
    assert drawn.mean() == pytest.approx(1, abs=5e-4)
    assert drawn.std() == pytest.approx(cv, rel=1e-2)


@pytest.mark.parametrize("distribution", ["lognormal", "gamma", "exponential"])
def test_more_luck_is_more_time_and_never_without_end(distribution):
    drawn = factors(draw(distribution, 1.0), np.sort(np.concatenate((EXTREMES, GRID[::1000]))))
    assert (np.diff(drawn) >= 0).all()
    assert np.isfinite(drawn).all()
    assert (drawn >= 0).all()


def test_certain_amounts_are_always_one():
    assert factors(Draw.model_validate("25 min"), EXTREMES).tolist() == [1.0] * 4
    assert factors(draw("lognormal", 0.0), EXTREMES).tolist() == [1.0] * 4
    assert factors(draw("fixed"), EXTREMES).tolist() == [1.0] * 4


def test_exponential_is_the_logarithm_and_gamma_of_cv_one_the_same():
    assert factors(draw("exponential"), np.array([0.0, 1 - np.exp(-2)])) == pytest.approx([0, 2])
    assert factors(draw("gamma", 1.0), GRID[::997]) == pytest.approx(factors(draw("exponential"), GRID[::997]))


def test_gamma_of_cv_half_is_erlang_of_four_stages():
    """Its distribution function, 1 - exp(-4x) (1 + 4x + (4x)^2/2 + (4x)^3/6), gives the luck back."""
    luck = GRID[::997]
    x = 4 * factors(draw("gamma", 0.5), luck)
    assert 1 - np.exp(-x) * (1 + x + x**2 / 2 + x**3 / 6) == pytest.approx(luck, abs=1e-9)


def test_lognormal_is_the_exponential_of_a_normal():
    """cv 1 means sigma squared ln 2; the median is exp(-sigma squared / 2) = 1 / sqrt 2."""
    drawn = factors(draw("lognormal", 1.0), np.array([0.5, special.ndtr(1.0)]))
    assert drawn == pytest.approx([2**-0.5, 2**-0.5 * np.exp(np.sqrt(np.log(2)))])


def test_whole_seconds_are_the_nearest_and_at_least_the_least():
    assert whole(np.array([0.49, 0.51, 1.49, 1.5, 2.5, 3599.9])).tolist() == [0, 1, 1, 2, 2, 3600]
    assert whole(np.array([0.0, 0.4, 1.6]), least=1).tolist() == [1, 1, 2]
    assert whole(np.array([1e9 + 0.4])).dtype == np.int64
