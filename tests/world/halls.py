"""A service hall whose windows were pooled and cut: what the model says of each part of the change.

The calibrated number is ``demand.scale`` of ``hall.yaml``, by which the mean wait before is the reported one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiment.replicate import Task, replicate
from sim.measures import Window
from sim.scenario.load import Variants
from sim.units import MINUTE_S, WEEK_S
from world.waits import class_shares

FOLDER = Path(__file__).parents[2] / "scenarios" / "halls"
BEFORE, AFTER = "xinglongtai-before", "xinglongtai-after"
PARTS = {
    "before": BEFORE,
    "after": AFTER,
    "pooled": "xinglongtai-pooled",
    "fewer": "xinglongtai-fewer",
    "generalists": "xinglongtai-generalists",
    "split": "xinglongtai-split",
}
"""The shipped scenarios by a short name."""
GROUPS = ("before", "after")
"""Those whose waits are held against the surveys."""
MEASURES = frozenset({"wait_visit_min", "gave_up_share"})
QUICKER = 0.9
"""A window's time after, as a share of that before, in a variant."""
WORK = "demand.matters.{}.work.mean"
SIZE = "structure.teams.windows.size"
N_BEFORE, N_AFTER = 75, 34
N_DALIAN = round(N_BEFORE * 0.8)
"""As many windows as are left where a fifth is closed, as in Dalian."""
REPORTED_BEFORE_MIN, REPORTED_AFTER_MIN = 10.0, 5.0


@cache
def variants(name: str) -> Variants:
    """One of the shipped files."""
    return Variants.of(FOLDER / f"{name}.yaml")


def matters() -> list[str]:
    """The departments' matters, busiest first."""
    return list(variants(BEFORE).at({}).scenario.demand.matters)


def window(cohort_weeks: int | None = None) -> Window:
    """Warm-up, cohort and drain as the files say, or with another cohort."""
    run = variants(BEFORE).at({}).scenario.run
    cohort_s = run.cohort if cohort_weeks is None else cohort_weeks * WEEK_S
    assert isinstance(run.warm_up, int)
    return Window(run.warm_up, cohort_s, run.warm_up + cohort_s + run.drain)


def measured(
    name: str, overrides: Mapping[str, Any], replication: int, within: Window, *, keep: bool = False
) -> tuple[dict[tuple[str, str], float], Mapping[str, Any]]:
    """Measures (by name and group) and kept tables of one replication of a file."""
    scenario = variants(name).at(overrides).scenario
    task = Task((scenario,), scenario.run.seed, replication, within, "compiled", keep, MEASURES)
    (outcome,) = replicate(task)
    table = outcome.measures
    values = dict(zip(zip(table["measure"], table["group"], strict=True), table["value"], strict=True))
    return values, outcome.tables


def wait_min(name: str, overrides: Mapping[str, Any], replication: int, within: Window) -> float:
    """Mean wait of a visit."""
    return measured(name, overrides, replication, within)[0]["wait_visit_min", ""]


def of_scenarios(shorts: Collection[str], number: int) -> dict[str, float]:
    """Waits, who gave up, and shares by length of wait, of one replication of shipped scenarios."""
    found: dict[str, float] = {}
    for short in shorts:
        values, tables = measured(PARTS[short], {}, number, window(), keep=short in GROUPS)
        found[f"{short}.wait"] = values["wait_visit_min", ""]
        found[f"{short}.gave_up"] = values["gave_up_share", ""]
        if short in GROUPS:
            found |= {f"{short}.{key}": share for key, share in class_shares(tables["waits.csv"]).items()}
    return found


def replication(number: int) -> dict[str, float]:
    """All figures of one replication: the shipped scenarios, their further variants, and what each part does."""
    found = of_scenarios(PARTS, number)
    minutes = variants(BEFORE).at({}).scenario.demand.matters[matters()[0]].work.mean.amount / MINUTE_S
    quicker = {WORK.format(matter): f"{minutes * QUICKER:g} min" for matter in matters()}
    others = {
        "quicker": (AFTER, quicker),
        "fields5": (BEFORE, fields(5, N_AFTER)),
        "fields12": (BEFORE, fields(12, N_AFTER)),
        "dalian": (AFTER, staffed(N_DALIAN)),
        "dalian5": (BEFORE, fields(5, N_DALIAN)),
        "dalian12": (BEFORE, fields(12, N_DALIAN)),
    }
    found |= {f"{short}.wait": wait_min(*variant, number, window()) for short, variant in others.items()}
    return found | _effects(found)


def _effects(found: Mapping[str, float]) -> dict[str, float]:
    """What pooling and what closing windows changes, each taken first and second, and the mean of both orders."""
    wait = {short: found[f"{short}.wait"] for short in PARTS}
    pooling = (wait["pooled"] - wait["before"], wait["after"] - wait["fewer"])
    cutting = (wait["after"] - wait["pooled"], wait["fewer"] - wait["before"])
    return {
        "pooling.first": pooling[0],
        "pooling.second": pooling[1],
        "pooling.mean": float(np.mean(pooling)),
        "cutting.first": cutting[1],
        "cutting.second": cutting[0],
        "cutting.mean": float(np.mean(cutting)),
        "change": wait["after"] - wait["before"],
        **{f"dalian{n}.share": found[f"dalian{n}.wait"] / wait["before"] - 1 for n in ("", "5", "12")},
    }


def fields(n_queues: int, n_windows: int) -> dict[str, Any]:
    """Windows pooled within fields: departments are dealt over so many queues in turn, the busiest first."""
    return _before(n_windows, [[f"field-{k % n_queues}"] for k in range(len(matters()))])


def own_queues() -> dict[str, Any]:
    """Before, but each window has a queue of its own; a department's visitors spread over its three by luck."""
    return _before(N_BEFORE, [[f"{matter}-{k}" for k in range(N_BEFORE // len(matters()))] for matter in matters()])


def _before(n_windows: int, units: list[list[str]]) -> dict[str, Any]:
    """The dedicated windows with other queues, those of each department given."""
    structure = variants(BEFORE).at({}).resolved()["structure"]
    behind = {"unit": "behind", "work": "3 min"}
    queues = list(dict.fromkeys(name for of_one in units for name in of_one))
    steps = {
        matter: {"for": [matter], "steps": [{"unit": of_one, "present": True, "share": 1.0}, behind]}
        for matter, of_one in zip(matters(), units, strict=True)
    }
    counters = {name: {"kind": "counter", "level": "department"} for name in queues}
    return {
        "structure.units": {**dict.fromkeys(set(structure["units"]) - {"behind"}), **counters},
        "structure.teams.windows.serves": queues,
        "structure.procedures": {"visit": None, **steps},
        **staffed(n_windows),
    }


def staffed(n_windows: int) -> dict[str, Any]:
    """Another number of windows; who would stand there is left open."""
    return {SIZE: n_windows, "structure.ledger": {"groups": None, "posts": None}}


def visits_a_window_day(short: str) -> float:
    """First visits that a window has in a working day on average."""
    scenario = variants(PARTS[short]).at({}).scenario
    per_s = sum(matter.rate.per_s for matter in scenario.demand.matters.values() if matter.rate is not None)
    size = scenario.structure.teams["windows"].size
    assert isinstance(size, int)
    return per_s * scenario.demand.scale * WEEK_S / 5 / size


def level_for(wait_of: Callable[[float], float], target_min: float, steps: int = 10) -> float:
    """The demand scale at which a mean wait is the target: by halving, since more visitors never wait less in all."""
    low, high = 0.0, 2.0
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if wait_of(middle) < target_min else (low, middle)
    return (low + high) / 2


def fewest_windows(wait_of: Callable[[int], float], target_min: float) -> int:
    """The fewest pooled windows (of 5 to 75) at which a mean wait is no longer than the target."""
    low, high = 5, N_BEFORE
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if wait_of(middle) <= target_min else (middle + 1, high)
    return low


def enough_windows(target_min: float, replications: int) -> int:
    """The fewest pooled windows for a mean wait in the shipped hall, over some replications."""

    def wait_of(n: int) -> float:
        return float(np.mean([wait_min(AFTER, staffed(n), r, window()) for r in range(replications)]))

    return fewest_windows(wait_of, target_min)


def calibrated(replications: int) -> float:
    """The demand scale at which the wait before is the reported one: what ``hall.yaml`` states."""

    def wait_of(scale: float) -> float:
        waits = partial(wait_min, BEFORE, {"demand.scale": scale}, within=window())
        return float(np.mean([waits(replication=r) for r in range(replications)]))

    return level_for(wait_of, REPORTED_BEFORE_MIN, steps=11)
