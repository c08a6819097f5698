"""Tables of streets: read and checked, or made up; and the scenario that a row of one stands for."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from sim.distributions import factors
from sim.errors import Fault, UsageError
from sim.scenario.quantities import Draw
from sim.scenario.schema import Community, Scenario, Team
from sim.streams import Streams

MOST_FAULTS = 20
LARGEST = 10_000_000
SEPARATORS = {";": ";", "\t": "Tab", "，": "，", "|": "|"}
"""What may part columns in place of a comma, and how it is told."""
MORE = ""
"""Where the cells of a row stand that have no column."""


@dataclass(frozen=True)
class Street:
    """One row: a street, its households and communities, and the people there are.

    ``community_staff``: in all its communities together; ``street_staff``: on the street office's payroll;
    ``synthetic``: 1 if it was made up.
    """

    street: str
    households: int
    communities: int
    street_staff: int
    community_staff: int
    synthetic: int = 0


COLUMNS = tuple(field.name for field in fields(Street))
WHOLE = COLUMNS[1:5]
TEAMS = ("keeper", "others", "street-staff", "departments")
"""The teams that the reduced scenario must have."""


def read(path: Path) -> list[Street]:
    """The streets of a CSV file with the columns of :class:`Street`; all that is wrong is told at once, by line.

    Raises
    ------
    UsageError
        The file cannot be read, a column is missing, or a row is not one.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream, restkey=MORE)
            missing = [name for name in COLUMNS[:5] if name not in (rows.fieldnames or ())]
            other = _other_separator(rows.fieldnames or ())
            if other is not None:
                raise UsageError(Fault("country.separator", {"separator": other}, str(path), 1, 1))
            if missing:
                raise UsageError([Fault("country.column", {"column": name}, str(path), 1, 1) for name in missing])
            lines = [(rows.line_num, row) for row in rows]
    except UnicodeDecodeError as error:
        raise UsageError(Fault("country.not_utf8", {}, str(path))) from error
    except FileNotFoundError as error:
        raise UsageError(Fault("file.missing", {}, str(path))) from error
    except (OSError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UsageError(Fault("country.unreadable", {"why": why}, str(path))) from error
    faults: list[Fault] = []
    streets: list[Street] = []
    known: dict[str, int] = {}
    for line, row in lines:
        found = list(_faults(row, known))
        faults += [Fault(key, params, str(path), line, 1) for key, params in found]
        known.setdefault(row["street"] or "", line)
        if not found:
            numbers = {name: int(row[name]) for name in WHOLE}
            streets.append(Street(row["street"], **numbers, synthetic=int(row.get("synthetic") == "1")))
    if not lines:
        faults.append(Fault("country.empty", {}, str(path)))
    if len(faults) > MOST_FAULTS:
        more = Fault("country.more", {"n": len(faults) - MOST_FAULTS}, str(path))
        faults = [*faults[:MOST_FAULTS], more]
    if faults:
        raise UsageError(faults)
    return streets


def _other_separator(header: Sequence[str]) -> str | None:
    """What parts the columns where it is no comma: the header is one cell with the names of all columns in it.

    >>> _other_separator(["street;households;communities;street_staff;community_staff"]), _other_separator(["street"])
    (';', None)
    """
    names = set(COLUMNS[:5])
    for sign, told in SEPARATORS.items():
        if len(header) == 1 and names <= {cell.strip(' "') for cell in header[0].split(sign)}:
            return told
    return None


def _faults(row: dict[str, Any], known: dict[str, int]) -> Iterator[tuple[str, dict[str, object]]]:
    """What is wrong with one row."""
    if not row["street"]:
        yield "country.no_name", {}
    elif row["street"] in known:
        yield "country.twice", {"street": row["street"], "line": known[row["street"]]}
    if MORE in row:
        yield "country.cells", {"values": ", ".join(row[MORE])}
    bad = [name for name in WHOLE if not _is_count(row[name])]
    for name in bad:
        yield "country.number", {"column": name, "value": row[name] or "", "most": LARGEST}
    if bad:
        return
    n = {name: int(row[name]) for name in WHOLE}
    if n["communities"] > n["households"]:
        yield "country.communities", {"communities": n["communities"], "households": n["households"]}
    if n["community_staff"] < n["communities"]:
        yield "country.nobody", {"staff": n["community_staff"], "communities": n["communities"]}


def _is_count(text: str | None) -> bool:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST)):
        return False
    return 1 <= int(text) <= LARGEST


def synthetic(n: int, seed: int) -> list[Street]:
    """Made-up streets, for tests of size and speed: no figure about any real place can be taken from them.

    Households are spread about 13,400 and those of a community about 2,600, each with half as much again either way;
    five to nine people stand in a community and 30 to 70 in a street office. A longer table begins with a shorter one.

    >>> [street.street for street in synthetic(2, seed=1)], synthetic(2, seed=1) == synthetic(3, seed=1)[:2]
    (['synthetic-0001', 'synthetic-0002'], True)
    """
    luck = Streams(seed, 0)
    spread = Draw.model_validate({"mean": "1 h", "cv": 0.5, "distribution": "lognormal"})
    households = np.clip(13_400 * factors(spread, luck.uniforms("streets", "households", n)), 800, 80_000)
    size = np.clip(2_600 * factors(spread, luck.uniforms("streets", "community size", n)), 600, 12_000)
    communities = np.maximum(np.rint(households / size), 1).astype(np.int64)
    staff = 30 + (41 * luck.uniforms("streets", "street staff", n)).astype(np.int64)
    each = 5 + (5 * luck.uniforms("streets", "community staff", n)).astype(np.int64)
    return [
        Street(f"synthetic-{k + 1:04d}", int(h), int(c), int(s), int(c * e), synthetic=1)
        for k, (h, c, s, e) in enumerate(zip(households, communities, staff, each, strict=True))
    ]


def write(streets: list[Street], path: Path) -> None:
    """Write a table of streets as CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(street) for street in streets)


def seed_of(street: Street, seed: int) -> int:
    """The seed of a street's luck: its own, whatever else the table holds."""
    return int.from_bytes(hashlib.blake2b(f"{seed}/{street.street}".encode(), digest_size=8).digest(), "little")


def shares(total: int, n: int) -> list[int]:
    """A total dealt out as evenly as can be.

    >>> shares(7, 3)
    [3, 2, 2]
    """
    least, more = divmod(total, n)
    return [least + (k < more) for k in range(n)]


def scenario_of(street: Street, base: Scenario) -> Scenario:
    """The base scenario with a street's own households, communities and people.

    In each community one keeps the counter (team ``keeper``) and the ``others`` come between their duties. The base
    says how many of a Jinfeng street's 50 see to residents' matters (``street-staff``) and how many of the departments'
    people are there for its 18,000 households; both are scaled.
    """
    names = [f"c{k + 1}" for k in range(street.communities)]
    sizes = dict(zip(names, shares(street.households, street.communities), strict=True))
    people = dict(zip(names, shares(street.community_staff, street.communities), strict=True))
    teams = base.structure.teams
    scale = {
        "keeper": 1,
        "others": {name: n - 1 for name, n in people.items()},
        "street-staff": _scaled(teams["street-staff"], street.street_staff / STAFF_OF_BASE),
        "departments": _scaled(teams["departments"], street.households / base.place.households),
    }
    structure = base.structure.model_copy(
        update={
            "communities": {name: Community(households=n) for name, n in sizes.items()},
            "teams": {name: team.model_copy(update={"size": scale[name]}) for name, team in teams.items()},
        }
    )
    place = base.place.model_copy(update={"households": street.households})
    return base.model_copy(update={"place": place, "structure": structure})


STAFF_OF_BASE = 50
"""People of the street office that the base scenario's ``street-staff`` is a part of."""


def _scaled(team: Team, factor: float) -> int:
    return max(1, round(sum(team.size.values()) * factor if isinstance(team.size, dict) else team.size * factor))
