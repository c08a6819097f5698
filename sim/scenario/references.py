"""Names that must be somewhere else in the scenario: a route to nowhere is found here, with the nearest name.

Works on the tree, so that it also finds them in a file that has other faults.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Fault
from sim.evidence import facts
from sim.scenario.nearest import nearest
from sim.scenario.tree import Node, Path, fault, fields_at

_STEP = "structure.procedures.*.steps.*"
REFERENCES = {
    "structure.areas.*.communities.*": "community",
    "structure.teams.*.serves.*": "unit",
    "structure.teams.*.shared.*": "unit",
    "structure.teams.*.calendar": "calendar",
    "structure.duties.*.team": "team",
    "structure.discovery.patrols.*.duty": "duty",
    "structure.discovery.hotline.procedure": "procedure",
    f"{_STEP}.unit": "unit",
    f"{_STEP}.unit.*": "unit",
    f"{_STEP}.overflow.unit": "unit",
    f"{_STEP}.proxy.unit": "unit",
    f"{_STEP}.wrong_door.among.*": "unit",
    f"{_STEP}.order.by": "unit",
    f"{_STEP}.verify.unit": "unit",
    f"{_STEP}.merge.gate": "gate",
    f"{_STEP}.delay.gate": "gate",
    f"{_STEP}.delay.calendar": "calendar",
    "structure.rules.complaints": "procedure",
    "structure.ledger.posts.*.group": "group",
    "structure.ledger.posts.*.team": "team",
    "demand.matters.*.profile": "profile",
}
"""Where a name stands (``*``: any key or position), and what it names."""
HOMES: dict[str, Path] = {
    "community": ("structure", "communities"),
    "unit": ("structure", "units"),
    "team": ("structure", "teams"),
    "duty": ("structure", "duties"),
    "procedure": ("structure", "procedures"),
    "group": ("structure", "ledger", "groups"),
    "calendar": ("calendars",),
    "gate": ("gates",),
    "profile": ("demand", "profiles"),
}
"""Where each kind of thing is declared."""
OTHER_IDS: tuple[Path, ...] = (
    ("demand", "matters"),
    ("structure", "areas"),
    ("structure", "discovery", "patrols"),
    ("structure", "ledger", "posts"),
)
"""Where further ids are declared, which nothing refers to in a list of this module."""
REQUIRED = ("unit", "team", "procedure", "calendar")
"""Kinds of which every scenario has some."""


def matching(node: Node, pattern: tuple[str, ...], path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Path and node of everything that stands where a pattern says."""
    if not pattern:
        yield path, node
        return
    for key, part in node.parts:
        if pattern[0] in ("*", key):
            yield from matching(part, pattern[1:], (*path, key))


def nowhere(root: Node) -> Iterator[Fault]:
    """A fault for each name that names nothing (where a required part is missing altogether, that is the fault)."""
    for pattern, kind in REFERENCES.items():
        declared = fields_at(root, HOMES[kind])
        if declared is None and kind in REQUIRED:
            continue
        known = declared or {}
        for path, node in matching(root, tuple(pattern.split("."))):
            if isinstance(node.content, str) and node.content not in known:
                near = nearest(node.content, known)
                yield fault(f"scenario.no_{kind}", node.mark, path, name=node.content, nearest=near)
    for key, node in (fields_at(root, ("checked_against",)) or {}).items():
        if key not in facts():
            params = {"fact": key, "nearest": nearest(key, facts())}
            yield fault("source.fact_unknown", node.key or node.mark, ("checked_against", key), **params)


def bad_ids(root: Node) -> Iterator[Fault]:
    """A fault for each declared id that could not be named elsewhere: dots, spaces and colons part paths and lists."""
    for home in (*HOMES.values(), *OTHER_IDS):
        for key, node in (fields_at(root, home) or {}).items():
            if not key.replace("-", "").replace("_", "").isalnum():
                yield fault("scenario.id", node.key or node.mark, (*home, key), name=key)
