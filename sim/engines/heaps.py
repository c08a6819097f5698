"""Binary heaps of whole numbers inside one array, for the compiled engine: the least is at the front.

A heap is a stretch of ``keys`` that begins at ``start``; ``n`` is how many keys it holds.
"""

from __future__ import annotations

import numpy as np


def push(keys: np.ndarray, start: int, n: int, key: int) -> None:
    """Add a key to a heap of ``n`` keys.

    >>> keys = np.array([9, 3, 5, 0])
    >>> push(keys, 1, 2, 2)
    >>> keys.tolist()
    [9, 2, 5, 3]
    """
    at = n
    while at > 0:
        parent = (at - 1) >> 1
        above = keys[start + parent]
        if above <= key:
            break
        keys[start + at] = above
        at = parent
    keys[start + at] = key


def pop(keys: np.ndarray, start: int, n: int) -> int:
    """Take the least key from a heap of ``n`` keys.

    The hole goes down to a leaf along the lesser children, and the last key up from there (Floyd's way, see Knuth 5.2.3
    exercise 18): fewer comparisons, and hardly any that a processor guesses wrong.

    >>> keys = np.array([9, 2, 5, 3])
    >>> int(pop(keys, 1, 3)), keys[1:3].tolist()
    (2, [3, 5])
    """
    least = keys[start]
    n -= 1
    last = keys[start + n]
    at, child = 0, 1
    while child + 1 < n:
        child += keys[start + child + 1] < keys[start + child]
        keys[start + at] = keys[start + child]
        at = child
        child = 2 * at + 1
    if child < n:
        keys[start + at] = keys[start + child]
        at = child
    push(keys, start, at, last)
    return least
