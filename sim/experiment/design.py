"""What is to be run: scenarios, replications, seed, engine; and the digest that stands for all of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

from sim.engines import DEFAULT, ENGINES, serving
from sim.errors import Fault, UsageError
from sim.scenario import Loaded
from sim.scenario.schema import Run, Scenario

Command = Literal["run", "compare"]
LONGEST_NAME = 60
MOST_REPLICATIONS = 1_000_000
"""Replications are numbered below it; pilot runs from it on."""
MAY_NOT_CHANGE_NUMBERS = {"__main__.py", "charts", "cli.py", "explain.py", "facesheet.py", "language", "terminal.py"}


@dataclass(frozen=True)
class Question:
    """What a comparison is to answer, as an experiment file says it; ``shown``: measures or measure/group to print."""

    experiment: str
    option: str | None
    title: Mapping[str, str]
    question: Mapping[str, str]
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Design:
    """An experiment before it is run; ``precision``, if given, takes the place of ``replications``.

    ``engine`` is the one asked for; :attr:`serving` the one that serves.
    """

    command: Command
    loaded: tuple[Loaded, ...]
    seed: int
    replications: int
    precision: float | None
    engine: str
    asked: Question | None = None

    @property
    def serving(self) -> str:
        """The engine that serves: not the one asked for where that cannot run."""
        return serving(self.engine)

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios, the first being the one that others are compared with."""
        return tuple(loaded.scenario for loaded in self.loaded)

    @property
    def settings(self) -> Run:
        """The first scenario's run settings: cohort and drain are common to all compared."""
        return self.loaded[0].scenario.run

    @property
    def name(self) -> str:
        """Name of the result: the scenario's, that of the experiment file, or ``compare-A-B``."""
        if self.asked is not None:
            return self.asked.experiment
        names = [scenario.name for scenario in self.scenarios]
        name = names[0] if self.command == "run" else "-".join(["compare", *names])
        return name[:LONGEST_NAME].rstrip("-")

    @cached_property
    def digest(self) -> str:
        """What the files of the result depend on, as 64 hexadecimal digits."""
        identity = {
            "command": self.command,
            "scenarios": [[loaded.digest, digest_of(loaded.resolved())] for loaded in self.loaded],
            "asked": None if self.asked is None else asdict(self.asked),
            "seed": self.seed,
            "replications": self.replications if self.precision is None else None,
            "precision": self.precision,
            "engine": [self.engine, self.serving],
            "version": version("yizhan"),
            "code": code_digest(),
            "warm_up": [scenario.run.warm_up for scenario in self.scenarios],
            "cohort_s": self.settings.cohort,
            "drain_s": self.settings.drain,
        }
        return digest_of(identity)


def digest_of(identity: Any) -> str:
    """SHA-256 of a JSON value, whatever the order of its keys.

    >>> digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    True
    """
    text = json.dumps(identity, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def code_digest() -> str:
    """SHA-256 of the package's source, without what only presents numbers: a result is reused by the same code only."""
    sources = sorted(_sources(files("sim"), ""))
    return digest_of(sources)


def _sources(folder: Traversable, path: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for item in folder.iterdir():
        if item.name in MAY_NOT_CHANGE_NUMBERS:
            continue
        if item.is_dir():
            found += _sources(item, f"{path}{item.name}/")
        elif item.name.endswith(".py"):
            found.append((path + item.name, item.read_text(encoding="utf-8")))
    return found


def option_faults(replications: int | None, precision: float | None, seed: int | None, engine: str) -> list[Fault]:
    """What is wrong with the options by which anything is run."""
    faults: list[Fault] = []
    if engine not in ENGINES:
        faults.append(Fault("engine.unknown", {"engine": engine, "known": ", ".join(ENGINES)}))
    if replications is not None and precision is not None:
        faults.append(Fault("cli.replications_or_precision"))
    if replications is not None and not 1 <= replications <= MOST_REPLICATIONS:
        faults.append(Fault("cli.replications_range", {"value": replications, "most": MOST_REPLICATIONS}))
    if precision is not None and not 0 < precision < 1:
        faults.append(Fault("cli.precision_range", {"value": precision}))
    if seed is not None and seed < 0:
        faults.append(Fault("cli.seed_range", {"value": seed}))
    return faults


def design(
    command: Command,
    loaded: Sequence[Loaded],
    *,
    replications: int | None = None,
    precision: float | None = None,
    seed: int | None = None,
    engine: str = DEFAULT,
    asked: Question | None = None,
) -> Design:
    """An experiment whose settings, where not given, are those of the first scenario.

    Raises
    ------
    UsageError
        If a scenario is named twice, an option is out of range, or the engine is not known.
    """
    faults: list[Fault] = []
    names = [item.scenario.name for item in loaded]
    if command == "compare" and len(loaded) < 2:
        faults.append(Fault("cli.too_few_scenarios"))
    faults += [Fault("cli.same_name", {"name": name}) for name in sorted({n for n in names if names.count(n) > 1})]
    faults += option_faults(replications, precision, seed, engine)
    if faults:
        raise UsageError(faults)
    run = loaded[0].scenario.run
    return Design(
        command,
        tuple(loaded),
        run.seed if seed is None else seed,
        run.replications if replications is None else replications,
        precision,
        engine,
        asked,
    )


def read_precision(text: str) -> float:
    """A precision as it is typed, as a share.

    Raises
    ------
    UsageError
        It is not a number, or not between 0 and 1.

    Examples
    --------
    >>> read_precision("5%"), read_precision("0.05")
    (0.05, 0.05)
    """
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if number != text.strip() else 1)
    except ValueError as error:
        raise UsageError(Fault("cli.precision_range", {"value": text})) from error
    if not 0 < share < 1:
        raise UsageError(Fault("cli.precision_range", {"value": text}))
    return share
