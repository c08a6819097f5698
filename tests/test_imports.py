"""Who may import whom: read from the source, so that the house keeps its order."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sim"
LAYERS = (
    {"language", "units", "evidence"},
    {"errors", "tables"},
    {"scenario"},
    {"calendars", "streams", "distributions"},
    {"structure", "demand"},
    {"itineraries"},
    {"rules"},
    {"engines"},
    {"hours", "intact", "sketch", "statistics", "theory"},
    {"stays"},
    {"journeys", "measures"},
    {"charts"},
    {"experiment"},
    {"facesheet", "terminal"},
    {"page", "typed"},
    {"explain", "summary", "sweep_summary"},
    {"cli"},
    {"__main__", "__init__"},
)
"""From the ground up: a module imports from lower layers only, so those of one layer do not know each other."""
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
KEPT_APART = {
    "simpy": "engines/simpy_engine.py",
    "matplotlib": "charts/",
    "typer": "cli.py",
    "rich": "terminal.py",
    "distributed": "experiment/cluster.py",
}
"""Libraries that one place alone may import (elsewhere their types may be named)."""
NEVER_BY_NAME = "numba"
"""Imported where it is needed by ``import_module``, so that the package works without it."""
FILES = sorted(PACKAGE.rglob("*.py"))


def room(file: Path) -> str:
    """The part of the package that a file belongs to."""
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(source: str) -> set[str]:
    """Dotted names of all modules that a source imports, wherever in it, also for type checking only."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the package"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def at_run_time(source: str) -> str:
    """A source without what is imported for type checking only."""
    tree = ast.parse(source)
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    return ast.unparse(tree)


def rooms_known_by(file: Path) -> set[str]:
    """The other parts of the package that a file imports."""
    parts = (name.split(".") for name in imported(file.read_text(encoding="utf-8")))
    return {part[1] for part in parts if part[0] == "sim" and len(part) > 1} - {room(file)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_run_downward(file):
    known = rooms_known_by(file)
    assert room(file) in RANK, "a new part of the package needs its place in LAYERS"
    assert {name for name in known if RANK[name] >= RANK[room(file)]} == set()


@pytest.mark.parametrize("library", KEPT_APART)
def test_a_library_is_imported_in_its_place_only(library):
    users = {
        file.relative_to(PACKAGE).as_posix()
        for file in FILES
        if any(name.split(".")[0] == library for name in imported(at_run_time(file.read_text(encoding="utf-8"))))
    }
    assert users
    assert {user for user in users if not user.startswith(KEPT_APART[library])} == set()


def test_the_compiler_is_named_in_its_place_only():
    texts = {file.relative_to(PACKAGE).as_posix(): file.read_text(encoding="utf-8") for file in FILES}
    assert [name for name, text in texts.items() if NEVER_BY_NAME in imported(text)] == []
    assert [name for name, text in texts.items() if f'import_module("{NEVER_BY_NAME}' in text] == ["engines/jit.py"]


def test_no_module_makes_random_generators_but_streams():
    makers = {
        file.name
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"Generator", "default_rng", "RandomState", "SeedSequence"}
    }
    assert makers == {"streams.py"}


def test_imports_are_found_in_every_form():
    source = "import a.b\nfrom sim import c\ndef f():\n    from sim.d.e import g\n"
    assert imported(source) == {"a.b", "sim.c", "sim.d.e.g"}
