"""The facts that a scenario may name: what was read, where, and how sure it is.

The whole evidence stands here, not only the rows that shipped scenarios use: a scenario of one's own may name any of
them under ``fact``, ``from`` or ``checked_against``, and ``yizhan explain`` prints those it names.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_CHINESE = re.compile("[\u4e00-\u9fff]")


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

    def words(self, lang: str) -> str:
        """What it says: in Chinese the words quoted, where the source is Chinese; else what was measured, in English.

        >>> facts()["jf_street_staff_before"].words("zh"), facts()["jf_street_staff_before"].words("en")
        ('财政供养人员50名', 'publicly paid street staff')
        """
        return self.statement if lang == "zh" and _CHINESE.search(self.statement) else self.quantity


@cache
def facts() -> Mapping[str, Fact]:
    """All facts by id.

    >>> facts()["jf_street_staff_before"].value
    '50'
    """
    text = files("sim.evidence").joinpath("facts.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["id"]: Fact(**row) for row in csv.DictReader(text.splitlines())})
