"""The written form of the register: one YAML file a law, its consolidations under it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.clause import Change, Document, Ref


class ChangeEntry(BaseModel):
    """One amendment as written: places are of this law ("điều 139 khoản 1")."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str
    effective: date
    until: date | None = None
    kind: str = Field(default="amends", pattern="^(amends|adds|repeals|suspends|overlays)$")
    places: tuple[str, ...] = ()
    text_held: bool = True
    note: str | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> ChangeEntry:
        if self.until is not None and self.until < self.effective:
            raise ValueError(f"until {self.until} sớm hơn effective {self.effective}")
        if self.until is not None and self.kind not in ("suspends", "overlays"):
            raise ValueError(
                "until chỉ dùng cho suspends và overlays; sửa đổi thì không có ngày hết"
            )
        return self

    def change(self, law: str) -> Change:
        """The amendment with its places as citations of ``law``."""
        return Change(
            by=self.by,
            effective=self.effective,
            until=self.until,
            kind=self.kind,
            places=tuple(Ref.parse(f"{law} {place}") for place in self.places),
            text_held=self.text_held,
            note=self.note,
        )


class TextEntry(BaseModel):
    """A consolidation or reconstruction of the law: which amendments its wording includes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    title: str
    issued: date | None
    articles: int = Field(gt=0)
    grade: str = Field(pattern="^[ABC]$")
    includes: tuple[str, ...]
    issuer: str = "Văn phòng Quốc hội"
    replaced_by: str | None = None
    page: str | None = None
    caveat: str | None = None


class LawEntry(BaseModel):
    """One law or decree and its texts."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str
    title: str
    short_title: str
    abbreviations: tuple[str, ...] = ()
    kind: str = Field(pattern="^(bộ luật|luật|nghị định|nghị quyết)$")
    issuer: str
    issued: date | None
    effective: date
    expires: date | None = None
    replaced_by: str | None = None
    articles: int = Field(gt=0)
    grade: str = Field(pattern="^[ABC]$")
    page: str | None = None
    caveat: str | None = None
    changes: tuple[ChangeEntry, ...] = ()
    texts: tuple[TextEntry, ...] = ()

    @model_validator(mode="after")
    def _adds_up(self) -> LawEntry:
        if self.expires is not None and self.expires < self.effective:
            raise ValueError(f"expires {self.expires} sớm hơn effective {self.effective}")
        if (self.expires is None) != (self.replaced_by is None):
            raise ValueError("expires và replaced_by đi cùng nhau: ghi cả hai hoặc bỏ cả hai")
        if self.grade == "C" and self.caveat is None:
            raise ValueError("văn bản hạng C phải có caveat để người đọc biết")
        for text in self.texts:
            if text.grade == "C" and text.caveat is None:
                raise ValueError(f"{text.number} là hạng C nên phải có caveat")
            self._reaches_a_date(text)
        for change in self.changes:
            change.change(self.number)
            if change.effective < self.effective:
                raise ValueError(
                    f"{change.by} sửa luật trước ngày luật có hiệu lực {self.effective}"
                )
        return self

    def _reaches_a_date(self, text: TextEntry) -> None:
        """A text includes all amendments of wording up to some day; otherwise no date has it."""
        known = {change.by for change in self.changes}
        for by in text.includes:
            if by not in known:
                raise ValueError(f"{text.number} gồm {by}, nhưng văn bản ấy không có trong changes")
        for early in self.changes:
            for late in self.changes:
                if (
                    early.effective <= late.effective
                    and late.by in text.includes
                    and early.by not in (*text.includes, self.number)
                    and set(early.places) & set(late.places)
                    and early.until is None
                ):
                    raise ValueError(
                        f"{text.number} gồm {late.by} mà không gồm {early.by} có trước, "
                        "cùng sửa một chỗ"
                    )

    def documents(self) -> tuple[Document, ...]:
        """The law, then its texts. A text's changes are those its wording includes."""
        law = Document(
            number=self.number,
            title=self.title,
            short_title=self.short_title,
            abbreviations=self.abbreviations,
            kind=self.kind,
            issuer=self.issuer,
            issued=self.issued,
            effective=self.effective,
            expires=self.expires,
            replaced_by=self.replaced_by,
            changes=tuple(change.change(self.number) for change in self.changes),
            articles=self.articles,
            grade=self.grade,
            page=self.page,
            caveat=self.caveat,
        )
        return (law, *(self._text(text, law) for text in self.texts))

    @staticmethod
    def _text(text: TextEntry, law: Document) -> Document:
        included = tuple(change for change in law.changes if change.by in text.includes)
        return Document(
            number=text.number,
            title=text.title,
            short_title=law.short_title,
            kind="văn bản hợp nhất",
            issuer=text.issuer,
            issued=text.issued,
            effective=max((change.effective for change in included), default=law.effective),
            replaced_by=text.replaced_by,
            consolidates=law.number,
            changes=included,
            articles=text.articles,
            grade=text.grade,
            page=text.page,
            caveat=text.caveat,
        )
