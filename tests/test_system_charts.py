"""Structures, systems, flows and ablations: what is drawn is what the tables say, to scale."""

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from charts_fixture import COHORT_WEEKS, REPLICATIONS, SECTIONS, texts, write_result
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from sim.charts import CHARTS, bands, boxes, draw, flows, save
from sim.charts.bands import Column
from sim.charts.boxes import Team, arrange
from sim.charts.flows import traced
from sim.charts.letters import SMALL
from sim.charts.paper import BETWEEN_IN
from sim.charts.result import Head, Result, read_result
from sim.charts.structures import (
    MOST_PER_PERSON,
    Structure,
    _columns,
    _fitting,
    _tops,
    structures,
    teams_by_tier,
)
from sim.charts.style import MARGIN_IN, WIDTH_IN
from sim.charts.systems import DRAWN, dots
from sim.charts.tornado import ABLATIONS, FILLS, rows_of, tornado
from sim.charts.ways import moves
from sim.errors import UsageError
from sim.language import LANGUAGES
from sim.measures import MEASURES
from sim.tables import Kind

pytestmark = pytest.mark.filterwarnings("error")
A_YEAR = 365 / 7 / COHORT_WEEKS / REPLICATIONS
WEEK = 7 * 86_400


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Invented results of one and of two scenarios."""
    return {n: write_result(tmp_path_factory.mktemp(f"systems{n}"), n) for n in (1, 2)}


def cohort(folder, scenario="invented-before"):
    """Residents' cases of the cohort of one scenario."""
    cases = pd.read_parquet(folder / "journeys.parquet").query("scenario == @scenario and kind == 'resident'")
    return cases[(cases["opened_s"] >= 4 * WEEK) & (cases["opened_s"] < 12 * WEEK)]


def within_page_and_apart(figure):
    """No text is cut off, overprinted, or smaller than the smallest of the house."""
    drawn = texts(figure)
    assert min(text.get_size() for text in drawn) >= SMALL
    inner = [(text.get_text(), text.get_window_extent()) for text in drawn]
    page = figure.bbox
    assert [words for words, box in inner if box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1] == []
    padded = [(words, box.padded(-3)) for words, box in inner]
    assert [(one, other) for (one, a), (other, b) in combinations(padded, 2) if a.overlaps(b)] == []


# -- structures -----------------------------------------------------------------------------------------------------


def legs(*rows, kind=Kind.RESIDENT):
    return pd.DataFrame([(case, kind, tier) for case, *way in rows for tier in way], columns=["case", "kind", "tier"])


def test_moves_by_hand():
    residents = legs((1, "community", "street", "community", "street"), (2, "street"), (3, "community", "department"))
    tasks = legs((4, "street", "community", "street", "community", "street"), kind=Kind.TASK)
    assert moves(pd.concat([residents, tasks], ignore_index=True)).to_dict() == {
        (Kind.RESIDENT, "community", "street"): 2,
        (Kind.RESIDENT, "street", "community"): 1,
        (Kind.RESIDENT, "community", "department"): 1,
        (Kind.TASK, "street", "community"): 1,
        (Kind.TASK, "community", "street"): 1,
    }


def test_a_move_past_a_level_is_drawn_if_it_is_not_rare():
    teams = {tier: [Team(tier, (1,))] for tier in ("department", "street", "community")}
    passed = {
        (0, "community", "street"): 990.0,
        (0, "community", "department"): 11.0,
        (0, "department", "community"): 9.0,
    }
    assert Structure(teams, passed).passing("department", "community") == {(0, False): 11.0}
    assert Structure(teams, passed).passing("street", "community") == {(0, False): 990.0}


def test_groups_of_a_split_team_are_one_team_in_each_place():
    rows = [("windows", place, 1) for place in ("c1", "c2") for _ in range(4)]
    rows += [("committee", "c1-1", 5), ("closed", "", 0), ("leaders", "", 3)]
    table = pd.DataFrame(rows, columns=["base", "place", "size"]).assign(name_en=[base for base, _, _ in rows])
    table["level"] = table["base"].map({"leaders": "street", "closed": "street"}).fillna("community")
    declared = {"windows": {"each": "community"}, "committee": {"each": "committee"}}
    assert teams_by_tier(table, declared, "en") == {
        "community": [Team("windows", (4, 4))],
        "committee": [Team("committee", (5,))],
        "street": [Team("leaders", (3,))],
    }


def test_areas_of_boxes_are_people_and_a_box_holds_its_places():
    teams = [Team("a", (6,)), Team("b", (3, 3, 2)), Team("c", (4,))]
    strip = arrange(teams, 2.0, 0.08, lambda team: team.name)
    assert strip.width * strip.height == pytest.approx(0.08 * 18)
    for box in strip.boxes:
        assert box.width * box.height == pytest.approx(0.08 * box.team.people)
        assert [cell[2] * cell[3] for cell in box.cells] == pytest.approx([0.08 * size for size in box.team.sizes])
        assert box.left >= 0
        assert box.left + box.width <= strip.width + 1e-9
        assert box.top + box.height <= strip.height + 1e-9


def named(team):
    return f"{team.name}\n{team.people}"


def test_names_that_have_no_room_stand_below_after_the_letters_in_their_boxes():
    teams = [Team("Leaders", (12,)), *[Team(f"An office of a very long name, number {k}", (3,)) for k in range(14)]]
    strip = arrange(teams, 2.2, 0.05, named)
    assert [box.words.replace("\n", " ") for box in strip.boxes] == ["Leaders 12", *"abcdefghijklmn"]
    listed = strip.below.replace("\n", " ").strip().split("; ")
    assert listed[0] == "a An office of a very long name, number 0 3"
    assert [entry[0] for entry in listed] == [*"abcdefghijklmn"]
    assert sum(box.team.people for box in strip.boxes) == 54


def test_the_only_team_of_a_level_needs_no_letter():
    strip = arrange([Team("An office of a very long name", (2,))], 2.2, 0.05, named)
    assert [box.words for box in strip.boxes] == [""]
    assert strip.below.replace("\n", " ").strip() == "An office of a very long name 2"


def test_words_in_a_box_have_room_there():
    for width in (0.3, 0.6, 1.2):
        for height in (0.15, 0.3, 0.6):
            words = boxes.fitted("Labour and social security\n3", width, height)
            lines = words.split("\n")
            assert not words or len(lines) * boxes.LINE_IN <= height
            assert all(boxes.text_width_in(line, SMALL) <= width - 2 * boxes.PAD_IN for line in lines)


def thickness(way_round):
    """How wide a band is that goes up past a level: from its inner to its outer edge, on the right."""
    inner, outer = np.unique(way_round.get_xy()[:, 0].round(9))[-2:]
    return outer - inner


@pytest.mark.parametrize("lang", LANGUAGES)
def test_boxes_and_bands_have_one_scale_in_all_panels(results, lang):
    result = read_result(results[2])
    drawn = structures(result, lang)
    figure = draw(results[2], "structures", lang)
    _, *panels = figure.axes
    areas, widths = [], []
    for axes, one in zip(panels, drawn, strict=True):
        here = [patch.get_width() * patch.get_height() for patch in axes.patches if patch.get_gid() == "team"]
        areas.append(sum(here) / one.people)
        for patch in axes.patches:
            if str(patch.get_gid()).startswith("band:"):
                xs = patch.get_xy()[:, 0]
                widths.append((xs.max() - xs.min()) / float(patch.get_gid().removeprefix("band:")))
        past = [patch for patch in axes.patches if str(patch.get_gid()).startswith("past:")]
        widths += [thickness(patch) / float(patch.get_gid().removeprefix("past:")) for patch in past]
        assert axes.get_xlim()[1] == pytest.approx(figure.get_figwidth() * axes.get_position().width, abs=1e-3)
    assert areas == pytest.approx([areas[0]] * 2)
    assert len(widths) == 3 + 1  # before: up, down, up; after: past the street
    assert widths == pytest.approx([widths[0]] * len(widths))


def test_moves_of_a_result_are_counts_a_year(results):
    one = structures(read_result(results[2]), "en")[0]
    n = len(cohort(results[2]))  # each goes counter, office, counter, leaders, bureau
    assert one.moves == pytest.approx(
        {
            (0, "community", "street"): 2 * n * A_YEAR,
            (0, "street", "community"): n * A_YEAR,
            (0, "street", "department"): n * A_YEAR,
        }
    )
    assert [one.people_of(tier) for tier in ("street", "community")] == [50, 42]


def test_the_key_says_the_scale(results):
    key, panel = draw(results[1], "structures", "en").axes
    people, cases, _ = (int(text.get_text().split(" ")[0].replace("\u00a0", "")) for text in key.texts)
    areas = [patch.get_width() * patch.get_height() for patch in panel.patches if patch.get_gid() == "team"]
    assert key.patches[0].get_width() * key.patches[0].get_height() == pytest.approx(people * sum(areas) / 92)
    band = next(patch for patch in panel.patches if str(patch.get_gid()).startswith("band:"))
    wide = [np.ptp(patch.get_xy()[:, 0]) for patch in (key.patches[1], band)]
    assert wide[0] / cases == pytest.approx(wide[1] / float(band.get_gid().removeprefix("band:")))


def test_a_level_that_cases_pass_and_where_nobody_works_is_a_frame(results):
    words = [text.get_text() for text in draw(results[1], "structures", "en").axes[1].texts]
    assert "Department: 0 people" in words


def test_bands_of_ways_within_one_another_neither_touch_nor_cross():
    """Of three ways down each keeps its lane, the longest outside."""
    spans = {"department": (0.0, 0.5), "street": (1.0, 1.6), "area": (2.0, 2.5), "community": (3.0, 4.0)}
    past = [
        bands.Past("department", "area", 0, True, 100.0),
        bands.Past("department", "community", 0, True, 200.0),
        bands.Past("department", "community", 1, True, 50.0),
    ]
    axes = Figure().add_subplot()
    bands.beside(axes, past, spans, dict.fromkeys(spans, 1.0), Column(1.0, 2.0, 3.0), 0.0005, "en")
    outlines = {patch.get_gid(): Polygon(patch.get_xy()).get_path() for patch in axes.patches}
    assert len(outlines) == 3
    for one, other in combinations(outlines.values(), 2):
        assert not one.intersects_path(other, filled=True)
    lanes = {gid: path.vertices[:, 0].min() for gid, path in outlines.items()}
    assert max(lanes["past:200.0"], lanes["past:50.0"]) < lanes["past:100.0"]


def test_the_number_of_a_band_stands_where_no_other_band_comes_or_goes():
    ends = {"long": (1.0, 9.0), "short": (2.0, 7.5)}
    assert bands._number_at("long", ends) == (2.0 + 7.5) / 2
    assert bands._number_at("short", ends) == (2.0 + 7.5) / 2
    assert bands._number_at("long", ends | {"into": (0.5, 4.0)}) == (4.0 + 7.5) / 2


def test_levels_of_a_page_are_of_one_width_between_the_gutters_that_their_bands_need():
    """Nothing goes past a level of the first; of the second cases go down past it, and tasks up."""
    teams = {tier: [Team(tier, (5,))] for tier in ("department", "street", "community")}
    past = {(Kind.RESIDENT, "department", "community"): 100.0, (Kind.TASK, "community", "department"): 10.0}
    page = [Structure(teams, {(Kind.RESIDENT, "street", "community"): 100.0}), Structure(teams, past)]
    first, second = _columns(page, 0.001)
    assert first.left == first.panel - first.right == 0
    assert second.left == pytest.approx(0.1 + bands.LABEL_IN)
    assert second.panel - second.right == pytest.approx(bands.THINNEST_IN + bands.LABEL_IN)
    assert first.width == pytest.approx(second.width)
    assert first.panel + second.panel + BETWEEN_IN == pytest.approx(WIDTH_IN - 2 * MARGIN_IN)


@pytest.mark.parametrize(("height_in", "is_closer"), [(20.0, False), (3.5, True)])
def test_people_are_drawn_closer_only_until_the_tallest_panel_has_room(results, height_in, is_closer):
    drawn = structures(read_result(results[2]), "en")
    columns = _columns(drawn, 0.0001)
    scale, laid = _fitting(drawn, columns, 0.0001, height_in, "en")
    tallest = max(_tops(one, strips)[""] for one, strips in zip(drawn, laid, strict=True))
    assert (scale.per_person < MOST_PER_PERSON) == is_closer
    assert tallest <= height_in
    assert not is_closer or tallest > 0.85 * height_in


def test_six_structures_stand_on_two_pages_to_one_scale(tmp_path):
    folder = write_result(tmp_path, 6)
    drawn = structures(read_result(folder), "en")
    figures = CHARTS["structures"].pages(read_result(folder), "en")
    panels = [axes for figure in figures for axes in figure.axes[1:]]
    assert [len(figure.axes) for figure in figures] == [4, 4]
    assert ["(1 of 2)" in figures[0].texts[0].get_text(), "(2 of 2)" in figures[1].texts[0].get_text()] == [True, True]
    areas = [
        sum(patch.get_width() * patch.get_height() for patch in axes.patches if patch.get_gid() == "team") / one.people
        for axes, one in zip(panels, drawn, strict=True)
    ]
    assert areas == pytest.approx([areas[0]] * 6)
    names = " ".join(text.get_text() for text in panels[-1].texts).replace("\n", " ")
    for words, _ in SECTIONS:
        assert words in names, "in its box, or below its level"
    with pytest.raises(UsageError, match="the chart 'structures' has no page 3; pages: 2"):
        draw(folder, "structures", "en", 3)
    written = save(folder, ["structures", "waits"], "zh", ["png"], tmp_path / "out")
    assert [path.name for path in written] == ["structures-1-zh.png", "structures-2-zh.png", "waits-zh.png"]


# -- flows ----------------------------------------------------------------------------------------------------------


def test_a_case_is_traced_by_hand():
    journeys = pd.DataFrame(
        [
            (1, "resident", "counter", "at_once", "closed", "street"),
            (2, "resident", "grid", "patrol", "closed", "community"),
            (3, "resident", "hotline", "at_once", "gave_up", "street"),
            (4, "resident", "grid", "", "open", ""),
            (5, "task", "task", "at_once", "closed", "street"),
            (6, "resident", "counter", "at_once", "open", ""),
        ],
        columns=["case", "kind", "channel", "found_by", "outcome", "level"],
    )
    way = pd.DataFrame(
        [
            (1, "community", 10, 0),  # waited in vain: came in there, but nobody worked on it
            (1, "area", 20, 5),
            (1, "street", 30, 5),
            (1, "area", 40, 5),
            (2, "committee", 10, 5),
            (3, "street", 10, 5),
            (5, "street", 10, 5),
        ],
        columns=["case", "tier", "started_s", "worked_s"],
    )
    assert traced(journeys, way).to_dict() == {
        ("counter:community", "area>street", "street"): 1,
        ("grid:patrol", "community", "community"): 1,
        ("hotline", "street", "not_closed"): 1,
        ("grid", "", "not_closed"): 1,
        ("counter", "", "not_closed"): 1,
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bands_of_each_panel_sum_to_its_cases_at_every_step(results, lang):
    figure = draw(results[2], "flows", lang)
    _, *panels = figure.axes
    for axes, name in zip(panels, read_result(results[2]).names, strict=True):
        cases = cohort(results[2], name)
        whole = len(cases) * A_YEAR
        for step in ("band0:", "band1:"):
            counts = [
                float(patch.get_gid().removeprefix(step))
                for patch in axes.patches
                if str(patch.get_gid()).startswith(step)
            ]
            assert sum(counts) == pytest.approx(whole)
        heights = [
            [patch.get_height() for patch in axes.patches if patch.get_gid() == f"node{column}"] for column in range(3)
        ]
        totals = [sum(column) for column in heights]
        assert totals == pytest.approx([totals[0]] * 3)
        closed = (cases["outcome"] == "closed") & (cases["level"] == "department")
        assert heights[2][0] / totals[2] == pytest.approx(closed.mean())  # the department stands on top


def test_cases_are_drawn_closer_only_until_the_tallest_panel_has_room():
    flow = {("hotline", "street", "street"): 60.0, ("counter:community", "community", "community"): 40.0}
    loose, _ = flows._fitting([flow], 3.0, "en")
    close, laid = flows._fitting([flow], 1.6, "en")
    assert loose == pytest.approx(flows.TALL_IN / 100)
    assert 1.4 < flows._tall(laid[0]) <= 1.6
    assert sum(node.height for node in laid[0][1].values()) == pytest.approx(100 * close)


# -- systems --------------------------------------------------------------------------------------------------------

NAMES = ["best", "alike", "apart", "without"]


def measured(measure="close_days", **values):
    rows = [(name, k, measure, "", value) for name, each in values.items() for k, value in enumerate(each)]
    return pd.DataFrame(rows, columns=["scenario", "replication", "measure", "group", "value"])


def test_what_cannot_be_told_apart_is_judged_by_pairs():
    """Replications differ more than scenarios: by their own intervals all overlap, by pairs one is told apart."""
    table = measured(best=[1, 5, 9, 13], alike=[0.9, 5.4, 8.9, 13.3], apart=[1.5, 5.6, 9.5, 13.6])
    found = {dot.scenario: dot for dot in dots(table, ("close_days", ""), NAMES)}
    assert {name: dot.stands for name, dot in found.items()} == {"best": "best", "alike": "alike", "apart": "apart"}
    assert found["apart"].low < found["best"].mean < found["apart"].high
    assert found["best"].mean == 7.0
    half = 3.182446 * np.std([1, 5, 9, 13], ddof=1) / 2
    assert (found["best"].low, found["best"].high) == pytest.approx((7 - half, 7 + half), rel=1e-5)


def test_higher_is_better_where_the_measure_says_so():
    table = measured("on_time_share", low=[0.1, 0.2], high=[0.7, 0.81])
    assert [dot.stands for dot in dots(table, ("on_time_share", ""), ["low", "high"])] == ["apart", "best"]


def test_a_measure_without_a_better_direction_has_no_best():
    table = measured("staff_use_share", low=[0.1, 0.2], high=[0.7, 0.81])
    assert [dot.stands for dot in dots(table, ("staff_use_share", ""), ["low", "high"])] == ["neither"] * 2


def test_one_replication_tells_nothing_apart():
    found = dots(measured(best=[1.0], apart=[9.0]), ("close_days", ""), ["best", "apart"])
    assert [dot.stands for dot in found] == ["best", "alike"]
    assert all(math.isnan(dot.low) for dot in found)


def test_marks_and_lines_of_a_panel_are_the_dots(results):
    figure = draw(results[2], "systems", "en")
    measures = pd.read_csv(results[2] / "measures.csv", keep_default_na=False)
    names = read_result(results[2]).names
    shown = [row for row in DRAWN if dots(measures, row, names)]
    _, *panels = figure.axes
    assert len(panels) == len(shown)
    for axes, row in zip(panels, shown, strict=True):
        marks = [(line.get_gid(), float(line.get_xdata()[0])) for line in axes.lines if line.get_marker() != "None"]
        assert marks == [(dot.stands, pytest.approx(dot.mean)) for dot in dots(measures, row, names)]
        spans = [line.get_xdata() for line in axes.lines if line.get_gid() == "interval"]
        expected = [(dot.low, dot.high) for dot in dots(measures, row, names)]
        assert np.array(spans) == pytest.approx(np.array(expected))


def test_the_measures_drawn_are_known():
    assert [measure for measure, _ in DRAWN if measure not in MEASURES] == []


# -- ablations ------------------------------------------------------------------------------------------------------

HEADS = tuple(
    Head(f"invented-{name}", {"zh": f"虚构{name}", "en": f"Invented {name}"}, digest * 8, 18_000)
    for name, digest in (("one", "abcd1234"), ("two", "ef567890"))
)
RESULT = Result(Path(), "compare", HEADS, 4711, 3, 8.0, 13.0, "0.1.0", "12345678", {}, {})
HUB = {
    "zh": "综合事务中心统一派单，明确责任人和办理时限",
    "en": "The hub that issues every order with owner and deadline",
}
GATE = {"zh": "周例会准入", "en": "The weekly gate"}
ROWS = [  # of the first scenario the gate, of the second the hub moves the first measure more
    ("invented-two", HUB, "close_days", -2.0, -2.5, -1.5),
    ("invented-two", GATE, "close_days", 0.5, 0.3, 0.7),
    ("invented-one", HUB, "close_days", 0.1, -0.2, 0.4),
    ("invented-one", GATE, "close_days", 1.0, 0.8, 1.2),
    ("invented-two", HUB, "on_time_share", 0.1, 0.05, 0.15),
    ("invented-two", GATE, "on_time_share", -0.04, -0.05, -0.03),
    ("invented-one", HUB, "on_time_share", 0.0, -0.01, 0.01),
    ("invented-one", GATE, "on_time_share", -0.02, -0.03, -0.01),
]


def ablations(rows=ROWS):
    return pd.DataFrame(rows, columns=list(ABLATIONS))


def bars(axes):
    return [patch for patch in axes.patches if patch.get_gid() == "bar"]


def ends(axes):
    """Where the bars end that begin at zero."""
    return [bar.get_x() if bar.get_x() < 0 else bar.get_x() + bar.get_width() for bar in bars(axes)]


def test_bars_are_sorted_within_their_scenarios_and_both_panels_have_the_same_rows():
    _, days, share = tornado(ablations(), RESULT, "en").axes
    labels = [label.get_text().replace("\n", " ") for label in days.get_yticklabels()]
    assert labels == [GATE["en"], HUB["en"], HUB["en"], GATE["en"]]
    assert ends(days) == [1.0, 0.1, -2.0, 0.5]
    assert ends(share) == [-0.02, 0.0, 0.1, -0.04]
    headings = [text.get_text() for text in days.texts if text.get_text().startswith("Invented")]
    assert headings == ["Invented one", "Invented two"]
    whiskers = [tuple(line.get_xdata()) for line in days.lines if line.get_marker() == "|"]
    assert whiskers == [(0.8, 1.2), (-0.2, 0.4), (-2.5, -1.5), (0.3, 0.7)]


def test_grey_is_what_cannot_be_told_from_zero_and_a_cost_is_hatched():
    _, days, share = tornado(ablations(), RESULT, "en").axes
    kinds = ["helps", "nothing", "harms", "helps"]
    for axes in (days, share):  # without it closing takes longer, and less is closed on time: it helps
        assert [to_hex(bar.get_facecolor()) for bar in bars(axes)] == [FILLS[kind].colour for kind in kinds]
        assert [bar.get_hatch() or "" for bar in bars(axes)] == [FILLS[kind].hatch for kind in kinds]


def test_what_is_told_from_zero_has_a_bold_number_and_a_square_filled_as_its_bar():
    """Of bars too thin to be seen, these still tell which they are."""
    _, days, _ = tornado(ablations(), RESULT, "en").axes
    squares = [patch for patch in days.get_children() if getattr(patch, "get_gid", str)() == "square"]
    fills = [(to_hex(square.get_facecolor()), square.get_hatch() or "") for square in squares]
    assert fills == [(FILLS[kind].colour, FILLS[kind].hatch) for kind in ("helps", "harms", "helps")]
    numbers = {text.get_text(): text.get_weight() for text in days.texts if text.get_text()[0] in "+−"}
    assert numbers == {"+1.00": "bold", "+0.10": "normal", "−2.00": "bold", "+0.50": "bold"}


def test_what_is_told_from_zero_is_never_written_as_zero():
    told = ("invented-one", GATE, "close_days", 0.001, 0.0008, 0.0012)
    _, days, _ = tornado(ablations([*ROWS[:3], told, *ROWS[4:]]), RESULT, "en").axes
    assert "<0.01" in [text.get_text() for text in days.texts]


def test_rows_are_ordered_by_the_longest_bar_of_the_first_measure_in_whatever_group():
    """The hub moves the grid more, but the gate moves counters most."""
    grid = [(name, mechanism, "close_days/grid", *values) for name, mechanism, _, *values in ROWS[:2]]
    counter = [
        ("invented-two", HUB, "close_days/counter", 0.1, 0.0, 0.2),
        ("invented-two", GATE, "close_days/counter", 9.0, 8.0, 9.5),
    ]
    assert [mechanism for _, mechanism in rows_of(ablations([*grid, *counter]), ["invented-two"])] == [GATE, HUB]
    assert [mechanism for _, mechanism in rows_of(ablations(grid), ["invented-two"])] == [HUB, GATE]


def test_groups_of_one_measure_are_drawn_to_one_scale():
    """A tenth of the days at counters is a tenth of the bar."""
    grid = [(name, mechanism, "close_days/grid", *values) for name, mechanism, _, *values in ROWS[:4]]
    counter = [
        (name, mechanism, "close_days/counter", *(value / 10 for value in values))
        for name, mechanism, _, *values in ROWS[:4]
    ]
    _, first, second, share = tornado(ablations([*grid, *counter, *ROWS[4:]]), RESULT, "en").axes
    assert first.get_xlim() == second.get_xlim()
    assert share.get_xlim() != first.get_xlim()
    assert ends(second) == pytest.approx([end / 10 for end in ends(first)])


def test_one_replication_tells_nothing_of_a_mechanism():
    _, days, _ = tornado(ablations().assign(low=math.nan, high=math.nan), RESULT, "en").axes
    assert {to_hex(bar.get_facecolor()) for bar in bars(days)} == {FILLS["nothing"].colour}
    assert [line for line in days.lines if line.get_marker() == "|"] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_tornado_is_whole_and_says_what_ran(lang):
    figure = tornado(ablations(), RESULT, lang)
    within_page_and_apart(figure)
    small_print = figure.texts[-1].get_text().replace("\n", " ")
    for word in ("invented-one", "invented-two", "abcd1234", "4711", "12345678"):
        assert word in small_print
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "−2.00" in said
    assert "+10.0" in said


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["structures", "systems", "flows"])
def test_no_text_is_smaller_than_the_smallest(results, name, lang):
    within_page_and_apart(draw(results[2], name, lang))
