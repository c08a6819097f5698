"""The facts that a scenario may name: what was read, where, and how sure it is.

The whole evidence stands here, not only the rows that shipped scenarios use: a scenario of one's own may name any of
them under ``fact``, ``from`` or ``checked_against``, and ``yizhan explain`` prints those it names.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True)
class Fact:
    """One row of evidence, as text: a rule has no value, a single figure repeats it as low and high.

    ``table`` is ``source`` (the documents modelled; ``statement`` quotes one exactly) or ``public`` (demand, times,
    norms). ``origin`` names the document; ``confidence`` of public facts is sourced, recalled or assumption.
    """

    id: str
    table: str
    quantity: str
    value: str
    low: str
    high: str
    unit: str
    statement: str
    origin: str
    year: str
    confidence: str
    note: str


@cache
def facts() -> Mapping[str, Fact]:
    """All facts by id.

    >>> facts()["jf_street_staff_before"].value
    '50'
    """
    text = files("sim.evidence").joinpath("facts.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["id"]: Fact(**row) for row in csv.DictReader(text.splitlines())})
