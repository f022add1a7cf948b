"""Killed at any step of a build, a publishing or a rollback: the index goes on serving."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]


def _deaths(base: Path, action: str) -> list[dict[str, Any]]:
    """One row a death; the process itself opens every version a reader could come upon."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.acceptance.index_process", "steps", str(base), action],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    died = [row for row in rows if row["died"]]
    assert len(died) >= 5
    return died


@pytest.mark.parametrize("action", ["build", "publish", "rollback"])
def test_killed_at_any_step(tmp_path: Path, action: str) -> None:
    left = 0
    for row in _deaths(tmp_path, action):
        found, after = row["found"], row["after"]
        allowed = {row["old"]} if action == "build" else {row["old"], row["new"]}
        assert found["serving"] in allowed, row
        # The next build clears what was left, and the next publishing takes effect.
        left += len(found["hidden"])
        assert after["hidden"] == []
        assert after["serving"] == row["again"]
    if action == "build":
        assert left, "no death fell into the writing of a version"
