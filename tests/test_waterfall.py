"""The waterfall: what is drawn is what the table says, and nothing is cut off or overprinted."""

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from charts_fixture import texts
from matplotlib.colors import to_hex

from sim.charts.palette import lightness
from sim.charts.result import Head, Result
from sim.charts.style import write
from sim.charts.waterfall import DRAWN, FILLS, steps, waterfall
from sim.language import LANGUAGES

pytestmark = pytest.mark.filterwarnings("error")
NAMES = {
    "merging": {"zh": "合并社区", "en": "Merging communities"},
    "powers": {"zh": "一站办结的权限下放到社区管理服务站", "en": "One-stop powers handed down to the stations"},
    "windows": {"zh": "窗口坐岗", "en": "Windows on fixed duty"},
}
ROWS = ["before", *NAMES, "after"]
HEADS = tuple(
    Head(f"invented-{end}", {"zh": "虚构", "en": "Invented"}, digest * 8, 18_000)
    for end, digest in (("before", "abcd1234"), ("after", "ef567890"))
)
RESULT = Result(Path(), "sweep", HEADS, 4711, 3, 8.0, 13.0, "0.1.0", "12345678", {}, {})
MEANS = {
    "resident_hours_per_case": [1.17, 0.085, -0.49, 0.02, 0.785],
    "close_days": [10.2, -0.26, -5.2, 1.3, 6.04],
    "task_missed_share": [0.12, 0.11, -0.25, 0.06, 0.04],
}


def table(half_width=0.05, means=MEANS):
    rows = [
        (measure, "", part, mean, mean - half_width * values[0], mean + half_width * values[0])
        for measure, values in means.items()
        for part, mean in zip(ROWS, values, strict=True)
    ]
    elderly = [("close_days", "elderly", part, 99.0, 98.0, 100.0) for part in ROWS]
    return pd.DataFrame([*elderly, *rows], columns=["measure", "group", "part", "mean", "low", "high"])


def panels(figure):
    """The axes that hold bars."""
    return [axes for axes in figure.axes if axes.patches]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("half_width", [0.0, 0.05, 0.4, math.nan])
def test_nothing_is_cut_or_overprinted_and_it_says_what_ran(lang, half_width):
    figure = waterfall(table(half_width), NAMES, RESULT, lang)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    page = figure.bbox
    assert len(boxes) > 3 * len(ROWS)
    assert [words for words, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > page.x1 or box.y1 > page.y1] == []
    inner = [(words, box.padded(-3)) for words, box in boxes]
    assert [(one, other) for (one, a), (other, b) in combinations(inner, 2) if a.overlaps(b)] == []
    small_print = figure.texts[-1].get_text().replace("\n", " ")
    for word in ("invented-before", "invented-after", "abcd1234", "ef567890", "4711", "12345678"):
        assert word in small_print


def test_bars_stand_where_the_parts_before_them_end():
    figure = waterfall(table(), NAMES, RESULT, "en")
    assert len(panels(figure)) == len(DRAWN)
    for axes, values in zip(panels(figure), MEANS.values(), strict=True):
        begins = [0, values[0], values[0] + values[1], sum(values[:3]), 0]
        spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in axes.patches]
        expected = [sorted((begin, begin + value)) for begin, value in zip(begins, values, strict=True)]
        assert np.array(spans) == pytest.approx(np.array(expected))
        whiskers = [line.get_xdata() for line in axes.lines if line.get_marker() == "|"]
        reach = 0.05 * values[0]
        middle = [begin + value for begin, value in zip(begins, values, strict=True)]
        assert np.array(whiskers) == pytest.approx(np.array([[x - reach, x + reach] for x in middle]))


def test_the_last_part_ends_at_after():
    for values in MEANS.values():
        ends = steps(pd.DataFrame({"mean": values}, index=ROWS))
        assert ends[-2][1] == pytest.approx(ends[-1][1])


def test_what_lowers_and_what_raises_look_different_in_grey_too():
    figure = waterfall(table(), NAMES, RESULT, "en")
    bars = panels(figure)[1].patches
    kinds = ["whole", "less", "less", "more", "whole"]
    assert [to_hex(bar.get_facecolor()) for bar in bars] == [FILLS[kind].colour for kind in kinds]
    assert [bar.get_hatch() or "" for bar in bars] == [FILLS[kind].hatch for kind in kinds]
    light = sorted(lightness(fill.colour) for fill in FILLS.values())
    assert light[1] - light[0] > 25
    assert FILLS["more"].hatch != FILLS["less"].hatch


@pytest.mark.parametrize(("lang", "points"), [("en", "points"), ("zh", "个百分点")])
def test_numbers_beside_the_bars_have_their_signs_and_changes_of_shares_are_points(lang, points):
    figure = waterfall(table(), NAMES, RESULT, lang)
    said = [[text.get_text() for text in axes.texts] for axes in panels(figure)]
    assert said[1] == ["10.2", "−0.26", "−5.2", "+1.3", "6.04"]
    assert said[2] == ["12%", f"+11 {points}", f"−25 {points}", f"+6.0 {points}", "4.0%"]
    shares = panels(figure)[2]
    assert points.removeprefix("个") in shares.get_title("left")
    assert [text for text in (label.get_text() for label in shares.get_xticklabels()) if "%" in text] == []


def test_one_replication_has_no_whiskers():
    figure = waterfall(table(math.nan), NAMES, RESULT, "en")
    assert [line for axes in panels(figure) for line in axes.lines if line.get_marker() == "|"] == []


def test_parts_may_take_the_sum_below_zero():
    dips = {"close_days": [1.0, -1.5, 0.4, 0.3, 0.2]}
    (axes,) = panels(waterfall(table(means=dips), NAMES, RESULT, "en", ["close_days"]))
    assert axes.get_xlim()[0] < -0.5


def test_a_measure_that_is_not_there_is_left_out():
    only = table().query("measure == 'close_days'")
    assert len(panels(waterfall(only, NAMES, RESULT, "zh"))) == 1


def test_same_bytes_again(tmp_path):
    for name in ("a", "b"):
        write(waterfall(table(), NAMES, RESULT, "zh"), tmp_path / name, "png")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
