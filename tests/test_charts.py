"""The figures: what is drawn is what the tables say, nothing is cut off or overprinted, and bytes do not change."""

import json
import os
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from charts_fixture import HOUSEHOLDS, REPLICATIONS, texts, write_result
from fontTools.ttLib import TTFont
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.patches import Polygon
from sealing import seal

from sim.charts import (
    CHARTS,
    FORMATS,
    bands,
    draw,
    journey,
    letters,
    palette,
    pyramid,
    save,
    style,
    timeline,
    tornado,
    typical,
    use,
    waits,
)
from sim.charts.result import read_result
from sim.charts.typical import closed_everywhere
from sim.errors import ResultError, UsageError
from sim.language import LANGUAGES
from sim.tables import LEGS

pytestmark = pytest.mark.filterwarnings("error")
ROOT = Path(__file__).parents[1]
FONT_FOLDER = ROOT / "sim" / "charts" / "fonts"


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Invented results of one, two and six scenarios."""
    return {n: write_result(tmp_path_factory.mktemp(f"result{n}"), n) for n in (1, 2, 6)}


OF_RUNS = [name for name, chart in CHARTS.items() if not (chart.varies or chart.of)]
OF_ONE = [name for name in OF_RUNS if not CHARTS[name].compares]
CASES = [(n, name, lang) for n in (1, 2, 6) for name in OF_RUNS for lang in LANGUAGES if n > 1 or name in OF_ONE]


# -- every figure ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "name", "lang"), CASES)
def test_every_page_fits_on_a4_paper_uncut_and_says_what_ran(results, n, name, lang):
    """Also: nothing is overprinted, and no letters are smaller than the smallest."""
    for figure in CHARTS[name].pages(read_result(results[n]), lang):
        assert figure.get_figwidth() == 9.0
        assert figure.get_figheight() <= style.TALLEST_IN + 1e-9
        whole_and_apart(figure, results[n])


def whole_and_apart(figure, folder):
    assert min(text.get_size() for text in texts(figure)) >= letters.SMALL
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    page = figure.bbox
    assert len(boxes) > 5
    assert [words for words, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1] == []
    inner = [(words, box.padded(-3)) for words, box in boxes]
    assert [(one, other) for (one, a), (other, b) in combinations(inner, 2) if a.overlaps(b)] == []
    pixels = np.asarray(figure.canvas.buffer_rgba())[:, :, :3]
    assert 0.01 < (pixels < 250).any(axis=2).mean() < 0.6
    small_print = figure.texts[-1].get_text().replace("\n", " ")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    said = [manifest["digest"][:8], f" {manifest['seed']}", f" {REPLICATIONS}"]
    said += [word for scenario in manifest["scenarios"] for word in (scenario["name"], scenario["digest"][:8])]
    assert [word for word in said if word not in small_print] == []


def test_same_bytes_again_whatever_the_users_settings(results, tmp_path):
    first = save(results[2], ["waits", "journey"], "en", FORMATS, tmp_path / "a")
    with mpl.rc_context({"font.family": "serif", "savefig.dpi": 50, "svg.fonttype": "none", "lines.linewidth": 9}):
        again = save(results[2], ["waits", "journey"], "en", FORMATS, tmp_path / "b")
        assert mpl.rcParams["lines.linewidth"] == 9
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_same_bytes_in_another_process(results, tmp_path):
    names = ["pyramid", "use", "journey"]
    here = save(results[2], names, "zh", FORMATS, tmp_path / "here")
    code = (
        "import sys; from sim.charts import FORMATS, save; save(sys.argv[1], sys.argv[3:], 'zh', FORMATS, sys.argv[2])"
    )
    surroundings = os.environ | {"PYTHONHASHSEED": "12345", "TZ": "Asia/Shanghai"}
    subprocess.run(
        [sys.executable, "-c", code, results[2], tmp_path / "there", *names], check=True, env=surroundings, cwd=ROOT
    )
    assert [path.name for path in here] == [f"{name}-zh.{kind}" for name in names for kind in FORMATS]
    for path in here:
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes(), path.name


def test_no_font_of_the_machine_is_used(results, tmp_path):
    save(results[2], ["use"], "zh", ["pdf", "svg"], tmp_path)
    for weight, file in zip(("normal", "bold"), letters.FONTS, strict=True):
        assert Path(findfont(FontProperties(family=letters.FAMILY, weight=weight))).name == file
    assert b"<text" not in (tmp_path / "use-zh.svg").read_bytes()
    pdf = (tmp_path / "use-zh.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"DejaVu" not in pdf
    assert b"/Type3" not in pdf


def test_a_figure_stays_right_when_saved_by_hand(results, tmp_path):
    figure = draw(results[2], "week", "zh")
    figure.savefig(tmp_path / "by-hand.png")
    families = {family for text in texts(figure) for family in text.get_fontfamily()}
    assert families == {letters.FAMILY}


# -- words and letters ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("font", letters.FONTS)
def test_the_font_has_every_letter_of_catalogue_and_scenarios(font):
    known = set(TTFont(FONT_FOLDER / font).getBestCmap())
    files = [ROOT / "sim" / "language" / "catalogue.csv", *sorted((ROOT / "scenarios").rglob("*.yaml"))]
    for file in files:
        letters = set(file.read_text(encoding="utf-8")) - set("\n\r\t")
        assert sorted(letter for letter in letters if ord(letter) not in known) == [], file.name


def test_a_letter_that_is_not_there_is_noticed(results):
    figure = draw(results[2], "week", "zh")
    figure.texts[0].set_text("\U00020bb7")
    with pytest.raises(UserWarning, match="Glyph"):
        figure.draw_without_rendering()


@pytest.mark.parametrize(
    ("text", "width_in", "lines"),
    [
        ("one two three four", 0.75, ["one two", "three four"]),
        ("indivisible", 0.2, ["indivisible"]),
        ("街道办事处。社区", 0.7, ["街道办事", "处。社区"]),
        ("四个字,四个字（括号）".replace(",", "，"), 0.51, ["四个字，", "四个字", "（括号）"]),
    ],
)
def test_lines_break_between_words_and_not_before_stops(text, width_in, lines):
    assert letters.wrapped(text, width_in).split("\n") == lines


def test_balanced_lines_are_as_many_and_no_word_is_left_alone():
    text = "after, with four communities of equal size"
    assert letters.wrapped(text, 2.3).split("\n") == ["after, with four communities of equal", "size"]
    assert letters.balanced(text, 2.3).split("\n") == ["after, with four", "communities of equal size"]


# -- grey print and colour blindness --------------------------------------------------------------------------------

STACKS = {
    "waits": palette.WAIT_FILLS,
    "levels": tuple(palette.LEVEL_FILLS.values()),
    "time": tuple(palette.TIME_FILLS.values()),
    "journey": tuple(palette.PART_FILLS.values()),
    "tiers": tuple(pyramid.TIER_FILLS.values()),
    "moves": tuple(bands.MOVE_FILLS.values()),
    "ablations": tuple(tornado.FILLS.values()),
}
# Machado, Oliveira and Fernandes (2009), full severity, for linear RGB.
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def as_seen(colour: str, kind: str) -> str:
    """A colour as a colour-blind reader sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(BLINDNESS[kind]) @ linear, 0, 1)
    return to_hex(np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055))


def lab(colour: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    x, y, z = np.cbrt(np.maximum(np.array(to_xyz) @ linear / (0.9505, 1.0, 1.089), 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one: str, other: str) -> float:
    """How far two colours are apart in L*a*b*; from about 10 they differ at a glance."""
    return float(np.linalg.norm(lab(one) - lab(other)))


def test_six_scenarios_have_looks_of_their_own():
    assert len({(look.colour, look.line, look.marker) for look in map(palette.series, range(6))}) == 6


def test_scenarios_differ_in_lightness_line_and_marker():
    for one, other in combinations(palette.SERIES, 2):
        assert abs(palette.lightness(one.colour) - palette.lightness(other.colour)) >= 11
        assert one.line != other.line
        assert one.marker != other.marker
        for kind in BLINDNESS:
            assert distance(as_seen(one.colour, kind), as_seen(other.colour, kind)) >= 20


@pytest.mark.parametrize("stack", STACKS)
def test_neighbouring_parts_of_a_bar_differ_in_grey(stack):
    for one, other in pairwise(STACKS[stack]):
        assert abs(palette.lightness(one.colour) - palette.lightness(other.colour)) >= 14 or one.hatch != other.hatch


@pytest.mark.parametrize("stack", STACKS)
def test_any_two_parts_of_a_bar_can_be_told_apart(stack):
    for one, other in combinations(STACKS[stack], 2):
        assert abs(palette.lightness(one.colour) - palette.lightness(other.colour)) >= 8 or one.hatch != other.hatch


def test_lightness_of_known_colours():
    known = {"#ffffff": 100.0, "#000000": 0.0, "#ff0000": 53.2, "#808080": 53.6}
    assert {colour: round(palette.lightness(colour), 1) for colour in known} == known


# -- the numbers drawn are those of the tables ----------------------------------------------------------------------


def table(folder, file, scenario="invented-before"):
    read = pd.read_csv if file.endswith("csv") else pd.read_parquet
    rows = read(folder / file)
    return rows[rows["scenario"] == scenario]


def test_pyramid_bars_are_head_counts(results):
    axes = draw(results[2], "pyramid", "en").axes[0]
    bars = {tier: [b for b in axes.patches if b.get_gid() == f"{tier}-bar"] for tier in pyramid.TIERS}
    lengths = {tier: [bar.get_width() for bar in bars[tier]] for tier in bars}
    offices = [5, 6, 5, 6, 5, 6, 5, 6]
    assert lengths == {"leaders": [6], "offices": offices, "area": [], "community": [7] * 6, "committee": []}
    for tier in ("leaders", "offices", "community"):
        left, right = min(bar.get_x() for bar in bars[tier]), max(bar.get_x() + bar.get_width() for bar in bars[tier])
        assert left == -right
    words = [text.get_text() for text in axes.texts]
    assert f"42 people, communities: 6\n{HOUSEHOLDS / 42:.0f} households per staff member" in words


def test_both_pyramids_have_one_scale(results):
    before, after = draw(results[2], "pyramid", "en").axes
    assert before.get_xlim() == after.get_xlim()
    assert before.get_window_extent().width == pytest.approx(after.get_window_extent().width, abs=1)


@pytest.mark.parametrize(
    ("base", "level", "team", "tier"),
    [
        ("leaders", "street", {}, "leaders"),
        ("heads", "street", {"name": {"en": "Street leaders", "zh": "领导"}}, "leaders"),
        ("finance", "street", {"name": {"en": "Finance", "zh": "财政所"}}, "offices"),
        ("station", "community", {"each": "community"}, "community"),
        ("committee", "community", {"each": "committee"}, "committee"),
        ("hub", "street", {"each": "area"}, "area"),
        ("bureau", "department", {"each": "area"}, None),
        ("bureau", "department", {}, None),
    ],
)
def test_tiers(base, level, team, tier):
    assert pyramid.tier_of(base, level, team) == tier


def test_one_unit_of_a_place_holds_all_its_teams():
    rows = [("windows", f"windows:{k}@c1", "c1", 1) for k in range(4)] + [("desk", "desk@c1", "c1", 8)]
    teams = pd.DataFrame(rows, columns=["base", "team", "place", "size"]).assign(level="community")
    assert pyramid.Tier("community", (12,)) in pyramid.tiers(teams, {})


def test_a_team_posted_to_all_communities_is_no_community():
    rows = [("staff", f"staff@c{k}", f"c{k}", 7) for k in range(1, 7)] + [
        ("posted", "posted", "", 5),
        ("sent", "sent", "", 4),
    ]
    teams = pd.DataFrame(rows, columns=["base", "team", "place", "size"]).assign(level="community")
    tier = next(tier for tier in pyramid.tiers(teams, {}) if tier.name == "community")
    assert tier == pyramid.Tier("community", (7, 7, 7, 7, 7, 7, 5, 4), n_posted=2)
    words = ("51 people, communities: 6", "of whom posted to all of them: 9", "353 households per staff member")
    assert pyramid._caption(tier, HOUSEHOLDS, "en") == "\n".join(words)


def test_a_level_that_is_not_there_is_told_from_one_without_staff():
    structure = {
        "communities": {"c1": {"committees": 1}, "c2": {"committees": 2}},
        "areas": {},
        "teams": {"staff": {"level": "community"}, "finance": {"level": "street"}, "safety": {"level": "street"}},
    }
    teams = pd.DataFrame([("staff", "staff@c1", "c1", 7)], columns=["base", "team", "place", "size"])
    found = pyramid.tiers(teams.assign(level="community"), structure)
    assert {tier.name: (tier.people, tier.n_units) for tier in found} == {
        "leaders": (0, 0),
        "offices": (0, 2),
        "area": (0, 0),
        "community": (7, 2),
        "committee": (0, 3),
    }
    assert [pyramid._caption(tier, 1, "en") for tier in found] == [
        "no such level",
        "no staff of their own, units: 2",
        "no such level",
        "7 people, communities: 1",
        "no staff of their own, committees: 3",
    ]


def test_what_without_staff_means_is_said_where_it_occurs(results):
    remarks = [draw(results[n], "pyramid", "en").texts[-1].get_text() for n in (1, 2, 6)]
    assert ["No staff of their own: " in remark for remark in remarks] == [False, True, True]
    captions = [text.get_text() for axes in draw(results[6], "pyramid", "en").axes for text in axes.texts]
    assert captions.count("no such level") == 5, "areas, of all but one"
    assert captions.count("no staff of their own, committees: 6") == 3


def test_the_silhouette_of_a_pyramid_goes_past_a_level_of_nobody():
    axes = Figure().add_subplot()
    tiers = [pyramid.Tier("offices", (44,)), pyramid.Tier("area", ()), pyramid.Tier("community", (42,))]
    pyramid._pyramid(axes, tiers, HOUSEHOLDS, "en")
    (shade,) = (patch for patch in axes.patches if isinstance(patch, Polygon))
    heights = shade.get_xy()[:, 1]
    assert (heights.min(), heights.max()) == (0.25, 1.75)


def test_wait_curve_and_classes_are_the_histogram(results):
    figure = draw(results[2], "waits", "en")
    bins = table(results[2], "waits.csv")
    n = bins["visits"].sum()
    curve = figure.axes[0].lines[0]
    drawn = dict(zip(*curve.get_data(), strict=True))
    without = (bins["bin_high_min"] == 0) & (bins["bin_low_min"] == 0)
    assert drawn[0] == pytest.approx(1 - bins.loc[without, "visits"].sum() / n)
    for minutes in (1, 15, 60, 240):
        assert drawn[minutes] == pytest.approx(
            bins.loc[~without & (bins["bin_low_min"] >= minutes), "visits"].sum() / n
        )
    widths = [part.get_width() for part in figure.axes[1].patches[: len(palette.WAIT_FILLS)]]
    assert sum(widths) == pytest.approx(1)
    assert widths[0] == pytest.approx(1 - drawn[1])
    assert widths[1:] == pytest.approx([drawn[1] - drawn[15], drawn[15] - drawn[30], drawn[30] - drawn[60], drawn[60]])


def test_waits_fall_from_edge_to_edge_where_bins_without_visits_have_no_row():
    visits = waits.visits_by_wait(pd.DataFrame({"bin_low_min": [0, 3], "bin_high_min": [0, 4], "visits": [1, 3]}))
    assert waits.exceedance(visits)[:5].tolist() == [0.75, 0.75, 0.75, 0.75, 0.0]
    assert waits.class_shares(visits) == [0.25, 0.75, 0, 0, 0]


def test_surveys_are_drawn_for_scenarios_held_against_them(tmp_path):
    with_surveys = draw(write_result(tmp_path / "with", 1), "waits", "en")
    without = draw(write_result(tmp_path / "without", 1, surveys=False), "waits", "en")
    names = [
        [text.get_text() for text in figure.axes[0].get_legend().get_texts()] for figure in (with_surveys, without)
    ]
    assert names == [
        ["Invented street, before", "Kunshan, survey (2021)", "Changzhou Xinbei, survey (2025)"],
        ["Invented street, before"],
    ]


def test_survey_marks_are_the_published_shares():
    published = {
        "wait_kunshan": {0: 0.51, 30: 0.25, 60: 0.11, 120: 0.05, 240: 0.05},
        "wait_changzhou_xinbei": {15: 0.95, 30: 0.03, 60: 0.01},
    }
    for survey in waits.SURVEYS:
        shares = published[survey.fact]
        assert survey.minutes == tuple(shares)
        assert survey.longer == pytest.approx(tuple(1 - np.cumsum(list(shares.values()))))


@pytest.mark.parametrize(("name", "panel"), [("waits", 1), ("closed_where", 0), ("use", 1), ("journey", 2)])
def test_words_in_a_bar_are_inside_their_part_or_left_out(results, name, panel):
    figure = draw(results[2], name, "en")
    figure.canvas.draw()
    axes = figure.axes[panel]
    parts = [patch.get_window_extent() for patch in axes.patches if patch.get_visible()]
    inside = [text for text in axes.texts if text.get_ha() == "center"]
    assert 4 <= len(inside) <= len(parts)
    for text in inside:
        box = text.get_window_extent()
        assert any(part.x0 <= box.x0 and box.x1 <= part.x1 for part in parts), text.get_text()


def test_places_of_closing_are_shares_of_the_cohorts_resident_cases(results):
    figure = draw(results[2], "closed_where", "en")
    cases = table(results[2], "journeys.parquet")
    week = 7 * 86_400
    cases = cases[(cases["kind"] == "resident") & (cases["opened_s"] >= 4 * week) & (cases["opened_s"] < 12 * week)]
    closed = cases["outcome"] == "closed"
    expected = [(closed & (cases["level"] == level)).mean() for level in ("community", "street", "department")]
    axes = figure.axes[0]
    assert [part.get_width() for part in axes.patches[:4]] == pytest.approx([*expected, (~closed).mean()])
    assert axes.texts[-1].get_text() == f"{len(cases) / REPLICATIONS:.0f} cases"


def test_use_is_work_over_time_on_duty_without_leave():
    where = pd.DataFrame(
        [("s", "a@c1", "street", "a", "c1"), ("s", "a@c2", "street", "a", "c2")],
        columns=["scenario", "team", "level", "base", "place"],
    )
    rows = [
        ("s", 0, "a@c1", "counter", 30, 110, 0),
        ("s", 0, "a@c1", "leave", 10, 110, 0),
        ("s", 0, "a@c2", "papers", 120, 100, 20),
    ]
    columns = ["scenario", "replication", "team", "kind", "busy_s", "open_s", "overtime_s"]
    hours = use.team_hours(pd.DataFrame(rows, columns=columns), where)
    share = use.used_shares(hours).iloc[0]
    assert (share["low"], share["mean"], share["high"]) == pytest.approx((30 / 100, 150 / 200, 120 / 100))
    split = dict(zip(palette.TIME_FILLS, use.time_split(hours)["street", "s"], strict=True))
    assert split == pytest.approx(
        {"counter": 30 / 230, "papers": 120 / 230, "leave": 10 / 230, "idle": 70 / 230}
        | dict.fromkeys(("outdoors", "administrative", "patrol", "meeting"), 0)
    )


def test_use_draws_every_team_once_by_level_then_by_use(results):
    dots = draw(results[2], "use", "en").axes[0]
    labels = [label.get_text() for label in dots.get_yticklabels()]
    street = labels[labels.index("Street") + 1 : labels.index("Community")]
    assert len(street) == len(set(street)) == 11
    row_of = dict(zip(labels, dots.get_yticks(), strict=True))
    marks = [line.get_xydata()[0] for line in dots.lines if line.get_marker() != "None"]
    most = [max(x for x, y in marks if abs(y - row_of[label]) < 0.1) for label in street]
    assert len(marks) == 9 + 3 + 3  # a mark for each team of both scenarios
    assert most == sorted(most, reverse=True)


def used(*rows):
    columns = ["scenario", "level", "base", "name", "mean", "low", "high"]
    return pd.DataFrame([(*row, 0.5, 0.4, 0.6) for row in rows], columns=columns)


def test_teams_of_one_id_share_a_row_only_if_they_are_called_the_same():
    one = [("s", "street", "hall", "Windows"), ("t", "street", "hall", "Windows"), ("u", "street", "hall", "Hall")]
    (rows,) = use._columns(used(*one, ("u", "community", "hall", "Windows")), "en")
    assert [(row.level, row.label) for row in rows] == [
        *(("street", "Street"), ("street", "Hall"), ("street", "Windows")),
        *(("community", "Community"), ("community", "Windows")),
    ]


@pytest.mark.parametrize("n_street", [12, 23, 24, 25, 40])
def test_many_teams_stand_in_two_columns_of_nearly_one_height(n_street):
    """A level that goes on in the second column is named again there; none is named at the foot of the first."""
    street = [("s", "street", f"b{k}", f"Office {k}") for k in range(n_street)]
    community = [("s", "community", f"c{k}", f"Team {k}") for k in range(24)]
    first, second = use._columns(used(*street, *community), "en")
    named = [row.name for row in (*first, *second) if row.base]
    assert sorted(named) == sorted(name for *_, name in (*street, *community))
    assert first[-1].base
    assert not second[0].base
    assert second[0].level == second[1].level
    heights = [sum(row.height for row in column) for column in (first, second)]
    assert abs(heights[0] - heights[1]) < 0.7


def test_queue_lines_are_means_over_replications(results):
    figure = draw(results[2], "week", "en")
    queue = table(results[2], "queue_by_hour.csv")
    before, after = figure.axes[:2], figure.axes[2:]
    for axes, other, level in zip(before, after, ("community", "street"), strict=True):
        expected = queue[queue["level"] == level].groupby("hour")["waiting"].mean()
        drawn = {patch.get_gid(): patch.get_data()[0] for patch in other.patches if patch.get_gid()}
        (waiting,) = (patch.get_data()[0] for patch in axes.patches if patch.get_gid() == "waiting")
        assert waiting == pytest.approx(expected.to_numpy())
        assert drawn["first"] == pytest.approx(expected.to_numpy()), "the first scenario is outlined in the others"
        assert drawn["waiting"].sum() < drawn["first"].sum()


def test_differences_are_per_cents_of_the_first_mean(results):
    axes = draw(results[2], "differences", "en").axes[0]
    dots = [line for line in axes.lines if line.get_marker() != "None"]
    drawn = [float(dot.get_xdata()[0]) for dot in dots]
    changes = [-0.31, -0.55, -0.6, -0.42, -0.18, 0.04, 0.09, -0.22]  # of the main measures; drawn with the factor 1.1
    assert drawn == pytest.approx([110 * change for change in changes])
    spans = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2 and line not in dots][: len(dots)]
    assert [float(span[1] - span[0]) for span in spans] == pytest.approx([16] * len(dots))
    assert "2.4 → 1.58 h" in [text.get_text() for text in axes.texts]


def test_one_replication_has_differences_without_intervals(tmp_path):
    folder = write_result(tmp_path, 2)
    comparison = pd.read_csv(folder / "comparison.csv")
    comparison[["low", "high", "difference_low", "difference_high"]] = np.nan
    comparison.to_csv(folder / "comparison.csv", index=False)
    axes = draw(seal(folder), "differences", "en").axes[0]
    low, high = axes.get_xlim()
    assert low < -66 < 9 < high


# -- the typical case -----------------------------------------------------------------------------------------------


def cases(*rows):
    columns = ["scenario", "replication", "case", "matter", "kind", "opened_s", "closed_s", "outcome"]
    return pd.DataFrame(rows, columns=columns)


def test_typical_case_by_hand():
    journeys = cases(
        ("a", 0, 1, "card", "resident", 0, 100, "closed"),
        ("b", 0, 1, "card", "resident", 0, 10, "closed"),
        ("a", 0, 2, "card", "resident", 0, 110, "closed"),
        ("b", 0, 2, "card", "resident", 0, 30, "closed"),
        ("a", 0, 3, "card", "resident", 0, 300, "closed"),
        ("b", 0, 3, "card", "resident", 0, 12, "closed"),
        ("a", 1, 3, "card", "resident", 0, 100, "closed"),  # open in b: not among them
        ("b", 1, 3, "card", "resident", 0, -1, "open"),
        ("a", 0, 4, "card", "task", 0, 100, "closed"),
        ("b", 0, 4, "card", "task", 0, 100, "closed"),
    )
    closed = typical.closed_everywhere(journeys, 2)
    assert sorted(set(zip(closed["replication"], closed["case"], strict=True))) == [(0, 1), (0, 2), (0, 3)]
    # Medians 110 and 12: case 1 is off by 0.09 + 0.17, case 2 by 0 + 1.5, case 3 by 1.7 + 0.
    assert typical.nearest_to_median(closed) == (0, 1)


@pytest.mark.parametrize(("preferred", "matter"), [({"b", "c"}, "b"), ({"c"}, "c"), (set(), "a")])
def test_most_common_matter_among_the_preferred(preferred, matter):
    assert typical.most_common(pd.DataFrame({"matter": list("aaabbc")}), preferred) == matter


def legs(*rows):
    """Legs worked on without a break, but where ``worked_s`` is given last."""
    columns = ["row", "attempt", "visit", "unit", "joined_s", "started_s", "ended_s", "worked_s"]
    assert set(columns) <= set(LEGS)
    return pd.DataFrame([row if len(row) == 8 else (*row, row[6] - row[5]) for row in rows], columns=columns)


def test_timeline_by_hand():
    way = legs(
        (0, 1, 1, 0, 100, 160, 200),  # waits a minute at the counter
        (1, 1, 0, 5, 500, 900, 950),  # papers wait on a desk
        (2, 1, 2, 0, 2000, -1, 2050),  # comes, and leaves unserved
        (2, 2, 2, 0, 3000, 3000, 3100),  # comes again, is served at once
        (3, 1, 0, 7, -1, -1, -1),  # never reached
    )
    segment, route = timeline.Segment, timeline.Route
    assert timeline.segments(way, 100, 3100) == [
        segment(0, "queue", 0, 60),
        segment(0, "work", 60, 100),
        segment(5, "papers", 400, 800),
        segment(5, "work", 800, 850),
        segment(0, "queue", 1900, 1950),
        segment(0, "work", 2900, 3000),
    ]
    assert timeline.routes(way, 100) == [
        route("way", 100, 400, 0, 5),
        route("home", 850, 1900, 5, 0),
        route("home", 1950, 2900, 0, 0),
    ]
    assert timeline.comings(way, 100) == [(0, 0), (0, 1900), (0, 2900)]


def test_work_put_back_over_night_is_drawn_as_long_as_it_took():
    """Joined at 0, begun at 100, put back, and done at 60 000 after 300 seconds of work."""
    way = legs((0, 1, 0, 5, 0, 100, 60_000, 300))
    segment = timeline.Segment
    assert timeline.segments(way, 0, 60_000) == [segment(5, "papers", 0, 59_700), segment(5, "work", 59_700, 60_000)]


def test_short_stays_are_widened_one_after_the_other():
    wait, work = timeline.Segment(0, "queue", 0, 60), timeline.Segment(0, "work", 60, 70)
    desk, beside = timeline.Segment(5, "papers", 500, 9_000), timeline.Segment(6, "work", 600, 700)
    assert timeline.widened([work, wait, desk, beside], 100) == [
        (wait, 0, 100),
        (work, 100, 100),
        (desk, 500, 8_500),
        (beside, 600, 100),
    ]


def test_journey_draws_the_same_case_in_all_scenarios(results):
    result = read_result(results[2])
    chosen = typical.typical_case(result)
    assert chosen is not None
    assert chosen.matter == "allowance"
    assert list(chosen.journeys) == result.names
    figure = draw(results[2], "journey", "en")
    for axes, name in zip(figure.axes, result.names, strict=False):
        case = chosen.journeys[name]
        mine = table(results[2], "legs.parquet", name)
        mine = mine[(mine["replication"] == chosen.replication) & (mine["case"] == chosen.case)]
        work = [part.get_width() for part in axes.patches if part.get_gid() == "work"]
        least = journey.LEAST * max(one["open_for_s"] for one in chosen.journeys.values())
        lasted = mine["worked_s"].clip(lower=least)
        assert work == pytest.approx((lasted / 86_400).tolist())
        end_s = 86_400 * max(part.get_x() + part.get_width() for part in axes.patches if part.get_gid())
        assert -1e-6 <= end_s - (case["closed_s"] - case["opened_s"]) <= least  # the last stay may be widened
    total = sum(part.get_width() for part in figure.axes[-1].patches[: len(palette.PART_FILLS)])
    assert total == pytest.approx(chosen.journeys[result.names[0]]["open_for_s"] / 86_400, rel=1e-3)


# -- results with little in them, and what is no result -------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", OF_ONE)
def test_a_result_in_which_nothing_happened_can_be_drawn(tmp_path, name, lang):
    folder = write_result(tmp_path, 1)
    for file in ("journeys.parquet", "legs.parquet"):
        pd.read_parquet(folder / file).iloc[:0].to_parquet(folder / file, index=False)
    for file in ("waits.csv", "queue_by_hour.csv"):
        pd.read_csv(folder / file).iloc[:0].to_csv(folder / file, index=False)
    teams = pd.read_parquet(folder / "teams.parquet")
    teams.assign(busy_s=0).to_parquet(folder / "teams.parquet", index=False)
    assert texts(draw(seal(folder), name, lang))


@pytest.mark.parametrize("name", ["pyramid", "structures", "use"])
def test_a_structure_without_places_can_be_drawn(tmp_path, name):
    folder = write_result(tmp_path, 1)
    teams = pd.read_csv(folder / "structure_teams.csv")
    teams[teams["base"] != "community"].assign(place="").to_csv(folder / "structure_teams.csv", index=False)
    assert texts(draw(seal(folder), name, "en"))


def test_differences_of_a_thousandfold_stay_on_the_page(tmp_path):
    folder = write_result(tmp_path, 2)
    comparison = pd.read_csv(folder / "comparison.csv")
    ends = ["difference", "difference_low", "difference_high"]
    comparison.loc[comparison["measure"] == "on_time_share", ends] *= 1000
    comparison.to_csv(folder / "comparison.csv", index=False)
    axes = draw(seal(folder), "differences", "en").axes[0]
    frame = axes.get_window_extent()
    for line in axes.lines:
        x = axes.transData.transform(line.get_xydata())[:, 0] if line.get_marker() != "None" else frame.x0
        assert np.all((frame.x0 <= x) & (x <= frame.x1))
    assert axes.get_xlabel() == "Difference in per cent (beyond 100%: logarithmic)"


def test_unknown_names_are_told_with_the_known_ones(results, tmp_path):
    with pytest.raises(UsageError) as caught:
        save(results[2], ["waits", "queue", "pie"], "en", ["png"], tmp_path / "out")
    known = ", ".join(CHARTS)
    assert str(caught.value).splitlines() == [
        f"there is no chart 'queue'; there are: {known}",
        f"there is no chart 'pie'; there are: {known}",
    ]
    with pytest.raises(UsageError, match=r"charts are not written as 'gif'; formats: png, svg, pdf"):
        save(results[2], ["waits"], "en", ["gif"], tmp_path / "out")
    with pytest.raises(UsageError, match=r"there is no language 'de'; there are: en, zh"):
        draw(results[2], "waits", "de")
    for name in ("differences", "systems"):
        with pytest.raises(UsageError, match="a result of one scenario has no differences"):
            draw(results[1], name, "en")
    assert not (tmp_path / "out").exists()


def test_without_names_a_run_has_all_charts_but_those_that_compare(results, tmp_path):
    written = save(results[1], out=tmp_path)
    assert [path.name for path in written] == [f"{name}-en.png" for name in OF_ONE]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda folder: (folder / "waits.csv").unlink(), "the result lacks waits.csv"),
        (lambda folder: (folder / "waits.csv").write_text("a,b\n", encoding="utf-8"), "bin_low_min"),
        (lambda folder: (folder / "resolved" / "invented-before.json").unlink(), "lacks invented-before.json"),
    ],
)
def test_what_another_version_did_not_keep_is_told(tmp_path, damage, message):
    folder = write_result(tmp_path, 1)
    damage(folder)
    seal(folder)
    with pytest.raises(ResultError, match=message) as caught:
        save(folder, ["waits"], "en", ["png"], tmp_path / "out")
    assert str(tmp_path) in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_file_that_fails_leaves_nothing_behind(results, tmp_path, monkeypatch):
    def fails(figure, path, **options):
        Path(path).write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", fails)
    with pytest.raises(OSError, match="disk full"):
        save(results[2], ["week"], "en", ["png"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_fonts_travel_with_their_licence():
    assert "SIL OPEN FONT LICENSE" in (FONT_FOLDER / "OFL.txt").read_text(encoding="utf-8").upper()
    assert {file.name for file in FONT_FOLDER.iterdir()} == {*letters.FONTS, "OFL.txt"}


def test_a_case_is_the_same_in_all_scenarios_only_if_it_is_of_one_matter_and_instant():
    """Where demand differs between scenarios, one number may stand for two cases."""
    rows = [
        ("one", 0, 7, "card", 100, 500),
        ("other", 0, 7, "lamp", 100, 900),
        ("one", 0, 8, "card", 200, 600),
        ("other", 0, 8, "card", 200, 700),
        ("one", 0, 9, "card", 300, 600),
        ("other", 0, 9, "card", 301, 700),
    ]
    columns = ["scenario", "replication", "case", "matter", "opened_s", "closed_s"]
    cases = pd.DataFrame(rows, columns=columns).assign(kind="resident", outcome="closed")
    assert set(closed_everywhere(cases, 2)["case"]) == {8}
