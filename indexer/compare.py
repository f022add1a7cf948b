"""What changed between two index versions, and which cards and parameters it touches."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.statute import normalise
from knowledge import labels
from knowledge.cards import Card
from knowledge.clause import Clause, Ref
from knowledge.library import Library
from knowledge.parameters import load as load_parameters


@dataclass(frozen=True)
class Difference:
    """Wordings only in the new version, only in the old one, and pairs with other words or dates.

    ``cards`` and ``parameters`` rest on a touched place and should be read again.
    """

    added: tuple[Clause, ...]
    removed: tuple[Clause, ...]
    changed: tuple[tuple[Clause, Clause], ...]
    cards: tuple[Card, ...]
    parameters: tuple[str, ...]

    @property
    def places(self) -> tuple[Ref, ...]:
        """Every place touched."""
        clauses = [*self.added, *self.removed, *(new for _, new in self.changed)]
        return tuple(dict.fromkeys(clause.ref for clause in clauses))


def compare(old: Library, new: Library) -> Difference:
    """The difference from ``old`` to ``new``, in reading order."""
    before = {clause.key: clause for clause in old.clauses}
    after = {clause.key: clause for clause in new.clauses}
    changed = tuple(
        (before[key], clause)
        for key, clause in after.items()
        if key in before and not _same(before[key], clause)
    )
    added = tuple(clause for key, clause in after.items() if key not in before)
    removed = tuple(clause for key, clause in before.items() if key not in after)
    touched = [*added, *removed, *(clause for _, clause in changed)]
    places = {clause.ref.at_article(): [] for clause in touched}  # type: dict[Ref, list[Ref]]
    for clause in touched:
        places[clause.ref.at_article()].append(clause.ref)

    def touches(ref: Ref) -> bool:
        spot = ref.model_copy(update={"point": None})
        return any(spot.covers(p) or p.covers(spot) for p in places.get(ref.at_article(), []))

    cards = tuple(
        card
        for card in new.cards.values()
        if any(touches(ref) for wording in card.wordings for ref in wording.refs)
    )
    parameters = tuple(
        parameter.id
        for parameter in load_parameters().values()
        if any(touches(value.source) for value in parameter.values if value.held)
    )
    return Difference(added, removed, changed, cards, parameters)


def _same(old: Clause, new: Clause) -> bool:
    return (
        normalise(old.full_text) == normalise(new.full_text)
        and old.valid_until == new.valid_until
        and old.caveat == new.caveat
    )


def render(difference: Difference, old: str, new: str) -> list[str]:
    """The difference in Vietnamese, line by line."""
    lines = [f"Từ {old} sang {new}:"]
    for sign, clauses in (("+", difference.added), ("-", difference.removed)):
        lines += [f"  {sign} {_spoken(clause)}" for clause in clauses]
    lines += [f"  ~ {_spoken(clause)}" for _, clause in difference.changed]
    if len(lines) == 1:
        return [*lines, "  Không điều khoản nào thay đổi."]
    if difference.cards:
        lines.append(f"Cần đọc lại {len(difference.cards)} thẻ:")
        lines += [f"  {card.id}: {card.title}" for card in difference.cards]
    if difference.parameters:
        lines.append(f"Cần xem lại tham số: {', '.join(difference.parameters)}")
    return lines


def _spoken(clause: Clause) -> str:
    until = f" đến {labels.day(clause.valid_until)}" if clause.valid_until else ""
    return (
        f"{labels.place(clause.ref)} {clause.ref.law} "
        f"(áp dụng từ {labels.day(clause.valid_from)}{until})"
    )
