"""A small PDF writer for tests: Vietnamese words at given places, lines, pictures, passwords.

The font is not embedded: every letter is half as wide as the type size, which is all that the
layout of a page depends on. The table of Unicode values makes the letters readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 600.0, 800.0


@dataclass
class MadePage:
    """One page; y grows upwards from the bottom."""

    parts: list[str] = field(default_factory=list)
    letters: set[str] = field(default_factory=set)
    pictured: bool = False

    def text(self, x: float, y: float, words: str, size: float = 12.0, *, hidden: bool = False):
        """Write ``words`` with the base line at ``y``."""
        self.letters |= set(words)
        codes = "".join(f"{ord(letter):04X}" for letter in words)
        mode = 3 if hidden else 0
        self.parts.append(f"BT {mode} Tr /F1 {size} Tf 1 0 0 1 {x} {y} Tm <{codes}> Tj ET")

    def rule(self, x0: float, y0: float, x1: float, y1: float):
        """Draw a line."""
        self.parts.append(f"0.7 w {x0} {y0} m {x1} {y1} l S")

    def picture(self):
        """Cover the page with a picture, as a scan does."""
        self.pictured = True
        self.parts.append(f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /P1 Do Q")


def width(words: str, size: float = 12.0) -> float:
    """How wide ``words`` are printed."""
    return len(words) * size / 2


def wrapped(words: str, room: float, size: float = 12.0, indent: float = 0.0) -> list[str]:
    """``words`` broken into rows no wider than ``room``, the first one ``indent`` narrower."""
    rows: list[str] = []
    row = ""
    for word in words.split():
        longer = f"{row} {word}".strip()
        free = room - (indent if not rows else 0.0)
        if row and width(longer, size) > free:
            rows.append(row)
            row = word
        else:
            row = longer
    return [*rows, row]


def made_pdf(pages: Sequence[MadePage], *, locked: bool = False) -> bytes:
    """The file. ``locked`` marks it as encrypted with a password nobody knows."""
    objects: list[bytes] = []

    def add(body: str | bytes) -> int:
        objects.append(body.encode("latin-1") if isinstance(body, str) else body)
        return len(objects)

    def stream(data: bytes, entries: str = "") -> int:
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode()
        return add(head + data + b"\nendstream")

    letters = sorted({letter for page in pages for letter in page.letters})
    table = "\n".join(f"<{ord(c):04X}> <{ord(c):04X}>" for c in letters)
    unicode_map = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CMapName /T def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + "\n".join(
            f"{len(chunk)} beginbfchar\n" + "\n".join(chunk) + "\nendbfchar"
            for chunk in _chunks(table.split("\n"), 90)
        )
        + "\nendcmap end end"
    )
    to_unicode = stream(unicode_map.encode())
    descriptor = add(
        "<< /Type /FontDescriptor /FontName /Made /Flags 4 /FontBBox [0 -200 1000 800] "
        "/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"
    )
    inner = add(
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Made /DW 500 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor {descriptor} 0 R >>"
    )
    font = add(
        "<< /Type /Font /Subtype /Type0 /BaseFont /Made /Encoding /Identity-H "
        f"/DescendantFonts [{inner} 0 R] /ToUnicode {to_unicode} 0 R >>"
    )
    picture = stream(
        b"\x80",
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
        "/BitsPerComponent 8",
    )
    tree = len(objects) + 2 * len(pages) + 1
    kids = []
    for page in pages:
        body = stream("\n".join(page.parts).encode())
        xobjects = f"/XObject << /P1 {picture} 0 R >>" if page.pictured else ""
        kids.append(
            add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] "
                f"/Resources << /Font << /F1 {font} 0 R >> {xobjects} >> /Contents {body} 0 R >>"
            )
        )
    shown = " ".join(f"{kid} 0 R" for kid in kids)
    assert add(f"<< /Type /Pages /Kids [{shown}] /Count {len(kids)} >>") == tree
    catalog = add(f"<< /Type /Catalog /Pages {tree} 0 R >>")
    extra = ""
    if locked:
        secret = "AB" * 32
        lock = add(
            f"<< /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{secret}> /U <{secret}> >>"
        )
        extra = f"/Encrypt {lock} 0 R /ID [<{'CD' * 16}> <{'CD' * 16}>]"
    return _file(objects, f"/Root {catalog} 0 R {extra}")


def _chunks(lines: list[str], size: int) -> list[list[str]]:
    return [lines[at : at + size] for at in range(0, len(lines), size)]


def _file(objects: Sequence[bytes], trailer: str) -> bytes:
    data = b"%PDF-1.6\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    data += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    tail = f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n"
    return data + tail.encode()
