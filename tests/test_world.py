"""The page that holds the model against the world says what the model gives, and what was reported."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from world import figures, halls, page, ranges, runs, streets, waits
from world.figures import Figure, Reported, verdict

from sim.demand import draw_demand
from sim.evidence import facts
from sim.language import LANGUAGES

RTOL = 1e-6
"""Figures are kept to eight digits."""


@pytest.fixture(scope="module")
def kept():
    return pd.read_csv(figures.FIGURES).set_index("name")


def same(found: dict[str, float], expected: pd.Series) -> None:
    assert found == pytest.approx({name: expected[name] for name in found}, rel=RTOL, abs=1e-9)


# -- the model's figures are those of the page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_what_was_found(lang):
    assert page.PAGES[lang].read_text(encoding="utf-8") == page.written(figures.kept(), lang)


def test_the_hall_before_and_after_runs_as_on_the_page(kept):
    same(halls.of_scenarios(("before", "after"), 0), kept["first"])


def test_both_streets_run_as_on_the_page(kept):
    same(streets.replication(0), kept["first"])


@pytest.mark.slow
def test_all_replications_run_as_on_the_page(kept):
    """The table made again is the kept one, limits and all."""
    made = figures.table([runs.replication(r) for r in range(figures.REPLICATIONS)], runs.enough()).set_index("name")
    assert list(made.index) == list(kept.index)
    pd.testing.assert_frame_equal(made, kept, rtol=RTOL, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "points"), [("along_the_spread", ranges.along_the_spread), ("over_all", ranges.over_all)]
)
def test_points_of_the_ranges_run_as_on_the_page(way, points):
    """Each point is the one kept; every ninth is calibrated and run again."""
    rows = figures.points(way).to_dict("records")
    for number, (point, row) in enumerate(zip(points(), rows, strict=True)):
        same({name: value for name, value in vars(point).items() if name != "queues"}, pd.Series(row))
        if number % 9 == 0:
            same({name: value for name, value in ranges.read(point).items() if name != "queues"}, pd.Series(row))


def test_the_hall_is_calibrated_to_the_reported_wait(kept):
    """And on nothing else: 10 minutes before, to a twentieth of a minute."""
    assert kept["value"]["before.wait"] == pytest.approx(halls.REPORTED_BEFORE_MIN, abs=0.05)


def test_a_figure_that_moves_is_seen():
    moved = figures.kept()
    moved["after.wait"] = moved["after.wait"]._replace(value=moved["after.wait"].value + 0.1)
    assert all(page.written(moved, lang) != page.PAGES[lang].read_text(encoding="utf-8") for lang in LANGUAGES)


# -- what is compared


def test_every_part_of_the_change_faces_the_same_visitors():
    demands = [halls.variants(name).at({}).scenario for name in halls.PARTS.values()]
    assert all((one.place, one.demand) == (demands[0].place, demands[0].demand) for one in demands)
    assert draw_demand(demands[0], 1, 0, halls.window(1).end_s).n_cases > 5000


def test_windows_and_staff_are_those_of_the_report():
    """Windows 75 and 34, staff 87 and 53, as the fact says."""
    statement = facts()["wait_xinglongtai_pooling"].statement
    assert "Windows cut from 75 to 34 and staff from 87 to 53" in statement
    for short, windows, staff in (("before", 75, 87), ("after", 34, 53), ("pooled", 75, 87), ("fewer", 34, 53)):
        structure = halls.variants(halls.PARTS[short]).at({}).scenario.structure
        assert structure.teams["windows"].size == windows
        assert sum(group.n for group in structure.ledger.groups.values()) == staff
    assert (halls.N_BEFORE, halls.N_AFTER, halls.N_DALIAN) == (75, 34, 60)


def test_departments_are_as_uneven_as_the_file_says():
    """The rates of ``hall.yaml`` are those of a spread of 0.75, to whole visits."""
    rates = [matter.rate.per_s for matter in halls.variants(halls.BEFORE).at({}).scenario.demand.matters.values()]
    expected = ranges.loads(ranges.Unknowns("departments").spread)
    assert [rate / sum(rates) for rate in rates] == pytest.approx(expected, abs=2e-4)


def test_fields_pool_departments_and_own_queues_part_them():
    """Twelve fields of two or three departments; or three queues for each of 25 departments."""
    pooled = halls.variants(halls.BEFORE).at(halls.fields(12, 34)).scenario.structure
    assert (len(pooled.teams["windows"].serves), pooled.teams["windows"].size) == (12, 34)
    parted = halls.variants(halls.BEFORE).at(halls.own_queues()).scenario.structure
    assert (len(parted.teams["windows"].serves), parted.teams["windows"].size) == (75, 75)
    assert [len(way.steps[0].unit) for way in parted.procedures.values()] == [3] * 25


def test_searches_find_the_level_and_the_fewest_windows():
    assert halls.level_for(lambda scale: 20 * scale, 10.0, steps=12) == pytest.approx(0.5, abs=1e-3)
    assert [halls.fewest_windows(lambda n: 300 / n, target) for target in (5.0, 10.0, 1.0)] == [60, 30, 75]


# -- what is reported


def test_surveys_are_those_of_the_facts():
    shares = waits.surveyed()
    told = {name: f"{100 * share:.0f}%" for name, share in shares.items()}
    kunshan, changzhou = facts()["wait_kunshan"].statement, facts()["wait_changzhou_xinbei"].statement
    assert f"{told['kunshan.0']} waited zero, {told['kunshan.30']} up to 30 min" in kunshan
    assert (
        f"{told['kunshan.60']} up to 1 h, {told['kunshan.120']} up to 2 h, {told['kunshan.240']} up to 4 h" in kunshan
    )
    assert f"{told['kunshan.more']} half a day or more" in kunshan
    assert f"{told['changzhou.15']} waited 0-15 min, {told['changzhou.30']} 16-30" in changzhou
    assert f"{told['changzhou.60']} 31-60, {told['changzhou.more']} over an hour" in changzhou


def test_shares_by_class_are_counted():
    """Ten visits: 4 of none, 1 of half a minute, 2 of 10 minutes, 2 of 45 minutes, 1 of five hours."""
    bins = [(0.0, 0.0, 4), (0.0, 1.0, 1), (10.0, 11.0, 2), (45.0, 46.0, 2), (300.0, 360.0, 1)]
    shares = waits.class_shares(pd.DataFrame(bins, columns=["bin_low_min", "bin_high_min", "visits"]))
    expected = {"0": 0.5, "30": 0.2, "60": 0.2, "120": 0.0, "240": 0.0, "more": 0.1}
    assert {name: shares[f"kunshan.{name}"] for name in expected} == pytest.approx(expected)
    expected = {"15": 0.7, "30": 0.0, "60": 0.2, "more": 0.1}
    assert {name: shares[f"changzhou.{name}"] for name in expected} == pytest.approx(expected)


def test_orders_are_closed_within_limits_and_in_working_days():
    """Orders of a Monday 9:00, closed on Tuesday at 9:00 (7 working hours), eight days later, and not at all."""
    monday = streets.window().warm_up_s + 9 * 3600
    rows = [(monday, monday + 86400), (monday, monday + 8 * 86400), (monday, -1)]
    table = pd.DataFrame(rows, columns=["opened_s", "closed_s"]).assign(channel="hotline")
    found = streets.closing(table)
    assert found["hotline.within_7"] == pytest.approx(1 / 3)
    assert found["hotline.within_15"] == pytest.approx(2 / 3)
    assert found["hotline.working_days"] == pytest.approx((1 + 6) / 2)


@pytest.mark.parametrize("reported", dict.fromkeys(figures.REPORTED.values()), ids=lambda each: each.fact)
def test_what_is_reported_stands_in_its_fact(reported):
    assert reported.low < reported.high
    assert reported.words in facts()[reported.fact].statement


def test_five_places_close_between_96_and_99_6_per_cent_on_time():
    said = {"donghai_hotline": "99.15%", "lianyungang_direct_share": "96.27%", "shanghai_12345_2016": "99.5%"}
    assert all(words in facts()[fact].statement for fact, words in said.items())
    assert "601 dispatched, 597 on time" in facts()["ningguo_dispatch_share"].statement
    assert "10 overdue of 2,544" in facts()["huaibei_close_time"].statement
    assert figures.REPORTED["jinfeng.after.hotline.on_time"][:2] == (0.9627, 1 - 10 / 2544)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (Figure(5.0, 4.9, 5.1), "fit"),
        (Figure(8.0, 7.4, 8.6), "fit"),
        (Figure(8.0, 7.6, 8.4), "high"),
        (Figure(2.0, 1.8, 2.2), "low"),
        (Figure(2.0, math.nan, math.nan), "low"),
    ],
)
def test_a_figure_fits_if_its_interval_touches_what_is_reported(figure, expected):
    assert verdict(figure, Reported(2.5, 7.5, "wait_xinglongtai_pooling", "")) == expected


def test_both_pages_have_the_same_blanks_and_tables():
    english, chinese = (page.template(lang) for lang in LANGUAGES)
    assert sorted(page.BLANK.findall(english)) == sorted(page.BLANK.findall(chinese))
    assert english.count("\n|") == chinese.count("\n|")
