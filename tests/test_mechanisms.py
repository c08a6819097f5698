"""Mechanisms switched off one at a time: the scenarios that are left, and the table of what that changes."""

import math
from pathlib import Path

import pandas as pd
import pytest

from sim import compare, load
from sim.errors import ScenarioError
from sim.experiment.changes import laid_over
from sim.experiment.mechanisms import ABLATION, ablation
from sim.experiment.sweep.points import check, points, unpacked
from sim.experiment.sweep.reading import read
from sim.experiment.sweep.runs import sweep
from sim.scenario.load import load_tree, tree
from sim.scenario.tree import Mark, from_plain
from sim.structure.people import standing
from sim.structure.places import places

HERE = Path(__file__).parent
SMALL = HERE / "experiments" / "mechanisms.yaml"
ORDERS = HERE / "valid" / "orders.yaml"


def test_a_point_for_the_whole_and_one_for_each_mechanism():
    made = points(read(SMALL), 1, lambda *_: None)
    assert [(point.scenario, dict(point.values)["without"]) for point in made] == [
        ("orders", ""),
        ("orders", "check"),
        ("orders", "merging"),
    ]
    whole, unchecked, unmerged = (unpacked(point.packed) for point in made)
    assert whole == load(ORDERS).scenario
    assert unchecked.name == "orders-without-check"
    assert unchecked.title.en == whole.title.en + " without The check before closing"
    assert unchecked.structure.procedures["cards"].steps[1].verify is None
    assert unchecked.structure.procedures["tasks"] == whole.structure.procedures["tasks"]
    assert unmerged.structure.procedures["tasks"].steps[1].merge is None
    assert unmerged.structure.procedures["cards"] == whole.structure.procedures["cards"]


def test_what_an_experiment_sets_holds_with_every_mechanism_off(tmp_path):
    text = SMALL.read_text(encoding="utf-8").replace("../valid", str(HERE / "valid"))
    file = tmp_path / "busier.yaml"
    file.write_text(text + "set: {demand.scale: 1.25}\n", encoding="utf-8")
    scales = [unpacked(point.packed).demand.scale for point in points(read(file), 1, lambda *_: None)]
    assert scales == [1.25, 1.25, 1.25]


def test_the_change_of_each_mechanism_worked_by_hand():
    """Two replications: whole 10 and 20; without a 12 and 20 (mean change 1), without b 9 and 19 (exactly -1)."""
    values = {"": (10.0, 20.0), "a": (12.0, 20.0), "b": (9.0, 19.0)}
    rows = [
        ("s", off, replication, "close_days", "", value, "days")
        for off, of_all in values.items()
        for replication, value in enumerate(of_all)
    ]
    table = ablation(
        pd.DataFrame(rows, columns=["scenario", "without", "replication", "measure", "group", "value", "unit"])
    )
    assert list(table.columns) == list(ABLATION)
    a, b = table.to_dict("records")
    assert (a["without"], a["whole"], a["difference"], a["n"]) == ("a", 15, 1, 2)
    half_width = 12.706204736  # Student's t with one degree of freedom; the changes are 2 and 0, their mean's error 1
    assert (a["low"], a["high"]) == pytest.approx((1 - half_width, 1 + half_width))
    assert (b["without"], b["difference"], b["low"], b["high"]) == ("b", -1, -1, -1)


def test_a_replication_without_a_value_is_left_out_and_a_group_only_one_has_gives_no_row():
    rows = [
        ("s", "", 0, "close_days", "", 10.0, "days"),
        ("s", "", 1, "close_days", "", 20.0, "days"),
        ("s", "a", 1, "close_days", "", 26.0, "days"),
        ("s", "a", 1, "close_days", "grid", 3.0, "days"),
    ]
    table = ablation(
        pd.DataFrame(rows, columns=["scenario", "without", "replication", "measure", "group", "value", "unit"])
    )
    row = table.to_dict("records")[0]
    assert (len(table), row["whole"], row["difference"], row["n"]) == (1, 20, 6, 1)


def test_the_differences_are_those_of_a_comparison(tmp_path):
    """The same replications, the same demand: what `compare` finds between the whole and what is left of it."""
    result = sweep(SMALL, out=tmp_path / "out")
    found = result.ablation.set_index(["without", "measure", "group"])
    assert set(result.ablation["without"]) == {"check", "merging"}
    whole = load(ORDERS, {"run.cohort": "6 weeks"})
    faults = []
    patch = {"structure.procedures.cards.steps.1.verify": from_plain(None, Mark("test"))}
    rest = {"name": from_plain("unchecked", Mark("test")), "run.cohort": from_plain("6 weeks", Mark("test"))}
    left = load_tree(laid_over(tree(ORDERS), patch | rest, faults))
    assert not faults
    pair = compare(whole, left, replications=3, seed=result.manifest["seed"])
    assert pair.manifest["window"] == result.manifest["window"]
    for row in pair.comparison[pair.comparison["scenario"] == "unchecked"].itertuples():
        if not math.isnan(row.difference) and ("check", row.measure, row.group) in found.index:
            mine = found.loc[("check", row.measure, row.group)]
            assert (mine["difference"], mine["low"]) == pytest.approx((row.difference, row.difference_low), nan_ok=True)
    assert found.loc[("check", "close_days", ""), "difference"] < 0  # nothing is done again, nobody waits for the check


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  orders:", "  ordres:", "there is no scenario `ordres`|nearest: orders"),
        ("steps.1.verify: null", "steps.1.delay: {gate: mail-bag}", "switching this mechanism off changes nothing"),
        ("steps.1.verify: null", "steps.7.verify: null", "there is no '7' here to change"),
        ("steps.1.verify: null", "steps.1.verify.unit: hubb", "there is no unit `hubb`"),
        ("set: {structure.procedures.cards.steps.1.verify: null}", "set: {}", "`set` is missing"),
        (
            "cohort: 6 weeks",
            "cohort: 6 weeks\nfactors: {demand: {path: demand.scale, values: [1, 2]}}",
            "one at a time",
        ),
    ],
)
def test_what_is_wrong_is_told(tmp_path, old, new, message):
    text = SMALL.read_text(encoding="utf-8").replace("../valid", str(HERE / "valid"))
    assert old in text
    file = tmp_path / "faulty.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=message):
        check(file)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("jinfeng-after", (6 + 4, 3 + 11, 0, 4 * 12, 6 * 5, 0)),
        ("haidian", (6 + 2, 50 + 4, 0, 6 * 7 + 13, 0, 4 + 13)),
    ],
)
def test_where_people_stand_is_counted_in_every_place(name, expected):
    structure = load(HERE.parent / "scenarios" / "five-systems" / f"{name}.yaml").scenario.structure
    assert tuple(standing(structure, places(structure)).values()) == expected
