"""What each mechanism of a structure does: the whole structure, and each of its mechanisms switched off alone.

An experiment file names, under ``mechanisms``, those of each of its scenarios: the ``name`` of each, the ``rule`` by
which things go when it is off, and what that ``set``s in the scenario by dotted path. :func:`ablation` tells, for each
mechanism, what every measure is without it less what it is with all of them, in the same replications.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.errors import Fault, ScenarioError
from sim.experiment.changes import both_languages, joined, laid_over, named, values_of
from sim.scenario import Loaded
from sim.scenario.load import load_tree
from sim.scenario.nearest import nearest
from sim.scenario.tree import Node, Path, fault
from sim.statistics import mean_interval, paired_difference

WITHOUT = "without"
"""Column of the mechanism that is off; empty: none is."""
ABLATION = ("scenario", WITHOUT, "measure", "group", "whole", "difference", "low", "high", "n", "unit")


@dataclass(frozen=True)
class Mechanism:
    """One mechanism of a scenario: its words in both languages, and what is laid over the scenario to switch it off."""

    names: Mapping[str, str]
    rule: Mapping[str, str]
    values: Mapping[str, Node]


def variants(root: Node, scenarios: Mapping[str, Node]) -> Iterator[tuple[str, str, Loaded]]:
    """Scenario, the mechanism that is off (none first) and what is left, of an experiment's tree.

    ``scenarios``: their trees by name. Raises ScenarioError with the faults of all.
    """
    faults: list[Fault] = []
    made: list[tuple[str, str, Loaded]] = []
    written = root.fields["mechanisms"]
    for name, part in written.fields.items():
        if name not in scenarios:
            near = nearest(name, scenarios)
            faults.append(fault("experiment.no_scenario", part.where, ("mechanisms", name), name=name, nearest=near))
    for name, whole in scenarios.items():
        made.append((name, "", load_tree(whole)))
        for mechanism, node in written.fields[name].fields.items() if name in written.fields else ():
            path = ("mechanisms", name, mechanism)
            try:
                made.append((name, mechanism, _left(whole, mechanism, read_mechanism(node, path, faults), node, path)))
            except ScenarioError as error:
                faults += error.faults
    if faults:
        raise ScenarioError(list({each.text(): each for each in faults}.values()))
    yield from made


def read_mechanism(node: Node, path: Path, faults: list[Fault]) -> Mechanism:
    """One mechanism as the file says it."""
    names = both_languages(node.fields.get("name"), (*path, "name"), faults, node.where)
    rule = both_languages(node.fields.get("rule"), (*path, "rule"), faults, node.where)
    return Mechanism(names, rule, values_of(node, path, faults))


def _left(whole: Node, name: str, mechanism: Mechanism, node: Node, path: Path) -> Loaded:
    """The scenario without a mechanism; its faults are told at the mechanism where they have no better place."""
    faults: list[Fault] = []
    left = laid_over(whole, mechanism.values, faults)
    if faults:
        raise ScenarioError(faults)
    title = {lang: str(words.content) for lang, words in whole.fields["title"].fields.items()}
    left = named(left, [WITHOUT, name], joined("mechanisms.without", [title, mechanism.names]), node.where)
    found = load_tree(left)
    if found.digest == load_tree(whole).digest:
        raise ScenarioError(fault("mechanisms.nothing", node.where, path))
    return found


def ablation(measures: pd.DataFrame) -> pd.DataFrame:
    """The table ABLATION: for each scenario, mechanism, measure and group, the paired change when it is switched off.

    Parameters
    ----------
    measures
        scenario, without, replication, measure, group, value, unit.

    Notes
    -----
    ``whole`` is the mean with all mechanisms; ``difference`` the mean of (without the mechanism − whole) over the
    ``n`` replications in which both have a value, ``low`` and ``high`` its 95% Student limits. Where there is none, no
    row.
    """
    rows: list[tuple[object, ...]] = []
    keys = ["measure", "group", "unit"]
    for scenario, here in measures.groupby("scenario", sort=False):
        wide = here.pivot_table(index=[*keys, "replication"], columns=WITHOUT, values="value", sort=False)
        for key, values in wide.groupby(keys, sort=False):
            measure, group, unit = key
            whole = values[""].to_numpy()
            for mechanism in here[WITHOUT].unique():
                off = values[mechanism].to_numpy()
                both = np.isfinite(whole) & np.isfinite(off)
                if mechanism and both.any():
                    change = paired_difference(whole[both], off[both])
                    mean = mean_interval(whole[both]).mean
                    limits = (mean, change.mean, change.low, change.high, int(both.sum()))
                    rows.append((scenario, mechanism, measure, group, *limits, unit))
    table = pd.DataFrame(rows, columns=list(ABLATION))
    order = {name: position for position, name in enumerate(measures[WITHOUT].drop_duplicates())}
    return table.sort_values(WITHOUT, key=lambda names: names.map(order), kind="stable", ignore_index=True)
