"""Word 97-2003 .doc: our own reader, LibreOffice where present, and what hides under the name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from indexer.lines import Role, SourceError
from indexer.sources import word_doc
from indexer.sources.word_doc import read_doc
from tests.unit.made_word import container, paragraph, word_97, write_docx

TEXT = (
    "Điều 1. Ong\rĐoạn \x13 HYPERLINK x \x14nối\x15 hết.\x02\r"
    "Vùng\x07Phí\x07\x07Một\x0bdòng\rHai\x1ehai\r"
)


@pytest.fixture
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other program can be found."""
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("_alone")
def test_read_without_any_other_program(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(word_97(TEXT, notes="\x02 Chú thích ong.\r"))
    source = read_doc(path)
    assert [(line.text, line.role) for line in source.lines] == [
        ("Điều 1. Ong", Role.BODY),
        ("Đoạn nối hết.", Role.BODY),
        ("| Vùng | Phí |", Role.TABLE),
        ("Một", Role.BODY),
        ("dòng", Role.BODY),
        ("Hai-hai", Role.BODY),
    ]
    assert [note.text for note in source.notes] == ["[1] Chú thích ong."]


@pytest.mark.usefixtures("_alone")
def test_pieces_in_the_old_one_byte_set(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(word_97("Ong bay\rTo ong\r", compressed=True))
    assert [line.text for line in read_doc(path).lines] == ["Ong bay", "To ong"]


@pytest.mark.usefixtures("_alone")
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "Tệp rỗng"),
        (word_97(TEXT, encrypted=True), "mật khẩu"),
        (container({"EncryptedPackage": b"x"}), "mật khẩu"),
        (word_97(TEXT)[:900], "hỏng"),
        (container({"Workbook": b"x"}), "hỏng"),
        (b"{\\rtf1 ong}", "RTF"),
        (b"%PDF-1.4 ong", "PDF"),
        (b"GIF89a\x00\x00", "không rõ"),
    ],
)
def test_what_cannot_be_read_is_refused_with_advice(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(raw)
    with pytest.raises(SourceError, match=said) as caught:
        read_doc(path)
    assert "Hãy" in caught.value.advice


@pytest.mark.usefixtures("_alone")
def test_rtf_says_which_program_would_read_it(tmp_path: Path) -> None:
    path = tmp_path / "a.doc"
    path.write_bytes(b"{\\rtf1 ong}")
    with pytest.raises(SourceError, match="libreoffice-writer"):
        read_doc(path)


def test_a_docx_under_the_old_name_is_read(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.doc", paragraph("Ong"))
    assert [line.text for line in read_doc(path).lines] == ["Ong"]


def stand_in(folder: Path, name: str, script: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_libreoffice_is_used_with_a_profile_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = write_docx(tmp_path / "made.docx", paragraph("Đọc qua LibreOffice"))
    programs = tmp_path / "bin"
    programs.mkdir()
    stand_in(
        programs,
        "soffice",
        f'echo "$@" > {tmp_path}/called\n'
        'while [ "$1" != "--outdir" ]; do shift; done\n'
        f"cp {made} $2/a.docx",
    )
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    path = tmp_path / "a.doc"
    path.write_bytes(word_97(TEXT))
    source = read_doc(path)
    assert (source.name, [line.text for line in source.lines]) == ("a.doc", ["Đọc qua LibreOffice"])
    called = (tmp_path / "called").read_text()
    assert "--headless" in called
    assert "-env:UserInstallation=file://" in called


@pytest.mark.parametrize("script", ["exit 1", "exit 0", "/bin/sleep 5"])
def test_a_program_that_fails_or_hangs_leaves_our_own_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    stand_in(tmp_path, "soffice", script)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(word_doc, "PATIENCE", 0.2)
    path = tmp_path / "a.doc"
    path.write_bytes(word_97("Ong bay\r"))
    assert [line.text for line in read_doc(path).lines] == ["Ong bay"]


def test_antiword_that_prints_question_marks_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, "antiword", "echo '?i?u 1. ?ng b?y'")
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "a.doc"
    path.write_bytes(word_97("Điều 1. Ong bay\r"))
    assert [line.text for line in read_doc(path).lines] == ["Điều 1. Ong bay"]
