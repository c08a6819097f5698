"""What tests of several modules share."""

from __future__ import annotations

import pytest
from either import Chosen

from sim import engines


def each(request):
    Chosen.engine = request.param
    yield request.param
    Chosen.engine = engines.DEFAULT


engine = pytest.fixture(scope="module", params=list(engines.ENGINES), name="engine")(each)
"""A test that uses this runs once by each engine."""
either_engine = pytest.fixture(
    scope="module", params=[engines.DEFAULT, pytest.param("simpy", marks=pytest.mark.slow)], name="either_engine"
)(each)
"""The same, by the SimPy engine only where slow tests are run."""
