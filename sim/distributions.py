"""Quantile functions: a uniform from a keyed stream becomes an amount of time."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from sim.scenario.quantities import Draw


def factors(draw: Draw, uniforms: np.ndarray) -> np.ndarray:
    """Positive factors with mean 1 and the draw's coefficient of variation, by inversion.

    >>> from sim.scenario.quantities import Draw
    >>> import numpy as np
    >>> factors(Draw.model_validate({"mean": "1 h", "distribution": "exponential"}), np.array([0.5])).round(4)
    array([0.6931])
    """
    if draw.distribution == "fixed" or draw.cv == 0:
        return np.ones_like(uniforms)
    if draw.distribution == "exponential":
        return -np.log1p(-uniforms)
    if draw.distribution == "gamma":
        shape = 1 / draw.cv**2
        return np.asarray(special.gammaincinv(shape, uniforms)) / shape
    sigma = math.sqrt(math.log1p(draw.cv**2))
    return np.asarray(np.exp(sigma * special.ndtri(uniforms) - sigma**2 / 2))


def whole(values: np.ndarray, least: int = 0) -> np.ndarray:
    """Whole seconds, rounded to nearest (halves to even), at least ``least``.

    >>> whole(np.array([0.2, 1.5, 2.5, 2.6]), least=1).tolist()
    [1, 2, 2, 3]
    """
    return np.maximum(np.rint(values).astype(np.int64), least)
