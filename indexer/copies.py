"""Several copies of one text made one, article by article, by the register's hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from indexer.statute import Article, Statute, normalise
from indexer.wording import SamePlaceTwice, Wording, wordings
from knowledge.clause import Document, Ref


@dataclass(eq=False)
class ValidityError(Exception):
    """Copies or register that contradict each other. The message is for the admin, Vietnamese."""

    place: Ref
    problem: str
    advice: str

    def __str__(self) -> str:
        return f"{in_words(self.place)}: {self.problem}. {self.advice}."


def in_words(ref: Ref) -> str:
    """A place as people say it: "khoản 2 Điều 59 (45/2019/QH14)"."""
    parts = [
        f"{word} {value}"
        for word, value in (("điểm", ref.point), ("khoản", ref.clause), ("Điều", ref.article))
        if value is not None
    ]
    return f"{' '.join(parts)} ({ref.law})" if parts else ref.law


@dataclass(frozen=True)
class DatedText:
    """One copy of one registered text. ``hashes`` are the register's for that text, if any."""

    document: Document
    statute: Statute
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The text's number and the copy's file, for messages."""
        return f"{self.document.number} ({self.statute.name})"


@dataclass(frozen=True)
class Reading:
    """The words of one registered text, all its copies taken together."""

    document: Document
    label: str
    places: Mapping[Ref, Wording]


def one_of_each(law: str, texts: Iterable[DatedText]) -> tuple[Reading, ...]:
    """One reading for each text id, in the order given.

    Where copies of one text differ in an article, the copy whose article hash is registered
    wins. Raises ValidityError when none is.
    """
    groups: dict[str, list[DatedText]] = {}
    for text in texts:
        groups.setdefault(text.document.number, []).append(text)
    return tuple(_reading(law, copies) for copies in groups.values())


def _reading(law: str, copies: Sequence[DatedText]) -> Reading:
    numbers = dict.fromkeys(a.number for copy in copies for a in copy.statute.articles)
    articles = [_settled(law, number, copies) for number in numbers]
    try:
        places = wordings(law, articles)
    except SamePlaceTwice as twice:
        raise ValidityError(
            twice.ref,
            f"bản {copies[0].label} có hai chỗ cùng số này",
            "Hãy sửa cách đánh số trong tệp nguồn rồi đọc lại",
        ) from twice
    return Reading(copies[0].document, " và ".join(copy.label for copy in copies), places)


def _settled(law: str, number: str, copies: Sequence[DatedText]) -> Article:
    """The article as the copies have it; the one whose hash is registered where they differ."""
    found = [(copy, copy.statute.article(number)) for copy in copies]
    held = [(copy, article) for copy, article in found if article is not None]
    for copy, article in held:
        if copy.hashes.get(number) == article.fingerprint:
            return article
    first, article = held[0]
    if len(held) < len(copies):
        missing = next(copy for copy, article in found if article is None)
        raise ValidityError(
            Ref(law=law, article=number),
            f"bản {first.label} có điều này nhưng bản {missing.label} thì không",
            "Hãy bỏ bản thiếu khỏi LAW_SOURCES hoặc thay bằng bản đầy đủ",
        )
    for copy, other in held[1:]:
        if other.fingerprint != article.fingerprint:
            raise ValidityError(
                _first_difference(law, article, other),
                f"hai bản {first.label} và {copy.label} không khớp và không bản nào trùng mã băm "
                "trong sổ đăng ký",
                "Hãy so với bản chính thức, giữ lại bản đúng, bỏ bản kia khỏi LAW_SOURCES",
            )
    return article


def _first_difference(law: str, one: Article, other: Article) -> Ref:
    """The first clause that differs, the article where that cannot be said."""
    clauses = {clause.number: clause for clause in other.clauses}
    for clause in one.clauses:
        twin = clauses.get(clause.number)
        mine = "\n".join((clause.text, *(f"{p.number}) {p.text}" for p in clause.points)))
        theirs = (
            "\n".join((twin.text, *(f"{p.number}) {p.text}" for p in twin.points))) if twin else ""
        )
        if normalise(mine) != normalise(theirs):
            return Ref(law=law, article=one.number, clause=clause.number)
    return Ref(law=law, article=one.number)
