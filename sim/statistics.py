"""Statistics of replications and of skewed things: intervals, paired differences, warm-up, quantiles, Gini, Shapley.

Two-sided intervals are Student's, for independent replications. Nothing here draws or guesses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Interval(NamedTuple):
    """A mean with its confidence limits; the limits are nan where one value is all there is."""

    mean: float
    low: float
    high: float
    half_width: float


def mean_interval(values: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of independent values and its Student t interval (Law 2015, Simulation Modeling and Analysis, eq. 4.12).

    Parameters
    ----------
    values
        (n,) one value a replication, n at least 1; with n = 1 there is no interval and the limits are nan.
    level
        Chance of covering the true mean, if the values are normal.

    Raises
    ------
    ValueError
        There are no values.

    Examples
    --------
    >>> [round(x, 3) for x in mean_interval([1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09], 0.90)]
    [1.343, 1.106, 1.58, 0.237]
    """
    data = np.asarray(values, dtype=np.float64)
    if not len(data):
        message = "no values"
        raise ValueError(message)
    mean = float(data.mean())
    if len(data) == 1:
        return Interval(mean, math.nan, math.nan, math.nan)
    from scipy.special import stdtrit

    quantile = float(stdtrit(len(data) - 1, (1 + level) / 2))
    half_width = quantile * float(data.std(ddof=1)) / math.sqrt(len(data))
    return Interval(mean, mean - half_width, mean + half_width, half_width)


def paired_difference(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> Interval:
    """Interval of the mean of ``second - first``, pair by pair (Law 2015, section 10.2.1: paired-t).

    Pairs share their random numbers, so their common luck cancels.

    Raises
    ------
    ValueError
        The lengths differ, or there are no values.

    Examples
    --------
    >>> paired_difference([10.0, 20.0, 30.0], [11.0, 21.0, 31.0])
    Interval(mean=1.0, low=1.0, high=1.0, half_width=0.0)
    """
    before, after = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if before.shape != after.shape:
        message = f"pairs need equal lengths, not {len(before)} and {len(after)}"
        raise ValueError(message)
    return mean_interval(after - before, level)


class Against(NamedTuple):
    """A point against the best of its family: the difference (its mean less the best one's) and whether it shows."""

    point: int
    best: int
    mean: float
    difference: float
    low: float
    high: float
    told_apart: bool


def against_best(
    values: Mapping[int, Sequence[float] | np.ndarray],
    better: Literal["lower", "higher"] = "lower",
    level: float = 0.95,
) -> list[Against]:
    """Each point of a family against its best, by paired differences that hold for all points at once.

    Parameters
    ----------
    values
        For each point, its measure in each replication (nan: it has none); replications are paired.
    better
        ``lower`` or ``higher``.
    level
        Chance that the points not told apart hold the truly best one.

    Notes
    -----
    The best point is the one of the best sample mean. A point is told apart from it if the paired difference's Student
    interval at level ``1 - (1 - level) / (k - 1)`` leaves zero out, k being the number of points: multiple comparisons
    with the best (Hsu 1984, Annals of Statistics 12; 1996, Multiple Comparisons, chapter 4) by Bonferroni's inequality,
    which allows for paired and unequally scattered points (Nelson and Matejcik 1995, Management Science 41). The true
    best is left out only if one of the k - 1 differences from it misleads. With one replication nothing can be told
    apart. Points without any value are left out.

    Examples
    --------
    >>> rows = against_best({0: [1.0, 1.1, 0.9], 1: [5.0, 5.2, 4.9], 2: [1.0, 1.2, 0.95]})
    >>> [(row.point, row.best, row.told_apart) for row in rows]
    [(0, 0, False), (1, 0, True), (2, 0, False)]
    """
    series = {point: np.asarray(each, dtype=np.float64) for point, each in values.items()}
    means = {point: float(np.nanmean(each)) for point, each in series.items() if np.isfinite(each).any()}
    if not means:
        return []
    sign = 1 if better == "lower" else -1
    best = min(means, key=lambda point: (sign * means[point], point))
    strict = 1 - (1 - level) / max(1, len(means) - 1)
    rows = []
    for point, mean in means.items():
        both = np.isfinite(series[best]) & np.isfinite(series[point])
        apart = Interval(math.nan, math.nan, math.nan, math.nan)
        if point == best:
            apart = Interval(0.0, 0.0, 0.0, 0.0)
        elif both.any():
            apart = paired_difference(series[best][both], series[point][both], strict)
        rows.append(Against(point, best, mean, *apart[:3], bool(apart.low > 0 or apart.high < 0)))
    return rows


def precision_reached(values: ArrayLike, relative: float, absolute_floor: float = 0.0, level: float = 0.95) -> bool:
    """Whether the half-width is at most ``relative`` times the absolute mean, or at most ``absolute_floor``.

    The floor is for means near zero, where no relative precision is ever reached. One value never suffices.

    >>> precision_reached([9.9, 10.0, 10.1], 0.05), precision_reached([-0.1, 0.0, 0.1], 0.05)
    (True, False)
    >>> precision_reached([-0.1, 0.0, 0.1], 0.05, absolute_floor=0.3)
    True
    """
    interval = mean_interval(values, level)
    return bool(interval.half_width <= max(relative * abs(interval.mean), absolute_floor))


def mser(series: ArrayLike, batch: int = 5) -> int | None:
    """Number of first observations to leave out as warm-up, by the rule MSER-m; ``None``: no steady state is seen.

    With Y the means of batches of ``batch`` observations (an incomplete last batch is left out), the number d of
    batches cut minimises ``sum((Y[d:] - mean(Y[d:]))**2) / (n - d)**2``: the squared standard error of what remains
    (White 1997, Simulation 69, 323-334; batches of five: White, Cobb and Spratt 2000, WSC). The last five batches are
    never cut down to fewer, since so few have a small error by accident. A minimum in the second half says that the
    series is still moving and is refused (Franklin and White 2008, WSC). Ties take the shortest cut.

    Raises
    ------
    ValueError
        ``batch`` is less than 1 or there are fewer than ten batches.

    Examples
    --------
    >>> mser([90, 50, 20, 5] + [0, 1] * 20, batch=1)
    4
    >>> mser([0, 1] * 20, batch=2)
    0
    >>> mser(list(range(100)), batch=5) is None
    True
    """
    data = np.asarray(series, dtype=np.float64)
    if batch < 1 or len(data) < 10 * batch:
        message = f"ten batches of {batch} are needed, not {len(data)} observations"
        raise ValueError(message)
    n = len(data) // batch
    means = data[: n * batch].reshape(n, batch).mean(axis=1)
    left = np.arange(n, 0, -1)
    total = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum(((means - means.mean()) ** 2)[::-1])[::-1]
    deviation = squares - left * (total / left - means.mean()) ** 2
    error = np.maximum(deviation, 0.0) / left.astype(np.float64) ** 2
    scale = error.max() if error.max() > 0 else 1.0
    cut = int(np.argmin(np.round(error[: n - 4] / scale, 12)))
    return None if 2 * cut > n else cut * batch


def quantile(values: ArrayLike, share: float) -> float:
    """The smallest value that at least ``share`` of all values do not exceed (Hyndman and Fan 1996, definition 1).

    It is always one of the values: no interpolation between a wait of nothing and a wait of an hour.

    >>> quantile([0.0, 0.0, 60.0, 90.0], 0.5), quantile([0.0, 0.0, 60.0, 90.0], 0.51)
    (0.0, 60.0)
    """
    return float(np.quantile(np.asarray(values, dtype=np.float64), share, method="inverted_cdf"))


def gini(values: ArrayLike, weights: ArrayLike | None = None) -> float:
    """Gini coefficient: half the mean absolute difference of two members drawn at random, over the mean.

    0: all alike; near 1: one bears all. ``sum_ij w_i w_j |x_i - x_j| / (2 W**2 mean)`` by way of the Lorenz curve
    (Gini 1912; Lerman and Yitzhaki 1989, J. Econometrics 42, for weights). 0 where all values are 0.

    >>> gini([1, 1, 1, 1]), gini([0, 0, 0, 1])
    (0.0, 0.75)
    >>> gini([1.0, 3.0], weights=[3, 1]) == gini([1, 1, 1, 3])
    True
    """
    data = np.asarray(values, dtype=np.float64)
    weight = np.ones(len(data)) if weights is None else np.asarray(weights, dtype=np.float64)
    order = np.argsort(data, kind="stable")
    data, weight = data[order], weight[order] / weight.sum()
    mean = float((weight * data).sum())
    if mean == 0:
        return 0.0
    rank = np.cumsum(weight) - weight / 2
    return float(2 * (weight * data * rank).sum() / mean - 1)


def shapley_values(values: ArrayLike) -> np.ndarray:
    """What each of k members adds to the whole, on average over all orders in which they could come.

    The mean of ``v(S with i) - v(S)`` over all sets S without member i, weighted by ``|S|! (k - |S| - 1)! / k!``
    (Shapley 1953, A value for n-person games). The values sum to v(all) - v(none); members who add the same to every
    set get the same, who adds nothing to any gets nothing, and values of a sum of games are the sums.

    Parameters
    ----------
    values
        (2**k, ...) the value of every set of members; bit i of a row's number says whether member i is in the set.

    Returns
    -------
    (k, ...) the share of each member.

    Raises
    ------
    ValueError
        The number of rows is no power of two.

    Examples
    --------
    >>> shapley_values([0.0, 6.0, 2.0, 10.0]).tolist()
    [7.0, 3.0]
    """
    table = np.asarray(values, dtype=np.float64)
    k = len(table).bit_length() - 1
    if len(table) != 2**k:
        message = f"values of all sets of members are needed, not {len(table)}"
        raise ValueError(message)
    sets = np.arange(2**k)
    shares = np.zeros((k, *table.shape[1:]))
    for member in range(k):
        without = sets[sets >> member & 1 == 0]
        weights = [1 / (k * math.comb(k - 1, int(others).bit_count())) for others in without]
        shares[member] = np.tensordot(weights, table[without | 1 << member] - table[without], axes=1)
    return shares
