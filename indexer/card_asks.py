"""Ways of asking: one card claims each, none is a question the search is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rapidfuzz import fuzz, process

from indexer.card_findings import Finding, Kind
from knowledge.cards import Card, Pointer
from knowledge.clause import Ref
from knowledge.language import fold as language

_ALIKE = 95
_COPY = 90
"""Similarity in per cent, marks and case aside, above which an ask copies a question."""


def check_asks(cards: Sequence[Card], files: Mapping[str, str], today: date) -> Iterator[Finding]:
    """Ways of asking that two cards claim, or nearly so though they answer by other clauses."""
    owners: dict[str, list[Card]] = {}
    for card in cards:
        for ask in card.asks:
            owners.setdefault(" ".join(language.syllables(ask)), []).append(card)
    for ask, claimed in owners.items():
        for other in claimed[1:]:
            twice = other.id == claimed[0].id
            if not twice and _declared(ask, other) and _declared(ask, claimed[0]):
                continue
            yield Finding(
                other.id,
                files.get(other.id, "?"),
                f"câu hỏi '{ask}' (bỏ dấu) "
                + ("ghi hai lần" if twice else f"cũng có ở thẻ {claimed[0].id}"),
                "Bỏ một câu"
                if twice
                else "Giữ câu hỏi ở thẻ trả lời đúng nhất; câu thật sự có hai nghĩa thì ghi vào "
                "ambiguous của cả hai thẻ",
                Kind.WARNING if twice else Kind.FAULT,
            )
    yield from _alike(list(owners), owners, files, today)


def check_apart(
    cards: Sequence[Card | Pointer], questions: Sequence[str], files: Mapping[str, str]
) -> Iterator[Finding]:
    """Asks equal or nearly so to questions that the search is judged by."""
    folded = list(dict.fromkeys(" ".join(language.syllables(text)) for text in questions))
    for card in cards:
        for ask in card.asks:
            words = " ".join(language.syllables(ask))
            near = process.extractOne(words, folded, scorer=fuzz.ratio, score_cutoff=_COPY)
            if near and (near[1] > _COPY or near[0] == words):
                yield Finding(
                    card.id,
                    files.get(card.id, "?"),
                    f"câu hỏi '{ask}' trùng hoặc gần trùng ({near[1]:.0f}/100) một câu trong bộ "
                    "câu hỏi dùng để chấm",
                    "Bỏ câu ấy và tự nghĩ câu khác; giữ nó thì điểm chấm không còn nghĩa",
                )


def _declared(ask: str, card: Card) -> bool:
    return any(" ".join(language.syllables(text)) == ask for text in card.ambiguous)


def _alike(
    asks: Sequence[str],
    owners: Mapping[str, Sequence[Card]],
    files: Mapping[str, str],
    today: date,
) -> Iterator[Finding]:
    for at, ask in enumerate(asks):
        card = owners[ask][0]
        for other_ask, score, _ in process.extract(
            ask, asks[at + 1 :], scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None
        ):
            other = owners[other_ask][0]
            if other.id != card.id and _first_ref(other, today) != _first_ref(card, today):
                yield Finding(
                    other.id,
                    files.get(other.id, "?"),
                    f"câu hỏi '{other_ask}' gần giống '{ask}' của thẻ {card.id} "
                    f"({score:.0f}/100) nhưng căn cứ chính khác nhau",
                    "Xem câu nào nên thuộc thẻ nào",
                    Kind.WARNING,
                )


def _first_ref(card: Card, today: date) -> Ref:
    return (card.wording(today) or card.wordings[-1]).refs[0]
