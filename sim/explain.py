"""A scenario laid open: every number with its source, the staff ledger, the face sheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from sim import terminal
from sim.evidence import facts
from sim.facesheet import face_sheet
from sim.language import pick, say
from sim.scenario import Loaded
from sim.scenario.levers.move import street_office
from sim.scenario.levers.roster import roster
from sim.scenario.places import STREET, households_by_place, realised_size
from sim.scenario.schema import Group, Post, Scenario, Structure, Team
from sim.scenario.sources import Source


def show(loaded: Loaded, lang: str) -> None:
    """Print the numbers by part, the facts they rest on, the ledger, and the face sheet."""
    terminal.tell(f"{loaded.scenario.name}: {pick(loaded.scenario.title.model_dump(), lang)}\n")
    n_of_kind = Counter(_kind(loaded.sources.get(path), lang) for path in loaded.written)
    shares = {kind: f"{n} ({n / len(loaded.written):.0%})" for kind, n in n_of_kind.most_common()}
    counts = say("cli.explain.list", lang).join(f"{kind} {share}" for kind, share in shares.items())
    terminal.tell(say("cli.explain.count", lang, n=len(loaded.written), counts=counts) + "\n")
    header = [say(f"cli.explain.{name}", lang) for name in ("path", "value", "kind", "range", "note")]
    for part, paths in groupby(loaded.written, key=part_of):
        whys: dict[str, int] = {}
        rows = list(numbers(loaded, list(paths), lang, whys))
        terminal.tell(say("cli.explain.numbers", lang, part=part))
        terminal.show_table(header, rows, n_text_columns=len(header))
        terminal.show_table(("", ""), [(f"[{n}]", why) for why, n in whys.items()], n_text_columns=2)
        terminal.tell("")
    if used := facts_used(loaded, lang):
        terminal.tell(say("cli.explain.facts", lang))
        header = [say(f"cli.explain.{name}", lang) for name in ("id", "value", "quantity", "origin")]
        terminal.show_table(header, used, n_text_columns=len(header))
        terminal.tell("")
    if levers := list(verbs(loaded, lang)):
        terminal.tell(say("cli.explain.levers", lang))
        terminal.show_table(("", ""), levers, n_text_columns=2)
        terminal.tell("")
    if loaded.scenario.structure.ledger.groups:
        terminal.tell(say("cli.explain.ledger", lang))
        header = [say(f"cli.explain.{name}", lang) for name in ("group", "status", "posts", "people")]
        terminal.show_table(header, ledger(loaded.scenario, lang), n_text_columns=3)
        terminal.tell("")
    terminal.tell(say("cli.explain.face_sheet", lang))
    terminal.show_table(("", ""), face_sheet(loaded.scenario, lang), n_text_columns=2)


def part_of(path: str) -> str:
    """The part of a scenario that a number stands in: ``demand``, or ``structure.teams``.

    >>> part_of("demand.matters.card.rate"), part_of("structure.teams.window.size"), part_of("run.seed")
    ('demand.matters', 'structure.teams', 'run')
    """
    steps = path.split(".")
    return ".".join(steps[:2]) if steps[0] in ("demand", "structure") else steps[0]


def numbers(loaded: Loaded, paths: Sequence[str], lang: str, whys: dict[str, int]) -> Iterator[tuple[str, ...]]:
    """For each number of a part: path within it, value, kind of source, range, and the number of its note.

    Notes (why, or which facts) are added to ``whys`` as they come, each once.
    """
    for path in paths:
        source = loaded.sources.get(path)
        why = "" if source is None else _why(source, lang)
        note = f"[{whys.setdefault(why, len(whys) + 1)}]" if why else ""
        spread = "" if source is None else _range(source)
        yield path.removeprefix(f"{part_of(path)}."), str(loaded.written[path]), _kind(source, lang), spread, note


def facts_used(loaded: Loaded, lang: str) -> list[tuple[str, ...]]:
    """Id, value, what it is and where it stands, of each fact that a number rests on, in the order of first use."""
    ids = dict.fromkeys(name for source in loaded.sources.values() for name in source.ids)
    known = [facts()[name] for name in ids if name in facts()]
    return [
        (fact.id, f"{fact.value} {fact.unit}", fact.words(lang), ", ".join(filter(None, (fact.origin, fact.year))))
        for fact in known
    ]


def _kind(source: Source | None, lang: str) -> str:
    return say(f"cli.explain.{source.kind if source else 'none'}", lang)


def _range(source: Source) -> str:
    if source.factor is not None:
        return f"× {source.factor[0]:g} – {source.factor[1]:g}"
    return "" if source.low is None else f"{source.low} – {source.high}"


def _why(source: Source, lang: str) -> str:
    words = source.why[lang] if isinstance(source.why, Mapping) else source.why
    ids = say("cli.explain.list", lang).join(source.ids)
    return say("cli.explain.also", lang).join(filter(None, (words, ids)))


def verbs(loaded: Loaded, lang: str) -> Iterator[tuple[str, str]]:
    """What the scenario's verbs asked for, and what has come of it."""
    structure, resize, move = loaded.scenario.structure, loaded.levers.communities, loaded.levers.move
    if resize is not None:
        size = {"n": len(structure.communities), "size": realised_size(structure)}
        yield _asked("communities", resize.model_dump(exclude_none=True)), say("cli.explain.realised", lang, **size)
    if move is not None:
        left = sum(roster(structure).sizes()[name, STREET] for name in street_office(structure))
        asked = {"staff": move.staff, "already": move.already, "by": move.by}
        key = "cli.explain.moved_down" if move.n_down >= 0 else "cli.explain.moved_up"
        yield _asked("move", asked), say(key, lang, n=abs(move.n_down), left=left)


def _asked(verb: str, what: Mapping[str, object]) -> str:
    return f"{verb}: {{{', '.join(f'{key}: {value}' for key, value in what.items())}}}"


def ledger(scenario: Scenario, lang: str) -> Iterator[tuple[str, ...]]:
    """Each group of people: name, status, where they stand and how many there; and how many there are."""
    structure = scenario.structure
    for name, group in structure.ledger.groups.items():
        posts = [post for post in structure.ledger.posts.values() if post.group == name]
        n_here: Counter[tuple[str, str | None, bool]] = Counter()
        for post in posts:
            n_here[post.team, post.at, post.government_work] += post.n
        there = [
            Post(group=name, team=team, at=at, n=n, government_work=works) for (team, at, works), n in n_here.items()
        ]
        stand = say("cli.explain.list", lang).join(_post(structure, post, lang) for post in there)
        yield _name(group, name, lang), say(f"cli.explain.{group.status}", lang), stand, str(group.n)


def _post(structure: Structure, post: Post, lang: str) -> str:
    """The team, how many of the group are in it, and in how many places, or in which."""
    team = structure.teams[post.team]
    n_places = 1 if post.at is not None else len(households_by_place(structure, team.each))
    words = f"{_name(team, post.team, lang)}{f'@{post.at}' if post.at else ''} {post.n}"
    words += f" × {n_places}" if n_places > 1 else ""
    return words if post.government_work else words + say("cli.explain.self_governance", lang)


def _name(named: Group | Team, key: str, lang: str) -> str:
    return pick(named.name.model_dump(), lang) if named.name else key
