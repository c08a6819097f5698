"""Results that a test makes up or alters are whole when the digests of their files stand in their manifest."""

from __future__ import annotations

import json
from pathlib import Path

from sim.intact import MANIFEST, sealed


def seal(folder: Path) -> Path:
    """Seal a result folder as it is now, and return it."""
    file = folder / MANIFEST
    manifest = sealed(folder, json.loads(file.read_text(encoding="utf-8")))
    file.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder
