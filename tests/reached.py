"""Which ways through a module's functions were taken while something ran."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

LEFT = -1
"""In place of a line: the function was left."""

Steps = set[tuple[int, int]]


@contextmanager
def steps_in(*modules: ModuleType) -> Iterator[dict[ModuleType, Steps]]:
    """From which line to which other the functions of each module go, within this."""
    steps: dict[ModuleType, Steps] = {module: set() for module in modules}
    of_file = {module.__file__: steps[module] for module in modules}

    def enter(frame: FrameType, _event: str, _given: Any) -> Any:
        mine = of_file.get(frame.f_code.co_filename)
        if mine is None:
            return None
        last = frame.f_code.co_firstlineno

        def go_on(inner: FrameType, event: str, _given: Any) -> Any:
            nonlocal last
            if event in ("line", "return"):
                line = LEFT if event == "return" else inner.f_lineno
                mine.add((last, line))
                last = line
            return go_on

        return go_on

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        yield steps
    finally:
        sys.settrace(before)


def ways_not_taken(module: ModuleType, steps: Steps, functions: set[str]) -> list[str]:
    """Statements that were never reached, and conditions and loops that always went one way."""
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    missed = []
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef) or function.name not in functions:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.stmt) and node is not function and not _is_text(node):
                if not any(line == node.lineno for _, line in steps):
                    missed.append(f"{function.name}, line {node.lineno}: never reached")
                elif isinstance(node, (ast.If, ast.While, ast.For)):
                    missed += [f"{function.name}, line {node.lineno}: never {way}" for way in _missed(node, steps)]
    return missed


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _missed(node: ast.If | ast.While | ast.For, steps: Steps) -> list[str]:
    head = node.iter if isinstance(node, ast.For) else node.test
    header = range(node.lineno, (head.end_lineno or node.lineno) + 1)
    inside = {at for one in node.body for at in range(one.lineno, (one.end_lineno or one.lineno) + 1)}
    out = [to for start, to in steps if start in header and to not in header]
    endless = isinstance(head, ast.Constant)
    found = {"true": any(to in inside for to in out), "false": endless or any(to not in inside for to in out)}
    return [way for way, was_taken in found.items() if not was_taken]
