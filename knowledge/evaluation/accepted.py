"""The last accepted run: what later runs are compared with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from knowledge.evaluation.scoring import Score

MEASURES = ("first", "among_three", "false_refusal", "refused")
_LESS_IS_BETTER = {"false_refusal"}
_SAME = 1e-9


class AcceptedUnreadable(Exception):
    """The file of the accepted run cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Change:
    """How a figure of a set moved: in share of its questions, and whether for the worse."""

    measure: str
    by: float

    @property
    def worse(self) -> bool:
        """Whether it moved the wrong way."""
        return self.by > _SAME if self.measure in _LESS_IS_BETTER else self.by < -_SAME


def load(path: Path) -> dict[str, dict[str, float | None]]:
    """The accepted figures by set; empty when nothing was accepted. Raises AcceptedUnreadable."""
    if not path.exists():
        return {}
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): dict(figures) for name, figures in held["sets"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AcceptedUnreadable(
            f"{path}: không đọc được lần đo đã chấp nhận ({error!r}). Hãy lấy lại tệp từ kho mã "
            "nguồn, hoặc xoá đi rồi chạy lại với --accept."
        ) from error


def save(path: Path, scores: Sequence[Score], day: date) -> None:
    """Accept a run; figures of sets that it did not put stay."""
    sets = load(path) if path.exists() else {}
    for score in scores:
        figures = asdict(score)
        sets[figures.pop("name")] = {
            name: value for name, value in figures.items() if name not in ("p50", "p95")
        }
    written = {"measured": day.isoformat(), "sets": dict(sorted(sets.items()))}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def changes(score: Score, before: dict[str, float | None] | None) -> list[Change]:
    """What moved since the accepted run; nothing for a set that is new."""
    found = []
    for measure in MEASURES:
        now, then = getattr(score, measure), (before or {}).get(measure)
        if now is not None and then is not None and abs(now - then) > _SAME:
            found.append(Change(measure, now - then))
    return found
