"""The catalogue of words: each key once, in both languages, with the same blanks."""

import csv
from importlib.resources import files
from string import Formatter

from sim.language import LANGUAGES, say


def rows():
    text = files("sim.language").joinpath("catalogue.csv").read_text(encoding="utf-8")
    return list(csv.reader(text.splitlines()))


def blanks(text):
    """What is filled into a text, with how it is written: ``("size", ",.0f")``."""
    return {(name, how) for _, name, how, _ in Formatter().parse(text) if name is not None}


def test_each_row_is_a_key_and_its_words_in_both_languages():
    head, *rest = rows()
    assert head == ["key", *LANGUAGES]
    assert [row for row in rest if len(row) != 3 or not all(row)] == []
    keys = [row[0] for row in rest]
    assert sorted(set(keys)) == sorted(keys)


def test_both_languages_have_the_same_blanks():
    assert [row[0] for row in rows()[1:] if blanks(row[1]) != blanks(row[2])] == []


def test_a_number_with_a_comma_is_written_in_chinese_too():
    assert say("cli.explain.realised", "zh", n=4, size=4500) == "分为4个社区，实际平均规模4,500户"
