"""What a check finds: the key of a message, the path it is about, and the message's blanks."""

from __future__ import annotations

from typing import Any

from sim.scenario.tree import Path

Finding = tuple[str, Path, dict[str, Any]]
