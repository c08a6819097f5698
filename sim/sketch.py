"""A quantile sketch of whole seconds that merges exactly: counts in bins whose width grows with the value.

Values below 64 have a bin each; above, every octave has 32 bins of equal width (as an HDR histogram, Tene 2013). A
quantile is the middle of its bin, so it is off by at most 1/64 of its value. Counts add up to the same whatever the
order in which sketches are merged.
"""

from __future__ import annotations

import numpy as np

EXACT = 64
PER_OCTAVE = 32
N_BINS = EXACT + PER_OCTAVE * 26
"""Up to 2^32 seconds, more than a century."""
LARGEST_ERROR = 1 / EXACT
"""Of a quantile, as a share of its value."""


def bins(seconds: np.ndarray) -> np.ndarray:
    """The bin of each value (n,), whole seconds from 0.

    >>> bins(np.array([0, 63, 64, 65, 66, 128, 131, 132])).tolist()
    [0, 63, 64, 64, 65, 96, 96, 97]
    """
    octave = np.frexp(np.maximum(seconds, 1))[1] - 1
    shift = np.maximum(octave - 5, 0)
    above = EXACT + (octave - 6) * PER_OCTAVE + (seconds >> shift) - PER_OCTAVE
    return np.where(seconds < EXACT, seconds, above)


def sketch(seconds: np.ndarray) -> np.ndarray:
    """How many values lie in each bin; (N_BINS,) int64. Sketches merge by adding them."""
    return np.bincount(bins(seconds), minlength=N_BINS)


def quantile(counts: np.ndarray, share: float) -> float:
    """The value below which a share of all lies, in seconds, to within 1/64 of it; nan of nothing.

    >>> counts = sketch(np.arange(10_000)) + sketch(np.arange(10_000))
    >>> abs(quantile(counts, 0.9) - 9000) <= 9000 * LARGEST_ERROR
    True
    """
    total = counts.sum()
    if not total:
        return float("nan")
    number = int(np.searchsorted(np.cumsum(counts), share * total))
    if number < EXACT:
        return float(number)
    octave, within = divmod(number - EXACT, PER_OCTAVE)
    width = 1 << (octave + 1)
    return float((PER_OCTAVE + within) * width + (width - 1) / 2)
