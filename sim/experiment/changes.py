"""Changes that an experiment file makes to a scenario: values laid over it by dotted path, with their sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sim.errors import Fault
from sim.language import LANGUAGES, say
from sim.scenario.nearest import nearest
from sim.scenario.sources import take_off
from sim.scenario.tree import Mark, Node, Path, fault, from_plain, plain, put


def values_of(node: Node, path: Path, faults: list[Fault]) -> Mapping[str, Node]:
    """What a change lays over a scenario under ``set``, by dotted path; its numbers keep the sources beside them."""
    values = take_off(node.fields.get("set", Node({}, node.mark)), faults, (*path, "set")).fields
    if not values:
        faults.append(fault("scenario.missing_key", node.where, (*path, "set"), key="set"))
    return values


def laid_over(root: Node, values: Mapping[str, Node], faults: list[Fault]) -> Node:
    """The tree with values laid over it, one after the other."""
    for path, value in values.items():
        root = _laid(root, tuple(path.split(".")), value, faults)
    return root


def _laid(root: Node, path: tuple[str, ...], value: Node, faults: list[Fault]) -> Node:
    """The tree with a value laid over what is at a path; all above it must be there, and what is taken away also."""
    above: Node | None = root
    for number, step in enumerate(path):
        last = number == len(path) - 1
        below = above.part(int(step) if step.isdigit() else step) if above is not None else None
        may_be_new = last and value.content is not None and above is not None and isinstance(above.content, dict)
        if below is None and not may_be_new:
            known = [str(key) for key, _ in above.parts] if above is not None else []
            near = nearest(step, known)
            faults.append(fault("parts.no_place", value.key or value.mark, path, step=step, nearest=near))
            return root
        above = below
    return put(root, path, value, faults)


def both_languages(node: Node | None, path: Path, faults: list[Fault], at: Mark | None = None) -> dict[str, str]:
    """A text in both languages."""
    if node is None or set(node.fields) != set(LANGUAGES):
        mark = node.where if node is not None else at or Mark("")
        faults.append(fault("scenario.both_languages", mark, path, value="—" if node is None else "…"))
    fields = node.fields if node is not None else {}
    return {lang: str(fields[lang].content) for lang in LANGUAGES if lang in fields}


def named(root: Node, ids: Iterable[str], titles: Mapping[str, str], mark: Mark) -> Node:
    """The tree under another name and title, without what the file says of itself."""
    base = plain(root)
    kept = {key: node for key, node in root.fields.items() if key not in ("about", "checked_against")}
    kept["name"] = from_plain("-".join([base["name"], *ids]), mark)
    kept["title"] = from_plain(dict(titles), mark)
    return replace(root, content=kept)


def joined(key: str, texts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Texts put together in both languages."""
    every = list(texts)
    return {lang: say(key, lang).join(text[lang] for text in every) for lang in LANGUAGES}
