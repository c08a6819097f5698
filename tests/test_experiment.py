"""Replications, pairing, warm-up, stopping, the stored result and its replay."""

import json
import math
import multiprocessing
import time
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import ResultError, UsageError
from sim.experiment import inputs, replicate, runs, warm_up
from sim.experiment.comparison import COMPARISON, comparison
from sim.experiment.design import design, read_precision
from sim.experiment.kept import wait_bins
from sim.experiment.manifest import comparability, heads
from sim.experiment.replicate import Outcome, Task, draw_once
from sim.experiment.stopping import BATCH, CAP, precise_enough
from sim.experiment.store import already_there, new_result
from sim.experiment.workers import Workers
from sim.measures import MAIN_MEASURE, Window
from sim.units import DAY_S, WEEK_S

VALID = Path(__file__).parent / "valid"
BEFORE, AFTER = VALID / "tiny-before.yaml", VALID / "tiny-after.yaml"


@pytest.fixture(scope="module")
def before():
    return sim.load(BEFORE)


@pytest.fixture(scope="module")
def after():
    return sim.load(AFTER)


@pytest.fixture(scope="module")
def compared(before, after):
    return sim.compare(before, after, replications=2)


def changed(loaded, part, **update):
    """A scenario with other values in one of its parts."""
    scenario = loaded.scenario
    return scenario.model_copy(update={part: getattr(scenario, part).model_copy(update=update)})


def all_bytes(folder):
    """Every file of a result but the timings."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "timings.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


# ---- the public names


def test_every_public_name_is_there():
    assert len(sim.__all__) == 12
    assert all(getattr(sim, name) is not None for name in sim.__all__)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = sim.nothing_of_the_kind


# ---- the comparison table, by hand


def long(rows):
    return pd.DataFrame(rows, columns=["scenario", "replication", "measure", "group", "value"]).assign(unit="h")


def test_paired_difference_by_hand():
    values = {"a": [1.0, 2.0, 3.0], "b": [2.0, 4.0, 3.0]}
    rows = [(name, r, "hours", "", x) for name, series in values.items() for r, x in enumerate(series)]
    first, second = comparison(long(rows), ["a", "b"]).to_dict("records")
    half_width = 4.302653 / math.sqrt(3)  # t(2, 0.975) for differences 1, 2, 0: mean 1, standard deviation 1
    assert (first["mean"], second["mean"], second["difference"]) == (2.0, 3.0, 1.0)
    assert second["difference_low"] == pytest.approx(1 - half_width, abs=1e-5)
    assert second["difference_high"] == pytest.approx(1 + half_width, abs=1e-5)
    assert (first["low"], first["high"]) == (
        pytest.approx(2 - half_width, abs=1e-5),
        pytest.approx(2 + half_width, abs=1e-5),
    )
    assert math.isnan(first["difference"])
    assert first["n"] == second["n"] == 3


def test_a_difference_uses_the_replications_in_which_both_have_a_value():
    rows = [
        ("a", 0, "hours", "x", 1.0),
        ("a", 1, "hours", "x", 5.0),
        ("b", 1, "hours", "x", 7.0),
        ("b", 0, "trips", "", 1.0),
    ]
    table = comparison(long(rows), ["a", "b"]).set_index(["measure", "scenario"])
    assert list(comparison(long(rows), ["a", "b"]).columns) == list(COMPARISON)
    assert table.loc[("hours", "b"), "difference"] == 2.0
    assert list(table["n"]) == [2, 1, 1]
    assert math.isnan(table.loc[("hours", "b"), "difference_low"])
    assert math.isnan(table.loc[("trips", "b"), "difference"])
    assert ("trips", "a") not in table.index


# ---- when it is enough


def test_precision_of_one_scenario_is_that_of_its_mean():
    assert precise_enough([[10.0, 10.1, 9.9]], 0.05)
    assert not precise_enough([[10.0, 12.0, 8.0]], 0.05)


def test_precision_of_several_is_that_of_every_difference_from_the_first():
    noise = [0.0, 5.0, -5.0]
    first, near = [10 + x for x in noise], [12 + x for x in noise]
    assert precise_enough([first, near], 0.05)
    assert not precise_enough([first, near, [12 - x for x in noise]], 0.05)


def test_a_difference_near_zero_is_precise_within_the_floor():
    assert precise_enough([[1.0, 1.0, 1.0], [1.001, 0.999, 1.0]], 0.05)
    assert not precise_enough([[1.0, 1.0, 1.0], [1.1, 0.9, 1.0]], 0.05)


def pool_with(values):
    """A pool that answers with the main measure of each scenario, given by replication."""

    def in_order(_function, tasks):
        for task in tasks:
            table = [
                pd.DataFrame({"measure": [MAIN_MEASURE], "group": [""], "value": [x]}) for x in values(task.replication)
            ]
            yield tuple(Outcome("", task.replication, one, {}, {}, {}, {}) for one in table)

    return SimpleNamespace(in_order=in_order)


def n_done(made, values):
    window = Window(0, WEEK_S, WEEK_S)
    return len(list(runs.enough(made, window, pool_with(values), lambda *_: None)))


def test_replications_by_number(before):
    assert n_done(design("run", [before], replications=7), lambda r: [float(r)]) == 7


def test_precision_looks_after_every_batch(before):
    made = design("run", [before], precision=0.1)
    assert n_done(made, lambda _: [1.0]) == BATCH
    assert n_done(made, lambda r: [1.0 if r else 2.0]) > BATCH
    assert n_done(made, lambda r: [1.0 if r else 2.0]) % BATCH == 0


def test_precision_gives_up_at_the_cap(before):
    assert n_done(design("run", [before], precision=0.01), lambda r: [(-1.0) ** r * 100]) == CAP


def test_the_cap_is_told(before, monkeypatch):
    monkeypatch.setattr(runs, "CAP", 5)
    result = sim.run(before, precision=0.000001)
    assert result.manifest["replications"] == 5
    assert any("was not reached in 5 replications" in note["en"] for note in result.manifest["notes"])


# ---- the same people, the same luck


def test_equal_demands_are_drawn_once(before, after, monkeypatch):
    drawn = []
    monkeypatch.setattr(replicate, "draw_demand", lambda scenario, *_: drawn.append(scenario) or object())
    elsewhere = changed(before, "place", elderly_share=0.9)
    first, second, third = draw_once([before.scenario, elsewhere, after.scenario], 1, 0, WEEK_S)
    assert first is third
    assert first is not second
    assert len(drawn) == 2


def test_a_replication_depends_on_its_task_alone(before):
    window = Window(WEEK_S, WEEK_S, 3 * WEEK_S)
    tasks = [Task((before.scenario,), 7, r, window, "simpy") for r in (0, 1, 0)]
    first, other, again = (replicate.replicate(task)[0] for task in tasks)
    pd.testing.assert_frame_equal(first.measures, again.measures)
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert not first.measures["value"].equals(other.measures["value"])


def test_a_scenario_fares_alike_alone_and_compared(before, compared):
    alone = sim.run(before, replications=2).measures
    beside = compared.measures[compared.measures["scenario"] == "tiny-before"].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)


def test_cases_are_the_same_under_both_structures(compared):
    columns = ["replication", "case", "matter", "opened_s", "elderly"]
    one, other = (
        compared.journeys.loc[compared.journeys["scenario"] == name, columns].reset_index(drop=True)
        for name in compared.names
    )
    pd.testing.assert_frame_equal(one, other)
    assert len(one) > 100


# ---- one warm-up for all


def common(*loaded, **stated):
    made = design("compare" if len(loaded) > 1 else "run", loaded)
    with Workers(1) as pool:
        return warm_up.common_warm_up(made, pool, lambda *_: None)


def with_run(loaded, **update):
    return SimpleNamespace(scenario=changed(loaded, "run", **update), digest=loaded.digest)


def test_the_longest_stated_warm_up_serves_all(before, after):
    found = common(before, with_run(after, warm_up=3 * WEEK_S))
    assert (found.seconds, found.method, found.growing, found.swinging) == (3 * WEEK_S, "stated", (), ())
    window = found.window(before.scenario.run)
    assert (window.warm_up_s, window.cohort_s, window.end_s) == (3 * WEEK_S, 3 * WEEK_S, 7 * WEEK_S)


def test_a_transition_that_began_before_what_is_measured_is_told(before, after):
    slow = {"structure.rules.transition": {"extra_work_share": 0.5, "half_life": "1 week"}}
    moved = sim.load(AFTER, overrides=slow)
    told = [note["en"] for note in sim.compare(before, moved, replications=1).manifest["notes"]]
    assert not any("transition" in words for words in told)
    late = sim.load(BEFORE, overrides={"run.warm_up": "2 weeks"})
    told = [note["en"] for note in sim.compare(late, moved, replications=1).manifest["notes"]]
    assert [words for words in told if "transition" in words] == [
        "tiny-after: its transition begins after the warm-up that its file states, but the common warm-up is 2 weeks, "
        "so its first weeks are not measured"
    ]


def test_pilots_find_whole_weeks_and_at_least_one(before):
    found = common(with_run(before, warm_up="auto"))
    assert found.method == "mser_weekly_open_cases"
    assert found.seconds % WEEK_S == 0
    assert WEEK_S <= found.seconds <= 13 * WEEK_S


def test_a_longer_stated_warm_up_beats_the_pilots(before, after):
    found = common(with_run(before, warm_up="auto"), with_run(after, warm_up=20 * WEEK_S))
    assert (found.seconds, found.method) == (20 * WEEK_S, "stated")


def piloted(monkeypatch, *series):
    """The common warm-up where the scenarios' pilots gave these counts of open cases."""
    monkeypatch.setattr(warm_up, "pilot", lambda _: np.array(series))
    return common(*(with_run(sim.load(path), warm_up="auto") for path, _ in zip((BEFORE, AFTER), series, strict=False)))


STEADY = np.tile([5.0, 6.0, 4.0, 5.0, 5.0, 6.0, 4.0], warm_up.PILOT_WEEKS)


def test_an_overloaded_street_has_no_steady_state(monkeypatch):
    found = piloted(monkeypatch, np.arange(len(STEADY) * 1.0), STEADY)
    assert (found.seconds, found.growing, found.swinging) == (13 * WEEK_S, ("tiny-before",), ())


def test_a_campaign_is_a_swing_and_no_overload(monkeypatch):
    campaign = STEADY * 10
    half = warm_up.PILOT_WEEKS // 2
    campaign[(half + 1) * 7 : (half + 3) * 7] += 100
    found = piloted(monkeypatch, STEADY, campaign)
    assert (found.seconds, found.growing, found.swinging) == (13 * WEEK_S, (), ("tiny-after",))


def test_the_slowest_to_settle_sets_the_warm_up(monkeypatch):
    slow = STEADY.copy()
    slow[: 4 * 7] = 0
    assert piloted(monkeypatch, slow, STEADY).seconds == 4 * WEEK_S
    assert piloted(monkeypatch, STEADY).seconds == WEEK_S


def test_a_pilot_counts_open_cases_day_by_day(before):
    days = warm_up.pilot(warm_up.Pilot((before.scenario,), 7, warm_up.FIRST_PILOT, "simpy"))
    assert days.shape == (1, warm_up.PILOT_WEEKS * WEEK_S // DAY_S)
    assert days.max() > 0


# ---- workers


def slow_at_first(task):
    time.sleep(0.2 if task == 0 else 0)
    return task


def test_answers_come_in_the_order_of_their_tasks():
    with Workers(2) as pool:
        assert list(pool.in_order(slow_at_first, range(6))) == list(range(6))


def test_tasks_are_not_begun_far_ahead():
    begun = []
    with Workers(2) as pool:
        answers = pool.in_order(abs, (begun.append(n) or n for n in range(100)))
        assert list(islice(answers, 3)) == [0, 1, 2]
    assert len(begun) <= 3 + 2 + 1


def test_work_that_nobody_waits_for_is_stopped():
    start = time.monotonic()

    def interrupted():
        with Workers(2) as pool:
            for _ in pool.in_order(time.sleep, [0, 600, 600]):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert multiprocessing.active_children() == []
    assert time.monotonic() - start < 60


def test_a_fault_in_a_worker_comes_out():
    with Workers(2) as pool, pytest.raises(ValueError, match="invalid literal"):
        list(pool.in_order(int, ["one"]))


# ---- the stored result


def test_equal_runs_have_equal_bytes_for_any_number_of_workers(before, after, tmp_path):
    folders = [tmp_path / name for name in ("one", "again", "two")]
    for folder, workers in zip(folders, (1, 1, 2), strict=True):
        sim.compare(before, after, replications=3, workers=workers, out=folder)
    one, again, two = (all_bytes(folder) for folder in folders)
    assert set(one) >= {
        "manifest.json",
        "measures.csv",
        "comparison.csv",
        "legs.parquet",
        "journeys.parquet",
        "waits.csv",
    }
    assert one == again
    assert one == two


def test_another_seed_gives_other_figures(before):
    first, other = (sim.run(before, replications=1, seed=seed).measures for seed in (1, 2))
    assert not first["value"].equals(other["value"])


def test_every_table_leads_with_scenario_and_replication(compared):
    for table in (compared.measures, compared.journeys, compared.legs, compared.teams):
        assert list(table.columns[:2]) == ["scenario", "replication"]
        assert set(zip(table["scenario"], table["replication"], strict=True)) == {
            (name, r) for name in ("tiny-before", "tiny-after") for r in (0, 1)
        }
    assert list(compared.measures.columns[2:]) == ["measure", "group", "value", "unit"]
    assert list(compared.comparison.columns) == list(COMPARISON)


def test_the_manifest_says_what_ran(compared):
    manifest = compared.manifest
    assert (manifest["command"], manifest["seed"], manifest["replications"]) == ("compare", 7, 2)
    assert (manifest["warm_up_weeks"], manifest["warm_up_method"], manifest["cohort_weeks"]) == (1.0, "stated", 3.0)
    assert manifest["window"] == {"warm_up_s": WEEK_S, "cohort_s": 3 * WEEK_S, "end_s": 5 * WEEK_S}
    assert [scenario["heads"]["payroll"] for scenario in manifest["scenarios"]] == [3, 4]
    text = json.dumps(manifest)
    assert str(compared.folder) not in text
    assert str(VALID) not in text


def test_the_resolved_scenario_is_a_scenario(compared, tmp_path):
    resolved = json.loads((compared.folder / "resolved" / "tiny-after.json").read_text(encoding="utf-8"))
    assert resolved["structure"]["teams"]["window"]["size"] == {"east": 1, "west": 2}
    assert resolved["run"]["warm_up"] == WEEK_S


def test_units_and_teams_are_told_by_the_numbers_that_legs_name(compared):
    units = pd.read_csv(compared.folder / "units.csv", keep_default_na=False)
    named = compared.legs.merge(units, on=["scenario", "unit"])
    assert len(named) == len(compared.legs)
    assert set(named["unit_name"]) == {"counter@east", "counter@west", "desk"}
    teams = pd.read_csv(compared.folder / "structure_teams.csv", keep_default_na=False)
    assert teams.loc[teams["scenario"] == "tiny-after", "size"].tolist() == [1, 2, 1]
    assert set(teams["name_zh"]) == {"窗口", "office"}


def test_waits_count_every_visit_of_the_cohort(compared):
    waits = pd.read_csv(compared.folder / "waits.csv").groupby(["scenario", "replication"])["visits"].sum()
    wanted = compared.measures.query("measure == 'n_visits'").set_index(["scenario", "replication"])["value"]
    pd.testing.assert_series_equal(waits.astype(float), wanted.reindex(waits.index), check_names=False)


def test_bins_of_waits_by_hand():
    waited_s = [0, 0, 1, 59, 60, 14399, 14400, 90000]
    visits = pd.DataFrame({"case": range(8), "level": "community", "wait_s": waited_s})
    journeys = pd.DataFrame({"case": range(8), "kind": "resident", "opened_s": 0})
    bins = wait_bins(visits, journeys, Window(0, 1, 1)).fillna(-1)
    assert [tuple(row) for row in bins.drop(columns="level").itertuples(index=False)] == [
        (0, 0, 2),
        (0, 1, 2),
        (1, 2, 1),
        (239, 240, 1),
        (240, 300, 1),
        (1440, -1, 1),
    ]


def test_a_result_without_a_folder_can_be_saved(compared, tmp_path):
    saved = compared.save(tmp_path / "kept")
    assert all_bytes(saved.folder) == all_bytes(compared.folder)
    with pytest.raises(ResultError):
        compared.save(tmp_path / "kept")


def test_a_result_lives_as_long_as_it_is_held(before):
    result = sim.run(before, replications=1)
    folder = result.folder
    assert folder.exists()
    del result
    assert not folder.exists()


def test_nothing_stays_of_a_result_that_fails(tmp_path):
    def failing():
        with new_result(tmp_path / "deep" / "result") as writer:
            writer.append("measures.csv", pd.DataFrame({"a": [1]}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "result").mkdir()
    assert not already_there(tmp_path / "result", "digest")
    with new_result(tmp_path / "result") as writer:
        writer.append("measures.csv", pd.DataFrame({"a": [1]}))
    assert (tmp_path / "result" / "measures.csv").read_text() == "a\n1\n"


def test_an_equal_result_is_reused_and_another_refused(before, after, tmp_path):
    first = sim.run(before, replications=1, out=tmp_path / "r")
    written = (tmp_path / "r" / "timings.json").read_bytes()
    again = sim.run(before, replications=1, out=tmp_path / "r", workers=2)
    assert (first.reused, again.reused) == (False, True)
    assert (tmp_path / "r" / "timings.json").read_bytes() == written
    for other in ({"replications": 2}, {"replications": 1, "seed": 8}, {"precision": 0.5}):
        with pytest.raises(ResultError, match="holds another result"):
            sim.run(before, out=tmp_path / "r", **other)
    with pytest.raises(ResultError, match="holds another result"):
        sim.run(after, replications=1, out=tmp_path / "r")


def test_foreign_folders_and_files_are_left_alone(before, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ResultError, match="not empty"):
        sim.run(before, replications=1, out=tmp_path)
    with pytest.raises(ResultError, match="is a file"):
        sim.run(before, replications=1, out=tmp_path / "mine.txt")
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ResultError, match="damaged"):
        sim.run(before, replications=1, out=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["manifest.json", "mine.txt"]


# ---- designs and remarks


def test_faults_of_a_design_are_told_together(before):
    with pytest.raises(UsageError) as caught:
        design("compare", [before, before], replications=0, precision=2.0, seed=-1, engine="steam")
    assert [fault.key for fault in caught.value.faults] == [
        "cli.same_name",
        "engine.unknown",
        "cli.replications_or_precision",
        "cli.replications_range",
        "cli.precision_range",
        "cli.seed_range",
    ]


def test_long_names_are_shortened(before):
    many = [
        SimpleNamespace(scenario=before.scenario.model_copy(update={"name": f"street-{n}"}), digest="")
        for n in range(20)
    ]
    name = design("compare", many).name
    assert name.startswith("compare-street-0-street-1")
    assert len(name) <= 60
    assert not name.endswith("-")


@pytest.mark.parametrize("text", ["0", "100%", "1.5", "five", "-5%", "", "nan"])
def test_odd_precisions_are_refused(text):
    with pytest.raises(UsageError):
        read_precision(text)


def test_heads_are_counted_in_every_place(before, after):
    assert heads(before.scenario) == {"payroll": 3, "elected": 0, "department": 0, "government_work": 3}
    assert heads(after.scenario) == {"payroll": 4, "elected": 0, "department": 0, "government_work": 4}


def test_what_differs_beside_the_arrangement_is_told(before, after):
    said = " | ".join(note["en"] for note in comparability([before.scenario, after.scenario]))
    assert "tiny-before has 3 people on the payroll, tiny-after has 4" in said
    assert "place" not in said
    assert comparability([before.scenario, before.scenario]) == []
    for part, update, word in (
        ("place", {"households": 500}, "another place"),
        ("demand", {"scale": 0.5}, "another demand"),
    ):
        said = " | ".join(note["en"] for note in comparability([before.scenario, changed(before, part, **update)]))
        assert word in said
    said = " | ".join(note["en"] for note in comparability([before.scenario, changed(before, "run", drain=0)]))
    assert "drain" in said


# ---- replay


@pytest.fixture
def stored(before, tmp_path):
    made = design("run", [before], replications=1)
    result = runs.execute(made, tmp_path / "result", save_input=True)
    return result, tmp_path / "result" / "input"


def test_a_replay_gives_the_same_legs_and_teams(stored, tmp_path):
    result, folder = stored
    assert not inputs.replay(inputs.load(folder), folder, "simpy", tmp_path / "replay")
    assert inputs.replay(inputs.load(folder), folder, "simpy", tmp_path / "replay")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "replay" / "legs.parquet"), result.legs)
    teams = pd.read_parquet(tmp_path / "replay" / "teams.parquet")
    assert list(teams["team"]) == list(result.teams["team"])


def test_input_is_added_to_a_result_that_stands_already(before, tmp_path):
    made = design("run", [before], replications=1)
    runs.execute(made, tmp_path / "a", save_input=True)
    runs.execute(made, tmp_path / "b")
    assert runs.execute(made, tmp_path / "b", save_input=True).reused
    assert all_bytes(tmp_path / "a") == all_bytes(tmp_path / "b")


def test_tables_made_elsewhere_need_no_names(stored, tmp_path):
    _, folder = stored
    for name in ("units", "teams"):
        table = pd.read_csv(folder / f"{name}.csv", keep_default_na=False)
        table[list(inputs.COLUMNS[f"{name}.csv"])].to_csv(folder / f"{name}.csv", index=False)
    inputs.replay(inputs.load(folder), folder, "simpy", tmp_path / "replay")
    teams = pd.read_parquet(tmp_path / "replay" / "teams.parquet")
    assert list(teams["team"].unique()) == ["0", "1", "2"]
    assert teams.groupby("kind")["busy_s"].sum().drop(["counter", "administrative"]).eq(0).all()


def spoilt(folder, column, value):
    table = pd.read_parquet(folder / "itineraries.parquet")
    table[column] = table[column].astype(type(value))
    table.loc[0, column] = value
    table.to_parquet(folder / "itineraries.parquet", index=False)


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda folder: (folder / "gates.csv").unlink(), "cli.input_missing"),
        (lambda folder: (folder / "run.json").write_text("{}"), "cli.input_end"),
        (lambda folder: (folder / "units.csv").write_text("unit\n0\n"), "cli.input_column"),
        (lambda folder: (folder / "itineraries.parquet").write_text("?"), "cli.input_unreadable"),
        (lambda folder: spoilt(folder, "unit", 99), "cli.input_unit"),
        (lambda folder: spoilt(folder, "next_done", 99), "cli.input_unit"),
        (lambda folder: spoilt(folder, "case", 5), "cli.input_order"),
        (lambda folder: spoilt(folder, "work_s", 1.5), "cli.input_whole"),
    ],
    ids=["missing", "end", "column", "unreadable", "unit", "row", "order", "whole"],
)
def test_a_spoilt_input_is_refused(stored, spoil, key):
    _, folder = stored
    spoil(folder)
    with pytest.raises(ResultError) as caught:
        inputs.load(folder)
    assert key in {fault.key for fault in caught.value.faults}
