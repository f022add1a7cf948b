"""Amendments, consolidations and dates to dated clause wordings.

Each place of a law (a khoản, or an article without any) passes through states: its first words,
then those after each day on which a registered change touches it. Every text the register knows
holds one of these states: the original the first, a consolidation the one after the changes it
includes. Comparing the texts gives the words of each state, the register gives the days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise

from indexer import caveats
from indexer.copies import DatedText, Reading, ValidityError, one_of_each
from indexer.wording import Wording, reading_order
from knowledge.clause import Change, Clause, Document, Ref

__all__ = ["DatedText", "ValidityError", "clause_versions"]

_ALTERS = ("amends", "adds", "repeals")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Found:
    """A wording with the text it was read from."""

    reading: Reading
    wording: Wording


@dataclass(frozen=True)
class _State:
    """What the texts hold of one state: words, that the place was absent, or (neither) nothing."""

    found: _Found | None = None
    absent: bool = False


@dataclass(frozen=True)
class _Span:
    """A wording over the days it held; ``missing`` are amendments whose words are not held."""

    found: _Found
    begins: date
    ends: date | None
    missing: tuple[Change, ...] = ()

    @property
    def same_as(self) -> tuple[str, tuple[Change, ...]]:
        return self.found.wording.normal, self.missing


def clause_versions(law: Document, texts: Sequence[DatedText]) -> list[Clause]:
    """Every dated wording of ``law``, in reading order, a place's wordings by date.

    ``texts`` are copies of the law or its consolidations, some may be missing. Wordings of one
    place never overlap. Raises ValidityError when copies contradict each other or the register.
    """
    for text in texts:
        if law.number not in (text.document.number, text.document.consolidates):
            raise ValidityError(
                Ref(law=law.number),
                f"bản {text.label} không phải là văn bản của luật này",
                "Hãy chạy kiểm tra với sổ đăng ký để biết đây là văn bản nào",
            )
    readings = one_of_each(law.number, texts)
    places = {ref for reading in readings for ref in reading.places}
    versions: list[Clause] = []
    for ref in sorted(places, key=reading_order):
        versions.extend(_Place(law, ref, readings).clauses())
    return versions


@dataclass(frozen=True)
class _Place:
    """One place of a law as all readings have it."""

    law: Document
    ref: Ref
    readings: tuple[Reading, ...]

    @cached_property
    def is_lead(self) -> bool:
        return any(r.places[self.ref].lead for r in self.readings if self.ref in r.places)

    def touched_by(self, change: Change) -> bool:
        """Whether the change names this place, what it stands in, or a part of it."""
        return self.covered_by(change) or (
            not self.is_lead and any(self.ref.covers(place) for place in change.places)
        )

    def covered_by(self, change: Change) -> bool:
        """Whether the change names all of this place."""
        return any(place.covers(self.ref) for place in change.places)

    @cached_property
    def steps(self) -> tuple[tuple[Change, ...], ...]:
        """The changes of words by day: step n leads from state n to state n + 1."""
        days: dict[date, list[Change]] = {}
        for change in self.law.changes:
            if change.kind in _ALTERS and self.touched_by(change):
                days.setdefault(change.effective, []).append(change)
        return tuple(
            tuple(sorted(days[day], key=lambda c: (c.by, c.kind, str(c.places))))
            for day in sorted(days)
        )

    @cached_property
    def present(self) -> tuple[bool | None, ...]:
        """For each state, whether the place exists in it; None when either may be.

        An amendment of the whole article may give it other clauses, so nothing is certain then.
        """
        whole = [[c.kind for c in step if self.covered_by(c)] for step in self.steps]
        first = next((kinds for kinds in whole if kinds), [])
        states = ["adds" not in first]
        for kinds in whole:
            states.append("repeals" not in kinds and (states[-1] or "adds" in kinds))
        rewritten = any(
            change.kind == "amends" and place == self.ref.at_article()
            for step in self.steps
            for change in step
            for place in change.places
        )
        return tuple(None if rewritten and state else state for state in states)

    def state_of(self, reading: Reading) -> int:
        """The state a text holds, by the changes its wording includes."""
        included = {self.law.number}
        if reading.document.consolidates is not None:
            included |= {change.by for change in reading.document.changes}
        flags = [change.by in included for step in self.steps for change in step]
        state = 0
        for step in self.steps:
            if not all(change.by in included for change in step):
                break
            state += 1
        if sum(flags) != sum(len(step) for step in self.steps[:state]):
            raise ValidityError(
                self.ref,
                f"theo sổ đăng ký, bản {reading.document.number} đã gồm một sửa đổi về sau nhưng "
                "chưa gồm một sửa đổi trước đó hoặc cùng ngày",
                "Hãy sửa mục includes của văn bản này trong sổ đăng ký",
            )
        return state

    def states(self) -> list[_State]:
        """What the texts hold of each state. Raises ValidityError where they contradict."""
        held: list[list[_Found]] = [[] for _ in self.present]
        lacking: list[list[Reading]] = [[] for _ in self.present]
        for reading in self.readings:
            state = self.state_of(reading)
            wording = reading.places.get(self.ref)
            if wording is None or wording.says_repealed:
                if self.present[state]:
                    raise self._absent(reading, state)
                lacking[state].append(reading)
            elif self.present[state] is False:
                raise self._still_there(reading, state)
            else:
                held[state].append(_Found(reading, wording))
        for state, readings in enumerate(lacking):
            if readings and held[state]:
                raise self._absent(readings[0], state)
        states = [
            _State(self._agreed(found), absent=present is False or bool(lack))
            for found, lack, present in zip(held, lacking, self.present, strict=True)
        ]
        for before, after, step in zip(states, states[1:], self.steps, strict=False):
            self._must_differ(before.found, after.found, step)
        return states

    def clauses(self) -> list[Clause]:
        """The place's dated wordings, by date."""
        made: list[_Span] = []
        for span in self._spans():
            last = made[-1] if made else None
            if last and last.same_as == span.same_as and last.ends == span.begins - _DAY:
                best = self._best((last.found, span.found))
                made[-1] = _Span(best, last.begins, span.ends, last.missing)
            else:
                made.append(span)
        return [self._clause(span) for span in made]

    def _spans(self) -> Iterable[_Span]:
        found: _Found | None = None
        missing: tuple[Change, ...] = ()
        for number, state in enumerate(self.states()):
            if state.absent or state.found is not None:
                found, missing = state.found, ()
            elif found is not None:
                missing = (*missing, *self.steps[number - 1])
            begins, ends = self._days(number)
            if found is not None and (ends is None or begins <= ends):
                yield _Span(found, begins, ends, missing)

    def _days(self, state: int) -> tuple[date, date | None]:
        """First and last day of a state; the last before the first when it never applied."""
        begins = self.law.effective
        if state > 0:
            begins = max(begins, self.steps[state - 1][0].effective)
        ends = self.law.expires
        if state < len(self.steps):
            until = self.steps[state][0].effective - _DAY
            ends = until if ends is None else min(ends, until)
        return begins, ends

    def _clause(self, span: _Span) -> Clause:
        document, wording = span.found.reading.document, span.found.wording
        overlays = (
            change
            for change in sorted(self.law.changes, key=lambda c: (c.effective, c.by))
            if change.kind not in _ALTERS
            and self.touched_by(change)
            and (span.ends is None or change.effective <= span.ends)
            and (change.until is None or change.until >= span.begins)
        )
        return Clause(
            ref=self.ref,
            article_title=wording.article_title,
            headings=wording.headings,
            text=wording.text,
            points=wording.points,
            valid_from=span.begins,
            valid_until=span.ends,
            source=document.number,
            grade=document.grade,
            caveat=caveats.joined(
                (
                    caveats.of_missing_amendment(span.missing) if span.missing else None,
                    *(caveats.of_overlay(change, self.law.number) for change in overlays),
                    caveats.of_text(document),
                )
            ),
        )

    def _agreed(self, found: Sequence[_Found]) -> _Found | None:
        """The best of equal readings of one state. Raises ValidityError when they differ."""
        for one, other in pairwise(found):
            if one.wording.normal != other.wording.normal:
                raise ValidityError(
                    self.ref,
                    f"hai bản {one.reading.label} và {other.reading.label} khác nhau ở chỗ này mà "
                    "sổ đăng ký không ghi sửa đổi nào giải thích được",
                    "Nếu có luật sửa đổi, hãy ghi vào sổ đăng ký; nếu không, hãy so với bản chính "
                    "thức và bỏ bản sai khỏi LAW_SOURCES",
                )
        return self._best(found) if found else None

    def _best(self, found: Sequence[_Found]) -> _Found:
        """By grade, the original before its consolidations, then by number."""

        def rank(one: _Found) -> tuple[str, bool, str]:
            document = one.reading.document
            return document.grade, document.consolidates is not None, document.number

        return min(found, key=rank)

    def _must_differ(
        self, before: _Found | None, after: _Found | None, step: tuple[Change, ...]
    ) -> None:
        """A change that names this very place must show; one of a whole article need not."""
        if before is None or after is None or before.wording.normal != after.wording.normal:
            return
        named = (
            any(self.ref.covers(place) for change in step for place in change.places)
            and not self.is_lead
        )
        if named:
            raise ValidityError(
                self.ref,
                f"sổ đăng ký ghi {step[0].by} đã sửa chỗ này từ {step[0].effective:%d/%m/%Y}, "
                f"nhưng hai bản {before.reading.label} và {after.reading.label} giống nhau",
                "Hãy xem tệp có đúng là văn bản như đã khai không, hoặc sửa sổ đăng ký",
            )

    def _absent(self, reading: Reading, state: int) -> ValidityError:
        others = [r.label for r in self.readings if self.ref in r.places and r is not reading]
        if state > 0 and any(c.kind == "adds" for c in self.steps[state - 1]):
            problem = (
                f"sổ đăng ký ghi {self.steps[state - 1][0].by} đã bổ sung chỗ này nhưng bản "
                f"{reading.label} không có"
            )
        else:
            problem = (
                f"bản {' và '.join(others) or 'khác'} có chỗ này nhưng bản {reading.label} không "
                "có, mà sổ đăng ký không ghi sửa đổi nào giải thích được"
            )
        return ValidityError(
            self.ref,
            problem,
            "Hãy so với bản chính thức; thay tệp thiếu hoặc ghi sửa đổi vào sổ đăng ký",
        )

    def _still_there(self, reading: Reading, state: int) -> ValidityError:
        if state == 0:
            added = next(c for step in self.steps for c in step if c.kind == "adds")
            problem = (
                f"sổ đăng ký ghi chỗ này chỉ có từ {added.effective:%d/%m/%Y} theo {added.by}, "
                f"nhưng bản {reading.label} đã có"
            )
        else:
            problem = (
                f"sổ đăng ký ghi chỗ này bị {self.steps[state - 1][0].by} bãi bỏ, nhưng bản "
                f"{reading.label} vẫn còn lời văn"
            )
        return ValidityError(
            self.ref,
            problem,
            "Hãy xem tệp có đúng là văn bản như đã khai không, hoặc sửa sổ đăng ký",
        )
