"""Qingdao's mechanisms are at work: one hall, points that pass on, the squadron, orders, the grid, admission, posts.

Runs are of ten weeks from an empty street in January, on the one street of the five systems; several tests share them.
"""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from runs import SCENARIOS, Ran, ran, scenario

from sim import engines
from sim.demand import draw_demand
from sim.evidence import facts
from sim.experiment.mechanisms import variants
from sim.facesheet import plain_rows
from sim.itineraries import plan
from sim.scenario import load
from sim.scenario.load import tree
from sim.scenario.reading import read_file
from sim.scenario.schema import Scenario
from sim.tables import FOUND_BY, NONE, Kind, Outcome, Ready
from sim.units import WEEK_S

WEEKS = 10
BEFORE, AFTER, EQUAL = "five-systems/jinfeng-before", "five-systems/qingdao", "five-systems/qingdao-equal"
COUNTS = ("households", "size", "n")
MECHANISMS = SCENARIOS / "experiments" / "mechanisms-qingdao.yaml"
FILES = sorted(path for path in SCENARIOS.glob("*/*.yaml") if "qingdao" in f"{path.parent.name}/{path.stem}")
WHOLE = [path for path in FILES if path.stem != "street" and path.parent.name != "experiments"]


def made(file: str) -> Ran:
    return ran(file, weeks=WEEKS)


def legs_of(street: Ran, matters: str | None = None) -> pd.DataFrame:
    """The legs that were reached, with the matter, the unit's base and level, and how the case was found."""
    names = list(street.scenario.demand.matters)
    cases = street.plan.cases.set_index("case")
    legs = street.legs[street.legs["kind"] != Kind.DUTY]
    units = street.plan.units.iloc[legs["unit"]]
    table = legs.assign(
        matter=cases.loc[legs["case"], "matter"].map(lambda number: names[number] if number != NONE else "").to_numpy(),
        found_by=cases.loc[legs["case"], "found_by"].map(lambda way: FOUND_BY[way] if way != NONE else "").to_numpy(),
        base=units["base"].to_numpy(),
        level=units["level"].to_numpy(),
    )
    return table if matters is None else table[table["matter"] == matters]


# ---- the hall and the points


def test_every_trip_to_the_street_is_to_the_one_hall():
    street_doors = {file: set(visited(made(file), "street")) for file in (BEFORE, AFTER)}
    assert street_doors[AFTER] == {"hall"}
    assert len(street_doors[BEFORE]) == 14


def visited(street: Ran, level: str) -> pd.Series:
    """The units behind a level's doors at which somebody stood."""
    legs = legs_of(street)
    return legs.loc[(legs["visit"] > 0) & (legs["level"] == level), "base"]


def test_no_resident_goes_to_a_department_and_its_people_decide_in_the_hall():
    legs = legs_of(made(AFTER), "senior-card")
    assert "department" not in set(legs["base"])
    assert {"counter", "service-desk", "leaders", "seated"} == set(legs["base"])


def test_papers_from_a_point_wait_for_no_mail_bag():
    waits = {file: made(file).plan.engine_input.itineraries["ready_kind"] == Ready.GATE for file in (BEFORE, AFTER)}
    assert waits[BEFORE].any()
    assert not waits[AFTER].any()


def test_leaders_sign_papers_as_before():
    """The source does not say who signs: as many minutes of the leaders, after as long a wait."""
    before, after = (made(file).scenario.structure.procedures for file in (BEFORE, AFTER))
    for old, new in (("three-tiers", "point-and-hall"), ("street-hall", "hall")):
        signs = [[step for step in which.steps if step.unit == "leaders"] for which in (before[old], after[new])]
        assert signs[0] == signs[1] != []


# ---- enforcement


def test_what_is_seen_is_handled_in_the_street():
    """Before, each enforcement problem that was closed had gone up to the district; now none does."""
    before, after = (legs_of(made(file), "enforcement-problem") for file in (BEFORE, AFTER))
    before, after = (legs[legs["found_by"] != "hotline"] for legs in (before, after))
    ends = before.sort_values("ended_s").groupby("case").tail(1)
    assert "district-field" in set(ends["base"])
    assert set(after["base"]) == {"outside", "command", "squadron"}


def test_a_department_is_written_to_less_often_about_what_needs_several():
    before, after = (letters(made(file)) for file in (BEFORE, AFTER))
    assert 0 < after < 0.7 * before


def letters(street: Ran) -> int:
    planned = street.plan.engine_input.itineraries
    units = street.plan.units.set_index("unit")["base"]
    complex_cases = street.plan.cases["matter"].map(
        lambda number: number != NONE and list(street.scenario.demand.matters)[number].endswith("complex-problem")
    )
    cases = street.plan.cases.loc[complex_cases, "case"]
    bases = units.iloc[planned["unit"]].to_numpy()
    return int(((bases == "department") & planned["case"].isin(cases)).sum())


# ---- the command centre


def test_no_problem_of_the_grid_is_handled_before_the_centre_has_assigned_it_and_all_is_fed_back():
    legs = legs_of(made(AFTER), "grid-problem")
    joined = legs[(legs["kind"] != Kind.SUPERVISION) & (legs["joined_s"] != NONE)]
    work = joined.sort_values(["case", "joined_s", "row"])
    first = work.groupby("case").first()
    assert set(first["base"]) == {"command"}
    closed = work.groupby("case").filter(lambda of_case: (of_case["outcome"] == Outcome.DONE).all())
    handled = closed[closed["base"].isin(["outside", "street-outside"])]
    following = closed.groupby("case")["base"].shift(-1)
    after_handling = following[handled.index].dropna()
    assert len(after_handling) > 100
    assert set(after_handling) == {"command"}  # the report, before anything else


def test_an_order_that_has_not_begun_in_time_is_urged_and_no_other():
    """It keeps its time of joining, so that the leg that was begun tells how long it waited."""
    street = made(AFTER)
    within_s = street.scenario.structure.procedures["grid"].steps[0].order.within
    legs = legs_of(street, "grid-problem")
    legs = legs[legs["found_by"] != "hotline"]
    urged = set(legs.loc[legs["kind"] == Kind.SUPERVISION, "case"])
    begun = legs[legs["base"].isin(["outside", "street-outside"]) & (legs["started_s"] != NONE)]
    waited = (begun["started_s"] - begun["joined_s"]).groupby(begun["case"]).max()
    assert len(urged) > 10
    assert urged & set(waited.index) == set(waited.index[waited >= within_s])


# ---- the grid


def test_cameras_and_the_squadrons_rounds_find_too_and_less_is_handed_on():
    before, after = made(BEFORE), made(AFTER)
    found = [FOUND_BY[way] for way in after.plan.cases["found_by"] if way != NONE]
    assert "camera" in found
    assert set(after.scenario.structure.discovery.patrols) == {"communities", "squadron"}
    assert handed_on(after) < handed_on(before)


def handed_on(street: Ran) -> float:
    """Share of the problems of the grid that go beyond the community."""
    legs = legs_of(street, "grid-problem")
    legs = legs[legs["found_by"] != "hotline"]
    return legs.loc[legs["base"] == "street-outside", "case"].nunique() / legs["case"].nunique()


# ---- tasks


def test_what_two_tiers_let_pass_passed_before_too_and_much_else_did():
    before, after = (tasks_in_communities(made(file)) for file in (BEFORE, AFTER))
    assert after < before
    assert len(after) < 0.7 * len(before)  # 0.3 instead of 0.7 of what is not on the list; what is on it passes both


def test_both_tiers_together_let_as_much_down_as_admission_does_in_the_other_systems():
    files = (AFTER, "five-systems/jinfeng-after", "five-systems/mentougou", "five-systems/haidian")
    ours, *others = [scenario(file).structure.rules.admission for file in files]
    assert [one.leakage for one in others] == [0.3] * 3
    assert ours.leakage * ours.community.leakage == pytest.approx(0.3)
    assert ours.follow is None  # the new posts are the people who follow


def test_what_communities_refuse_is_the_bodies_to_do_beside_passing_it_on_and_summing_up():
    street = made(AFTER)
    rows = plain_rows(street.plan)
    number = [*street.scenario.demand.matters].index("weekly-report")
    rows = rows[rows["case"].map(street.plan.cases.set_index("case")["matter"]) == number]
    goes_down = (rows["unit_base"] == "desk").groupby(rows["case"]).any()
    n_at_bodies = (rows["unit_base"] != "desk").groupby(rows["case"]).sum()
    assert set(n_at_bodies[goes_down]) == {2}
    assert set(n_at_bodies[~goes_down]) == {3}
    assert 0 < (~goes_down).sum() < goes_down.sum()


def tasks_in_communities(street: Ran) -> set[tuple[int, int]]:
    """The tasks, by matter and instant, that came down to communities: the same demand under each structure."""
    legs = legs_of(street)
    tasks = legs.loc[(legs["kind"] == Kind.TASK) & (legs["level"] == "community"), "case"].unique()
    cases = street.plan.cases.set_index("case").loc[tasks]
    order = street.plan.cases.groupby(["matter", "opened_s"]).cumcount().set_axis(street.plan.cases["case"])
    return set(zip(cases["matter"], cases["opened_s"], order.loc[tasks], strict=True))


def test_investment_work_is_one_bodys_and_half_of_what_it_was():
    before, after = (legs_of(made(file), "investment") for file in (BEFORE, AFTER))
    assert set(after["base"]) == {"development-desk"}
    assert len(set(before["base"])) == 14
    done_s = [legs.loc[legs["outcome"] == Outcome.DONE, "worked_s"].mean() for legs in (before, after)]
    assert done_s[1] / done_s[0] == pytest.approx(0.5, abs=0.05)


# ---- people and bodies


def heads(street: Scenario) -> int:
    """People in street, area and community teams and in enforcement, without the departments' counter staff."""
    return sum(group.n for name, group in street.structure.ledger.groups.items() if name != "department-staff")


def test_a_quarter_more_posts_or_as_many_people_as_before():
    staff = scenario(BEFORE).structure.ledger.groups["street-staff"].n
    more = round(staff * float(facts()["qd_posts_growth"].value))
    assert scenario(AFTER).structure.ledger.groups["new-posts"].n == more == 11
    assert (heads(scenario(BEFORE)), heads(scenario(EQUAL)), heads(scenario(AFTER))) == (96, 96, 96 + more)


@pytest.mark.parametrize(
    ("file", "fact"), [("after", "qd_shinan"), ("after-ten", "qd_cap_inner"), ("after-twelve", "qd_cap_province")]
)
def test_as_many_bodies_as_the_source_says(file, fact):
    structure = scenario(f"qingdao/{file}").structure
    assert len(set(structure.procedures["tasks"].steps[0].unit)) == int(facts()[fact].value)
    assert heads(scenario(f"qingdao/{file}")) == heads(scenario("qingdao/after"))


def test_the_new_posts_stand_in_the_centres_and_the_squadron_or_else_in_the_communities():
    for file, teams in (
        ("after", {"windows", "back-office", "governance", "squadron"}),
        ("after-posts-in-communities", {"community-staff"}),
    ):
        posts = scenario(f"qingdao/{file}").structure.ledger.posts.values()
        assert {post.team for post in posts if post.group == "new-posts"} == teams


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_whole_numbers_agree_with_the_facts_they_name(path):
    loaded = load(path)
    for place, source in loaded.sources.items():
        if source.kind == "fact" and place.split(".")[-1] in COUNTS:
            bounds = [(facts()[each].low, facts()[each].high) for each in source.ids]
            assert any(float(low) <= loaded.written[place] <= float(high) for low, high in bounds if low), place


# ---- mechanisms and engines


@cache
def without() -> dict[str, Scenario]:
    found = variants(read_file(MECHANISMS, str(MECHANISMS), []), {"five-qingdao": tree(SCENARIOS / f"{AFTER}.yaml")})
    return {mechanism: loaded.scenario for _, mechanism, loaded in found}


def test_a_mechanism_is_switched_off_with_the_same_people_and_the_same_demand():
    whole = without()[""]
    for mechanism, left in without().items():
        assert heads(left) == heads(whole) - 11 * (mechanism == "posts"), mechanism
        assert (left.demand, left.place, left.structure.communities) == (
            whole.demand,
            whole.place,
            whole.structure.communities,
        )


def test_what_takes_a_mechanisms_place_is_what_the_street_had_before():
    before, left = scenario(BEFORE).structure, without()
    assert left["admission"].structure.rules.admission == before.rules.admission
    assert left["squadron"].structure.teams["district-field"] == before.teams["district-field"]
    shares = [step.share for step in before.procedures["enforcement"].steps]
    assert [step.share for step in left["squadron"].structure.procedures["enforcement"].steps] == shares
    assert left["passed-on"].gates == scenario(BEFORE).gates
    assert left["grid"].structure.discovery == before.discovery.model_copy(
        update={"camera": left["grid"].structure.discovery.camera}
    )
    chances = [step.chance for step in left["lists"].structure.procedures["hotline"].steps]
    assert chances[1] == before.procedures["hotline"].steps[1].chance


@pytest.mark.parametrize("file", ["qingdao/before", "qingdao/after", AFTER])
def test_both_engines_have_the_same_legs(file):
    street = scenario(file)
    given = plan(street, draw_demand(street, 3, 0, 2 * WEEK_S)).engine_input
    assert engines.run(given, "compiled").equals(engines.run(given, "simpy"))
