"""Keyed luck: the same key gives the same numbers on every machine, and no two keys have to do with each other."""

from __future__ import annotations

import numpy as np
import pytest

from sim.streams import Streams

BASE = {"seed": 1, "replication": 0, "stream": "card", "purpose": "work", "attempt": 0}


def uniforms(n=1000, **changes):
    key = BASE | changes
    return Streams(key["seed"], key["replication"]).uniforms(key["stream"], key["purpose"], n, key["attempt"])


def test_the_numbers_of_a_key_are_the_same_for_ever():
    """Literal values: a change of the generator or the key would silently change every result."""
    assert uniforms(3).tolist() == pytest.approx([0.9011927194802456, 0.4347365561288694, 0.8668604833126059])
    assert uniforms(2, stream="老年证", replication=7).tolist() == pytest.approx(
        [0.2035136045969167, 0.5319220436228783]
    )


def test_a_longer_draw_keeps_the_shorter_one():
    assert (uniforms(10) == uniforms(1000)[:10]).all()


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 2},
        {"replication": 1},
        {"stream": "pension"},
        {"purpose": "patience"},
        {"attempt": 1},
        {"stream": "work", "purpose": "card"},
        {"stream": "car", "purpose": "dwork"},
        {"stream": "card ", "purpose": "work"},
    ],
)
def test_any_other_key_is_independent_luck(other):
    one, two = uniforms(20000), uniforms(20000, **other)
    assert not (one == two).any()
    assert abs(np.corrcoef(one, two)[0, 1]) < 4 / np.sqrt(20000)


def test_uniforms_are_even_on_the_unit_interval():
    drawn = uniforms(100000)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts = np.histogram(drawn, bins=20, range=(0, 1))[0]
    assert ((counts - 5000) ** 2 / 5000).sum() < 45  # chi-square, 19 degrees: one in a thousand is above 43.8


def test_consecutive_attempts_and_replications_are_not_shifted_copies():
    for key in ("attempt", "replication", "seed"):
        drawn = np.concatenate([uniforms(50, **{key: value}) for value in range(1, 40)])
        assert len(np.unique(drawn)) == len(drawn)
