"""Experiment files: every defect has its exact message; good ones are read, also by editors.

``invalid/experiments/NAME.yaml`` has the defect it is named after; ``NAME.txt`` holds its messages, all in English,
then all in Chinese.
"""

import csv
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from sim.errors import ScenarioError
from sim.experiment.sweep.json_schema import PLACE, experiment_schema, text
from sim.experiment.sweep.points import check, points
from sim.experiment.sweep.reading import is_experiment, read
from sim.scenario.reading import read_file
from sim.scenario.tree import plain

HERE = Path(__file__).parent
TINY = HERE / "experiments" / "tiny.yaml"
INVALID = sorted((HERE / "invalid" / "experiments").glob("*.yaml"))
SHIPPED = [path for path in sorted((HERE.parent / "scenarios").rglob("*.yaml")) if is_experiment(path)]
SCHEMA = experiment_schema()


def faults_of(path):
    with pytest.raises(ScenarioError) as caught:
        check(path)
    return caught.value.faults


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_each_defect_has_its_exact_messages(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(ScenarioError) as caught:
        check(path.name)
    told = f"{caught.value.text('en')}\n---\n{caught.value.text('zh')}\n"
    assert told == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_each_message_belongs_to_a_defect():
    catalogue = files("sim.language").joinpath("catalogue.csv").read_text(encoding="utf-8")
    keys = {row["key"] for row in csv.DictReader(catalogue.splitlines()) if row["key"].startswith("experiment.")}
    told = {fault.key for path in INVALID for fault in faults_of(path)}
    assert keys - told == {"experiment.no_option", "experiment.no_options"}


def test_an_option_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(ScenarioError, match=r"tiny.yaml:\d+:1: this experiment has no option `long`; nearest: longer"):
        read(TINY, "long")


def test_an_option_of_a_file_without_options_is_told():
    clerks = HERE.parent / "scenarios" / "experiments" / "textbook-clerks.yaml"
    with pytest.raises(ScenarioError) as caught:
        read(clerks, "full")
    assert caught.value.text("en").endswith("this experiment file has no options; leave out --option full")
    assert "—" not in caught.value.text("zh")


@pytest.mark.parametrize("name", ["path_that_is_not_there", "value_over_a_mapping"])
def test_a_path_that_cannot_be_set_is_told_before_any_point_is_resolved(name):
    with pytest.raises(ScenarioError) as caught:
        read(HERE / "invalid" / "experiments" / f"{name}.yaml")
    n_factors = len(caught.value.faults)
    assert [fault.path.rsplit(".", 1)[-1] for fault in caught.value.faults] == ["path"] * n_factors


def test_one_value_may_replace_what_can_be_written_as_one(tmp_path):
    """Patience is a mapping once it is read, and may be written as a mean alone; sizes may differ by place or not."""
    text = (HERE / "invalid" / "experiments" / "value_over_a_mapping.yaml").read_text(encoding="utf-8")
    good = {
        "../../valid": str(HERE / "valid"),
        "structure.teams.window,": "demand.matters.card.patience,",
        "[1, 2, 3]": "[30 min, 60 min]",
        "structure.teams.window.serves,": "structure.teams.window.size,",
        "[counter, desk]": "[1, 2]",
    }
    for old, new in good.items():
        text = text.replace(old, new)
    path = tmp_path / "good.yaml"
    path.write_text(text, encoding="utf-8")
    read(path)


def test_an_option_replaces_parts_of_the_file():
    plain_one, longer = read(TINY), read(TINY, "longer")
    assert (plain_one.experiment.replications, longer.experiment.replications) == (2, 4)
    assert (plain_one.experiment.cohort, longer.experiment.cohort) == (None, 6 * 7 * 86400)
    assert list(longer.experiment.factors) == list(plain_one.experiment.factors)


def test_an_experiment_is_told_from_a_scenario(tmp_path):
    assert is_experiment(TINY)
    assert not is_experiment(HERE / "valid" / "tiny-before.yaml")
    assert not is_experiment(tmp_path / "nowhere.yaml")


def test_every_value_of_a_good_experiment_is_tried():
    check(TINY)
    assert len(points(read(TINY), 1, lambda *_: None)) == 2 * 3 + 3


# -- what is shipped, and the schema for editors ---------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_experiments_are_good(path):
    check(path)


def complaints(path):
    tree = plain(read_file(path, str(path), []))
    return list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(tree))


def test_the_schema_file_is_current():
    """Written anew by ``python -m sim.experiment.sweep.json_schema``."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert (HERE.parent / PLACE).read_text(encoding="utf-8") == text()


@pytest.mark.parametrize("path", [TINY, *SHIPPED], ids=lambda path: path.stem)
def test_the_schema_admits_good_experiments(path):
    assert complaints(path) == []


@pytest.mark.parametrize(
    "name",
    [
        *("name", "no_question", "unknown_key", "unknown_key_of_factor", "value", "no_values", "range_one_value"),
        *("replications_zero", "precision_in_per_cent", "warm_up", "design_kind", "no_scenarios", "fault_in_an_option"),
    ],
)
def test_the_schema_refuses(name):
    assert complaints(HERE / "invalid" / "experiments" / f"{name}.yaml")
