"""The reform taken apart: every combination is a street that could be, and all parts together are the reform."""

from itertools import combinations as pairs_of
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.experiment.parts import combinations, read_parts
from sim.experiment.replicate import same_demand
from sim.scenario import load
from sim.scenario.offered_load import offered_load
from sim.structure.people import head_count
from sim.structure.places import places

SCENARIOS = Path(__file__).parents[1] / "scenarios"
JINFENG = SCENARIOS / "experiments" / "jinfeng-parts.yaml"
PARTS = ["merging", "staff", "powers", "admission", "windows", "first-asked"]


@pytest.fixture(scope="module")
def jinfeng():
    """The scenario of each combination of Jinfeng's parts."""
    return dict(combinations(JINFENG))


def scenario(jinfeng, *parts):
    return jinfeng[frozenset(parts)].scenario


# -- Jinfeng ---------------------------------------------------------------------------------------------------------


def test_nothing_is_before_and_everything_is_after(jinfeng):
    assert len(jinfeng) == 64
    assert jinfeng[frozenset()].digest == load(SCENARIOS / "jinfeng" / "before.yaml").digest
    assert jinfeng[frozenset(PARTS)].digest == load(SCENARIOS / "jinfeng" / "after.yaml").digest


def test_each_part_changes_something_wherever_it_is_added(jinfeng):
    digests = [loaded.digest for loaded in jinfeng.values()]
    assert len(set(digests)) == 64
    assert len({loaded.scenario.name for loaded in jinfeng.values()}) == 64


def test_every_change_is_made_somewhere_and_says_its_rule():
    parts = read_parts(JINFENG)
    assert list(parts.names) == PARTS
    for change in parts.changes:
        assert any(change.is_made(on) for on in parts.subsets())
        assert all(len(change.rule[lang]) > 10 for lang in ("zh", "en"))


def test_every_number_of_every_combination_has_its_source(jinfeng):
    assert {on: loaded.unsourced for on, loaded in jinfeng.items() if loaded.unsourced} == {}


def test_all_face_the_same_demand(jinfeng):
    first = scenario(jinfeng)
    assert all(same_demand(first, loaded.scenario) for loaded in jinfeng.values())


def test_nobody_is_hired_or_sent_away(jinfeng):
    """The 30 elected members do government work where nobody has come down to take over from them."""
    for on, loaded in jinfeng.items():
        structure = loaded.scenario.structure
        heads = head_count(structure, places(structure))
        assert (heads.payroll, heads.elected, heads.department) == (62, 30, 6)
        assert heads.government_work == (62 if "staff" in on else 92), sorted(on)


def sizes(found, *teams):
    """Members of teams in each community."""
    names = list(found.structure.communities)
    of_team = (found.structure.teams[team].size for team in teams if team in found.structure.teams)
    by_team = [size if isinstance(size, dict) else dict.fromkeys(names, size) for size in of_team]
    return [sum(size[name] for size in by_team) for name in names]


@pytest.mark.parametrize(
    ("parts", "people", "at_windows"),
    [
        ((), [7] * 6, [2] * 6),
        (("merging",), [8, 8, 13, 13], [3] * 4),
        (("staff",), [8] * 6, [4] * 6),
        (("merging", "staff"), [12] * 4, [4] * 4),
    ],
)
def test_who_stands_where_is_as_the_file_says(jinfeng, parts, people, at_windows):
    everybody = ("windows", "community-staff", "station-staff")
    for others in pairs_of(["powers", "admission", "first-asked"], 2):
        without, with_ = scenario(jinfeng, *parts, *others), scenario(jinfeng, *parts, *others, "windows")
        assert sizes(without, *everybody) == sizes(with_, *everybody) == people
        assert sizes(with_, "windows") == at_windows
        assert "windows" not in without.structure.teams
        windows = with_.structure.teams["windows"]
        assert windows.split
        assert {len(windows.serves)} == set(at_windows)


def test_as_many_patrol_in_every_combination(jinfeng):
    for loaded in jinfeng.values():
        structure = loaded.scenario.structure
        assert structure.duties["patrol-morning"].people * len(structure.communities) == 12


def test_a_door_is_there_for_every_visit_and_only_where_it_is_needed(jinfeng):
    """Residents come to the street without the powers only; to 14 doors, or to 3 where its staff have moved down."""
    for on, loaded in jinfeng.items():
        structure = loaded.scenario.structure
        asked = {
            door
            for procedure in structure.procedures.values()
            for step in procedure.steps
            if step.present
            for door in (step.unit.values() if isinstance(step.unit, dict) else [step.unit])
        }
        at_street = {door for door in asked if structure.units[door].level == "street"}
        assert bool(at_street) == ("powers" not in on)
        doors = [name for name, unit in structure.units.items() if (unit.level, unit.kind) == ("street", "counter")]
        assert len(doors) == ((3 if "powers" not in on else 0) if "staff" in on else 14)
        at_community = {"counter"} if "windows" not in on else {name for name in asked if name.startswith("window-")}
        assert asked - at_street == at_community


def test_nobody_has_more_work_than_time_but_communities_without_admission_control(jinfeng):
    """As in before.yaml itself: 1.01. What cannot lapse or be hurried always fits into the hours.

    Patrols that do not begin lapse, and tasks that are late are done to three tenths (`perfunctory`).
    """
    for on, loaded in jinfeng.items():
        structure = loaded.scenario.structure
        for row in offered_load(loaded.scenario):
            if structure.teams[row.team].level != "community" or "admission" in on:
                assert row.load <= 1, (sorted(on), row)
                continue
            patrol = structure.duties["patrol-morning"]
            patrol_h = 5 * 3 * patrol.people if patrol.team == row.team else 0
            least_h = row.offered_h_per_week - patrol_h - 0.7 * row.tasks_h_per_week
            assert row.load <= 1.25, (sorted(on), row)
            assert least_h <= 0.85 * row.capacity_h_per_week, (sorted(on), row)


def test_first_asked_and_powers_change_what_they_say(jinfeng):
    before, asked = scenario(jinfeng), scenario(jinfeng, "first-asked")
    chances = [found.structure.procedures["street-hall"].steps[1].wrong_door.chance for found in (before, asked)]
    assert chances == pytest.approx([0.25, 0.25 / 3], abs=1e-3)
    thin = [scenario(jinfeng, "staff"), scenario(jinfeng, "staff", "first-asked")]
    chances = [found.structure.procedures["street-hall"].steps[1].wrong_door.chance for found in thin]
    # 0.25 = unknown x 13/14, so that unknown x 2/3 is 0.18, and a third of it 0.06.
    assert chances == pytest.approx([0.25 * 14 / 13 * 2 / 3, 0.25 * 14 / 13 * 2 / 9], abs=2e-3)
    assert scenario(jinfeng, "powers").structure.rules.papers_factor == 0.8
    assert scenario(jinfeng, "powers").gates == {}
    assert scenario(jinfeng, "admission").structure.rules.admission.leakage == 0.3


# -- the mechanism ---------------------------------------------------------------------------------------------------

BEFORE = """
yizhan: 1
name: small
title: {zh: 小街, en: Small}
source: {choice: invented}
calendars: {always: {week: always}}
demand: {matters: {a: {name: {zh: 甲, en: A}, rate: 1 / day, work: 10 min}}}
structure:
  units: {counter: {}}
  teams:
    old: {size: 2, calendar: always, serves: [counter]}
    last: {size: 1, calendar: always, serves: [counter]}
  procedures: {a: {for: [a], steps: [{unit: counter, present: true, share: 1.0}]}}
"""
AFTER = """
extends: before.yaml
name: small-after
title: {zh: 小街后, en: Small after}
structure:
  teams:
    old:
    last: {serves: [door]}
    young: {size: {value: 3, choice: invented}, calendar: always, serves: [door]}
  units: {counter: , door: {}}
  procedures: {a: {steps: [{unit: door, present: true, share: {value: 1.0, choice: invented}}]}}
"""
EXPERIMENT = """
experiment: small
scenarios: [before.yaml, after.yaml]
parts:
  people: {zh: 人, en: People}
  door: {zh: 门, en: The door}
changes:
  - with: [people]
    rule: {zh: 换人, en: others serve}
    set:
      structure.teams.old:
      structure.teams.young: {size: {value: 3, choice: invented}, calendar: always, serves: [counter]}
  - with: [door]
    rule: {zh: 换门, en: another door}
    set:
      structure.units: {counter: , door: {}}
      structure.procedures.a.steps.0.unit: door
      structure.teams.last.serves: [door]
  - with: [door]
    without: [people]
    rule: {zh: 旧人, en: the old}
    set: {structure.teams.old.serves: [door]}
  - with: [door, people]
    rule: {zh: 新人, en: the young}
    set: {structure.teams.young.serves: [door]}
order:
  structure.teams: [old, last, young]
"""


@pytest.fixture
def small(tmp_path):
    """Writes an experiment of two parts, with one text in it replaced by another."""

    def write(old="", new="", after=AFTER):
        assert old in EXPERIMENT
        files = {"before": BEFORE, "after": after, "experiment": EXPERIMENT.replace(old, new, 1)}
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "experiment.yaml"

    return write


def test_combinations_come_in_binary_order_with_their_names(small):
    made = combinations(small())
    assert [sorted(on) for on, _ in made] == [[], ["people"], ["door"], ["door", "people"]]
    assert [loaded.scenario.name for _, loaded in made] == [
        "small",
        "small-with-people",
        "small-with-door",
        "small-with-people-door",
    ]
    assert made[3][1].scenario.title.en == "Small + People + The door"
    assert made[3][1].scenario.title.zh == "小街＋人＋门"
    teams = [{name: team.serves for name, team in loaded.scenario.structure.teams.items()} for _, loaded in made]
    assert teams == [
        {"old": ["counter"], "last": ["counter"]},
        {"last": ["counter"], "young": ["counter"]},
        {"old": ["door"], "last": ["door"]},
        {"last": ["door"], "young": ["door"]},
    ]


def test_order_is_given_where_it_has_a_meaning(small):
    """Young before last: the same people, but another is asked first, so it is not the scenario after."""
    with pytest.raises(ScenarioError, match="all parts together should be small-after"):
        combinations(small("[old, last, young]", "[old, young, last]"))


@pytest.mark.parametrize(
    ("old", "new", "messages"),
    [
        ("with: [door]", "with: [dor]", ["changes.1.with: there is no part 'dor'; nearest: door"]),
        ("with: [people]", "with: people", ["changes.0.with: a list is expected", "changes.0.with: `with` is missing"]),
        ("rule: {zh: 换人, en: others serve}", "rule: {en: x}", ["changes.0.rule: write this in both languages"]),
        ("rule: {zh: 换人, en: others serve}", "rules: 1", ["unknown key `rules`; nearest known: rule", "rule: write"]),
        ("without: [people]", "without: [door]", ["changes.2: this change is never made: door would"]),
        ("people: {zh: 人, en: People}", "after: {zh: 人, en: x}", ["parts.after: no part can be called so"]),
        ("{zh: 门, en: The door}", "The door", ["parts.door: write this in both languages"]),
        ("[before.yaml, after.yaml]", "[before.yaml]", ["scenarios: a reform taken apart names two scenarios"]),
        ("parts:", "part:", ["parts: `parts` is missing"]),
        ("changes:", "change:", ["changes: `changes` is missing"]),
        ("before.yaml, after.yaml", "before.yaml, later.yaml", ["file"]),
        ("steps.0.unit", "steps.1.unit", ["structure.procedures.a.steps.1.unit: there is no '1' here to change"]),
        ("procedures.a.", "procedure.a.", ["there is no 'procedure' here to change; nearest: procedures"]),
        ("structure.teams.old:", "structure.teams.odl:", ["there is no 'odl' here to change; nearest: old"]),
        ("[old, last, young]", "[old, last]", ["young: 'young' is missing from the order"]),
        ("structure.teams: [old", "structure.team: [old", ["there is no 'team' here to change; nearest: teams"]),
        ("value: 3, choice", "value: -3, choice", ["no valid scenario: 2, the first of them: people;", "-3"]),
        ("value: 3, choice", "value: 3, chioce", ["changes.0.set.structure.teams.young.size: a source is given by"]),
    ],
)
def test_faults_are_told_with_their_place(small, old, new, messages):
    with pytest.raises(ScenarioError) as caught:
        combinations(small(old, new))
    for message in messages:
        assert message in str(caught.value)


def test_all_faults_are_told_at_once(small):
    path = small("with: [people]", "with: [peple]")
    path.write_text(path.read_text(encoding="utf-8").replace("with: [door]", "with: [dor]"), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        combinations(path)
    assert [each.params["name"] for each in caught.value.faults] == ["peple", "dor", "dor"]
    assert all(f"{path}:" in line for line in str(caught.value).splitlines())


def test_what_is_wrong_in_many_combinations_is_told_once(small):
    with pytest.raises(ScenarioError) as caught:
        combinations(small("serves: [counter]}", "serves: [couter]}"))
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert "there is no unit `couter`" in lines[1]
