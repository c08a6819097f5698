"""From factors and a design to combinations of values."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from sim.experiment.sweep.schema import Design, Factor, Range
from sim.scenario.tree import Scalar

Combination = dict[str, Scalar]
"""The value of each factor."""
DIGITS = 6
"""Significant digits of a value that a design chooses between the ends of a range."""
MOST_VALUES = 1000
"""Values that a range may have: more are a slip of the step."""
_QUANTITY = re.compile(r"\s*([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(.*?)\s*")


def split(value: Scalar) -> tuple[Decimal, str] | None:
    """Number and unit of a value as written; None where it is no number.

    >>> split("1.5 / household / year"), split(3), split("counter")
    ((Decimal('1.5'), '/ household / year'), (Decimal('3'), ''), None)
    """
    if isinstance(value, bool) or value is None:
        return None
    match = _QUANTITY.fullmatch(str(value))
    return None if match is None else (Decimal(match[1]), match[2])


def join(number: Decimal, unit: str) -> Scalar:
    """A value as a scenario file writes it; a whole number without a unit is an int.

    >>> join(Decimal("20"), "min"), join(Decimal("0.50"), ""), join(Decimal("4.0"), "")
    ('20 min', 0.5, 4)
    """
    whole = number == number.to_integral_value()
    if unit:
        return f"{int(number)} {unit}" if whole else f"{number.normalize():f} {unit}"
    return int(number) if whole else float(number)


def range_fault(spread: Range) -> str | None:
    """Key of what is wrong with a range, if anything: no numbers, other units, ends or step that do not fit."""
    ends = [split(spread.start), split(spread.to)] + ([split(spread.step)] if spread.step is not None else [])
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return "experiment.range_number"
    if len({unit for _, unit in known}) > 1:
        return "experiment.range_units"
    if known[0][0] >= known[1][0]:
        return "experiment.range_order"
    if spread.step is not None and spread.n is not None:
        return "experiment.range_step_or_n"
    if spread.step is None:
        return None
    if known[2][0] <= 0:
        return "experiment.range_step"
    return "experiment.range_many" if (known[1][0] - known[0][0]) / known[2][0] >= MOST_VALUES else None


def levels(factor: Factor) -> list[Scalar] | None:
    """The values of a factor, in order; None where any value between two ends will do.

    >>> levels(Factor.model_validate({"path": "a", "range": {"from": "10 min", "to": "20 min", "step": "5 min"}}))
    ['10 min', '15 min', '20 min']
    >>> levels(Factor.model_validate({"path": "a", "range": {"from": 0, "to": 1, "n": 5}}))
    [0, 0.25, 0.5, 0.75, 1]
    """
    if factor.range is None:
        return list(factor.values or [])
    (low, unit), (high, _) = _ends(factor.range)
    if factor.range.n is not None:
        n = factor.range.n
        return [join(_shortened(low + (high - low) * k / (n - 1)), unit) for k in range(n)]
    step = split(factor.range.step)
    return None if step is None else [join(low + step[0] * k, unit) for k in range(int((high - low) / step[0]) + 1)]


def between(spread: Range, share: float) -> Scalar:
    """The value at a share of the way from one end to the other.

    >>> between(Range.model_validate({"from": "1 h", "to": "2 h"}), 0.25)
    '1.25 h'
    """
    (low, unit), (high, _) = _ends(spread)
    return join(_shortened(low + (high - low) * Decimal(share)), unit)


def _ends(spread: Range) -> tuple[tuple[Decimal, str], tuple[Decimal, str]]:
    low, high = split(spread.start), split(spread.to)
    if low is None or high is None:
        message = "ends of a range are numbers"
        raise ValueError(message)
    return low, high


def _shortened(number: Decimal) -> Decimal:
    return Decimal(f"{number:.{DIGITS}g}")


def combinations(factors: Mapping[str, Factor], design: Design, seed: int) -> list[Combination]:
    """Combinations of the factors' values under a design, the last factor changing first; each once.

    Latin hypercube (McKay, Beckman and Conover 1979, Technometrics 21) and scrambled Sobol points (Owen 1998) are
    drawn in the unit cube of all factors and taken to the values; a list is cut into shares of equal size.

    >>> combinations({"a": Factor(path="p", values=[1, 2]), "b": Factor(path="q", values=["x", "y"])}, Design(), 1)
    [{'a': 1, 'b': 'x'}, {'a': 1, 'b': 'y'}, {'a': 2, 'b': 'x'}, {'a': 2, 'b': 'y'}]
    """
    if design.kind == "full" or not factors:
        values = [levels(factor) or [] for factor in factors.values()]
        return [dict(zip(factors, chosen, strict=True)) for chosen in itertools.product(*values)]
    drawn = _unit_cube(design, len(factors), seed)
    found = [
        {name: _value(factor, float(share)) for (name, factor), share in zip(factors.items(), row, strict=True)}
        for row in drawn
    ]
    return once(found)


def _unit_cube(design: Design, n_factors: int, seed: int) -> np.ndarray:
    from scipy.stats import qmc

    n = design.n or 1
    if design.kind == "sobol":
        return np.asarray(qmc.Sobol(n_factors, scramble=True, rng=seed).random_base2(round(math.log2(n))))
    return np.asarray(qmc.LatinHypercube(n_factors, rng=seed).random(n))


def _value(factor: Factor, share: float) -> Scalar:
    values = levels(factor)
    if values is None and factor.range is not None:
        return between(factor.range, share)
    known = values or []
    return known[min(int(share * len(known)), len(known) - 1)]


def one_at_a_time(factors: Mapping[str, Factor]) -> list[Combination]:
    """Every value of every factor, the other factors being at their first.

    >>> one_at_a_time({"a": Factor(path="p", values=[1, 2]), "b": Factor(path="q", values=[5, 6])})
    [{'a': 1, 'b': 5}, {'a': 2, 'b': 5}, {'a': 1, 'b': 6}]
    """
    values = {name: levels(each) or [_value(each, 0.0), _value(each, 1.0)] for name, each in factors.items()}
    first = {name: known[0] for name, known in values.items()}
    return once([first, *({**first, name: value} for name, known in values.items() for value in known)])


def once(found: Sequence[Combination]) -> list[Combination]:
    """Combinations without repetition, in their order.

    >>> once([{"a": 1}, {"a": 2}, {"a": 1}])
    [{'a': 1}, {'a': 2}]
    """
    return list({repr(each): each for each in found}.values())
