"""From totals to measures: of one street, of a band of streets, of all."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from sim import sketch
from sim.experiment.country.totals import NOTHING, Totals
from sim.measures import MAIN_MEASURE, MEASURES
from sim.stays import LEVELS
from sim.units import DAY_S, HOUR_S, MINUTE_S


def measured(found: Totals) -> dict[tuple[str, str], float]:
    """Measures by name and group, as :mod:`sim.measures` defines them; nan where there is nobody.

    Percentiles are from sketches, off by at most 1/64.
    """
    n = found.numbers

    def per(total: float, count: int) -> float:
        return total / count if count else math.nan

    wait, age = found.sketches["wait"], found.sketches["age"]
    values = {
        (MAIN_MEASURE, ""): per((n["wait_s"] + n["travel_s"]) / HOUR_S, n["cases"]),
        ("wait_visit_min", ""): per(n["wait_s"] / MINUTE_S, n["visits"]),
        ("wait_visit_p50_min", ""): sketch.quantile(wait, 0.5) / MINUTE_S,
        ("wait_visit_p90_min", ""): sketch.quantile(wait, 0.9) / MINUTE_S,
        ("close_days", ""): per(n["age_s"] / DAY_S, n["cases"]),
        ("close_p50_days", ""): sketch.quantile(age, 0.5) / DAY_S,
        ("close_p90_days", ""): sketch.quantile(age, 0.9) / DAY_S,
        ("visits_per_case", ""): per(n["visits"], n["cases"]),
        ("travel_min_per_case", ""): per(n["travel_s"] / MINUTE_S, n["cases"]),
        ("gave_up_share", ""): per(n["gave_up"], n["cases"]),
        ("unfinished_share", ""): per(n["open"], n["cases"]),
        ("n_cases", ""): float(n["cases"]),
        ("n_visits", ""): float(n["visits"]),
    }
    for level in LEVELS:
        values["staff_use_share", level] = per(n[f"busy_{level}_s"], n[f"open_{level}_s"])
    return values


OF_A_STREET = (
    (MAIN_MEASURE, ""),
    ("wait_visit_min", ""),
    ("wait_visit_p90_min", ""),
    ("close_days", ""),
    ("visits_per_case", ""),
    ("travel_min_per_case", ""),
    ("gave_up_share", ""),
    ("unfinished_share", ""),
    ("n_cases", ""),
    *(("staff_use_share", level) for level in LEVELS),
)
"""The measures that have a column in the table of streets."""


def streets_table(found: Totals) -> dict[str, float]:
    """One street's measures by column: the measure's name, and its group where it has one."""
    values = measured(found)
    return {"_".join(filter(None, key)): round(values[key], 6) for key in OF_A_STREET}


def whole_country(by_band: Mapping[str, Totals], bands: Sequence[str]) -> pd.DataFrame:
    """``measure, group, value, unit``: of all streets (group ''), by level, and by band of community size.

    A band's rows have the group ``size:<band>``, or ``size:<band>/<level>``; ``n_streets`` counts streets.
    """
    whole = NOTHING
    for found in by_band.values():
        whole = whole + found
    groups = [("", whole), *((f"size:{band}", by_band[band]) for band in bands if band in by_band)]
    rows = []
    for prefix, found in groups:
        rows.append(("n_streets", prefix, float(found.numbers["streets"]), "streets"))
        for (name, group), value in measured(found).items():
            rows.append((name, "/".join(filter(None, (prefix, group))), value, MEASURES[name].unit))
    return pd.DataFrame(rows, columns=["measure", "group", "value", "unit"])
