"""Scenario files: every defect has its exact message, and a good file becomes a resolved scenario.

``invalid/NAME.yaml`` has the defect it is named after; ``invalid/NAME.txt`` holds its messages, all in English, then
all in Chinese. ``valid/minimal.yaml`` is the small good scenario that most of them extend.
"""

import csv
import json
from copy import deepcopy
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sim.errors import ScenarioError
from sim.scenario import load, load_text
from sim.scenario.json_schema import PLACE, scenario_schema, text
from sim.scenario.offered_load import offered_load
from sim.scenario.reading import MOST_BYTES, read_file, read_text
from sim.scenario.tree import plain
from sim.units import HOUR_S, Span

HERE = Path(__file__).parent
MINIMAL = HERE / "valid" / "minimal.yaml"
INVALID = sorted(HERE.glob("invalid/*.yaml"))
SHIPPED = sorted((HERE.parent / "scenarios").rglob("*.yaml"))
PREFIXES = ("file.", "yaml.", "extends.", "quantity.", "scenario.", "source.", "lever.")
ELSEWHERE = {
    *("file.missing", "file.folder", "file.unreadable", "file.too_large"),  # no such file can be kept
    *("scenario.override_path", "source.override", "source.communities", "source.move"),  # not in files
    *("scenario.committee_size", "scenario.overload"),  # warnings
    "scenario.other",  # for what nobody has thought of
}


def faults_of(path, **options):
    with pytest.raises(ScenarioError) as caught:
        load(path, **options)
    return caught.value.faults


def faults_in(content):
    """Faults of a text; none if it can be read."""
    try:
        load_text(content)
    except ScenarioError as error:
        return error.faults
    return []


def tree_of(path):
    return plain(read_file(path, str(path), []))


GOOD = tree_of(MINIMAL)
LEVERS = tree_of(HERE / "valid" / "levers.yaml")
LEVERS["structure"]["communities"]["number"] = 3
LEVERS["structure"]["move"] = {
    "from": ["section-a", "section-b"],
    "to": "behind",
    "staff": 2,
    "by": "households",
    "keep": {"each": 1, "leaders": 3, "teams": {"section-a": 2}, "offices": 2, "staff": 10},
    "already": 1,
}


def is_scenario(path):
    """Neither an experiment nor a part that only others extend: it has a name."""
    return "name" in tree_of(path)


def minimal_with(change):
    """The minimal scenario as JSON, which is YAML, after a change of its plain tree."""
    tree = deepcopy(GOOD)
    change(tree)
    return load_text(json.dumps(tree))


# -- faults ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_each_defect_has_its_exact_messages(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with pytest.raises(ScenarioError) as caught:
        load(path.name)
    told = f"{caught.value.text('en')}\n---\n{caught.value.text('zh')}\n"
    assert told == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_each_message_belongs_to_a_defect():
    catalogue = files("sim.language").joinpath("catalogue.csv").read_text(encoding="utf-8")
    keys = {row["key"] for row in csv.DictReader(catalogue.splitlines()) if row["key"].startswith(PREFIXES)}
    told = {fault.key for path in INVALID for fault in faults_of(path)}
    assert keys == told | ELSEWHERE


def test_all_faults_of_a_file_are_told_at_once():
    keys = [fault.key for fault in faults_of(HERE / "invalid" / "all_at_once.yaml")]
    assert keys == [
        "scenario.unknown_key",
        "quantity.duration_no_unit",
        "source.fact_unknown",
        "yaml.duplicate",
        "scenario.number",
        "scenario.no_calendar",
        "scenario.unknown_key",
        "scenario.unserved",
        "scenario.group_sum",
    ]


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path):
    assert [fault.key for fault in faults_of(tmp_path / "nowhere.yaml")] == ["file.missing"]
    assert [fault.key for fault in faults_of(tmp_path)] == ["file.folder"]


def test_a_file_over_the_stated_size_is_not_read(tmp_path):
    large = tmp_path / "large.yaml"
    large.write_bytes(MINIMAL.read_bytes() + b"#" * MOST_BYTES)
    (fault,) = faults_of(large)
    assert (fault.key, fault.line, fault.col) == ("file.too_large", 1, 1)
    assert str(large.stat().st_size) in fault.text()
    with pytest.raises(ScenarioError, match="bytes"):
        load_text("#" * (MOST_BYTES + 1))


def test_a_file_as_windows_writes_it(tmp_path):
    windows = tmp_path / "windows.yaml"
    windows.write_bytes(b"\xef\xbb\xbf" + MINIMAL.read_bytes().replace(b"\n", b"\r\n"))
    assert load(windows).digest == load(MINIMAL).digest


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.sampled_from(["25 min", "1e999 h", "3 / day", "9:00", "window", "", "- ", "{", "all", "always", "街道"]),
    st.lists(st.sampled_from([1, "window", None, [1]]), max_size=3),
    st.dictionaries(st.sampled_from(["mean", "value", "source", "fact", "x.y", ""]), st.integers(), max_size=2),
)


def places_in(tree, path=()):
    yield path
    for key, part in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places_in(part, (*path, key))


@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_file_is_read_or_told(data):
    """Any part of a good file replaced by anything: a scenario or a message, in both languages, never a traceback."""
    tree = deepcopy(data.draw(st.sampled_from([GOOD, LEVERS])))
    *above, last = data.draw(st.sampled_from([path for path in places_in(tree) if path]))
    target = tree
    for step in above:
        target = target[step]
    target[last] = data.draw(JUNK)
    content = json.dumps(tree).replace("Infinity", ".inf").replace("NaN", ".nan")
    assert all(fault.text("zh") and fault.key != "scenario.other" for fault in faults_in(content))


@settings(max_examples=200, deadline=None)
@given(junk=st.text(max_size=30), place=st.integers(0, 2000))
def test_whatever_text_is_read_or_told(junk, place):
    good = MINIMAL.read_text(encoding="utf-8")
    assert all(fault.text("zh").encode("utf-8") for fault in faults_in(good[:place] + junk + good[place:]))


# -- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "means"),
    [
        *[("8:30", "8:30"), ("010", "010"), ("no", "no"), ("yes", "yes"), ("1_000", "1_000"), ("0x10", "0x10")],
        *[("12", 12), ("-3", -3), ("1e3", 1000.0), ("0.5", 0.5), (".5", 0.5), ("true", True), ("null", None)],
        *[("2018-01-01", "2018-01-01"), ('"12"', "12"), ("25 min", "25 min"), ("1.2.3", "1.2.3"), ("-", [None])],
    ],
)
def test_plain_scalars_mean_what_they_say(written, means):
    assert plain(read_text(f"a:\n  {written}\n", "here", [])) == {"a": means}


def test_marks_are_lines_and_columns_from_one():
    tree = read_text("a: 1\nb:\n  c: [7, 8]\n", "here", [])
    node = tree.fields["b"].fields["c"].items[1]
    assert (node.content, node.mark.line, node.mark.col) == (8, 3, 10)


# -- extending -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Writes files into an empty folder: base.yaml is the minimal scenario."""
    (tmp_path / "base.yaml").write_bytes(MINIMAL.read_bytes())

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_of_several_files_the_later_is_laid_over_the_earlier(folder):
    folder("near.yaml", "place: {street_travel: 5 min, station_walk: 2 min}\n")
    folder("far.yaml", "place: {street_travel: 50 min}\n")
    for order, travel_s in (("near.yaml, far.yaml", 3000), ("far.yaml, near.yaml", 300)):
        place = load(folder("child.yaml", f"extends: [base.yaml, {order}]\n")).scenario.place
        assert (place.street_travel, place.station_walk) == (travel_s, 120)


def test_a_file_changes_parts_of_what_it_extends(folder):
    """JSON Merge Patch: mappings merge deeply, everything else is replaced, an empty value removes."""
    child = folder(
        "child.yaml",
        """
extends: base.yaml
place: {street_travel: 40 min}
calendars: {office: {holidays: ["05-01", "10-01"]}}
demand: {matters: {card: {papers: null, work: {mean: 30 min}}}}
""",
    )
    base, changed = load(MINIMAL).scenario, load(child).scenario
    assert changed.place == base.place.model_copy(update={"street_travel": 2400})
    assert changed.calendars["office"].holidays == ["05-01", "10-01"]
    assert changed.calendars["office"].week == base.calendars["office"].week
    assert changed.demand.matters["card"].papers is None
    assert changed.demand.matters["card"].work.mean == Span(1800)
    assert changed.demand.matters["card"].work.cv == base.demand.matters["card"].work.cv
    assert changed.structure == base.structure


def test_bases_are_looked_for_beside_the_file_that_names_them(folder):
    folder("child.yaml", "extends: base.yaml\nplace: {street_travel: 40 min}\n")
    grandchild = folder("variants/grandchild.yaml", "extends: ../child.yaml\nrun: {seed: 99}\n")
    scenario = load(grandchild).scenario
    assert (scenario.run.seed, scenario.place.street_travel, scenario.place.households) == (99, 2400, 1200)


def test_a_fault_is_told_where_it_stands(folder):
    base = folder("base.yaml", MINIMAL.read_text(encoding="utf-8").replace("seed: 7", "seed: seven"))
    child = folder("child.yaml", "extends: base.yaml\nplace:\n  households: none\n")
    told = {(Path(fault.file), fault.line, fault.col, fault.path) for fault in faults_of(child)}
    assert told == {
        (base, 5, 46, "run.seed"),
        (child, 3, 15, "place.households"),
    }


def test_a_part_may_be_kept_without_a_structure(folder):
    part = folder("part.yaml", "yizhan: 1\nplace: {households: 1200}\n")
    (fault,) = faults_of(part)
    assert (fault.key, fault.params["keys"]) == ("scenario.part", "name, title, calendars, demand, structure")


def test_a_fault_in_a_part_is_told_beside_what_it_lacks(folder):
    part = folder("part.yaml", "yizhan: 1\nplace: {households: many}\n")
    assert [fault.key for fault in faults_of(part)] == ["scenario.part", "scenario.whole_number"]


# -- resolving -------------------------------------------------------------------------------------------------------


def test_the_resolved_scenario_is_in_seconds_with_defaults():
    resolved = load(MINIMAL).resolved()
    assert resolved["place"]["street_travel"] == 1500
    assert resolved["calendars"]["office"]["week"]["mon"] == [[9 * HOUR_S, 12 * HOUR_S], [14 * HOUR_S, 18 * HOUR_S]]
    assert resolved["demand"]["matters"]["card"]["patience"] == {
        "mean": {"amount": 3600.0, "unit": "s"},
        "cv": 0.0,
        "distribution": "fixed",
    }
    assert resolved["demand"]["matters"]["report"]["limit"] == {"amount": 5.0, "unit": "working day"}
    assert resolved["structure"]["procedures"]["cards"]["for"] == ["category:welfare"]
    admission = {"leakage": 1.0, "bearer": "department", "community": None, "follow": None}
    assert resolved["structure"]["rules"]["admission"] == admission


def test_the_resolved_scenario_is_plain_yaml_and_json():
    loaded = load(MINIMAL)
    assert YAML(typ="safe", pure=True).load(loaded.resolved_yaml()) == loaded.resolved()
    assert json.loads(json.dumps(loaded.resolved())) == loaded.resolved()


def test_a_scenario_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        load(MINIMAL).scenario.place.households = 3


def test_one_community_has_all_households_where_none_is_named():
    def one_community(tree):
        structure = tree["structure"]
        del structure["communities"], structure["ledger"]
        structure["teams"]["station"]["size"] = 4

    assert load(MINIMAL).scenario.structure.communities.keys() == {"east", "west"}
    communities = minimal_with(one_community).scenario.structure.communities
    assert {name: community.households for name, community in communities.items()} == {"all": 1200}


def reordered(*path):
    def change(tree):
        for step in path[:-1]:
            tree = tree[step]
        tree[path[-1]] = dict(reversed(tree[path[-1]].items()))

    return change


def renamed(tree):
    tree["name"], tree["title"]["en"] = "another-name", "Another title"
    tree["demand"]["matters"]["card"]["name"]["zh"] = "另一种卡"
    tree["place"]["source"] = {"choice": "another reason"}
    tree["demand"]["matters"]["card"]["patience"] = "60 min"


@pytest.mark.parametrize(
    "change",
    [
        renamed,
        *[reordered("structure", "units"), reordered("demand", "matters"), reordered("structure", "procedures")],
        *[reordered("place"), reordered("structure", "teams", "street")],
    ],
)
def test_the_digest_is_the_same_for_the_same_meaning(change):
    assert minimal_with(change).digest == load(MINIMAL).digest


@pytest.mark.parametrize(
    "change",
    [
        lambda tree: tree["place"].update(households=1200, street_travel="26 min"),
        lambda tree: tree["run"].update(seed=8),
        lambda tree: tree["structure"]["teams"]["station"]["serves"].reverse(),
        *[reordered("structure", "teams"), reordered("structure", "communities")],
        reordered("structure", "ledger", "posts"),
        lambda tree: tree["calendars"].update({"night": {"week": "always"}}),
    ],
)
def test_the_digest_differs_for_another_meaning(change):
    assert minimal_with(change).digest != load(MINIMAL).digest


# -- overrides -------------------------------------------------------------------------------------------------------


def test_values_are_set_by_path():
    loaded = load(
        MINIMAL,
        overrides={
            "demand.scale": 2,
            "demand.matters.card.work.cv": 0.5,
            "demand.matters.card.patience.mean": "2 h",
            "demand.matters.card.papers": None,
            "gates.mail-bag.at.0": "9:00",
            "structure.procedures.cards.steps.1.delay.gate": None,
        },
    )
    card = loaded.scenario.demand.matters["card"]
    assert loaded.scenario.demand.scale == 2
    assert (card.work.mean, card.work.cv, card.patience.mean, card.papers) == (Span(720), 0.5, Span(7200), None)
    assert loaded.scenario.gates["mail-bag"].at == [9 * HOUR_S]
    assert loaded.scenario.structure.procedures["cards"].steps[1].delay.gate is None
    assert loaded.sources["demand.scale"].kind == "choice"
    assert loaded.digest != load(MINIMAL).digest


def test_a_path_that_is_not_there_is_told_with_the_nearest():
    (fault,) = faults_of(MINIMAL, overrides={"demand.scal": 2})
    assert fault.text() == (
        "there is no `demand.scal` to set in this scenario; nearest: demand.scale, demand.task_scale, demand"
    )


def test_a_value_that_cannot_be_is_told_with_its_path():
    (fault,) = faults_of(MINIMAL, overrides={"demand.scale": 5})
    assert fault.text() == "demand.scale: 5 is too large; it must be 2 or less"


# -- warnings --------------------------------------------------------------------------------------------------------


def test_the_minimal_scenario_has_nothing_doubtful():
    assert load(MINIMAL).warnings == ()


@pytest.mark.parametrize(("committees", "warned"), [(1, True), (2, False), (5, False), (7, False), (8, True)])
def test_committees_outside_the_law_are_a_warning_naming_it(committees, warned):
    """700 households over 1, 2, 5, 7 or 8 committees: 700 and 100 are still lawful, 701 is not."""
    overrides = {
        "structure.communities.east.committees": committees,
        "structure.communities.east.households": 701 if committees == 1 else 700,
        "structure.communities.west.households": 499 if committees == 1 else 500,
    }
    warnings = load(MINIMAL, overrides=overrides).warnings
    assert [warning.key for warning in warnings] == ["scenario.committee_size"] * warned
    for warning in warnings:
        assert "《中华人民共和国城市居民委员会组织法》第六条" in warning.text("zh")
        assert "Organic Law of Urban Residents' Committees, Article 6" in warning.text("en")
        assert ("east 701" if committees == 1 else "east 88") in warning.text()


ONE_TEAM = """
yizhan: 1
name: one-team
title: {zh: 一队, en: One team}
calendars: {always: {week: always}}
demand:
  matters:
    a: {name: {zh: 甲, en: A}, rate: 10 / h, work: 12 min}
structure:
  units: {counter: {}}
  teams: {staff: {size: 3, calendar: always, serves: [counter]}}
  procedures:
    a: {for: [a], steps: [{unit: counter, present: true, share: 1.0, checks: 1}]}
"""


def loads(content, **changes):
    rows = offered_load(load_text(content, overrides=changes).scenario)
    return {row.team + row.place: round(row.load, 6) for row in rows}


def test_the_offered_load_of_a_textbook_queue():
    """10 an hour times 0.2 h over 3 servers."""
    assert loads(ONE_TEAM) == {"staff": round(10 * 0.2 / 3, 6)}
    assert loads(ONE_TEAM, **{"demand.scale": 0.5}) == {"staff": round(10 * 0.2 / 3 / 2, 6)}


def test_papers_sent_back_are_work_done_again():
    """Half fail, of those half fail again, then no more: 1 + 1/2 + 1/4 hand-ins."""
    papers = {"incomplete": 0.5, "incomplete_again": 0.5, "most_returns": 2}
    assert loads(ONE_TEAM, **{"demand.matters.a.papers": papers}) == {"staff": round(10 * 0.2 / 3 * 1.75, 6)}


def test_what_is_asked_for_once_is_work_again_only_for_who_was_sent_back_before_it():
    """Half fail at a first desk, half of those again: 1.75 hand-ins of 6 min; at the last one all of them pass on.

    The 12 minutes asked for once are taken once: after the failing step by who gets so far, before it by all at first.
    """
    papers = {"incomplete": 0.5, "incomplete_again": 0.5, "most_returns": 2}
    examined = {"unit": "counter", "present": True, "share": 0.5, "checks": 1}
    once = {"unit": "counter", "work": "12 min", "once": True}
    for steps in ([examined, once], [once, examined]):
        changes = {"demand.matters.a.papers": papers, "structure.procedures.a.steps": steps}
        assert loads(ONE_TEAM, **changes) == {"staff": round(10 * (1.75 * 0.1 + 0.2) / 3, 6)}


def test_duties_and_wrong_doors_are_work():
    """A meeting of all three, 42 h a week: a quarter of the 168 h; 30% first ask at the counter for 4 min."""
    duty = {"meeting": {"team": "staff", "rhythm": {"at": "9:00", "days": ["mon"]}, "length": "42 h"}}
    assert loads(ONE_TEAM, **{"structure.duties": duty}) == {"staff": round(2 / 3 + 0.25, 6)}
    desk = {"desk": {}, "counter": {}}
    steps = [
        {
            "unit": "desk",
            "present": True,
            "share": 1.0,
            "wrong_door": {"chance": 0.3, "among": ["desk", "counter"], "work": "4 min", "walk": "1 min"},
        }
    ]
    changes = {
        "structure.units": desk,
        "structure.procedures.a.steps": steps,
        "structure.teams.staff.serves": ["desk", "counter"],
    }
    assert loads(ONE_TEAM, **changes) == {"staff": round((2 + 10 * 0.3 * 4 / 60) / 3, 6)}


SHARED = """
yizhan: 1
name: shared
title: {zh: 共用, en: Shared}
calendars: {always: {week: always}}
demand:
  matters:
    b: {name: {zh: 乙, en: B}, rate: 9 / h, work: 1 h}
    a: {name: {zh: 甲, en: A}, rate: 9 / h, work: 1 h}
structure:
  units: {a: {}, b: {}}
  teams:
    only-a: {size: 10, calendar: always, serves: [a]}
    both: {size: 10, calendar: always, serves: [a, b]}
    only-b: {size: 10, calendar: always, serves: [b]}
  procedures:
    a: {for: [a], steps: [{unit: a, present: true, share: 1.0}]}
    b: {for: [b], steps: [{unit: b, present: true, share: 1.0}]}
"""


def test_teams_that_share_a_unit_are_levelled():
    """Nine hours of work an hour at each of two units, ten members in each of three teams: six for each team."""
    assert loads(SHARED) == {"only-a": 0.6, "both": 0.6, "only-b": 0.6}


def test_levelling_takes_work_only_to_those_who_may_do_it():
    """15 at `a`, 2 at `b`: the team of both leaves `b` alone."""
    changes = {"demand.matters.a.rate": "15 / h", "demand.matters.b.rate": "2 / h"}
    assert loads(SHARED, **changes) == {"only-a": 0.75, "both": 0.75, "only-b": 0.2}


def test_work_is_parted_among_places_and_tasks_by_community():
    """Cards: 0.2 a household and year, 40% fail at the first hand-in and never again.

    Window, first hand-in and those that come back: half of 12 min. 90% of the failing show at the second tier at the
    latest, so 36% are sent back by the window and 4% by the street desk. Report: once a month 4 h by household at the
    community desks and half of 2 h at the street. All in hours a week of 7 x 24 h / (365 x 24 h) of the year.
    """
    rows = {row.team + row.place: row for row in offered_load(load(MINIMAL).scenario)}
    week = 7 / 365
    cards = 0.2 * week
    assert rows["stationeast"].residents_h_per_week == pytest.approx(700 * cards * 1.4 * 0.1)
    assert rows["stationwest"].residents_h_per_week == pytest.approx(500 * cards * 1.4 * 0.1)
    assert rows["street"].residents_h_per_week == pytest.approx(1200 * cards * (0.64 + 0.4) * 0.1)
    assert rows["stationeast"].tasks_h_per_week == pytest.approx(12 * week * 4 * 700 / 1200)
    assert rows["street"].tasks_h_per_week == pytest.approx(12 * week * 1.0)
    assert rows["street"].duties_h_per_week == pytest.approx(2)
    opens = 7 * (52 + 52) * week  # 2018 has 53 Mondays, one of them a holiday, and 52 Tuesdays
    assert rows["street"].capacity_h_per_week == pytest.approx(2 * opens)
    assert rows["stationeast"].capacity_h_per_week == pytest.approx(4 * opens)


def test_load_above_capacity_for_ever_is_a_warning_with_the_figures():
    (warning,) = load_text(ONE_TEAM, overrides={"demand.matters.a.rate": "16 / h"}).warnings
    assert warning.key == "scenario.overload"
    assert warning.path == "structure.teams.staff"
    assert "537.6 / 504.0 = 1.07" in warning.text()
    assert load_text(ONE_TEAM, overrides={"demand.matters.a.rate": "15 / h"}).warnings == ()


def test_work_for_a_team_without_members_is_told():
    (warning,) = load_text(ONE_TEAM, overrides={"structure.teams.staff.size": 0}).warnings
    assert "336.0 / 0.0 = ∞" in warning.text()


# -- the schema for editors ------------------------------------------------------------------------------------------

SCHEMA = scenario_schema()


def complaints(tree):
    return list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(tree))


def test_the_schema_file_is_current():
    """Written anew by ``python -m sim.scenario.json_schema``."""
    assert (HERE.parent / PLACE).read_text(encoding="utf-8") == text()


def test_the_schema_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", [MINIMAL, *SHIPPED], ids=lambda path: path.stem)
def test_the_schema_admits_good_files(path):
    if "experiment" not in tree_of(path):
        assert complaints(tree_of(path)) == []


@pytest.mark.parametrize(
    "name",
    [
        *[
            "unknown_key",
            "unknown_key_top",
            "duration_without_unit",
            "duration_in_chinese",
            "rate_per_unknown",
            "clock",
        ],
        *["share_above_one", "number_true", "truth_no", "literal", "weekday_key", "source_none", "source_two"],
        *["source_not_mapping", "source_unknown_key", "text_number", "team_size_negative", "version", "one_language"],
        *["work_number", "shows_at_two", "team_serves_text", "extends_list"],
        *["resize_zero", "resize_text", "move_from_word", "move_unknown_key"],
    ],
)
def test_the_schema_refuses(name):
    assert complaints(tree_of(HERE / "invalid" / f"{name}.yaml"))


# -- what is shipped -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_scenarios_are_good(path):
    if is_scenario(path):
        load(path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_shipped_scenarios_name_the_schema(path):
    if not is_scenario(path):
        return
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../scenario.schema.json"
