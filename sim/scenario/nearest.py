"""The known names closest to one that is not known, as a message shows them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher


def nearest(name: str, known: Iterable[str], most: int = 3) -> str:
    """Up to ``most`` known names, the closest first (then by letter); a dash where there are none.

    >>> nearest("siez", ["serves", "size", "calendar"], 1)
    'size'
    """
    ranked = sorted(set(known), key=lambda other: (-SequenceMatcher(None, name, other).ratio(), other))
    return ", ".join(ranked[:most]) or "—"
