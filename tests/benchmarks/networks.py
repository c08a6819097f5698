"""Two textbook networks as arrays drawn beforehand, for our engines (as tables) and for plain SimPy alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.tables import (
    CALENDARS,
    GATES,
    ITINERARIES,
    NONE,
    TEAMS,
    UNITS,
    AtClose,
    Closing,
    EngineInput,
    Ready,
)
from sim.units import DAY_S, HOUR_S, WEEK_S

EMPTY = dict.fromkeys(ITINERARIES, NONE) | {
    "kind": 0, "visit": 0, "present": 0, "ready_kind": int(Ready.WALL), "n_tries": 0,
}  # fmt: skip
OPENS_S, CLOSES_S, WORKING_DAYS = 9 * HOUR_S, 17 * HOUR_S, 5


@dataclass(frozen=True)
class Network:
    """Cases in the order of coming: when, of which class, and the work at each station (0: does not go there)."""

    came_s: np.ndarray
    class_: np.ndarray
    work_s: tuple[np.ndarray, ...]
    delay_s: np.ndarray
    sizes: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.came_s)


def tandem(n: int, seed: int = 1) -> Network:
    """A (5 servers), with .3 a delay and B (14), with .2 of these C (3); first come, first served, always open."""
    draw = np.random.default_rng(seed)
    goes_on = draw.random(n) < 0.3
    ends = draw.random(n) >= 0.2
    work = [_seconds(draw, mean, n) for mean in (255, 2380, 2550)]
    work[1][~goes_on] = 0
    work[2][~goes_on | ends] = 0
    came_s = np.cumsum(draw.exponential(60, n)).astype(np.int64)
    return Network(came_s, np.ones(n, np.int64), tuple(work), _seconds(draw, HOUR_S, n), (5, 14, 3))


def office(n: int, seed: int = 1) -> Network:
    """A, then B, by one pool of 19; a third of the cases go first; weekdays 9 to 17, work pauses at closing."""
    draw = np.random.default_rng(seed)
    day, open_s = np.divmod(np.cumsum(draw.exponential(40, n)).astype(np.int64), CLOSES_S - OPENS_S)
    came_s = (day // WORKING_DAYS * 7 + day % WORKING_DAYS) * DAY_S + OPENS_S + open_s
    class_ = (draw.random(n) > 1 / 3).astype(np.int64)
    work = (_seconds(draw, 300, n), _seconds(draw, 350, n))
    return Network(came_s, class_, work, np.zeros(n, np.int64), (19,))


def _seconds(draw: np.random.Generator, mean: float, n: int) -> np.ndarray:
    return np.maximum(1, np.rint(draw.exponential(mean, n))).astype(np.int64)


def tandem_input(network: Network) -> EngineInput:
    """The tandem as tables."""
    end_s = int(network.came_s[-1]) + 10 * WEEK_S
    return _input(network, (0, 1, 2), [(0, 0, end_s + 1, 0)], end_s)


def office_input(network: Network) -> EngineInput:
    """The office as tables."""
    end_s = int(network.came_s[-1]) + 10 * WEEK_S
    days = [day for day in range(end_s // DAY_S + 60) if day % 7 < WORKING_DAYS]
    hours = [(0, day * DAY_S + OPENS_S, day * DAY_S + CLOSES_S, 0) for day in days]
    return _input(network, (0, 0), hours, end_s)


def _input(
    network: Network, queues: tuple[int, ...], hours: list[tuple[int, int, int, int]], end_s: int
) -> EngineInput:
    """``queues``: the queue of each station."""
    stations = len(network.work_s)
    goes = np.array(network.work_s) > 0
    tables = []
    for station in range(stations):
        here = np.flatnonzero(goes[station])
        is_first, is_last = station == 0, station == stations - 1
        on = np.zeros(len(here), bool) if is_last else goes[station + 1][here]
        columns = EMPTY | {
            "case": here,
            "row": station,
            "unit": queues[station],
            "n_before": 0 if is_first else 1,
            "opens_s": network.came_s[here] if is_first else NONE,
            "ready_s": network.delay_s[here] if station == 1 else 0,
            "work_s": network.work_s[station][here],
            "class": network.class_[here],
            "next_done": np.where(on, station + 1, NONE),
        }
        tables.append(pd.DataFrame(columns, columns=list(ITINERARIES)))
    rows = pd.concat(tables).sort_values(["case", "row"], ignore_index=True).astype("int64")
    units = [(queue, int(Closing.PAUSE), int(AtClose.HOLD), 0, 0) for queue in range(len(network.sizes))]
    teams = [(team, size, 0, str(team)) for team, size in enumerate(network.sizes)]
    return EngineInput(
        rows,
        pd.DataFrame(units, columns=list(UNITS)),
        pd.DataFrame(teams, columns=list(TEAMS)),
        pd.DataFrame(hours, columns=list(CALENDARS)),
        pd.DataFrame(columns=list(GATES), dtype="int64"),
        end_s,
    )
