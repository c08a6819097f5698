"""Where numbers come from: the forms of a source, how far each reaches, and that no shipped number lacks one."""

import csv
import json
import re
from pathlib import Path

import pytest

from sim.evidence import facts
from sim.scenario import load, load_text
from sim.scenario.sources import measure

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SHIPPED = [path for path in sorted(SCENARIOS.rglob("*.yaml")) if "experiments" not in path.parts]

STREET = """
yizhan: 1
name: street
title: {zh: 街道, en: Street}
place: {place}
calendars: {always: {week: always}}
demand:
  matters:
    a: {name: {zh: 甲, en: A}, rate: 1 / day, work: {work}}
structure:
  units: {counter: {}}
  teams: {staff: {size: 3, calendar: always, serves: [counter]}}
  procedures:
    a: {for: [a], steps: [{unit: counter, present: true, share: 1.0}]}
"""


def read(place="{households: 100}", work="10 min"):
    return load_text(STREET.replace("{place}", place).replace("{work}", work))


def source_of(place, path="place.households"):
    return read(place).sources[path]


# -- forms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kind", "ids"),
    [
        ("fact: jf_windows", "fact", ("jf_windows",)),
        ("fact: [jf_windows, jf_windows_staffed]", "fact", ("jf_windows", "jf_windows_staffed")),
        ('derived: "four windows a station", from: [jf_windows]', "derived", ("jf_windows",)),
        ('derived: "counted by hand"', "derived", ()),
        ("oracle: MMC1-Wq", "oracle", ("MMC1-Wq",)),
        ('assumption: "a guess", low: 50, high: 200', "assumption", ()),
        ('assumption: "a guess", factor: [0.5, 2]', "assumption", ()),
        ('choice: "a round number"', "choice", ()),
    ],
)
def test_a_value_says_its_source(written, kind, ids):
    loaded = read(f"{{households: {{value: 100, {written}}}}}")
    assert loaded.scenario.place.households == 100
    source = loaded.sources["place.households"]
    assert (source.kind, source.ids) == (kind, ids)
    assert (source.mark.file, source.mark.line) == ("<text>", 5)


def test_a_reason_may_be_in_both_languages():
    assert source_of("{households: {value: 100, choice: {zh: 整数, en: round}}}").why == {"zh": "整数", "en": "round"}


def test_an_assumption_keeps_its_range_as_written():
    source = read("{street_travel: {value: 25 min, assumption: a walk, low: 0.25 h, high: 40 min}}").sources
    assert (source["place.street_travel"].low, source["place.street_travel"].high) == ("0.25 h", "40 min")
    assert source_of("{source: {assumption: invented, factor: [0.5, 2]}, households: 100}").factor == (0.5, 2.0)


def test_values_are_wrapped_wherever_they_stand():
    work = "{mean: {value: 10 min, choice: a}, cv: {value: 1.0, choice: b}, distribution: {value: gamma, choice: c}}"
    loaded = read(work=work)
    assert loaded.scenario.demand.matters["a"].work.distribution == "gamma"
    assert {path: source.why for path, source in loaded.sources.items()} == {
        "demand.matters.a.work.mean": "a",
        "demand.matters.a.work.cv": "b",
    }


def test_a_list_has_one_source():
    papers = "{mean: 10 min}, papers: {incomplete: 0.4, shows_at: {value: [0.7, 0.2, 0.1], choice: seen}}"
    loaded = read(work=papers)
    assert loaded.scenario.demand.matters["a"].papers.shows_at == (0.7, 0.2, 0.1)
    assert {path for path in loaded.sources if "shows_at" in path} == {
        f"demand.matters.a.papers.shows_at.{k}" for k in range(3)
    }


# -- reach -----------------------------------------------------------------------------------------------------------


def test_the_nearest_source_holds():
    place = "{source: {choice: all}, households: 100, elderly_share: {value: 0.2, choice: mine}}"
    sources = read(place).sources
    assert {path: source.why for path, source in sources.items()} == {
        "place.households": "all",
        "place.elderly_share": "mine",
    }


def test_a_source_holds_in_its_own_file_only(tmp_path):
    """Who extends a file and changes a number must say where the new number comes from."""
    base = STREET.replace("{place}", "{source: {choice: base}, households: 100, elderly_share: 0.2}")
    (tmp_path / "base.yaml").write_text(base.replace("{work}", "10 min"), encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text("extends: base.yaml\nplace: {elderly_share: 0.3}\n", encoding="utf-8")
    loaded = load(child)
    assert loaded.scenario.place.elderly_share == 0.3
    assert loaded.sources["place.households"].why == "base"
    assert "place.elderly_share" in loaded.unsourced
    child.write_text("extends: base.yaml\nplace: {source: {choice: child}, elderly_share: 0.3}\n", encoding="utf-8")
    assert {path: source.why for path, source in load(child).sources.items()} == {
        "place.households": "base",
        "place.elderly_share": "child",
    }


def test_a_changed_value_does_not_mix_with_the_old_source(tmp_path):
    base = STREET.replace("{place}", "{households: {value: 100, fact: jf_windows}}").replace("{work}", "10 min")
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    child = tmp_path / "child.yaml"
    child.write_text("extends: base.yaml\nplace: {households: {value: 90, choice: less}}\n", encoding="utf-8")
    loaded = load(child)
    assert loaded.scenario.place.households == 90
    assert (loaded.sources["place.households"].kind, loaded.sources["place.households"].ids) == ("choice", ())


def test_numbers_without_a_source_are_listed_and_are_no_fault():
    loaded = read()
    assert loaded.unsourced == (
        "place.households",
        "demand.matters.a.rate",
        "demand.matters.a.work",
        "structure.teams.staff.size",
        "structure.procedures.a.steps.0.share",
    )
    assert loaded.written["demand.matters.a.rate"] == "1 / day"


def test_sources_change_neither_values_nor_digest():
    assert read("{source: {choice: x}, households: {value: 100, fact: jf_windows}}").digest == read().digest


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *[(3, ""), (0.5, ""), ("25 min", "s"), ("2 working days", "working day"), ("9:00", "clock")],
        *[("3 / day", "street"), ("0.4 / person / year", "person")],
        *[(True, None), (None, None), ("counter", None), ("01-01", None), ("9-12", None), ("mon", None)],
    ],
)
def test_what_counts_as_a_number(value, kind):
    found = measure(value)
    assert (found[0] if found else None) == kind


# -- evidence --------------------------------------------------------------------------------------------------------


def test_facts_have_what_explain_prints():
    for fact in facts().values():
        assert fact.table in ("source", "public")
        assert all((fact.id, fact.quantity, fact.value, fact.unit, fact.statement, fact.origin))
        assert (fact.confidence == "") == (fact.table == "source")
        assert "http" not in json.dumps(vars(fact))


def test_a_quoted_fact():
    fact = facts()["jf_street_staff_before"]
    assert (fact.value, fact.unit, fact.statement) == ("50", "persons", "财政供养人员50名")
    assert fact.origin.startswith("宁夏银川金凤区")


# -- what is shipped -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_number_has_its_source(path):
    if "\nname:" in path.read_text(encoding="utf-8"):
        assert load(path).unsourced == ()


@pytest.mark.parametrize("path", sorted(SCENARIOS.rglob("*.yaml")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_source_says_why_in_both_languages(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\b(?:assumption|choice|derived): *[^{\s].*", text) == []
    both = re.findall(r'\b(?:assumption|choice|derived): {zh: "([^"]*)", en: "([^"]*)"}', text)
    assert len(both) == len(re.findall(r"\b(?:assumption|choice|derived):", text))
    assert [zh for zh, en in both if not re.search("[\u4e00-\u9fff]", zh) or re.search("[\u4e00-\u9fff]", en)] == []


def test_scenarios_are_shipped():
    assert SHIPPED


# -- which facts may stand where ---------------------------------------------------------------------------------------

READ = {
    "jinfeng": {
        *("jf_communities_before", "jf_communities_after", "jf_community_staff_before", "jf_leaders_before"),
        *("jf_leaders_after", "jf_size_before_typical", "jf_variants"),
        *("office_hours", "working_days", "limit_residence_permit"),  # of the whole country
    },
    "five-systems": {"jf_size_before_typical"},  # the one street is Jinfeng's
    "experiments": {"jf_leaders_after", "jf_variants"},  # Jinfeng's parts
    "country": {"office_hours"},
    "halls": {"wait_xinglongtai_pooling"},
}
"""Facts by folder whose document was read and says just that; others are named in an assumption's words."""


def facts_in(text):
    """The ids that stand as `fact:` in a file's text, one or a list."""
    return {name for ids in re.findall(r"\bfact: *(\[[^\]]*\]|\w+)", text) for name in re.findall(r"\w+", ids)}


@pytest.mark.parametrize("folder", sorted({path.parent.name for path in SCENARIOS.rglob("*.yaml")}))
def test_a_fact_stands_only_where_its_document_speaks_of_the_place(folder):
    files = [path for path in SCENARIOS.rglob("*.yaml") if path.parent.name == folder]
    assert set().union(*(facts_in(path.read_text(encoding="utf-8")) for path in files)) == READ.get(folder, set())


def test_no_modelling_assumption_stands_as_a_fact():
    used = set().union(*READ.values())
    assert {name for name in used if facts()[name].confidence == "assumption"} == set()
    assert facts_in("{value: 1, fact: jf_windows}, {value: 2, fact: [jf_items_2015, share_60_plus]}") == {
        *("jf_windows", "jf_items_2015", "share_60_plus"),
    }


# -- numbers beside the facts they name --------------------------------------------------------------------------------

EVIDENCE = Path(__file__).parents[2] / "shared" / "evidence"
"""The tables that the package's facts were copied from, where they are at hand."""
TIMES = {"min": "minutes", "h": "hours", "days": "days", "working days": "days", "s": "seconds"}
WRITTEN = re.compile(r"(-?[\d.]+) ?(.*)")


def figures(fact):
    """What a fact gives as numbers: value, low, high."""
    found = []
    for text in (fact.value, fact.low, fact.high):
        try:
            found.append(float(text))
        except ValueError:
            continue
    return found


def agrees(written, fact):
    """Whether a number is the fact's, or in its range; of a share also the rest of it; or stands in what was read."""
    number, unit = WRITTEN.match(written).groups()
    value, known = float(number), figures(fact)
    is_share = bool(known) and max(known) <= 1
    inside = bool(known) and any(
        min(known) <= each <= max(known) for each in ((value, 1 - value) if is_share else (value,))
    )
    same_time = (
        not (TIMES.get(unit) and fact.unit.split("/")[0] in TIMES.values()) or TIMES[unit] == fact.unit.split("/")[0]
    )
    return (inside and same_time) or number in re.findall(r"\d+(?:\.\d+)?", fact.statement.replace(",", ""))


def disagreeing(loaded):
    """The numbers of a scenario that are not those of any fact they name; office hours by the day, see below."""
    for path, source in loaded.sources.items():
        if source.kind == "fact" and not path.startswith("calendars."):
            written = str(loaded.written[path])
            if not any(agrees(written, facts()[name]) for name in source.ids):
                yield path, written, source.ids


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_shipped_number_with_a_fact_is_that_facts(path):
    if "\nname:" in path.read_text(encoding="utf-8"):
        assert list(disagreeing(load(path))) == []


def test_a_number_that_is_not_its_facts_is_seen():
    for said, ids in (("households: {value: 51, fact: jf_street_staff_before}", "jf_street_staff_before"),):
        assert list(disagreeing(read(place=f"{{{said}}}"))) == [("place.households", "51", (ids,))]
    assert list(disagreeing(read(place="{households: {value: 50, fact: jf_street_staff_before}}"))) == []
    assert list(disagreeing(read(work="{value: 12 h, fact: service_time_counter}"))) != []
    assert list(disagreeing(read(work="{value: 12 min, fact: service_time_counter}"))) == []


def test_the_offices_are_open_as_long_as_their_fact_says():
    least, most = min(figures(facts()["office_hours"])), max(figures(facts()["office_hours"]))
    for file in ("jinfeng/before", "country/street"):
        for periods in load(SCENARIOS / f"{file}.yaml").scenario.calendars["office"].week.values():
            assert least <= sum(end - begin for begin, end in periods) / 3600 <= most


@pytest.mark.skipif(not EVIDENCE.is_dir(), reason="the tables of evidence are not at hand; the package's copy stands")
@pytest.mark.parametrize(("table", "statement"), [("source-facts", "zh_quote"), ("public-facts", "statement")])
def test_the_packages_facts_are_those_of_the_evidence(table, statement):
    with (EVIDENCE / f"{table}.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert rows
    for row in rows:
        fact = facts()[row["id"]]
        mine = (fact.quantity, fact.value, fact.low, fact.high, fact.unit, fact.statement)
        assert mine == tuple(row[name] for name in ("quantity", "value", "low", "high", "unit", statement))
