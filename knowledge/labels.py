"""Citations and days as people read them."""

from __future__ import annotations

from datetime import date

from knowledge.clause import Clause, Document, Ref


def day(value: date) -> str:
    """ "01/07/2026"."""
    return value.strftime("%d/%m/%Y")


def place(ref: Ref) -> str:
    """ "điểm a khoản 1 Điều 98"."""
    parts = []
    if ref.point:
        parts.append(f"điểm {ref.point}")
    if ref.clause:
        parts.append(f"khoản {ref.clause}")
    if ref.article:
        parts.append(f"Điều {ref.article}")
    return " ".join(parts)


def name(document: Document) -> str:
    """A law by short title and number: "Bộ luật Lao động 45/2019/QH14"."""
    if document.short_title.casefold().startswith("nghị định"):
        return f"Nghị định {document.number}"
    return f"{document.short_title} {document.number}"


def citation(ref: Ref, document: Document, clause: Clause | None) -> str:
    """A citation with the span in which its wording applies, if the wording is known."""
    label = f"{place(ref)} {name(document)}".strip()
    if clause is None:
        return label
    label += f", áp dụng từ {day(clause.valid_from)}"
    if clause.valid_until:
        label += f" đến {day(clause.valid_until)}"
    return label
