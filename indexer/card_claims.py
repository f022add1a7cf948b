"""Which card speaks for a clause: one at a time, unless two say why they both do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from indexer.card_findings import Finding, Kind
from knowledge.cards import Card, Wording
from knowledge.clause import Ref


def check_claims(cards: Sequence[Card], files: Mapping[str, str]) -> Iterator[Finding]:
    """Cards that rest first on the same clause on the same days, and reasons given for nothing."""
    claimed: dict[Ref, list[tuple[Card, Wording]]] = {}
    needed: set[tuple[str, str]] = set()
    for card in cards:
        for wording in card.wordings:
            ref = wording.refs[0]
            for other, theirs in claimed.setdefault(ref, []):
                if other.id == card.id or not _together(wording, theirs):
                    continue
                known = (card.id, other.id) in needed
                needed |= {(card.id, other.id), (other.id, card.id)}
                if known:
                    continue
                if other.id not in card.shares and card.id not in other.shares:
                    yield Finding(
                        card.id,
                        files.get(card.id, "?"),
                        f"cùng lấy '{ref}' làm căn cứ chính với thẻ {other.id} "
                        f"({files.get(other.id, '?')})",
                        "Đưa điều khoản trả lời đúng nhất của thẻ này lên đầu refs, gộp hai thẻ, "
                        f"hoặc ghi lý do: shares: {{{other.id}: …}}",
                    )
            claimed[ref].append((card, wording))
    for card in cards:
        for name in card.shares:
            if (card.id, name) not in needed:
                yield Finding(
                    card.id,
                    files.get(card.id, "?"),
                    f"shares nêu thẻ {name} nhưng hai thẻ không cùng căn cứ chính",
                    "Bỏ mục ấy khỏi shares",
                    Kind.WARNING,
                )


def _together(one: Wording, other: Wording) -> bool:
    """Whether both hold on some day."""
    return one.since <= (other.until or date.max) and other.since <= (one.until or date.max)
