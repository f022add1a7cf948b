"""The card: one rule in plain words, the clause it rests on, and how workers ask for it."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.clause import WrittenRef

TOPICS: dict[str, str] = {
    "hop-dong": "Hợp đồng lao động",
    "thu-viec": "Thử việc",
    "tien-luong": "Tiền lương",
    "thoi-gio": "Giờ làm, nghỉ ngơi",
    "cham-dut": "Nghỉ việc, sa thải",
    "ky-luat": "Kỷ luật, bồi thường",
    "thai-san": "Thai sản, lao động nữ",
    "bhxh": "Bảo hiểm xã hội",
    "om-dau": "Ốm đau",
    "that-nghiep": "Thất nghiệp",
    "tai-nan": "Tai nạn, an toàn lao động",
    "huu-tri": "Hưu trí",
    "hoc-nghe": "Đào tạo, học nghề",
    "viec-lam": "Việc làm, tìm việc",
    "cong-doan": "Công đoàn",
    "doi-thoai": "Đối thoại, thỏa ước tập thể",
    "tranh-chap": "Khiếu nại, tranh chấp",
    "doi-tuong": "Nhóm lao động riêng",
    "xu-phat": "Mức phạt người sử dụng lao động",
    "co-quan": "Cơ quan, thủ tục",
}
"""Topic id to the words people read."""


class Wording(BaseModel):
    """What the card says in one period. ``until`` is the last day, None while it still holds.

    ``says`` is one to three sentences, figures and conditions included. ``refs`` are the clauses
    it rests on in that period; the first is the one that answers. ``parameters`` are ids in
    ``knowledge/parameters`` whose figures it uses; ``computed`` maps a figure as written to the
    arithmetic that gives it, over numbers of the cited clauses and parameters.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    since: date = Field(alias="from")
    until: date | None = None
    says: str = Field(min_length=20, max_length=700)
    refs: tuple[WrittenRef, ...] = Field(min_length=1)
    parameters: tuple[str, ...] = ()
    computed: dict[str, str] = {}

    def holds(self, day: date) -> bool:
        """Whether this wording applies on ``day``."""
        return self.since <= day and (self.until is None or day <= self.until)


class Review(BaseModel):
    """Who wrote the card and what a second reader found when checking it against the text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    written: date
    checked: date | None = None
    outcome: str | None = Field(default=None, pattern="^(agreed|corrected|open)$")
    remark: str | None = None


class Allowance(BaseModel):
    """Official words a card may keep in a row, a legal term or a list of names, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: str = Field(min_length=10)
    reason: str = Field(min_length=10)


class Card(BaseModel):
    """One rule a worker asks about.

    ``covers`` are further articles a short card speaks for without resting on them (the duties of
    ministries, say). ``shares`` names the cards that rest first on the same clause, each with why;
    ``ambiguous`` the asks that another card claims as well, knowingly.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    topic: str
    title: str = Field(min_length=5, max_length=90)
    wordings: tuple[Wording, ...] = Field(min_length=1)
    steps: tuple[str, ...] = Field(default=(), max_length=4)
    changes: str | None = None
    related: tuple[str, ...] = ()
    asks: tuple[str, ...] = Field(min_length=3)
    covers: tuple[WrittenRef, ...] = ()
    shares: dict[str, str] = {}
    ambiguous: tuple[str, ...] = ()
    allowances: tuple[Allowance, ...] = ()
    doubt: str | None = None
    urgent: bool = False
    review: Review

    @model_validator(mode="after")
    def _dated_once(self) -> Card:
        if self.topic not in TOPICS:
            raise ValueError(f"không có chủ đề '{self.topic}'; dùng một trong: {', '.join(TOPICS)}")
        spans = sorted(self.wordings, key=lambda w: w.since)
        for earlier, later in pairwise(spans):
            if earlier.until is None or earlier.until >= later.since:
                raise ValueError(
                    f"lời từ {earlier.since} và lời từ {later.since} chồng nhau; "
                    "lời trước phải hết vào hôm trước ngày lời sau bắt đầu"
                )
        return self

    def wording(self, day: date) -> Wording | None:
        """The wording in force on ``day``, None when the card has none for it."""
        return next((w for w in self.wordings if w.holds(day)), None)


class CardFile(BaseModel):
    """One YAML file: the cards of a chapter."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: str
    chapter: str
    cards: tuple[Card, ...]
