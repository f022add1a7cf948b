"""Official wording copied into a card: cards say the rule in their own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indexer.card_findings import Finding, Kind
from knowledge.cards import Card
from knowledge.clause import Clause, Ref
from knowledge.language import fold as language

LONGEST_QUOTE = 15
"""Words in a row a card may share with an official text."""


def texts_of(card: Card) -> tuple[str, ...]:
    """Everything the card tells people, in order; not how they ask."""
    told = [card.title, *(wording.says for wording in card.wordings), *card.steps]
    return tuple(text for text in (*told, card.changes, card.doubt) if text)


def quotes(
    cards: Sequence[Card], clauses: Iterable[Clause], files: Mapping[str, str]
) -> dict[str, list[Finding]]:
    """Runs of more words than LONGEST_QUOTE that stand in any held text, by card.

    What a card's ``allowances`` name may stand; one that is not needed is worth a look.
    """
    size = LONGEST_QUOTE + 1
    allowed = {
        card.id: [" ".join(language.syllables(a.words)) for a in card.allowances] for card in cards
    }
    used: set[tuple[str, str]] = set()
    runs: dict[int, tuple[Card, str]] = {}
    for card in cards:
        for text in (*texts_of(card), *card.asks):
            words = language.syllables(text)
            for at in range(len(words) - size + 1):
                run = tuple(words[at : at + size])
                runs.setdefault(hash(run), (card, " ".join(run)))
    found: dict[str, list[Finding]] = {}

    def say(card: Card, problem: str, advice: str, kind: Kind = Kind.FAULT) -> None:
        finding = Finding(card.id, files.get(card.id, "?"), problem, advice, kind)
        found.setdefault(card.id, []).append(finding)

    told: set[tuple[str, Ref]] = set()
    for clause in clauses:
        words = language.syllables(clause.full_text)
        for at in range(len(words) - size + 1):
            hit = runs.get(hash(tuple(words[at : at + size])))
            if hit is None or (hit[0].id, clause.ref) in told:
                continue
            card, copied = hit
            kept = [quote for quote in allowed[card.id] if copied in quote]
            if kept:
                used |= {(card.id, quote) for quote in kept}
                continue
            told.add((card.id, clause.ref))
            problem = f"chép liền hơn {LONGEST_QUOTE} chữ của '{clause.ref}' (\"{copied}\")"
            say(card, problem, "Viết lại bằng lời của mình, chỉ giữ con số và điều kiện")
    for card in cards:
        for quote in allowed[card.id]:
            if (card.id, quote) not in used:
                problem = f'allowances cho phép chép "{quote[:60]}…" mà thẻ không chép liền đoạn ấy'
                say(card, problem, "Bỏ mục ấy khỏi allowances", Kind.WARNING)
    return found
