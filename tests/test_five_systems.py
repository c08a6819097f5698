"""Five systems on one street: what no source gives is the same in all, or is named in the experiment's file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from runs import scenario

from sim.scenario.schema import Step, Structure

SYSTEMS = ("jinfeng-before", "jinfeng-after", "mentougou", "qingdao", "haidian", "shanghai")
TEAM_IN_THE_STREET = ("mentougou", "qingdao", "haidian", "shanghai")
AT_THE_WINDOWS = {("jinfeng-after", "windows")}
"""Who never leaves: "a person of its own sits at each" (jf_windows_staffed)."""
CARRIED_OUT_BY = {"joint-field", "squadron", "joint-team"}


@cache
def structure(name: str) -> Structure:
    return scenario(f"five-systems/{name}").structure


def steps(given: Structure, kind: str) -> Iterator[tuple[str, Step]]:
    """Steps at units of a kind, with their procedure's name."""
    for name, procedure in given.procedures.items():
        for step in procedure.steps:
            units = step.unit if isinstance(step.unit, list) else [step.unit]
            units = list(step.unit.values()) if isinstance(step.unit, dict) else units
            if all(given.units[unit].kind == kind for unit in units):
                yield name, step


def several(name: str, matter: str) -> list[Step]:
    """The way of a matter of several departments."""
    named = {tag: procedure for procedure in structure(name).procedures.values() for tag in procedure.matters}
    return named.get(matter, named.get("category:several-departments")).steps


# ---- people's time


HALLS = {"affairs", "windows", "back-office", "sub-centre", "affairs-platform"}
"""Teams of several sections' people behind common doors."""


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_team_of_the_street_meets_on_monday_and_as_many_stay_at_a_hall_as_of_all_sections_before(name):
    """All but one go; of a hall one in three stays, as 14 of 44 did. Who is a department's is not called."""
    given = structure(name)
    own = {post.team for post in given.ledger.posts.values() if given.ledger.groups[post.group].status == "payroll"}
    called = {team: given.teams[team].size for team in own - {"leaders"} if given.teams[team].level == "street"}
    monday = [duty for duty in given.duties.values() if duty.rhythm.days == ["mon"] and duty.rhythm.at == [9 * 3600]]
    assert {duty.team: duty.people for duty in monday} == {
        team: round(2 * size / 3) if team in HALLS else "all_but_one" for team, size in called.items()
    }
    assert {duty.length for duty in monday} == {2 * 3600}


@pytest.mark.parametrize("name", SYSTEMS)
def test_as_many_of_a_community_meet_and_only_who_sits_at_a_window_does_not(name):
    given = structure(name)
    teams = {team: about.size for team, about in given.teams.items() if about.each == "community"}
    meets = [duty for duty in given.duties.values() if duty.rhythm.days == ["mon"] and duty.rhythm.at == [14 * 3600]]
    assert {(name, team) for team in set(teams) - {duty.team for duty in meets}} == (
        AT_THE_WINDOWS if name == "jinfeng-after" else set()
    )
    going = sum(teams[duty.team] - (duty.people == "all_but_one") for duty in meets)
    assert going == sum(teams[duty.team] for duty in meets) - 1


# ---- work, classes, orders


@pytest.mark.parametrize("name", SYSTEMS)
def test_nobody_is_slower_at_a_desk_and_every_generalist_at_a_window_is(name):
    given = structure(name)
    assert {step.hard_factor for _, step in steps(given, "desk")} == {1.0}
    pooled = {step.hard_factor for _, step in steps(given, "counter") if step.hard_returns}
    assert pooled == (set() if name in ("jinfeng-before", "haidian") else {1.3})


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_order_of_the_hotline_is_as_soon_in_the_community_and_overdue_in_the_same_class(name):
    given = structure(name)
    first = next(step for step in given.procedures["hotline"].steps if step.unit == "outside")
    base = next(step for step in structure(SYSTEMS[0]).procedures["hotline"].steps if step.unit == "outside")
    assert (first.delay, first.priority, first.overdue) == (base.delay, base.priority, base.overdue)
    overdue = {
        step.overdue.priority for procedure in given.procedures.values() for step in procedure.steps if step.overdue
    }
    assert overdue == {2}


@pytest.mark.parametrize("name", TEAM_IN_THE_STREET)
@pytest.mark.parametrize(("matter", "class_", "urged"), [("complex-problem", 4, 2), ("urgent-complex-problem", 2, 1)])
def test_matters_of_several_departments_have_one_class_and_one_order(name, matter, class_, urged):
    """Qingdao's source tells no way of urgent ones: they go as the others."""
    if name == "qingdao":
        class_, urged = 4, 2
    way = several(name, matter)
    referral = next(step for step in way if step.luck == "referral")
    done = next(step for step in way if step.unit in CARRIED_OUT_BY)
    assert (referral.priority, referral.order, done.priority, done.order.urged.priority) == (
        class_,
        None,
        class_,
        urged,
    )
    assert done.order.within == 2 * 24 * 3600


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize("matter", ["complex-problem", "urgent-complex-problem"])
def test_as_much_is_done_about_what_needs_several_departments(name, matter):
    """On average: a letter that is not written is the team's own work."""
    assert sum(step.share * step.chance for step in several(name, matter) if step.unit != "city-bodies") == (
        pytest.approx(1.0)
    )


def test_a_department_outside_the_streets_team_is_written_to_alike():
    qingdao, shanghai = (
        [step for step in several(name, "complex-problem") if step.unit == "department"]
        for name in ("qingdao", "shanghai")
    )
    assert qingdao == shanghai
    assert [step.luck for step in qingdao] == ["first-department", "second-department", "third-department"]
