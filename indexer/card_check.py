"""What can be checked about a card by machine: citations, figures, dates, wording, asks.

Every figure must stand in a clause the card cites, on the first and the last day its wording is
said; every citation must have been in force then. The check knows numbers, not meaning: whether
the sentence says what the clause says is for a reviewer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from indexer.card_asks import check_asks
from indexer.card_basis import Basis
from indexer.card_claims import check_claims
from indexer.card_figures import Figure, Ground, NotArithmetic, evaluate, merged, read
from indexer.card_findings import Finding, Kind
from indexer.card_quotes import quotes, texts_of
from knowledge.cards import Card, Wording
from knowledge.clause import Ref

_DAY = timedelta(days=1)


def check(cards: Sequence[Card], basis: Basis) -> Iterator[Finding]:
    """All findings, in the order of the cards, then those between cards."""
    copied = quotes(cards, basis.clauses, basis.files)
    for card in cards:
        examined = _Examined(card, basis)
        yield from examined.dates_of_wordings()
        for wording in card.wordings:
            yield from examined.citations(wording)
            yield from examined.figures(wording)
        yield from examined.covered()
        yield from examined.steps_and_remarks()
        yield from examined.documents()
        yield from copied.get(card.id, ())
    yield from check_claims(cards, basis.files)
    yield from check_asks(cards, basis.files, basis.today)


@dataclass(frozen=True)
class _Examined:
    """One card under examination."""

    card: Card
    basis: Basis

    def found(self, problem: str, advice: str, kind: Kind = Kind.FAULT) -> Finding:
        where = self.basis.files.get(self.card.id, "?")
        return Finding(self.card.id, where, problem, advice, kind)

    def dates_of_wordings(self) -> Iterator[Finding]:
        ordered = sorted(self.card.wordings, key=lambda wording: wording.since)
        for wording in ordered:
            if wording.until is not None and wording.until < wording.since:
                yield self.found(
                    f"lời từ {_said(wording.since)} có until {_said(wording.until)} sớm hơn from",
                    "Sửa lại from hoặc until",
                )
        for earlier, later in pairwise(ordered):
            if earlier.until is not None and earlier.until + _DAY < later.since:
                yield self.found(
                    f"không có lời nào cho các ngày sau {_said(earlier.until)} đến trước "
                    f"{_said(later.since)}",
                    "Kéo until của lời trước hoặc from của lời sau cho liền nhau",
                )
        if self.card.wording(self.basis.today) is None:
            yield self.found(
                f"không có lời nào áp dụng cho hôm nay ({_said(self.basis.today)})",
                "Thêm lời mới, hoặc bỏ until của lời cuối nếu quy định vẫn còn áp dụng",
            )

    def days(self, wording: Wording) -> tuple[date, ...]:
        """The first day of the wording and the last that is past or today."""
        last = min(wording.until or self.basis.today, self.basis.today)
        return (wording.since, last) if last > wording.since else (wording.since,)

    def citations(self, wording: Wording) -> Iterator[Finding]:
        unheld: set[str] = set()
        for ref in wording.refs:
            if ref.law not in self.basis.register:
                yield self.found(
                    f"căn cứ '{ref}' thuộc văn bản không có trong sổ đăng ký",
                    "Sửa số hiệu, hoặc thêm văn bản vào knowledge/register/documents",
                )
            elif self.basis.register.law_of(ref.law).number != ref.law:
                yield self.found(
                    f"căn cứ '{ref}' ghi số của văn bản hợp nhất",
                    f"Ghi số của chính luật: {self.basis.register.law_of(ref.law).number}",
                )
            elif ref.law in self.basis.held:
                yield from self._in_force(ref, wording)
            elif ref.law not in unheld:
                unheld.add(ref.law)
                yield self.found(
                    f"chưa kiểm tra được lời từ {_said(wording.since)} vì chưa có đủ bản chính "
                    f"thức của {ref.law}",
                    "Đặt bản gốc và bản hợp nhất mới nhất vào một thư mục của LAW_SOURCES",
                    Kind.UNCHECKED,
                )

    def _in_force(self, ref: Ref, wording: Wording) -> Iterator[Finding]:
        held = self.basis.at(ref)
        if not held:
            yield self.found(
                f"căn cứ '{ref}' không có trong văn bản",
                "Mở văn bản, tìm đúng điều, khoản, điểm rồi sửa lại refs",
            )
            return
        for day in self.days(wording):
            if not any(clause.in_force(day) for clause in held):
                yield self.found(
                    f"căn cứ '{ref}' không có hiệu lực vào ngày {_said(day)} (lời từ "
                    f"{_said(wording.since)})",
                    "Dẫn điều khoản có hiệu lực ngày đó, hoặc chia lời theo ngày luật đổi",
                )
                return

    def covered(self) -> Iterator[Finding]:
        """Places the card speaks for without resting on them: they must be there, and today."""
        for ref in self.card.covers:
            if ref.law not in self.basis.register:
                yield self.found(
                    f"covers nêu '{ref}' của văn bản không có trong sổ đăng ký", "Sửa số hiệu"
                )
            elif ref.law in self.basis.held and not any(
                clause.in_force(self.basis.today) for clause in self.basis.at(ref)
            ):
                yield self.found(
                    f"covers nêu '{ref}' không có trong văn bản đang áp dụng",
                    "Sửa số điều, khoản hoặc bỏ khỏi covers",
                )

    def figures(self, wording: Wording) -> Iterator[Finding]:
        """Figures of ``says``; once each, though two days are asked."""
        told: set[str] = set()
        for day in self.days(wording):
            ground = self.basis.ground(wording, day)
            stated = self._with_computed(wording, ground)
            for finding in (
                *self._parameters(wording, day),
                *self._computed(wording, ground, day),
                *(
                    ()
                    if self._blind(wording)
                    else self._unfounded(wording.says, stated, _of_wording(wording), day)
                ),
            ):
                if finding.problem.split(" (ngày")[0] not in told:
                    told.add(finding.problem.split(" (ngày")[0])
                    yield finding

    def steps_and_remarks(self) -> Iterator[Finding]:
        """Figures of the rest of the card, which may rest on any of its wordings."""
        if any(self._blind(wording) for wording in self.card.wordings):
            return
        whole = merged(
            self._with_computed(wording, self.basis.ground(wording, day))
            for wording in self.card.wordings
            for day in self.days(wording)
        )
        for number, step in enumerate(self.card.steps, start=1):
            yield from self._unfounded(step, whole, f"bước {number}")
        # A title may leave out that its days are working days when the card says so.
        working = any("ngày làm việc" in wording.says for wording in self.card.wordings)
        yield from self._unfounded(self.card.title, whole, "title", working=working)
        yield from self._unfounded(self.card.changes or "", whole, "changes")
        yield from self._unfounded(self.card.doubt or "", whole, "doubt")

    def _parameters(self, wording: Wording, day: date) -> Iterator[Finding]:
        for name in wording.parameters:
            parameter = self.basis.parameters.get(name)
            if parameter is None:
                yield self.found(
                    f"tham số '{name}' không có trong knowledge/parameters",
                    "Sửa tên, hoặc bỏ khỏi parameters",
                )
            elif parameter.at(day) is None:
                yield self.found(
                    f"tham số '{name}' không có giá trị cho lời từ {_said(wording.since)} "
                    f"(ngày {_said(day)})",
                    "Thêm giá trị có nguồn vào knowledge/parameters, hoặc bỏ khỏi parameters",
                )

    def _computed(self, wording: Wording, ground: Ground, day: date) -> Iterator[Finding]:
        for written, arithmetic in wording.computed.items():
            where = f"computed '{written}'"
            stated = read(written).figures
            if len(stated) != 1:
                yield self.found(f"{where} không phải là một con số", "Ghi đúng số như trong says")
                continue
            try:
                value, operands = evaluate(arithmetic)
            except NotArithmetic as error:
                yield self.found(f"{where}: '{arithmetic}' {error}", "Viết lại phép tính")
                continue
            if value != stated[0].value:
                yield self.found(
                    f"{where}: '{arithmetic}' ra {_number(value)}", "Sửa con số hoặc phép tính"
                )
            for operand in operands:
                # A hundred turns a percentage into a share.
                if operand != 100 and not ground.holds_value(operand) and not self._blind(wording):
                    yield self.found(
                        f"{where}: không thấy số {_number(operand)} trong căn cứ của lời từ "
                        f"{_said(wording.since)} (ngày {_said(day)})",
                        "Dẫn thêm điều khoản hoặc tham số có số ấy, hoặc sửa phép tính",
                    )

    @staticmethod
    def _with_computed(wording: Wording, ground: Ground) -> Ground:
        figures = [figure for written in wording.computed for figure in read(written).figures]
        own = Ground()
        for figure in figures:
            own.add(figure.value, figure.unit)
        return merged((ground, own))

    def _unfounded(
        self,
        text: str,
        ground: Ground,
        where: str,
        day: date | None = None,
        working: bool = False,
    ) -> Iterator[Finding]:
        """The figures and dates of a text that its ground does not hold."""
        reading = read(text)
        since = f" (ngày {_said(day)})" if day else ""
        working = working or "ngày làm việc" in text
        missing = [
            figure.written
            for figure in reading.figures
            # Of numbers in words, "một" is an article more often than a number.
            if not figure.written.startswith("một ") and not self._rests(figure, ground, working)
        ]
        missing += [pair.written for pair in reading.day_months if not ground.holds_pair(pair)]
        for written in dict.fromkeys(missing):
            yield self.found(
                f"{where}: không thấy '{written}' trong điều khoản và tham số đã dẫn{since}",
                "Sửa con số, dẫn thêm điều khoản có số ấy vào refs, hoặc ghi phép tính vào "
                "computed",
            )
        for written in reading.unread:
            yield self.found(
                f"{where}: không đọc được con số '{written}'",
                "Viết số rời đơn vị, như '10 giờ', '3 tháng'",
            )
        known = self.known_days | ground.days
        unknown = [_said(day) for day in sorted(reading.days) if day not in known]
        unknown += [
            f"{month:02}/{year}"
            for month, year in sorted(reading.months)
            if not any((day.month, day.year) == (month, year) for day in known)
        ]
        for written in unknown:
            yield self.found(
                f"{where}: ngày {written} không phải ngày của lời, của văn bản hay trong căn cứ",
                "Sửa ngày, hoặc dẫn điều khoản nêu ngày ấy",
            )

    def _rests(self, figure: Figure, ground: Ground, working: bool) -> bool:
        if ground.holds(figure, working):
            return True
        year = int(figure.value) if figure.unit is None and figure.value % 1 == 0 else 0
        return 1990 < year < 2100 and (
            ground.holds_year(year) or any(day.year == year for day in self.known_days)
        )

    @cached_property
    def known_days(self) -> frozenset[date]:
        """Days of the card's own wordings and of the register."""
        own: set[date] = set()
        for wording in self.card.wordings:
            own |= {wording.since, wording.since - _DAY}
            if wording.until is not None:
                own |= {wording.until, wording.until + _DAY}
        return self.basis.known_days | own

    def _blind(self, wording: Wording) -> bool:
        """Whether a cited law is not held, so that a missing figure proves nothing."""
        return any(
            ref.law in self.basis.register and ref.law not in self.basis.held
            for ref in wording.refs
        )

    def documents(self) -> Iterator[Finding]:
        card = self.card
        readings = [read(text) for text in texts_of(card)]
        named = list(dict.fromkeys(name for reading in readings for name in reading.documents))
        for name in named:
            if not self.basis.knows(name):
                yield self.found(
                    f"văn bản '{name}' không có trong sổ đăng ký",
                    "Sửa số hiệu, hoặc thêm văn bản vào knowledge/register/documents",
                )
        laws = {ref.law for wording in card.wordings for ref in wording.refs}
        laws |= {
            document.number
            for name in named
            if (document := self.basis.register.by_abbreviation(name)) is not None
        }
        if not laws <= self.basis.held:
            return
        for article in dict.fromkeys(number for reading in readings for number in reading.articles):
            if not any(Ref(law=law, article=article) in self.basis.by_article for law in laws):
                yield self.found(
                    f"Điều {article} nhắc trong lời không có trong văn bản nào mà thẻ dẫn",
                    "Sửa số điều, hoặc dẫn văn bản ấy vào refs",
                )


def _of_wording(wording: Wording) -> str:
    return f"says từ {_said(wording.since)}"


def _number(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def _said(day: date) -> str:
    return day.strftime("%d/%m/%Y")
