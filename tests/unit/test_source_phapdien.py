"""Exports of the codification: interleaved documents set apart, in their own order."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.lines import SourceError, SourceText
from indexer.sources import read
from indexer.structure import parse

LAW = "Luật số 99/2031/QH17"
DECREE = "Nghị định số 12/2032/NĐ-CP"


def article(label: str, title: str, source: str, *body: str) -> str:
    paragraphs = "".join(f"<p>{text}</p>" for text in body)
    return (
        f"<p class='pDieu'><a name='1'></a>Điều {label}. {title}</p>"
        f"<p class='pGhiChu'><a href='#'>({source})</a></p><p class='pNoiDung'></p>{paragraphs}"
    )


def export(*parts: str) -> str:
    return f"<html><body><div class='_content'>{''.join(parts)}</div></body></html>"


SEE_ALSO = "<p class='pChiDan'>(Điều này có nội dung liên quan đến <a>Điều 9.9.LQ.1. Cây</a>)</p>"
WHOLE = export(
    "<p class='pChuong'>Chương I</p><p class='pChuong'>QUY ĐỊNH CHUNG</p>",
    article(
        "7.1.NĐ.2.2",
        "Giờ mở kho",
        f"Điều 2 {DECREE}, có hiệu lực kể từ ngày 01/02/2032",
        "Kho mở từ sáng.",
    ),
    article(
        "7.1.LQ.1",
        "Đất vườn",
        f"Điều 1 {LAW} Vườn chung ngày 01/06/2031 của Quốc hội, có hiệu lực kể từ ngày 01/01/2032",
        "1. Đất là của chung.",
        "2. Không chia lô theo Điều 7.1.NĐ.2.1. cũ.",
    ),
    SEE_ALSO,
    article(
        "7.1.NĐ.2.1",
        "Kho dụng cụ",
        f"Điều 1 {DECREE} Quy định về kho dụng cụ ngày 05/01/2032 của Chính phủ, có hiệu lực",
        "Kho ở cổng vườn.",
    ),
    "<a href='mau.doc'><p>Mau so 01.doc</p></a>",
    "<p class='pChuong'>Chương II</p><p class='pChuong'>NƯỚC TƯỚI</p>",
    SEE_ALSO.replace("Điều này", "Chương này"),
    article(
        "7.1.LQ.2",
        "Giếng",
        f"Điều 2 {LAW}, có hiệu lực kể từ ngày 01/01/2032, có nội dung được sửa đổi bởi Điều 4 "
        "Luật số 11/2035/QH18 có hiệu lực kể từ ngày 01/01/2036",
        "Giếng không khóa.",
    ),
    article("7.1.LQ.3", "Kho", f"Điều 3 {LAW}, có hiệu lực", "Có kho chung."),
)


def read_export(tmp_path: Path, text: str) -> list[SourceText]:
    path = tmp_path / "phapdien.html"
    path.write_text(text, encoding="utf-8")
    return read(path)


def texts(source: SourceText) -> list[str]:
    return [line.text for line in source.lines]


def test_documents_are_set_apart_the_law_first(tmp_path: Path) -> None:
    law, decree = read_export(tmp_path, WHOLE)
    assert law.number == "99/2031/QH17"
    assert law.title == "Vườn chung"
    assert texts(law) == [
        "Chương I",
        "QUY ĐỊNH CHUNG",
        "Điều 1. Đất vườn",
        "1. Đất là của chung.",
        "2. Không chia lô theo Điều 7.1.NĐ.2.1. cũ.",
        "Chương II",
        "NƯỚC TƯỚI",
        "Điều 2. Giếng",
        "Giếng không khóa.",
        "Điều 3. Kho",
        "Có kho chung.",
    ]
    assert decree.number == "12/2032/NĐ-CP"
    assert texts(decree) == [
        "Điều 1. Kho dụng cụ",
        "Kho ở cổng vườn.",
        "Điều 2. Giờ mở kho",
        "Kho mở từ sáng.",
    ]


def test_amendments_and_attached_files_are_notes(tmp_path: Path) -> None:
    law, decree = read_export(tmp_path, WHOLE)
    assert any("11/2035/QH18" in note.text for note in law.notes)
    assert any("Mau so 01.doc" in note.text for note in decree.notes)
    assert not any("liên quan" in text for text in texts(law))


def test_structure_takes_the_law(tmp_path: Path) -> None:
    statute = parse(read_export(tmp_path, WHOLE)[0])
    assert statute.number == "99/2031/QH17"
    assert [a.number for a in statute.articles] == ["1", "2", "3"]


def test_unreadable_source_note_is_filled_in_from_the_label(tmp_path: Path) -> None:
    broken = WHOLE.replace(f"(Điều 3 {LAW}, có hiệu lực)", "(bị bãi bỏ theo văn bản khác)")
    law, _ = read_export(tmp_path, broken)
    assert texts(law)[-2:] == ["Điều 3. Kho", "Có kho chung."]
    assert any("bị bãi bỏ" in note.text for note in law.notes)


def test_article_of_unknown_origin_is_said_not_dropped(tmp_path: Path) -> None:
    stray = export(
        article("7.1.LQ.1", "Đất vườn", f"Điều 1 {LAW}, có hiệu lực", "Đất chung."),
        article("7.1.TT.8.4", "Lạ", "không rõ", "Không biết của ai."),
    )
    (law,) = read_export(tmp_path, stray)
    assert "7.1.TT.8.4" in "".join(law.warnings)
    assert "Không biết của ai." not in texts(law)


def test_repealed_article_without_words_does_not_break_it(tmp_path: Path) -> None:
    repealed = article("7.1.LQ.4", "(được bãi bỏ)", f"Điều 4 {LAW}, bị bãi bỏ bởi Điều 1 Luật khác")
    law, _ = read_export(tmp_path, WHOLE.replace("</div>", f"{repealed}</div>"))
    assert texts(law)[-1] == "Điều 4. (được bãi bỏ)"


def test_same_article_twice(tmp_path: Path) -> None:
    again = article("7.1.LQ.3", "Kho", f"Điều 3 {LAW}, có hiệu lực", "Có kho chung.")
    law, _ = read_export(tmp_path, WHOLE.replace("</div>", f"{again}</div>"))
    assert texts(law).count("Điều 3. Kho") == 1
    other = again.replace("Có kho chung.", "Không có kho.")
    with pytest.raises(SourceError) as caught:
        read_export(tmp_path, WHOLE.replace("</div>", f"{other}</div>"))
    assert "Điều 3" in str(caught.value)
    assert "hai lần" in str(caught.value)


def test_export_without_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nguồn"):
        read_export(tmp_path, export(article("7.1.LQ.1", "Đất", "Điều nào đó", "Đất.")))
