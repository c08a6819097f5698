"""Tasks merged before they go down to the communities: which of them share a batch, and what each is spared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from sim.demand import MatterCases
from sim.itineraries.course import Course, Undone
from sim.itineraries.setting import Setting
from sim.itineraries.tasks import comes_to_communities
from sim.scenario.handling import procedure_of
from sim.tables import GATES

Spared = dict[str, dict[int, np.ndarray]]
"""By matter and number of the step: the share of each case's fixed work that is not needed; (n_cases,) each."""


def spared(stage: Setting) -> Spared:
    """What merging spares the tasks of a demand at each step that says ``merge``; nothing of other matters."""
    named = zip(stage.scenario.demand.matters, stage.demand.matters, strict=True)
    merged = {name: cases for name, cases in named if cases.matter.kind == "task" and _merges(stage, name)}
    taken = {name: _taken(stage, name, cases) for name, cases in merged.items()}
    firsts = _firsts(stage, merged, taken)
    found: Spared = {}
    for name, cases in merged.items():
        found[name] = {
            number: np.where(taken[name][number] & ~np.isin(cases.case, firsts[gate]), saves, 0.0)
            for number, (gate, saves) in _merges(stage, name).items()
        }
    return found


def _merges(stage: Setting, matter: str) -> dict[int, tuple[str, float]]:
    """Gate and saving of each step of a matter that says ``merge``, by its number."""
    steps = procedure_of(stage.scenario, matter).steps
    return {k: (step.merge.gate, step.merge.saves) for k, step in enumerate(steps) if step.merge is not None}


def _taken(stage: Setting, matter: str, cases: MatterCases) -> dict[int, np.ndarray]:
    """Which tasks go down at each of these steps: admitted at both tiers, in need of the step; (n_cases,) bool each."""
    course = Course(stage, cases, procedure_of(stage.scenario, matter), Undone())
    admitted = np.flatnonzero(comes_to_communities(course))
    taken = {}
    for number in _merges(stage, matter):
        taken[number] = np.zeros(course.n, dtype=bool)
        taken[number][course.takers(number, admitted)] = True
    return taken


def _firsts(
    stage: Setting, merged: Mapping[str, MatterCases], taken: Mapping[str, Mapping[int, np.ndarray]]
) -> dict[str, np.ndarray]:
    """The numbers of the cases that are the first of their batch, by gate."""
    together = defaultdict(list)
    for name, cases in merged.items():
        for number, (gate, _) in _merges(stage, name).items():
            here = taken[name][number]
            together[gate].append(np.column_stack((_batch(stage, gate, cases.opened_s[here]), cases.case[here])))
    firsts = {}
    for gate, blocks in together.items():
        batch, case = np.concatenate(blocks).T
        order = np.lexsort((case, batch))
        first = np.diff(batch[order], prepend=-1) != 0
        firsts[gate] = case[order][first]
    return firsts


def _batch(stage: Setting, gate: str, opened_s: np.ndarray) -> np.ndarray:
    """How many instants of the gate lie before each sending: those with the same number pass it together."""
    number, at_s = (stage.gates[name].to_numpy() for name in GATES)
    return np.searchsorted(at_s[number == stage.gate_names.index(gate)], opened_s, side="left")
