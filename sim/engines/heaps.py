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

    >>> keys = np.array([9, 2, 5, 3])
    >>> int(pop(keys, 1, 3)), keys[1:3].tolist()
    (2, [3, 5])
    """
    least = keys[start]
    last = keys[start + n - 1]
    n -= 1
    at = 0
    child = 1
    while child < n:
        below = keys[start + child]
        if child + 1 < n and keys[start + child + 1] < below:
            child += 1
            below = keys[start + child]
        if last <= below:
            break
        keys[start + at] = below
        at = child
        child = 2 * at + 1
    keys[start + at] = last
    return least
