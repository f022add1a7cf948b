"""The zip package of a .docx: opened with care, its parts as XML trees."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Any

import olefile
from lxml import etree

from indexer.lines import SourceError
from indexer.sources.container import SPOKEN, kind_of, load

_LARGEST_PART = 96 * 1024 * 1024
_LARGEST_PACKAGE = 512 * 1024 * 1024
_MOST_PARTS = 5000
_AGAIN = "Hãy tải lại tệp từ cổng chính thức, hoặc mở bằng Word rồi lưu lại dạng .docx"


class WordPackage:
    """An opened .docx. Raises SourceError for whatever is not a readable one."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        raw = load(path)
        kind = kind_of(raw)
        if kind == "ole":
            raise self._not_docx_but_ole(raw)
        if kind != "zip":
            spoken = SPOKEN.get(kind)
            is_really = f"mà là {spoken}" if spoken else "và cũng không rõ là loại gì"
            raise SourceError(
                self._name,
                f"Tệp không phải Word .docx {is_really}",
                "Hãy đổi đuôi tệp cho đúng loại, hoặc mở bằng Word rồi lưu lại dạng .docx",
            )
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(raw))
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise SourceError(self._name, "Tệp .docx bị hỏng hoặc tải chưa xong", _AGAIN) from error
        infos = self._zip.infolist()
        unpacked = sum(info.file_size for info in infos)
        if unpacked > _LARGEST_PACKAGE or len(infos) > _MOST_PARTS:
            raise SourceError(
                self._name,
                f"Gói .docx bung ra quá lớn ({unpacked // 2**20} MB, {len(infos)} phần)",
                "Tệp có thể là bom nén; hãy lấy tệp từ nguồn tin cậy",
            )
        if any(info.flag_bits & 1 for info in infos):
            raise SourceError(
                self._name, "Tệp nén có mật khẩu", "Hãy bỏ mật khẩu rồi lưu lại dạng .docx"
            )
        self._names = set(self._zip.namelist())
        self.main = self._main_part()

    def part(self, name: str) -> Any | None:
        """The root element of the part of that name beside the main one, None when absent."""
        path = posixpath.join(posixpath.dirname(self.main), name)
        return self._tree(path) if path in self._names else None

    def document(self) -> Any:
        """The root element of the main document."""
        return self._tree(self.main)

    def _main_part(self) -> str:
        if "word/document.xml" in self._names:
            return "word/document.xml"
        if "_rels/.rels" in self._names:
            for relation in self._tree("_rels/.rels"):
                if str(relation.get("Type", "")).endswith("/officeDocument"):
                    target = str(relation.get("Target", "")).lstrip("/")
                    if target in self._names and "word" in target:
                        return target
        raise SourceError(
            self._name,
            "Tệp nén zip này không phải Word .docx (không có word/document.xml)",
            "Nếu là tệp zip chứa văn bản, hãy giải nén rồi đưa từng tệp vào",
        )

    def _tree(self, name: str) -> Any:
        try:
            with self._zip.open(name) as part:
                raw = part.read(_LARGEST_PART + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise SourceError(
                self._name, "Tệp .docx bị hỏng hoặc tải chưa xong", _AGAIN, name
            ) from error
        if len(raw) > _LARGEST_PART:
            raise SourceError(
                self._name,
                f"Một phần của gói .docx bung ra quá {_LARGEST_PART // 2**20} MB",
                "Tệp có thể là bom nén; hãy lấy tệp từ nguồn tin cậy",
                name,
            )
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        try:
            return etree.fromstring(raw, parser)
        except etree.XMLSyntaxError as error:
            raise SourceError(self._name, "Nội dung .docx bị hỏng", _AGAIN, name) from error

    def _not_docx_but_ole(self, raw: bytes) -> SourceError:
        """An OLE container under the name .docx: locked with a password, or an old .doc."""
        try:
            with olefile.OleFileIO(io.BytesIO(raw)) as ole:
                locked = ole.exists("EncryptedPackage") or ole.exists("EncryptionInfo")
        except (OSError, ValueError, IndexError):
            return SourceError(self._name, "Tệp bị hỏng hoặc tải chưa xong", _AGAIN)
        if locked:
            return SourceError(
                self._name,
                "Tệp Word được khóa bằng mật khẩu",
                "Hãy mở bằng Word, bỏ mật khẩu (File > Info > Protect Document) rồi lưu lại",
            )
        return SourceError(
            self._name,
            "Tệp không phải Word .docx mà là Word 97-2003 (.doc)",
            "Hãy đổi đuôi tệp thành .doc, hoặc mở bằng Word rồi lưu lại dạng .docx",
        )


def tag(element: Any) -> str:
    """The element's name without its namespace; "" for comments and instructions."""
    name = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def attribute(element: Any | None, name: str) -> str | None:
    """The attribute of that local name, in whichever namespace."""
    if element is None:
        return None
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return None


def child(element: Any | None, *names: str) -> Any | None:
    """The element reached by going down through the first child of each name."""
    for name in names:
        if element is None:
            return None
        element = next((below for below in element if tag(below) == name), None)
    return element
