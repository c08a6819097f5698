"""An invented result folder for the charts: plausible shapes, made-up numbers, nothing simulated."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from sealing import seal

from sim.measures import MEASURES
from sim.tables import LEGS, Kind, Outcome

DAY, WEEK, HOUR = 86_400, 7 * 86_400, 3_600
WARM_UP_WEEKS, COHORT_WEEKS = 4, 8
REPLICATIONS = 3
HOUSEHOLDS = 18_000
OFFICES = {
    "party": ("Party-building office", "党建办公室"),
    "civil": ("Civil affairs and social assistance window", "民政与社会救助窗口"),
    "labour": ("Labour and social security window", "劳动保障窗口"),
    "planning": ("Family planning office", "计生办公室"),
    "urban": ("City management office", "城管办公室"),
    "safety": ("Work safety office", "安监办公室"),
    "petition": ("Letters and complaints office", "信访办公室"),
    "finance": ("Finance office", "财政所"),
}
VARIANTS = (
    ("invented-before", "Invented street, before", "虚构街道·改革前"),
    ("invented-after", "Invented street, after", "虚构街道·改革后"),
    (
        "invented-after-equal",
        "Invented street, after, with four communities of equal size and the same people",
        "虚构街道·改革后，四个社区户数相等而人员不变的方案",
    ),
    ("invented-before-more-people", "Invented street, before, more people", "虚构街道·改革前·人员较多"),
    ("invented-after-fewer-people", "Invented street, after, fewer people", "虚构街道·改革后·人员较少"),
    ("invented-areas", "Invented street, two areas", "虚构街道·两个片区"),
)
SECTIONS = (
    ("Party and government affairs", "党政综合办公室"),
    ("Civil affairs and social assistance", "民政与社会救助科"),
    ("Labour and social security", "劳动保障所"),
    ("Family planning and public health", "计划生育与公共卫生站"),
    ("Property management", "物业办"),
    ("Sanitation", "环卫站"),
    ("Public order and people's mediation", "综治办与人民调解委员会"),
    ("Justice", "司法所"),
    ("Urban management", "城管办"),
    ("Work safety supervision", "安全生产监督管理办公室"),
    ("Statistics", "统计站"),
    ("Culture", "文化站"),
    ("Veterans' services", "退役军人服务站"),
    ("The street's sub-centre (supervision, public order and calls in one)", "街道分中心（督查、综治与热线合一）"),
)
"""Of the street with areas: as many, and called at as great a length, as in the scenarios that are shipped."""
AREAS = {"east": ("c1", "c2", "c3"), "west": ("c4", "c5", "c6")}
MATTERS = {
    "certificate": {
        "name": {"en": "Proof of residence", "zh": "居住证明"},
        "authority": "community",
        "kind": "counter",
    },
    "allowance": {
        "name": {"en": "Minimum living allowance, first application", "zh": "最低生活保障首次申请"},
        "authority": "department",
        "kind": "counter",
    },
    "pothole": {"name": {"en": "Broken pavement", "zh": "路面破损"}, "authority": "street", "kind": "grid"},
    "report": {"name": {"en": "Monthly report", "zh": "月报"}, "authority": "department", "kind": "task"},
}


def write_result(folder: Path, n_scenarios: int = 2, *, surveys: bool = True) -> Path:
    """Write an invented result of one to six scenarios into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    variants = VARIANTS[:n_scenarios]
    names = [name for name, _, _ in variants]
    _manifest(folder, variants)
    (folder / "resolved").mkdir(exist_ok=True)
    for name in names:
        text = json.dumps(_resolved(name, surveys), ensure_ascii=False, indent=1)
        (folder / "resolved" / f"{name}.json").write_text(text, encoding="utf-8")
    teams = pd.concat([_teams(name) for name in names], ignore_index=True)
    teams.to_csv(folder / "structure_teams.csv", index=False)
    pd.concat([_units(name) for name in names], ignore_index=True).to_csv(folder / "units.csv", index=False)
    luck = np.random.default_rng(20180101)
    _team_hours(teams, luck).to_parquet(folder / "teams.parquet", index=False)
    cases = _cases(luck)
    journeys = pd.concat([_journeys(name, cases) for name in names], ignore_index=True)
    journeys.to_parquet(folder / "journeys.parquet", index=False)
    _legs(journeys).to_parquet(folder / "legs.parquet", index=False)
    pd.concat([_waits(name) for name in names], ignore_index=True).to_csv(folder / "waits.csv", index=False)
    pd.concat([_queue(name) for name in names], ignore_index=True).to_csv(folder / "queue_by_hour.csv", index=False)
    _measures(folder, names)
    return seal(folder)


def texts(figure: Figure) -> list[Text]:
    """All text that is really drawn."""
    drawn: list[Text] = []
    draw_text = Text.draw

    def record(self, *arguments, **options):  # type: ignore[no-untyped-def]
        if self.get_visible() and self.get_text().strip():
            drawn.append(self)
        draw_text(self, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", record)
        figure.canvas.draw()
    return drawn


def is_after(name: str) -> bool:
    """Whether an invented scenario has the structure with stations."""
    return "after" in name


def has_areas(name: str) -> bool:
    """Whether an invented scenario has areas between the street and its communities, and teams posted to all."""
    return "areas" in name


def communities(name: str) -> list[str]:
    """Ids of an invented scenario's communities."""
    return [f"c{k}" for k in range(1, 5 if is_after(name) else 7)]


def _manifest(folder: Path, variants: tuple[tuple[str, str, str], ...]) -> None:
    manifest = {
        "command": "compare" if len(variants) > 1 else "run",
        "scenarios": [
            {
                "name": name,
                "title": {"en": en, "zh": zh},
                "digest": hashlib.sha256(name.encode()).hexdigest(),
                "households": HOUSEHOLDS,
            }
            for name, en, zh in variants
        ],
        "digest": hashlib.sha256(b"invented").hexdigest(),
        "seed": 1,
        "replications": REPLICATIONS,
        "warm_up_weeks": WARM_UP_WEEKS,
        "warm_up_method": "stated",
        "cohort_weeks": COHORT_WEEKS,
        "notes": [],
        "version": "0.1.0",
        "engine": "simpy",
        "window": {
            "warm_up_s": WARM_UP_WEEKS * WEEK,
            "cohort_s": COHORT_WEEKS * WEEK,
            "end_s": (WARM_UP_WEEKS + COHORT_WEEKS + 4) * WEEK,
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")


def _text(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def _declared_teams(name: str) -> dict[str, dict[str, object]]:
    """Team id -> level, each, name, sizes by place (as in the resolved file and in structure_teams.csv)."""
    more = 1 if "more" in name else -1 if "fewer" in name else 0
    if has_areas(name):
        return _teams_with_areas()
    if not is_after(name):
        offices = {
            base: {"level": "street", "each": "street", "name": _text(*words), "sizes": {"": 6 if k % 2 else 5}}
            for k, (base, words) in enumerate(OFFICES.items())
        }
        community = {f"c{k}": 7 + more for k in range(1, 7)}
        return {
            "leaders": {"level": "street", "each": "street", "name": _text("Leaders", "街道领导"), "sizes": {"": 6}},
            **offices,
            "community": {
                "level": "community", "each": "community", "name": _text("Community staff", "社区工作人员"),
                "sizes": community,
            },
        }  # fmt: skip
    return {
        "leaders": {"level": "street", "each": "street", "name": _text("Leaders", "街道领导"), "sizes": {"": 3}},
        "coordination": {
            "level": "street", "each": "street", "name": _text("Coordination", "综合协调办"), "sizes": {"": 5},
        },
        "supervision": {
            "level": "street", "each": "street", "name": _text("Supervision", "督查办公室"), "sizes": {"": 6},
        },
        "station": {
            "level": "community", "each": "community", "name": _text("Service station", "社区服务站"),
            "sizes": {f"c{k}": 12 + more for k in range(1, 5)},
        },
        "committee": {
            "level": "community", "each": "committee", "name": _text("Residents' committee", "居民委员会"),
            "sizes": {f"c{k}-1": 5 for k in range(1, 5)} | {"c1-2": 5, "c2-2": 5},
        },
    }  # fmt: skip


def _teams_with_areas() -> dict[str, dict[str, object]]:
    street = {"level": "street", "each": "street"}
    posted = {"level": "community", "each": "street"}
    area = {"level": "street", "each": "area"}
    return {
        "department": {
            "level": "department", "each": "street", "sizes": {"": 6},
            "name": _text("District departments' staff, as far as they work here", "区级部门窗口（本街道折算）"),
        },
        "leaders": street | {"name": _text("Leaders", "街道领导"), "sizes": {"": 6}},
        **{
            f"section{k}": street | {"name": _text(*words), "sizes": {"": 3}} for k, words in enumerate(SECTIONS)
        },
        "platform": area | {
            "name": _text("Community affairs platform", "社区事务受理平台"), "sizes": {"east": 7, "west": 6},
        },
        "force": area | {"name": _text("Urban management force", "城管力量"), "sizes": {"east": 1, "west": 1}},
        "station": {
            "level": "community", "each": "community", "name": _text("Community workers", "社区工作者"),
            "sizes": {f"c{k}": 7 for k in range(1, 7)},
        },
        "posted-social": posted | {
            "name": _text("Posted by health, justice, housing, labour", "卫生、司法、住建、人社下沉人员"),
            "sizes": {"": 4},
        },
        "posted-statistics": posted | {"name": _text("Posted by statistics", "统计下沉人员"), "sizes": {"": 1}},
    }  # fmt: skip


PARTS = {
    "unseen_s": 0,
    "seemed_s": 0,
    "queue_s": 5,
    "hand_off_s": 30,
    "gate_s": 15,
    "closed_hours_s": 35,
    "own_delay_s": 10,
    "work_time_s": 5,
}

DECLARED_UNITS = {
    "counter": ("community", "counter", "Community service counter", "社区服务窗口"),
    "office": ("street", "desk", "Civil affairs desk of the street office", "街道民政办"),
    "signature": ("street", "desk", "Leaders' approval", "领导审批"),
    "bureau": ("department", "desk", "Civil affairs bureau", "区民政局"),
    "window": ("street", "counter", "Windows of the community affairs platform", "社区事务受理平台窗口"),
}
"""The last one stands in the areas of the street that has them."""


def places_of(name: str, base: str) -> list[str]:
    """Where an invented unit stands: in each community, in each area (if there are any), or once."""
    if base == "window":
        return list(AREAS) if has_areas(name) else []
    return communities(name) if base == "counter" else [""]


def _resolved(name: str, surveys: bool) -> dict[str, object]:
    teams = {
        base: {key: team[key] for key in ("name", "each", "level")} | {"size": team["sizes"]}
        for base, team in _declared_teams(name).items()
    }
    units = {
        base: {"name": _text(en, zh), "level": level, "kind": kind}
        for base, (level, kind, en, zh) in DECLARED_UNITS.items()
    }
    facts = ("wait_kunshan", "wait_changzhou_xinbei") if surveys else ()
    return {
        "name": name,
        "checked_against": {fact: _text("shape of waits", "等候时长的分布") for fact in facts},
        "demand": {"matters": MATTERS},
        "structure": {
            "communities": {place: {"households": 3000, "committees": 1} for place in communities(name)},
            "areas": {area: {"communities": list(places)} for area, places in AREAS.items() if has_areas(name)},
            "teams": teams,
            "units": units,
        },
    }


def _teams(name: str) -> pd.DataFrame:
    rows = []
    for base, team in _declared_teams(name).items():
        for place, size in team["sizes"].items():  # type: ignore[attr-defined]
            label = f"{base}@{place}" if place else base
            words = team["name"]
            rows.append((name, label, base, place, team["level"], size, words["zh"], words["en"]))  # type: ignore[index]
    return pd.DataFrame(rows, columns=["scenario", "team", "base", "place", "level", "size", "name_zh", "name_en"])


def _units(name: str) -> pd.DataFrame:
    rows = []
    for base, (level, kind, _, _) in DECLARED_UNITS.items():
        for place in places_of(name, base):
            each = "area" if place in AREAS else "community" if place else "street"
            rows.append((name, len(rows), f"{base}@{place}" if place else base, base, place, level, kind, each))
    return pd.DataFrame(rows, columns=["scenario", "unit", "unit_name", "base", "place", "level", "kind", "each"])


def unit_number(name: str, base: str, place: int = 0) -> int:
    """Position of an invented unit in ``units.csv``; of one that stands in several places, in which of them."""
    before = list(DECLARED_UNITS)[: list(DECLARED_UNITS).index(base)]
    return sum(len(places_of(name, one)) for one in before) + place


def _team_hours(teams: pd.DataFrame, luck: np.random.Generator) -> pd.DataFrame:
    shares = {
        "street": {"counter": 0.08, "papers": 0.05, "administrative": 0.2, "patrol": 0.05, "meeting": 0.1},
        "community": {"counter": 0.2, "papers": 0.1, "outdoors": 0.1, "administrative": 0.25, "meeting": 0.05},
        "department": {"papers": 0.2},
    }
    rows = []
    for team in teams.to_dict("records"):
        for replication in range(REPLICATIONS):
            open_s = team["size"] * 40 * HOUR * COHORT_WEEKS
            factor = luck.uniform(0.5, 1.25)
            for kind, share in (shares[team["level"]] | {"leave": 0.06}).items():
                busy = round(open_s * share * factor)
                rows.append((team["scenario"], replication, team["team"], kind, busy, open_s, 0))
    columns = ["scenario", "replication", "team", "kind", "busy_s", "open_s", "overtime_s"]
    return pd.DataFrame(rows, columns=columns)


def _cases(luck: np.random.Generator) -> pd.DataFrame:
    """The same cases for every scenario: when, what, where, and each one's luck."""
    tables = []
    for replication in range(REPLICATIONS):
        n = 400
        day = luck.integers(0, (WARM_UP_WEEKS + COHORT_WEEKS) * 5, n)
        opened = np.sort(day // 5 * WEEK + day % 5 * DAY + luck.integers(9 * HOUR, 17 * HOUR, n))
        tables.append(
            pd.DataFrame(
                {
                    "replication": replication,
                    "case": np.arange(n),
                    "matter": luck.choice(list(MATTERS), n, p=[0.4, 0.3, 0.2, 0.1]),
                    "community": luck.integers(0, 4, n),
                    "opened_s": opened,
                    "luck": luck.random(n),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def _journeys(name: str, cases: pd.DataFrame) -> pd.DataFrame:
    table = cases.copy()
    authority = table["matter"].map(lambda matter: MATTERS[matter]["authority"])
    days = authority.map({"community": 0.05, "street": 4.0, "department": 12.0}) * (0.4 if is_after(name) else 1.0)
    closed = table["opened_s"] + (days * DAY * (0.5 + table["luck"])).astype(int) + 900
    done = table["luck"] < (0.97 if is_after(name) else 0.93)
    level = authority.where(~is_after(name) | (table["luck"] > 0.6), "community")
    kind = (table["matter"] == "report").map({True: "task", False: "resident"})
    return pd.DataFrame(
        {
            "scenario": name,
            "replication": table["replication"],
            "case": table["case"],
            "matter": table["matter"].astype("category"),
            "kind": kind,
            "community": table["community"].map(lambda k: f"c{k + 1}"),
            "channel": table["matter"].map(lambda matter: MATTERS[matter]["kind"]),
            "opened_s": table["opened_s"],
            "closed_s": closed.where(done, -1),
            "outcome": done.map({True: "closed", False: "open"}),
            "level": level.where(done, ""),
            "found_by": (table["matter"] == "pothole").map({True: "patrol", False: "at_once"}),
            "visits": 1 if is_after(name) else 2,
            "wait_s": 1500,
            **{part: (closed - table["opened_s"]) * share // 100 for part, share in PARTS.items()},
        }
    )


def _legs(journeys: pd.DataFrame) -> pd.DataFrame:
    """Counter, street desk, approval, bureau, counter again: a row a leg, spread over the case's time."""
    rows = []
    for case in journeys[journeys["kind"] == "resident"].to_dict("records"):
        start = case["opened_s"]
        span = max(case["closed_s"] - start, 3600)
        counter = unit_number(case["scenario"], "counter", int(case["community"][1:]) - 1)
        office, signature, bureau = (unit_number(case["scenario"], base) for base in ("office", "signature", "bureau"))
        course = [  # unit, visit, joined, started, ended as shares of the span
            (counter, 1, 0.0, 0.004, 0.008),
            (office, 0, 0.10, 0.16, 0.165),
            (counter, 2, 0.30, 0.306, 0.312),
            (signature, 0, 0.40, 0.48, 0.482),
            (bureau, 0, 0.60, 0.95, 1.0),
        ]
        if is_after(case["scenario"]):
            course = [course[0], (bureau, 0, 0.4, 0.9, 1.0)]
        if has_areas(case["scenario"]):
            area = unit_number(case["scenario"], "window", case["case"] % 2)
            ways = [  # the whole way; from the department past the street; past the area and back; past both
                [course[0], (area, 2, 0.1, 0.11, 0.12), *course[3:]],
                [(area, 1, 0.0, 0.004, 0.008), (bureau, 0, 0.3, 0.4, 0.5), (area, 2, 0.9, 0.95, 1.0)],
                [course[0], course[1], (counter, 2, 0.9, 0.95, 1.0)],
                [course[0], (bureau, 0, 0.3, 0.4, 0.5), (counter, 2, 0.9, 0.95, 1.0)],
            ]
            course = ways[case["case"] % 4]
        for row, (unit, visit, *shares) in enumerate(course):
            joined, started, ended = (start + round(share * span) for share in shares)
            leg = {
                "case": case["case"],
                "row": row, "attempt": 1, "kind": int(Kind.RESIDENT), "visit": visit, "unit": unit,
                "team": 0, "class": 1, "ready_s": joined, "joined_s": joined, "started_s": started, "ended_s": ended,
                "worked_s": min(900, ended - started), "outcome": int(Outcome.DONE),
            }  # fmt: skip
            rows.append((case["scenario"], case["replication"], *(leg[column] for column in LEGS)))
    return pd.DataFrame(rows, columns=["scenario", "replication", *LEGS])


WAIT_EDGES = (*range(241), 300, 360, 480, 720, 1440)


def _waits(name: str) -> pd.DataFrame:
    """Visits by wait: 70 (85) per cent without any, the rest falling off as an exponential."""
    none, mean = (0.85, 12.0) if is_after(name) else (0.7, 35.0)
    none += 0.05 * ("more" in name) - 0.05 * ("fewer" in name) - 0.02 * ("equal" in name)
    visits = {"community": 6_000, "street": 2_000}
    rows = []
    for replication in range(REPLICATIONS):
        for level, n in visits.items():
            rows.append((name, replication, level, 0, 0, round(n * none)))
            edges = [*WAIT_EDGES, np.inf]
            longer = (1 - none) * np.exp(-np.array(edges) / mean)
            for low, high, share in zip(edges[:-1], edges[1:], longer[:-1] - longer[1:], strict=True):
                rows.append((name, replication, level, low, "" if np.isinf(high) else high, round(n * share)))
    return pd.DataFrame(rows, columns=["scenario", "replication", "level", "bin_low_min", "bin_high_min", "visits"])


def _queue(name: str) -> pd.DataFrame:
    hour = np.arange(168)
    of_day = hour % 24
    office = ((of_day >= 9) & (of_day < 12)) | ((of_day >= 14) & (of_day < 18))
    peak = np.exp(-(((of_day - 10) / 2.0) ** 2)) + 0.6 * np.exp(-(((of_day - 15) / 1.5) ** 2))
    monday = np.where(hour < 24, 1.5, 1.0)
    tables = []
    for replication in range(REPLICATIONS):
        for level, size in (("community", 4.0), ("street", 1.5)):
            shape = peak * monday * office * (hour < 120) * (0.4 if is_after(name) else 1.0)
            waiting = size * shape * (1 + 0.1 * replication) * (1 + len(name) % 5 / 10)
            row = {"scenario": name, "replication": replication, "level": level, "hour": hour, "waiting": waiting}
            tables.append(pd.DataFrame(row))
    return pd.concat(tables, ignore_index=True)


MEANS = {  # first mean, relative difference of the others
    "resident_hours_per_case": (2.4, -0.31),
    "wait_visit_min": (14.2, -0.55),
    "wait_visit_p90_min": (46.0, -0.6),
    "close_days": (8.6, -0.42),
    "visits_per_case": (1.62, -0.18),
    "on_time_share": (0.87, 0.04),
    "gave_up_share": (0.0, 0.0),
    "travel_min_per_case": (42.0, 0.12),
    "staff_use_share": (0.54, 0.09),
    "not_done_h_per_week": (31.0, -0.22),
}


def _measures(folder: Path, names: list[str]) -> None:
    with (folder / "measures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["scenario", "replication", "measure", "group", "value", "unit"])
        for name in names:
            for replication in range(REPLICATIONS):
                for measure, (mean, change) in MEANS.items():
                    value = mean * (1 + change * is_after(name))
                    writer.writerow([name, replication, measure, "", value, MEASURES[measure].unit])
    if len(names) < 2:
        return
    with (folder / "comparison.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        columns = "measure,group,scenario,mean,low,high,n,difference,difference_low,difference_high"
        writer.writerow(columns.split(","))
        for measure, (mean, change) in MEANS.items():
            for position, name in enumerate(names):
                shift = mean * change * (1 + 0.1 * position) * (position > 0)
                here, half = mean + shift, 0.08 * mean
                of_pair = [shift, shift - half, shift + half] if position else ["", "", ""]
                row = [here, here * 0.95, here * 1.05, REPLICATIONS, *of_pair]
                writer.writerow([measure, "", name, *row])
                writer.writerow([measure, "community:c1", name, *row])
