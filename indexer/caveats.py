"""What a reader is told when a wording cannot be vouched for. Sentences are Vietnamese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from knowledge.clause import Change, Document


def of_text(document: Document) -> str | None:
    """The caveat of the text a wording was read from: OCR, single copies, reconstructions."""
    vouched = document.grade == "A" or (document.grade == "B" and not document.consolidates)
    return None if vouched else document.caveat


def of_missing_amendment(changes: Sequence[Change]) -> str:
    """For words kept after an amendment whose new words no text of the law holds."""
    said = " và ".join(
        f"{change.by} {'bãi bỏ một phần' if change.kind == 'repeals' else 'sửa'} từ ngày "
        f"{_day(change.effective)}{_note(change)}"
        for change in changes
    )
    lacks = (
        "lời văn mới chưa được ghép vào đây"
        if all(change.text_held for change in changes)
        else "hệ thống chưa có toàn văn lời văn mới"
    )
    return (
        f"Quy định này đã được {said}; {lacks}, đây là lời văn trước khi sửa. Hãy hỏi cán bộ công "
        "đoàn trước khi áp dụng."
    )


def of_overlay(change: Change, law: str) -> str:
    """For words that stay as they are while something else applies for a time."""
    span = f"từ ngày {_day(change.effective)}"
    if change.until is not None:
        span += f" đến hết ngày {_day(change.until)}"
    if change.kind == "overlays":
        return (
            f"Cách thực hiện quy định này {span} theo {change.by}{_note(change)}; hãy hỏi cán bộ "
            "công đoàn nơi cần đến."
        )
    if change.by == law:
        return f"Một phần hoặc toàn bộ quy định này chưa áp dụng {span}{_note(change)}."
    return f"Quy định này tạm ngưng áp dụng {span} theo {change.by}{_note(change)}."


def joined(parts: Iterable[str | None]) -> str | None:
    """All that is said, each once, None when there is nothing."""
    said = list(dict.fromkeys(part for part in parts if part))
    return " ".join(said) or None


def _note(change: Change) -> str:
    return f" ({change.note})" if change.note else ""


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")
