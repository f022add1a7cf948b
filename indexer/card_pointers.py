"""What can be checked about pointers: they state no figure, and claim no ask of a card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from indexer.card_figures import read
from indexer.card_findings import Finding
from knowledge.cards import Card, Pointer
from knowledge.language import fold as language


def check_pointers(
    pointers: Sequence[Pointer], cards: Sequence[Card], files: Mapping[str, str]
) -> Iterator[Finding]:
    """All findings on pointers; a pointer rests on no clause, so any figure in it is unfounded."""
    owners = {_key(ask): card.id for card in cards for ask in card.asks}
    for pointer in pointers:
        where = files.get(pointer.id, "?")
        for text in (pointer.title, pointer.says, *pointer.where):
            reading = read(text)
            stated = [figure.written for figure in reading.figures if _in_digits(figure.written)]
            for written in (*stated, *reading.unread):
                yield Finding(
                    pointer.id,
                    where,
                    f"thẻ chỉ đường nêu con số '{written}' mà không có căn cứ nào",
                    "Bỏ con số; chỗ được chỉ tới sẽ nói",
                )
        for ask in pointer.asks:
            owner = owners.setdefault(_key(ask), pointer.id)
            if owner != pointer.id:
                yield Finding(
                    pointer.id,
                    where,
                    f"câu hỏi '{ask}' (bỏ dấu) cũng có ở thẻ {owner}",
                    "Giữ câu hỏi ở thẻ trả lời đúng nhất",
                )


def _key(ask: str) -> str:
    return " ".join(language.syllables(ask))


def _in_digits(written: str) -> bool:
    return any(char.isdigit() for char in written)
