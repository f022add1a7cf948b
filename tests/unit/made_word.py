"""Word files made for tests: .docx packages and Word 97-2003 containers."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """One w:p with one run; ``properties`` and ``run`` go into w:pPr and w:rPr."""
    before = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    inner = f"<w:rPr>{run}</w:rPr>" if run else ""
    return f'<w:p>{before}<w:r>{inner}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def numbered(text: str, list_id: int, level: int = 0, run: str = "") -> str:
    """A paragraph that Word numbers."""
    inner = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(text, inner, run)


def write_docx(path: Path, body: str, parts: Mapping[str, str] | None = None) -> Path:
    """A .docx whose document is ``body``; ``parts`` are further parts under word/."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "word/document.xml", f"<w:document {SPACE}><w:body>{body}</w:body></w:document>"
        )
        for name, text in (parts or {}).items():
            package.writestr(f"word/{name}", text)
    return path


def word_97(text: str, notes: str = "", encrypted: bool = False, compressed: bool = False) -> bytes:
    """A Word 97-2003 file with one piece of text: paragraphs end in \\r, cells in \\x07."""
    everything = text + notes
    stored = everything.encode("cp1252" if compressed else "utf-16-le")
    start = 1024
    main = bytearray(start)
    struct.pack_into("<H", main, 0, 0xA5EC)
    struct.pack_into("<H", main, 0x0A, 0x0200 | (0x0100 if encrypted else 0))
    struct.pack_into("<2I", main, 0x4C, len(text), len(notes))
    offset = (start * 2) | 0x40000000 if compressed else start
    piece = struct.pack("<2I", 0, len(everything)) + struct.pack("<HIH", 0, offset, 0)
    table = b"\x02" + struct.pack("<I", len(piece)) + piece
    struct.pack_into("<2I", main, 0x1A2, 0, len(table))
    return container({"WordDocument": bytes(main) + stored, "1Table": table})


def container(streams: Mapping[str, bytes]) -> bytes:
    """An OLE2 container of these streams."""
    sectors: list[bytes] = []
    chain: list[int] = []
    entries = [_entry("Root Entry", 5, _END, 0, child=1)]
    names = list(streams)
    for at, name in enumerate(names):
        data = streams[name].ljust(4096, b"\x00")  # smaller ones would need the mini stream
        first = len(sectors)
        _add(sectors, chain, data)
        following = at + 2 if at + 1 < len(names) else _FREE
        entries.append(_entry(name, 2, first, len(data), right=following))
    directory = len(sectors)
    _add(sectors, chain, b"".join(entries))
    fat_sectors = (len(chain) + _SECTOR // 4 - 1) // (_SECTOR // 4 - 1)
    first_fat = len(sectors)
    chain += [_FAT] * fat_sectors
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(fat_sectors * _SECTOR, b"\xff")
    places = [first_fat + at for at in range(fat_sectors)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, fat_sectors, directory, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", *places, *[_FREE] * (109 - fat_sectors))
    return head + b"".join(sectors) + fat


def _add(sectors: list[bytes], chain: list[int], data: bytes) -> None:
    first = len(sectors)
    parts = [data[at : at + _SECTOR].ljust(_SECTOR, b"\x00") for at in range(0, len(data), _SECTOR)]
    sectors += parts
    chain += [first + at + 1 for at in range(len(parts) - 1)] + [_END]


def _entry(
    name: str, kind: int, first: int, size: int, *, right: int = _FREE, child: int = _FREE
) -> bytes:
    encoded = name.encode("utf-16-le") + b"\x00\x00"
    entry = encoded.ljust(64, b"\x00") + struct.pack("<HBB", len(encoded), kind, 1)
    entry += struct.pack("<3I", _FREE, right, child) + b"\x00" * 36
    return entry + struct.pack("<IQ", first, size)


def levels(shapes: Sequence[tuple[str, str]], start: int = 1) -> str:
    """w:lvl elements from (numFmt, lvlText) pairs."""
    return "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for at, (form, text) in enumerate(shapes)
    )
