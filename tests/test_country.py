"""A table of streets: read, made up, run, and added up."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim import charts, engines, sketch
from sim.cli import main
from sim.demand import draw_demand
from sim.errors import UsageError
from sim.experiment.country import streets
from sim.experiment.country.measures import measured
from sim.experiment.country.runs import band_of
from sim.experiment.country.streets import Street
from sim.experiment.country.totals import totals
from sim.experiment.replicate import journeys_of
from sim.itineraries import plan
from sim.measures import Window, measure
from sim.scenario import load
from sim.units import WEEK_S

SCENARIOS = Path(__file__).parents[1] / "scenarios"
REDUCED = SCENARIOS / "country" / "street.yaml"
WINDOW = Window(1 * WEEK_S, 4 * WEEK_S, 7 * WEEK_S)
SMALL = Street("a", 6_000, 2, 50, 9)
EXPERIMENT = """
yizhan: 1
experiment: three
title: {zh: 三个街道, en: Three streets}
question: {zh: 如何, en: How}
contrast: {zh: 无, en: none}
population: {zh: 全部, en: all}
scenarios: [%s]
streets: {table: streets.csv}
warm_up: 1 weeks
cohort: 3 weeks
drain: 2 weeks
"""
TABLE = """street,households,communities,street_staff,community_staff
East,3000,1,40,5
West,9000,6,50,40
South,4000,2,30,12
"""


@pytest.fixture(scope="module")
def base():
    return load(REDUCED).scenario


@pytest.fixture(scope="module")
def year(base):
    """A small street's legs, long enough that cases of the cohort close, and some do not."""
    scenario = streets.scenario_of(SMALL, base)
    planned = plan(scenario, draw_demand(scenario, 3, 0, WINDOW.end_s))
    return scenario, planned, engines.run(planned.engine_input)


# ---- sketches


@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=200), st.floats(0.01, 1.0))
def test_a_quantile_is_off_by_at_most_its_stated_error(values, share):
    exact = np.sort(values)[int(np.ceil(share * len(values))) - 1]
    found = sketch.quantile(sketch.sketch(np.array(values)), share)
    assert abs(found - exact) <= sketch.LARGEST_ERROR * exact + 0.5


@given(st.lists(st.integers(0, 2**31)), st.lists(st.integers(0, 2**31)))
def test_sketches_merge_exactly(first, second):
    apart = sketch.sketch(np.array(first, dtype=np.int64)) + sketch.sketch(np.array(second, dtype=np.int64))
    assert np.array_equal(apart, sketch.sketch(np.array(first + second, dtype=np.int64)))


def test_bins_are_in_the_order_of_values():
    values = np.concatenate((np.arange(5000), np.int64(2) ** np.arange(13, 32)))
    found = sketch.bins(values)
    assert (np.diff(found) >= 0).all()
    assert found[0] == 0
    assert found[-1] < sketch.N_BINS


# ---- one street


def test_the_sums_are_those_of_the_measures(year):
    """What is added up over a country is what a single run would report."""
    scenario, planned, legs = year
    table = measure(planned, legs, journeys_of(scenario, planned, legs), WINDOW)
    expected = table.set_index(["measure", "group"])["value"]
    found = measured(totals(planned, legs, WINDOW))
    exact = [
        ("resident_hours_per_case", ""), ("wait_visit_min", ""), ("close_days", ""), ("visits_per_case", ""),
        ("travel_min_per_case", ""), ("gave_up_share", ""), ("unfinished_share", ""), ("n_cases", ""), ("n_visits", ""),
    ]  # fmt: skip
    assert {key: found[key] for key in exact} == pytest.approx({key: expected[key] for key in exact})
    for key in (("wait_visit_p90_min", ""), ("close_p50_days", ""), ("close_p90_days", "")):
        assert found[key] == pytest.approx(expected[key], rel=0.02)
    assert 0 < found["unfinished_share", ""] < 0.2
    for level in ("community", "street"):
        assert found["staff_use_share", level] == pytest.approx(expected["staff_use_share", level], rel=0.2)


def test_no_case_has_more_than_three_legs(year):
    _, planned, _ = year
    assert planned.engine_input.itineraries.groupby("case").size().max() == 3


def test_totals_add_up_in_any_order(year):
    _, planned, legs = year
    early = totals(planned, legs, Window(0, 2 * WEEK_S, WINDOW.end_s))
    late = totals(planned, legs, Window(2 * WEEK_S, 3 * WEEK_S, WINDOW.end_s))
    both, other = early + late, late + early
    assert both.numbers == other.numbers
    assert all(np.array_equal(both.sketches[name], other.sketches[name]) for name in both.sketches)
    whole = totals(planned, legs, Window(0, 5 * WEEK_S, WINDOW.end_s))
    assert both.numbers["cases"] == whole.numbers["cases"]
    assert all(np.array_equal(both.sketches[name], whole.sketches[name]) for name in both.sketches)


def test_a_street_stands_in_the_scenario_with_its_own_people(base):
    scenario = streets.scenario_of(Street("b", 10_001, 3, 100, 11), base)
    assert [each.households for each in scenario.structure.communities.values()] == [3334, 3334, 3333]
    teams = scenario.structure.teams
    assert teams["keeper"].size == 1
    assert teams["others"].size == {"c1": 3, "c2": 3, "c3": 2}
    assert teams["street-staff"].size == 24
    assert teams["departments"].size == 3
    assert scenario.place.households == 10_001


# ---- tables


def test_all_bad_rows_are_told_by_line(tmp_path):
    file = tmp_path / "streets.csv"
    file.write_text(
        "street,households,communities,street_staff,community_staff\n"
        "A,3000,1,40,5\nA,3000,1,40,5\n,10,1,1,1\nB,ten,1,0,5\nC,3,4,9,9\nD,100,4,9,3\nE,1,1\nF,18,000,4,50,48\n",
        encoding="utf-8",
    )
    with pytest.raises(UsageError) as raised:
        streets.read(file)
    assert [line.removeprefix(f"{file}:") for line in raised.value.text("en").splitlines()] == [
        "3:1: street 'A' is there already, in line 2",
        "4:1: the street has no name",
        "5:1: `households` is 'ten'; a whole number from 1 to 10,000,000 is needed",
        "5:1: `street_staff` is '0'; a whole number from 1 to 10,000,000 is needed",
        "6:1: 4 communities are more than the 3 households there are",
        "7:1: 3 people in 4 communities: one each is the least",
        "8:1: `street_staff` is ''; a whole number from 1 to 10,000,000 is needed",
        "8:1: `community_staff` is ''; a whole number from 1 to 10,000,000 is needed",
        "9:1: more cells than columns: 48 (a number such as 18000 is written without commas)",
        "9:1: `communities` is '000'; a whole number from 1 to 10,000,000 is needed",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"street,households\nA,3\n", "column `communities` is missing"),
        (
            b"street;households;communities;street_staff;community_staff\nA;3000;1;40;5\n",
            "1:1: the columns are parted by ';'; a table of streets needs commas",
        ),
        ("\ufeffstreet\thouseholds\tcommunities\tstreet_staff\tcommunity_staff\n".encode(), "parted by 'Tab'"),
        (b"street,households,communities,street_staff,community_staff\n", "the table holds no street"),
        (
            "street,households,communities,street_staff,community_staff\n街,3,1,1,1\n".encode("gbk"),
            "in Excel: CSV UTF-8",
        ),
        (
            b"street,households,communities,street_staff,community_staff\nA," + b"9" * 5000 + b",1,1,1\n",
            "to 10,000,000",
        ),
    ],
)
def test_a_table_that_is_none(tmp_path, content, message):
    file = tmp_path / "streets.csv"
    file.write_bytes(content)
    with pytest.raises(UsageError) as raised:
        streets.read(file)
    assert message in raised.value.text("en")


def test_made_up_streets_are_marked_and_can_be_read_again(tmp_path):
    made = streets.synthetic(300, seed=5)
    assert all(street.synthetic == 1 and street.street.startswith("synthetic-") for street in made)
    assert made[:40] == streets.synthetic(40, seed=5)
    assert made != streets.synthetic(300, seed=6)
    streets.write(made, tmp_path / "made.csv")
    assert streets.read(tmp_path / "made.csv") == made
    assert 10_000 < np.mean([street.households for street in made]) < 17_000
    assert {band_of(street) for street in made} > {"under_1500", "1500_2999", "3000_4999"}


# ---- a run


def run(folder: Path, table: str = TABLE, **options: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "three.yaml").write_text(EXPERIMENT % REDUCED, encoding="utf-8")
    (folder / "streets.csv").write_text(table, encoding="utf-8")
    return sim.sweep(folder / "three.yaml", out=folder / "out", **options).folder


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name != "timings.json"}


def test_the_result_does_not_depend_on_the_workers(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.experiment.country.runs.CHUNK", 1)
    assert files(run(tmp_path / "one")) == files(run(tmp_path / "two", workers=2))


def test_another_row_changes_no_street(tmp_path):
    few = pd.read_csv(run(tmp_path / "few") / "streets.csv", index_col="street")
    more = TABLE.replace("West", "North,5000,2,40,14\nWest")
    many = pd.read_csv(run(tmp_path / "many", more) / "streets.csv", index_col="street")
    pd.testing.assert_frame_equal(many.loc[few.index], few)


def test_the_country_is_the_sum_of_its_streets(tmp_path):
    folder = run(tmp_path / "three")
    rows, table = pd.read_csv(folder / "streets.csv"), pd.read_csv(folder / "measures.csv", keep_default_na=False)
    value = table.set_index(["measure", "group"])["value"].astype(float)
    assert value["n_streets", ""] == 3
    assert value["n_cases", ""] == rows["n_cases"].sum()
    mean = np.average(rows["close_days"], weights=rows["n_cases"])
    assert value["close_days", ""] == pytest.approx(mean, rel=1e-5)
    bands = value["n_cases"].filter(like="size:")
    assert bands.sum() == rows["n_cases"].sum()
    assert set(bands.index) == {"size:1500_2999", "size:3000_4999"}


@pytest.mark.parametrize(("option", "good"), [("{synthetic: 2}", False), ("{table: null, synthetic: 2}", True)])
def test_an_option_that_clashes_with_the_file_is_named(tmp_path, option, good, capsys):
    """`yizhan check` tries each option: a table of one's own beside the made-up one of an option."""
    text = (EXPERIMENT % REDUCED) + f"options:\n  ninety:\n    streets: {option}\n"
    (tmp_path / "three.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "streets.csv").write_text(TABLE, encoding="utf-8")
    assert main(["--lang", "en", "check", str(tmp_path / "three.yaml")]) == (0 if good else 2)
    told = capsys.readouterr().out
    assert ("three.yaml: good" in told) == good
    assert ("streets: the option `ninety` clashes with the file: one gives `table`, the other" in told) != good


def test_made_up_streets_are_said_to_be(tmp_path):
    folder = tmp_path / "made"
    folder.mkdir()
    text = (EXPERIMENT % REDUCED).replace("{table: streets.csv}", "{synthetic: 2}")
    (folder / "three.yaml").write_text(text, encoding="utf-8")
    result = sim.sweep(folder / "three.yaml", out=folder / "out")
    manifest = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["synthetic"] == 2
    assert "synthetic (made up)" in manifest["notes"][-1]["en"]
    assert repr(result) == "<SweepResult of three: 2 streets>"
    with pytest.raises(sim.YizhanError, match="no chart goes with this result"):
        charts.save(result.folder)
    assert (pd.read_csv(result.folder / "streets.csv")["synthetic"] == 1).all()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("{table: streets.csv}", "{}", "either `table` or `synthetic` is needed"),
        ("{table: streets.csv}", "{table: streets.csv, synthetic: 3}", "either `table` or `synthetic` is needed"),
        ("{table: streets.csv}", "{table: nowhere.csv}", "nowhere.csv: there is no such file"),
        ("warm_up: 1 weeks", "warm_up: auto", "a stated warm-up"),
        (str(REDUCED), str(SCENARIOS / "textbook" / "mm1.yaml"), "has the teams keeper, others"),
    ],
)
def test_what_cannot_be_run_over_streets(tmp_path, old, new, message):
    (tmp_path / "three.yaml").write_text((EXPERIMENT % REDUCED).replace(old, new), encoding="utf-8")
    (tmp_path / "streets.csv").write_text(TABLE, encoding="utf-8")
    with pytest.raises(sim.YizhanError) as raised:
        sim.sweep(tmp_path / "three.yaml", out=tmp_path / "out")
    assert message in raised.value.text("en")
    assert not (tmp_path / "out").exists()
