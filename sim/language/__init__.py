"""Every word a user sees, in Chinese and English: one catalogue, ``catalogue.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "zh")
DEFAULT_LANGUAGE = "en"


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = files("sim.language").joinpath("catalogue.csv").read_text(encoding="utf-8")
    return {row["key"]: {"en": row["en"], "zh": row["zh"]} for row in csv.DictReader(text.splitlines())}


def say(key: str, lang: str = DEFAULT_LANGUAGE, /, **params: Any) -> str:
    """The words of a catalogue key in one language, with its blanks filled in.

    >>> say("level.community", "zh")
    '社区'
    """
    return _catalogue()[key][lang].format(**params)


def has(key: str) -> bool:
    """Whether the catalogue knows a key."""
    return key in _catalogue()


def pick(text: Mapping[str, str] | str, lang: str = DEFAULT_LANGUAGE) -> str:
    """A scenario's own bilingual text in one language."""
    return text if isinstance(text, str) else text[lang]
