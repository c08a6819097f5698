"""An invented result of a sweep over the two levers: made-up numbers of a shape that can be checked by head."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sealing import seal

from sim.measures import MEASURES

WEEK = 7 * 86_400
HOUSEHOLDS = 12_000
STAFF, NUMBERS, DEMANDS = (0, 10, 20, 30), (6, 4, 2), (0.8, 1, 1.25)
SCENARIOS = {
    "old": ("Invented street, old procedures", "虚构街道·旧流程", {"staff": 0, "communities": 4, "demand": 1}),
    "new": ("Invented street, new procedures", "虚构街道·新流程", {"staff": 20, "communities": 4, "demand": 1}),
}
UNITS = {"counter": "community", "approval": "street", "bureau": "department"}
LUCK = (-0.2, 0.0, 0.3, -0.1)
"""Of each replication, the same at every point."""
WRITTEN = "invented/old.yaml:9:5: structure.move.staff: "


def reason(scenario: str, staff: int, n: int) -> tuple[str, str] | None:
    """Why a point cannot be, in Chinese and English: 30 people are too many; six new stations need 20 of them."""
    if staff > 20:
        return (
            f"{WRITTEN}拟下沉 {staff} 人，街道不足（`keep`）",
            f"{WRITTEN}{staff} people are more than can go (`keep`)",
        )
    if scenario == "new" and n == 6 and staff < 20:
        return f"{WRITTEN}只下沉 {staff} 人，窗口无人", f"{WRITTEN}with {staff} moved, a window would be without staff"
    return None


def main_measure(scenario: str, staff: int, n: int, demand: float, replication: int) -> float:
    """Resident-hours: best with 10 moved (old) or 20 (new); smaller communities are better; 0 and 10 hardly differ."""
    level = {"old": 2.0, "new": 1.0}[scenario]
    apart = abs(staff - (10 if scenario == "old" else 20)) / 10
    noise = 0.004 * (replication % 2 - 0.5) * (staff == 0)
    if piles_up(scenario, staff, n):
        return 0.5 + LUCK[replication]
    return (
        level
        + LUCK[replication]
        + demand / 10
        + (0.001 if staff == 0 and scenario == "old" else 0.1) * apart
        - n / 20
        + noise
    )


def piles_up(scenario: str, staff: int, n: int) -> bool:
    """Whether cases pile up: old procedures, 20 moved, two communities; there residents *seem* to spend least."""
    return scenario == "old" and staff == 20 and n == 2


def overloaded(scenario: str, staff: int, n: int) -> bool:
    """Whether there is more work than time: where cases pile up, and with most moved to the most communities."""
    return piles_up(scenario, staff, n) or (staff == 20 and n == 6)


def values(scenario: str, staff: int, n: int, demand: float, replication: int) -> dict[tuple[str, str], float]:
    """All kept measures of a point in a replication."""
    street = 30.0 * staff if scenario == "old" else 10.0
    return {
        ("resident_hours_per_case", ""): main_measure(scenario, staff, n, demand, replication),
        ("resident_hours_per_case", "counter"): 99.0,
        ("wait_visit_min", ""): 12 - staff / 5 + n + LUCK[replication],
        ("travel_min_per_case", ""): 60.0 / n,
        ("close_days", ""): 9 + 0.2 * abs(staff - 10) - 4 * (scenario == "new") + n / 5 + LUCK[replication],
        ("task_missed_share", ""): 0.2 - staff / 200 + n / 100 + LUCK[replication] / 10,
        ("unfinished_share", ""): 0.2 if piles_up(scenario, staff, n) else 0.01,
        ("wait_unit_min", "unit:counter"): 15.0 + (700.0 if n == 6 else 0.0),
        ("wait_unit_min", "unit:approval"): street,
        ("wait_unit_min", "unit:bureau"): 5_000.0,
        ("wait_unit_min", "unit:approval@c1"): 9_999.0,
    }


def write_sweep(
    folder: Path,
    names: Sequence[str] = ("old", "new"),
    replications: int = 4,
    staff: Sequence[int] = STAFF,
    **changes: Any,
) -> Path:
    """Write an invented sweep into ``folder`` and return it; ``changes`` are laid over its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "resolved").mkdir(exist_ok=True)
    for name in names:
        units = {unit: {"level": level} for unit, level in UNITS.items()}
        (folder / "resolved" / f"{name}.json").write_text(json.dumps({"structure": {"units": units}}), encoding="utf-8")
    manifest = _manifest(names, replications, staff) | changes
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    factors = ("staff", "communities", "demand")
    kept: list[list[Any]] = [["scenario", "point", *factors, "replication", "measure", "group", "value", "unit"]]
    points: list[list[Any]] = [
        ["scenario", "point", *factors, "feasible", "overloaded", "digest", "reason_zh", "reason_en"]
    ]
    grid = itertools.product(names, staff, NUMBERS, DEMANDS)
    for number, (name, moved, n, demand) in enumerate(grid):
        why = reason(name, moved, n)
        head = [name, number, moved, n, demand]
        over = str(overloaded(name, moved, n)).lower()
        points.append([*head, "false", "", "", *why] if why else [*head, "true", over, f"{number:064x}", "", ""])
        for replication in range(0 if why else replications):
            for (measure, group), value in values(name, moved, n, demand, replication).items():
                kept.append([*head, replication, measure, group, repr(value), MEASURES[measure].unit])
    for file, rows in (("points.csv", points), ("measures.csv", kept)):
        with (folder / file).open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
    return seal(folder)


def _manifest(names: Sequence[str], replications: int, staff: Sequence[int]) -> dict[str, Any]:
    labels = {
        "staff": ("structure.move.staff", "staff moved down", "下沉人数", staff),
        "communities": ("structure.communities.number", "communities", "社区个数", NUMBERS),
        "demand": ("demand.scale", "demand", "需求倍数", DEMANDS),
    }
    whys = [reason(name, moved, n) for name in names for moved in staff for n in NUMBERS]
    return {
        "command": "sweep",
        "experiment": "invented-levers",
        "title": {"en": "Invented levers", "zh": "虚构的两个杠杆"},
        "question": {"en": "Which is best?", "zh": "哪个最好？"},
        "main_measure": "resident_hours_per_case",
        "design": {"kind": "full", "n": None},
        "scenarios": [
            {
                "name": name,
                "title": {"en": SCENARIOS[name][0], "zh": SCENARIOS[name][1]},
                "digest": hashlib.sha256(name.encode()).hexdigest(),
                "households": HOUSEHOLDS,
                "values": SCENARIOS[name][2],
            }
            for name in names
        ],
        "factors": [
            {"name": name, "path": path, "label": {"en": en, "zh": zh}, "values": list(levels)}
            for name, (path, en, zh, levels) in labels.items()
        ],
        "parts": [],
        "points": len(whys) * len(DEMANDS),
        "infeasible": sum(why is not None for why in whys) * len(DEMANDS),
        "base_point": 0,
        "measures": sorted({measure for measure, _ in values("old", 0, 4, 1, 0)}),
        "digest": hashlib.sha256(b"levers").hexdigest(),
        "seed": 7,
        "replications": replications,
        "warm_up_weeks": 4,
        "warm_up_method": "stated",
        "cohort_weeks": 8,
        "version": "0.1.0",
        "window": {"warm_up_s": 4 * WEEK, "cohort_s": 8 * WEEK, "end_s": 16 * WEEK},
        "notes": [],
    }
