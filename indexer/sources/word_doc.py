"""Word 97-2003 .doc: through LibreOffice or antiword where present, else by our own reader."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from indexer.lines import SourceError, SourceText
from indexer.sources.container import SPOKEN, kind_of, load
from indexer.sources.plain import paragraphs
from indexer.sources.portal_html import read_portal_html
from indexer.sources.word_binary import BrokenWordFile, LockedWordFile, read_binary
from indexer.sources.word_docx import read_docx

#: Seconds that another program may take for one file.
PATIENCE = 120
_INSTALL = (
    "Hãy mở bằng Word rồi lưu lại dạng .docx, "
    "hoặc cài chương trình đọc: apt-get install libreoffice-writer (hoặc antiword)"
)
_AGAIN = "Hãy tải lại tệp từ cổng chính thức, hoặc mở bằng Word rồi lưu lại dạng .docx"


def read_doc(path: Path) -> SourceText:
    """Read a .doc file, whatever it really is under that name; SourceError with advice."""
    raw = load(path)
    kind = kind_of(raw)
    if kind == "zip":
        return read_docx(path)
    if kind in ("html", "mhtml"):
        return read_portal_html(path)
    if kind == "rtf":
        converted = _through_libreoffice(path)
        if converted is None:
            raise SourceError(path.name, "Tệp mang đuôi .doc nhưng là RTF", _INSTALL)
        return converted
    if kind != "ole":
        raise SourceError(
            path.name,
            f"Tệp không phải Word .doc mà là {SPOKEN.get(kind, 'loại không rõ')}",
            "Hãy đổi đuôi tệp cho đúng loại, hoặc tải lại từ cổng chính thức",
        )
    return _read_ole(path, raw)


def _read_ole(path: Path, raw: bytes) -> SourceText:
    try:
        body, notes = read_binary(raw)
    except LockedWordFile as error:
        raise SourceError(
            path.name,
            "Tệp Word được khóa bằng mật khẩu",
            "Hãy mở bằng Word, bỏ mật khẩu rồi lưu lại",
        ) from error
    except BrokenWordFile as error:
        better = _through_libreoffice(path) or _through_antiword(path)
        if better is None:
            raise SourceError(
                path.name, "Tệp .doc bị hỏng, tải chưa xong hoặc cũ hơn Word 97", _AGAIN
            ) from error
        return better
    better = _through_libreoffice(path) or _through_antiword(path)
    if better is not None:
        return better
    if not body:
        raise SourceError(path.name, "Tệp Word không có chữ nào", _AGAIN)
    return SourceText(path.name, tuple(body), tuple(notes))


def _through_libreoffice(path: Path) -> SourceText | None:
    """The file by way of .docx; None where LibreOffice is absent or cannot do it."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        return None
    with tempfile.TemporaryDirectory(prefix="caunoi-doc-") as room:
        profile = Path(room, "profile").as_uri()  # its own, so that an open LibreOffice is no bar
        command = [program, "--headless", "--norestore", f"-env:UserInstallation={profile}"]
        command += ["--convert-to", "docx", "--outdir", room, str(path.resolve())]
        if _run(command) is None:
            return None
        made = sorted(Path(room).glob("*.docx"))
        if not made:
            return None
        try:
            return replace(read_docx(made[0]), name=path.name)
        except SourceError:
            return None


def _through_antiword(path: Path) -> SourceText | None:
    """The file as antiword prints it in UTF-8; None where it is absent or cannot do it."""
    program = shutil.which("antiword")
    if program is None:
        return None
    printed = _run([program, "-w", "0", "-m", "UTF-8.txt", str(path.resolve())])
    if printed is None:
        return None
    lines = paragraphs(printed.decode("utf-8", "replace"))
    # Without its UTF-8 table antiword prints Vietnamese as question marks.
    if not lines or sum(line.text.count("?") for line in lines) > len(lines):
        return None
    return SourceText(path.name, tuple(lines))


def _run(command: list[str]) -> bytes | None:
    """What the program prints, None when it fails or takes longer than ``PATIENCE``."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, the path is an argument of its own
            command, capture_output=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
