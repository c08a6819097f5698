"""Keyed random streams: the same key gives the same luck, whatever else a scenario holds.

A key is (seed, replication, stream, purpose, attempt); the position in the returned array is the index of the case
in its stream. Nothing else in the package makes a random generator.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np


@cache
def _words(text: str) -> tuple[int, int]:
    """Two 32-bit words that stand for a text in every process and on every machine."""
    digest = hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:], "little")


@dataclass(frozen=True)
class Streams:
    """All luck of one replication.

    >>> luck = Streams(seed=1, replication=0)
    >>> bool((luck.uniforms("senior-card", "work", 3) == luck.uniforms("senior-card", "work", 5)[:3]).all())
    True
    """

    seed: int
    replication: int

    def uniforms(self, stream: str, purpose: str, n: int, attempt: int = 0) -> np.ndarray:
        """The first ``n`` uniforms in [0, 1) of a key."""
        key = (self.replication, *_words(stream), *_words(purpose), attempt)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(self.seed, spawn_key=key))).random(n)
