"""Sweeps: which points, on the same demand, into which tables; the answer of a textbook; the best and its equals."""

import json
import math
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import sim
from sim import charts, sweep_summary
from sim.charts.levers.words import in_words
from sim.cli import main
from sim.errors import UsageError, WorkersError
from sim.experiment import replicate
from sim.experiment.stopping import precise_enough
from sim.experiment.sweep import points, runs
from sim.experiment.sweep.best import edges, judged, levers
from sim.experiment.sweep.levels import combinations, levels
from sim.experiment.sweep.pareto import dominated
from sim.experiment.sweep.plan import plan_sweep
from sim.experiment.sweep.reading import read
from sim.experiment.sweep.schema import Design, Factor
from sim.experiment.sweep.tables import compared, write_points
from sim.experiment.sweep.work import Work, do
from sim.experiment.workers import Workers
from sim.measures import MAIN_MEASURE, MEASURES, Window
from sim.statistics import against_best, paired_difference
from sim.theory import mmc_mean_wait
from sim.units import WEEK_S

HERE = Path(__file__).parent
TINY = HERE / "experiments" / "tiny.yaml"
CLERKS = HERE.parent / "scenarios" / "experiments" / "textbook-clerks.yaml"
LEVERS = HERE.parent / "scenarios" / "jinfeng" / "levers-after.yaml"


def silent(*_):
    """Tell nobody."""


def all_bytes(folder):
    """Every file of a result but the timings."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "timings.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    return sim.sweep(TINY, out=tmp_path_factory.mktemp("swept") / "tiny")


# ---- values and designs


def factor(**given):
    return Factor.model_validate({"path": "demand.scale", **given})


@pytest.mark.parametrize(
    ("spread", "wanted"),
    [
        ({"from": 0, "to": 46, "step": 20}, [0, 20, 40]),
        ({"from": 0.8, "to": 1.2, "step": 0.1}, [0.8, 0.9, 1, 1.1, 1.2]),
        ({"from": "1 h", "to": "2 h", "n": 3}, ["1 h", "1.5 h", "2 h"]),
        ({"from": "2 working days", "to": "3 working days", "n": 2}, ["2 working days", "3 working days"]),
        ({"from": "1 / person / year", "to": "2 / person / year", "n": 2}, ["1 / person / year", "2 / person / year"]),
    ],
)
def test_values_of_a_range_by_hand(spread, wanted):
    assert levels(factor(range=spread)) == wanted


def test_a_full_design_is_every_combination_once():
    factors = {"a": factor(values=[1, 2]), "b": factor(range={"from": 0, "to": 2, "step": 1})}
    found = combinations(factors, Design(), 1)
    assert [(each["a"], each["b"]) for each in found] == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]
    assert combinations({}, Design(), 1) == [{}]


def test_a_latin_hypercube_takes_every_value_equally_often():
    factors = {"a": factor(values=["x", "y"]), "b": factor(range={"from": 0, "to": 9, "step": 1})}
    found = combinations(factors, Design(kind="latin_hypercube", n=10), 5)
    assert Counter(each["a"] for each in found) == {"x": 5, "y": 5}
    assert sorted(each["b"] for each in found) == list(range(10))
    assert found == combinations(factors, Design(kind="latin_hypercube", n=10), 5)
    assert found != combinations(factors, Design(kind="latin_hypercube", n=10), 6)


def test_sobol_points_lie_one_in_each_part_of_a_range():
    found = combinations({"a": factor(range={"from": "0 min", "to": "16 min"})}, Design(kind="sobol", n=16), 3)
    minutes = sorted(float(str(each["a"]).split()[0]) for each in found)
    assert [int(minute) for minute in minutes] == list(range(16))


# ---- points


def test_points_are_scenarios_with_those_factors_that_they_have(swept):
    table = swept.points
    assert list(table.columns) == [
        *("scenario", "point", "delay", "demand", "feasible", "overloaded", "digest", "reason_zh", "reason_en")
    ]
    assert list(table["point"]) == list(range(9))
    assert list(table["scenario"]) == ["tiny-before"] * 6 + ["tiny-after"] * 3
    assert list(table["delay"].fillna("")) == ["1 day"] * 3 + ["3 days"] * 3 + [""] * 3
    assert list(table["demand"]) == [0.8, 1, 1.25] * 3
    assert table["digest"].nunique() == 9


def test_a_point_is_the_scenario_that_a_file_with_these_values_would_be(swept):
    chosen = {"structure.procedures.card.steps.1.delay.mean": "3 days", "demand.scale": 1.25}
    file = HERE / "valid" / "tiny-before.yaml"
    assert swept.points.loc[5, "digest"] == sim.load(file, chosen).digest
    alone = sim.run(sim.load(file, chosen), replications=2, seed=7).measures
    mine = swept.measures.query("point == 5")
    merged = mine.merge(alone, on=["replication", "measure", "group"])
    assert len(merged) == len(mine) > 20
    assert (merged["value_x"] == merged["value_y"]).all()


def test_a_sampled_design_runs(tmp_path):
    result = sim.sweep(TINY, option="lattice", replications=1, out=tmp_path / "r")
    assert list(result.points["scenario"]).count("tiny-before") == 4
    assert result.manifest["design"] == {"kind": "sobol", "n": 4}
    assert set(result.points["demand"]) <= {0.5, 1, 1.5, 2}


def experiment(tmp_path, text, name="experiment.yaml"):
    written = TINY.read_text(encoding="utf-8").replace("../valid/", f"{HERE}/valid/")
    file = tmp_path / name
    file.write_text(written[: written.index("factors:")] + text, encoding="utf-8")
    return file


@pytest.fixture
def with_an_infeasible_point(tmp_path, monkeypatch):
    """An office of two has one post too many: for this test, a lever that asks for what cannot be."""
    monkeypatch.setattr(points, "LEVER", "scenario.team_sum")
    factors = "factors:\n  office: {path: structure.teams.office.size, values: [2, 1, 3]}\nreplications: 2\nseed: 7\n"
    return experiment(tmp_path, factors)


def test_an_infeasible_point_stays_in_the_table_with_its_reason(with_an_infeasible_point, tmp_path, capsys):
    out = tmp_path / "r"
    assert main(["--lang", "en", "sweep", str(with_an_infeasible_point), "--workers", "1", "--out", str(out)]) == 0
    result = sim.SweepResult(out)
    table = result.points
    assert list(table["feasible"]) == [False, True, False] * 2
    assert table.loc[0, "reason_en"].endswith("the posts in this team have 1 people, but the team has 2")
    assert table.loc[0, "reason_zh"].endswith("此队伍的岗位合计 1 人，而队伍为 2 人")
    assert set(result.measures["point"]) == set(result.comparison["point"]) == {1, 4}
    assert (result.manifest["points"], result.manifest["infeasible"], result.manifest["base_point"]) == (6, 4, 1)
    told = capsys.readouterr().out
    assert "points: 6, of which 4 infeasible\n" in told
    assert "from point no. 1 (tiny-before, office 1), the first feasible one" in told


def test_several_reasons_are_parted(tmp_path):
    """With 46 moved the street is below its floor, and its teams cannot give so many."""
    text = "factors:\n  staff: {path: structure.move.staff, values: [36, 46]}\nreplications: 1\nseed: 7\n"
    file = experiment(tmp_path, text)
    head = file.read_text(encoding="utf-8")
    names = re.search("scenarios: .*", head)[0]
    file.write_text(head.replace(names, f"scenarios: [{LEVERS}]"), encoding="utf-8")
    write_points(tmp_path / "points.csv", plan_sweep(read(file), silent))
    row = pd.read_csv(tmp_path / "points.csv").iloc[1]
    said = {lang: in_words(row[f"reason_{lang}"], lang) for lang in ("en", "zh")}
    assert said["en"].startswith(
        "with 46 people moved, 4 would be left at the street office, below its floor of 14; 10 "
    )
    assert said["zh"].startswith("下沉 46 人后街道只剩 4 人，低于下限 14 人；拟下沉 10 人，而")


def test_an_experiment_without_a_feasible_point_is_refused(with_an_infeasible_point, tmp_path):
    text = with_an_infeasible_point.read_text(encoding="utf-8").replace("[2, 1, 3]", "[2, 3]")
    with_an_infeasible_point.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"none of the 4 points is feasible, the first because:\n.*1 people"):
        sim.sweep(with_an_infeasible_point, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_points_that_mean_the_same_are_run_once(tmp_path, monkeypatch):
    path = "structure.procedures.card.steps.1.delay.mean"
    delay = f"{{path: {path}, values: [1 day, 24 h], scenarios: [tiny-before]}}"
    text = f"factors:\n  delay: {delay}\nreplications: 1\nseed: 7\n"
    file = experiment(tmp_path, text)
    done = []
    monkeypatch.setattr(runs, "do", lambda work: done.extend(work.keys) or do(work))
    result = sim.sweep(file, replications=1)
    assert len(result.points) == 3
    assert len(done) == result.points["digest"].nunique() == 2
    table = result.measures.drop(columns=["point", "delay"]).groupby(result.measures["point"])
    first, second = (table.get_group(number).reset_index(drop=True) for number in (0, 1))
    pd.testing.assert_frame_equal(first, second)


# ---- the same demand for all


def test_points_of_equal_demand_share_one_draw(monkeypatch):
    drawn = []
    original = replicate.draw_demand
    monkeypatch.setattr(replicate, "draw_demand", lambda *given: drawn.append(given[2]) or original(*given))
    sim.sweep(TINY, replications=1)
    before_and_after = 3  # scales; both scenarios have the same place and demand
    assert len(drawn) <= 9
    made = plan_sweep(read(TINY), silent, replications=3)
    assert len({point.demand for point in made.points}) == before_and_after
    window = Window(0, WEEK_S, WEEK_S)
    missing = [(point, r) for r in range(3) for point in made.points]
    for work in runs.pieces(made, missing * 1, window, 1):
        demands = {point.demand for point in made.points if made.key(point, work.replication) in work.keys}
        assert len(demands) == 1


def test_pieces_hold_every_run_once_for_any_number_of_workers():
    made = plan_sweep(read(TINY), silent, replications=5)
    missing = [(point, r) for r in range(5) for point in made.points]
    wanted = sorted(made.key(point, r) for point, r in missing)
    for n_workers in (1, 2, 7, 100):
        keys = [key for work in runs.pieces(made, missing, Window(0, 1, 1), n_workers) for key in work.keys]
        assert sorted(keys) == wanted


def test_more_demand_holds_the_cases_of_less(swept):
    cases = swept.measures.query("measure == 'visits_per_case' and scenario == 'tiny-after'")
    assert set(cases["demand"]) == {0.8, 1, 1.25}
    small, large = (sim.load(HERE / "valid" / "tiny-after.yaml", {"demand.scale": s}).scenario for s in (0.8, 1.25))
    drawn = [replicate.draw_demand(each, 7, 0, 4 * WEEK_S).matters[0] for each in (small, large)]
    assert set(drawn[0].index) < set(drawn[1].index)


# ---- tables


def test_the_tidy_table_leads_with_scenario_point_and_factors(swept):
    assert list(swept.measures.columns) == [
        *("scenario", "point", "delay", "demand", "replication", "measure", "group", "value", "unit")
    ]
    assert set(swept.measures["measure"]) <= {
        *(name for name, info in MEASURES.items() if info.main),
        "unfinished_share",  # tells which points keep up
    }
    counts = swept.measures.query(f"measure == '{MAIN_MEASURE}' and group == ''").groupby("point")["replication"]
    assert (counts.apply(list).map(tuple) == (0, 1)).all()
    order = swept.measures[["point", "replication"]].to_numpy().tolist()
    assert order == sorted(order)


def test_the_comparison_is_that_of_the_tidy_table(swept):
    wide = swept.measures.query(f"measure == '{MAIN_MEASURE}' and group == ''").pivot_table(
        index="replication", columns="point", values="value"
    )
    rows = swept.comparison.query(f"measure == '{MAIN_MEASURE}' and group == ''").set_index("point")
    for point in range(9):
        assert rows.loc[point, "mean"] == pytest.approx(wide[point].mean())
        if point:
            assert rows.loc[point, "difference"] == pytest.approx((wide[point] - wide[0]).mean())
    assert math.isnan(rows.loc[0, "difference"])
    assert (rows["n"] == 2).all()


def test_means_and_differences_by_hand():
    cell = (MAIN_MEASURE, "")
    here, base = {cell: np.array([2.0, 4.0, math.nan])}, {cell: np.array([1.0, 2.0, 7.0])}
    ((name, group, mean, low, high, n, difference, *limits, unit),) = compared(here, base)
    half_width = 12.706205 * math.sqrt(2) / math.sqrt(2)  # t(1, 0.975); values 2 and 4 have a standard deviation of √2
    assert (name, group, mean, n, difference, unit) == (MAIN_MEASURE, "", 3.0, 2, 1.5, "h")
    assert (low, high) == (pytest.approx(3 - half_width, abs=1e-4), pytest.approx(3 + half_width, abs=1e-4))
    assert limits[1] - limits[0] == pytest.approx(2 * 12.706205 * math.sqrt(0.5) / math.sqrt(2), abs=1e-4)
    (alone,) = compared(here, None)
    assert all(math.isnan(value) for value in alone[6:9])


def test_the_manifest_states_the_question_and_no_place_of_this_machine(swept):
    manifest = swept.manifest
    assert (manifest["command"], manifest["experiment"], manifest["replications"]) == ("sweep", "tiny", 2)
    assert manifest["question"]["en"] == "Under which arrangement is there less waiting?"
    assert manifest["main_measure"] == MAIN_MEASURE
    assert [factor["label"]["en"] for factor in manifest["factors"]] == ["hand-off", "demand"]
    assert (manifest["warm_up_weeks"], manifest["warm_up_method"], manifest["seed"]) == (1.0, "stated", 7)
    assert any("do not employ the same number of people" in remark["en"] for remark in manifest["notes"])
    text = (swept.folder / "manifest.json").read_text(encoding="utf-8")
    assert str(swept.folder) not in text
    assert str(HERE) not in text
    assert sorted(path.name for path in swept.folder.iterdir()) == [
        *("best.csv", "comparison.csv", "manifest.json", "measures.csv", "points.csv", "resolved", "timings.json")
    ]


def test_equal_sweeps_have_equal_bytes_for_any_number_of_workers(swept, tmp_path):
    for workers in (1, 2, 3):
        again = sim.sweep(TINY, workers=workers, out=tmp_path / str(workers))
        assert all_bytes(again.folder) == all_bytes(swept.folder)


def test_the_order_in_which_work_is_done_leaves_no_trace(swept, tmp_path, monkeypatch):
    monkeypatch.setattr(Workers, "as_done", lambda self, function, tasks: map(function, reversed(list(tasks))))
    again = sim.sweep(TINY, out=tmp_path / "r")
    assert all_bytes(again.folder) == all_bytes(swept.folder)


def test_precision_goes_on_by_batches_until_every_mean_is_known(tmp_path):
    file = experiment(tmp_path, "factors:\n  demand: {path: demand.scale, values: [0.2, 0.4]}\nseed: 7\n")
    result = sim.sweep(file, precision=0.3)
    n = result.manifest["replications"]
    assert n % 5 == 0
    assert result.manifest["precision"] == 0.3
    assert set(result.measures["replication"]) == set(range(n))
    rows = result.comparison.query(f"measure == '{MAIN_MEASURE}' and group == ''")
    assert len(rows) == 4
    half_width = rows["high"] - rows["mean"]
    assert (half_width <= np.maximum(0.3 * rows["mean"], 0.01)).all()


def test_a_point_that_resembles_the_first_does_not_drive_precision_to_the_cap():
    """The difference of two nearly equal points is never known to 5%; each mean, 10 and 11, is after one batch."""
    luck = np.random.default_rng(2).normal(0, 0.2, (2, runs.CAP))
    values = {(point, r): 10 + luck[point, r] + 0.01 * point for point in (0, 1) for r in range(runs.CAP)}
    made = SimpleNamespace(key=lambda point, r: (point, r), precision=0.05)
    store = SimpleNamespace(main=values.__getitem__)
    assert runs._precise(made, store, [0, 1], 5)
    assert not runs._precise(SimpleNamespace(key=made.key, precision=0.001), store, [0, 1], 5)
    assert not precise_enough([list(luck[0]), list(luck[1] + 0.01)], 0.05), "as a difference it never is"


def test_a_result_without_a_folder_can_be_saved(tmp_path):
    result = sim.sweep(TINY, replications=1)
    saved = result.save(tmp_path / "kept")
    assert repr(saved) == "<SweepResult of tiny: 9 points, 1 replications>"
    assert all_bytes(saved.folder) == all_bytes(result.folder)


def test_a_stated_warm_up_holds_for_all_and_pilots_are_run_at_first_points_only(tmp_path, monkeypatch):
    text = TINY.read_text(encoding="utf-8").replace("../valid/", f"{HERE}/valid/")
    (tmp_path / "stated.yaml").write_text(text + "warm_up: 2 weeks\ncohort: 1 week\ndrain: 0 s\n", encoding="utf-8")
    assert sim.sweep(tmp_path / "stated.yaml", replications=1).manifest["window"] == {
        "warm_up_s": 2 * WEEK_S,
        "cohort_s": WEEK_S,
        "end_s": 3 * WEEK_S,
    }
    piloted = []
    monkeypatch.setattr(runs, "common_warm_up", lambda design, *_: piloted.extend(design.scenarios) or stop())
    with pytest.raises(StopIteration):
        sim.sweep(TINY)
    assert [(each.name, each.demand.scale) for each in piloted] == [("tiny-before", 0.8), ("tiny-after", 0.8)]


def stop():
    raise StopIteration


def test_a_worker_of_another_version_is_refused():
    work = Work((), (), 1, 0, Window(0, 1, 1), "simpy", frozenset(), surroundings="another")
    with pytest.raises(WorkersError, match="has another version"):
        do(work)


# ---- the textbook's answer


@pytest.fixture(scope="module")
def clerks():
    """Nine points, ten replications: a quarter of a minute."""
    return sim.sweep(CLERKS, workers=2)


@pytest.mark.slow
def test_the_sweep_finds_what_the_textbook_says(clerks):
    """Erlang's C for every number of clerks and every demand; the interval over replications holds it or nearly so."""
    rows = clerks.comparison.query("measure == 'wait_visit_min' and group == ''")
    assert len(rows) == 9
    misses = 0
    for row in rows.itertuples(index=False):
        wanted_min = 60 * mmc_mean_wait(0.2 * row.demand, 0.1, row.clerks)
        half_width = row.high - row.mean
        assert abs(row.mean - wanted_min) < 3 * half_width
        misses += not row.low <= wanted_min <= row.high
    assert misses <= 2


@pytest.mark.slow
def test_more_clerks_are_better_and_told_apart(clerks):
    main = clerks.best.query("measure == 'wait_visit_min'")
    assert set(main["best"]) == {6, 7, 8}
    assert main.groupby("demand")["told_apart"].sum().tolist() == [2, 2, 2]


# ---- the best point


def test_points_against_the_best_by_hand():
    values = {4: [3.0, 5.0, 4.0], 7: [1.0, 2.0, 3.0], 9: [1.1, 2.2, 2.8]}
    rows = {row.point: row for row in against_best(values)}
    assert {row.best for row in rows.values()} == {7}
    assert rows[4].difference == 2.0
    t = 6.205347  # t(2, 1 - 0.05 / 2 / 2): two differences share the chance of an error
    assert rows[4].high - rows[4].difference == pytest.approx(t * 1.0 / math.sqrt(3), abs=1e-5)
    assert not rows[4].told_apart
    assert (rows[7].difference, rows[7].low, rows[7].high, rows[7].told_apart) == (0, 0, 0, False)
    assert against_best({0: [1.0], 1: [9.0]})[1].told_apart is False


def test_higher_may_be_better_and_ties_go_to_the_first():
    values = {0: [0.5, 0.6], 1: [0.9, 0.9], 2: [0.9, 0.9]}
    assert {row.best for row in against_best(values, "higher")} == {1}
    assert against_best({0: [math.nan], 1: [math.nan]}) == []


def test_the_points_not_told_apart_hold_the_true_best():
    """In 400 experiments of ten points, the truly best (first) is left out in no more than one of twenty."""
    luck = np.random.default_rng(3)
    true = np.array([1.0] + [1.02] * 9)
    missed = 0
    for _ in range(400):
        common = luck.normal(0, 0.5, 5)
        series = {point: (true[point] + common + luck.normal(0, 0.1, 5)).tolist() for point in range(10)}
        missed += next(row for row in against_best(series) if row.point == 0).told_apart
    assert missed <= 20


def points_table(feasible):
    """Two levers of three levels each, in one scenario; under another demand everything can be."""
    cells = [(staff, n) for staff in (0, 6, 12) for n in (2, 4, 6)]
    rows = [("old", staff, n, demand) for demand in (1, 2) for staff, n in cells]
    table = pd.DataFrame(rows, columns=["scenario", "staff", "number", "demand"])
    table.insert(1, "point", range(len(rows)))
    table["feasible"] = [demand == 2 or (staff, n) in feasible for _, staff, n, demand in rows]
    return table


@pytest.mark.parametrize(
    ("best", "infeasible", "wanted"),
    [
        ((6, 4), [], []),
        ((6, 6), [], ["number"]),
        ((0, 2), [], ["staff", "number"]),
        ((6, 4), [(12, 4)], ["staff"]),
        ((6, 4), [(12, 6)], []),
    ],
)
def test_a_best_point_at_an_edge_is_known(best, infeasible, wanted):
    """At an edge the next level was not tried, or cannot be under these circumstances."""
    cells = {(staff, n) for staff in (0, 6, 12) for n in (2, 4, 6)}
    table = points_table(cells - set(infeasible))
    number = table.loc[(table["staff"] == best[0]) & (table["number"] == best[1]), "point"].iloc[0]
    assert edges(table, {"staff": [0, 6, 12], "number": [2, 4, 6]}, number) == wanted


def test_levers_are_what_one_may_choose():
    factors = [
        {"name": "staff", "path": "structure.move.staff", "values": [12, 0]},
        {"name": "demand", "path": "demand.scale", "values": [1, 2]},
        {"name": "rule", "path": "structure.rules.proxy", "values": [True, False]},
        {"name": "delay", "path": "structure.delay", "values": ["1 day", "2 days"]},
        {"name": "fixed", "path": "structure.fixed", "values": [3]},
    ]
    assert levers({"design": {"kind": "full"}, "factors": factors}) == {"staff": [0, 12]}
    assert levers({"design": {"kind": "sobol"}, "factors": factors}) == {}


def test_a_best_point_at_an_edge_is_told(clerks, capsys):
    sweep_summary.show(clerks, clerks.folder, "zh")
    assert "注意：mm3的最优点位于已试或可行范围的边缘（办事员）：边缘之外或许更优" in capsys.readouterr().out


def test_a_best_point_is_told_for_the_main_measure_and_those_beside_it():
    assert judged() == [MAIN_MEASURE, "close_days", "task_missed_share"]
    assert judged("wait_visit_min", ["wait_visit_min", "close_days"]) == ["wait_visit_min", "close_days"]
    assert judged("n_cases", ["n_cases"]) == []


def test_one_chooses_among_points_under_the_same_circumstances(swept):
    main = swept.best.query(f"measure == '{MAIN_MEASURE}'")
    assert main.groupby(["scenario", "demand"])["best"].nunique().eq(1).all()
    assert set(main["scenario"]) == {"tiny-before"}  # in tiny-after nothing but demand is varied
    assert len(main) == 6


# ---- the points that none beats


HOURS, DAYS, ON_TIME = MAIN_MEASURE, "close_days", "on_time_share"


def test_a_point_is_beaten_by_one_that_is_as_good_in_all_and_shown_to_be_better_in_one():
    """By hand: 1 is worse than 0 in both; 2 trades hours for days; 3 ties with 0 in days, and its hours are worse."""
    luck = np.array([0.0, 0.3, -0.2, 0.1])
    means = {0: (1.0, 5.0), 1: (2.0, 6.0), 2: (3.0, 4.0), 3: (1.5, 5.0)}
    points = {point: {HOURS: hours + luck, DAYS: days + luck} for point, (hours, days) in means.items()}
    assert dominated(points) == {0: False, 1: True, 2: False, 3: True}


def test_a_gain_that_may_be_luck_beats_nobody():
    steady = {HOURS: [1.0, 1.0, 1.0], DAYS: [5.0, 5.0, 5.0]}
    noisy = {HOURS: [1.1, 1.3, 0.8], DAYS: [5.0, 5.0, 5.0]}
    assert np.mean(noisy[HOURS]) > np.mean(steady[HOURS])
    assert dominated({0: steady, 1: noisy}) == {0: False, 1: False}
    # 1.0 +- 0.173 t, of two degrees of freedom: 4.303 for one difference, 6.205 for the two that are looked at.
    near = {HOURS: [1.7, 2.0, 2.3], DAYS: [5.0, 5.0, 5.0]}
    assert paired_difference(steady[HOURS], near[HOURS]).low > 0
    assert dominated({0: steady, 1: near}) == {0: False, 1: False}
    once = {0: {HOURS: [1.0], DAYS: [5.0]}, 1: {HOURS: [9.0], DAYS: [9.0]}}
    assert dominated(once) == {0: False, 1: False}


def test_higher_may_be_what_beats():
    points = {0: {HOURS: [1.0, 1.1], ON_TIME: [0.9, 0.9]}, 1: {HOURS: [1.0, 1.1], ON_TIME: [0.5, 0.5]}}
    assert dominated(points) == {0: False, 1: True}


def test_the_same_points_are_beaten_as_by_paired_differences_one_by_one():
    luck = np.random.default_rng(5)
    common = luck.normal(0, 0.3, (2, 6))
    drawn = {point: luck.normal(0, 1, (2, 1)) + common + luck.normal(0, 0.05, (2, 6)) for point in range(12)}
    points = {point: dict(zip((HOURS, DAYS), each, strict=True)) for point, each in drawn.items()}
    strict = 1 - 0.05 / (11 * 2)

    def beats(one, other):
        apart = [paired_difference(other[name], one[name], strict) for name in (HOURS, DAYS)]
        return all(each.mean <= 0 for each in apart) and any(each.high < 0 for each in apart)

    wanted = {p: any(beats(points[q], points[p]) for q in points if q != p) for p in points}
    assert dominated(points) == wanted
    assert 0 < sum(wanted.values()) < 12


def test_the_table_and_the_page_tell_the_points_that_none_beats(swept, capsys):
    table = swept.best
    assert set(table["measure"]) == {MAIN_MEASURE, "close_days", "task_missed_share"}
    series = swept.measures[swept.measures["group"] == ""].set_index(["point", "measure"])["value"]
    for _, family in table.groupby(["scenario", "demand"]):
        names = list(dict.fromkeys(family["measure"]))
        numbers = set(family["point"])
        told = dict(zip(family["point"], family["dominated"].astype(bool), strict=True))
        assert told == dominated({p: {name: list(series.loc[p, name]) for name in names} for p in numbers})
    for lang, words in (("en", "Pareto set (beaten by none)"), ("zh", "帕累托集（无更优者）")):
        sweep_summary.show(swept, swept.folder, lang)
        page = capsys.readouterr().out
        assert words in page
        n, total = table.loc[~table["dominated"].astype(bool), "point"].nunique(), table["point"].nunique()
        assert (f"{n} of {total} points" if lang == "en" else f"{total}个设计点中的{n}个") in page


def test_the_page_keeps_to_the_circumstances_of_the_scenario_s_own_file(swept, capsys):
    manifest = json.loads(json.dumps(swept.manifest))
    manifest["scenarios"][0]["values"]["demand"] = 1
    sweep_summary.show(SimpleNamespace(**{**vars_of(swept), "manifest": manifest}), swept.folder, "en")
    assert "2 of 2 points: none of the others" in capsys.readouterr().out


def test_the_page_says_which_points_do_not_keep_up(swept, capsys):
    points = swept.points.assign(overloaded=[number in (0, 1, 2, 5) for number in range(9)])
    comparison = swept.comparison.copy()
    comparison.loc[comparison["measure"].eq("unfinished_share") & comparison["point"].isin([4, 7]), "mean"] = 0.06
    result = SimpleNamespace(
        **vars_of(swept) | {"points": points, "comparison": comparison, "manifest": swept.manifest}
    )
    sweep_summary.show(result, swept.folder, "en")
    told = capsys.readouterr().out
    assert "cases pile up at 2 points (over 5% of them are unfinished at the end), so none of these is " in told
    assert "is taken for the best: no. 4, 7\n" in told
    assert "4 points do not keep up with what arrives (a team has more work than time): no. 0–2, 5\n" in told
    sweep_summary.show(swept, swept.folder, "en")
    assert "keep up" not in capsys.readouterr().out


def vars_of(result):
    """What the page reads of a result."""
    return {name: getattr(result, name) for name in ("best", "comparison", "points", "reused")}


# ---- the command line


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YIZHAN_LANG", "en")

    def say(*arguments):
        status = main(list(arguments))
        told = capsys.readouterr()
        return status, told.out, told.err

    return say


def test_the_command_tells_the_question_and_the_best(said):
    status, out, err = said("sweep", str(TINY), "--workers", "1", "--replications", "1")
    assert (status, err) == (0, "")
    assert out.startswith("tiny: Under which arrangement is there less waiting?\n")
    assert "best by resident-hours per case (h)  point  hand-off" in out
    assert "points: 9, of which 0 infeasible\n" in out
    assert "from point no. 0 (tiny-before, hand-off 1 day, demand 0.8), the first feasible one" in out
    (folder,) = Path("results").iterdir()
    assert folder.name.startswith("tiny-")
    assert out.endswith(f"tables: results/{folder.name}\n")
    status, out, _ = said("sweep", str(TINY), "--workers", "2", "--replications", "1")
    assert out.startswith(f"results/{folder.name} holds this very result already; nothing was run")
    with pytest.raises(UsageError, match="no chart goes with this result"):
        charts.save(folder)
    status, out, _ = said("--lang", "zh", "sweep", str(TINY), "--replications", "1")
    assert "分不出高下：" in out


def test_interrupted_before_anything_is_kept_says_so(said, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("sim.experiment.sweep.runs.made_of", interrupted)
    assert said("sweep", str(TINY)) == (130, "", "interrupted; nothing was written\n")


def test_experiments_are_checked_like_scenarios(said):
    assert said("check", str(TINY)) == (0, f"{TINY}: good\n", "")
    bad = HERE / "invalid" / "experiments" / "wrong_unit.yaml"
    status, out, _ = said("check", str(bad))
    assert status == 2
    assert out.startswith(f"{bad}:9:72: factors.patience.values.1: 'people' is no unit of time")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--option", "long"], "nearest: longer"),
        (["--replications", "2", "--precision", "5%"], "cannot both be given"),
        (["--replications", "0"], "--replications must be "),
        (["--seed", "-1"], "--seed must be 0 or more, not -1"),
        (["--precision", "nan"], "must be a share between 0 and 1"),
        (["--engine", "steam"], "there is no engine called steam"),
        (["--workers", "0"], "--workers must be 1 or more, not 0"),
        (["--resume"], "holds nothing to go on with; leave out --resume to begin"),
    ],
)
def test_bad_usage_is_told_and_nothing_written(said, tmp_path, arguments, told):
    status, out, err = said("sweep", str(TINY), *arguments)
    assert (status, out) == (2, "")
    assert told in err
    assert list(tmp_path.iterdir()) == []


def test_one_replication_is_said_to_tell_nothing_apart(tmp_path):
    for replications, said in ((1, True), (2, False)):
        manifest = sim.sweep(TINY, replications=replications, out=tmp_path / str(replications)).manifest
        assert any("one replication only" in remark["en"] for remark in manifest["notes"]) is said
