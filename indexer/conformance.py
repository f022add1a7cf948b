"""Do the readers give the official words? Every original file held against its plain text.

``python -m indexer.conformance`` prints the table of docs/sources.md as Markdown. It looks in
each folder of LAW_SOURCES for ``raw/`` (files as the portals give them) and ``text/`` (the same
documents as checked plain text).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.lines import SourceError, SourceText
from indexer.sources import read
from indexer.sources.plain import read_plain
from indexer.statute import Statute, normalise
from indexer.structure import StructureError, parse

_NO_STATUTE = (".phu-luc", ".notes")
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One document of one file against the plain text it resembles most.

    ``articles`` are those of the plain text, ``equal`` those the file gives in the same words,
    ``absent`` those it does not hold; ``adds_up`` tells whether the strict structure takes it.
    ``refused`` is the message for a file that was not read; the other fields are then empty.
    """

    file: str
    kind: str
    document: str | None = None
    text: str | None = None
    articles: int = 0
    equal: int = 0
    differing: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    adds_up: bool = False
    refused: str | None = None

    @property
    def share(self) -> float:
        """Equal articles among those of the plain text, 0 to 1."""
        return self.equal / self.articles if self.articles else 0.0


def source_folders() -> list[Path]:
    """The folders named in LAW_SOURCES, or ../shared/laws when it exists."""
    named = os.environ.get("LAW_SOURCES", "../shared/laws")
    return [Path(name) for name in named.split(":") if Path(name).is_dir()]


def compare(folders: Sequence[Path]) -> list[Row]:
    """A row for each document of each file in ``raw/`` that a plain text can be found for."""
    texts = list(_texts(folders))
    rows: list[Row] = []
    for folder in folders:
        for path in sorted((folder / "raw").glob("*")):
            if path.is_file() and path.name != "INDEX.json":
                rows += compare_file(path, texts)
    return rows


def compare_file(path: Path, texts: Sequence[Statute]) -> list[Row]:
    """The rows of one file; one row with the message when it is refused."""
    kind = path.suffix.lstrip(".")
    try:
        sources = read(path)
        first = parse(sources[0], strict=False)
    except (SourceError, StructureError) as error:
        return [Row(path.name, kind, refused=str(error))]
    rows = [_row(path.name, kind, sources[0], first, texts)]
    for source in sources[1:]:
        if any(text.number == source.number for text in texts):
            rows.append(_row(path.name, kind, source, parse(source, strict=False), texts))
    return rows


def _texts(folders: Sequence[Path]) -> Iterator[Statute]:
    for folder in folders:
        for path in sorted((folder / "text").rglob("*.txt")):
            if not path.stem.endswith(_NO_STATUTE):
                yield parse(read_plain(path), strict=False)


def _row(
    file: str, kind: str, source: SourceText, statute: Statute, texts: Sequence[Statute]
) -> Row:
    same = [text for text in texts if text.number == statute.number]
    law = statute.consolidates or statute.number
    # A consolidation without a text of its own is held against the law and its other versions.
    akin = same or [text for text in texts if law in (text.number, text.consolidates)]
    adds_up = True
    try:
        parse(source, strict=True)
    except StructureError:
        adds_up = False
    row = Row(file, kind, statute.number, adds_up=adds_up)
    if not akin:
        return row
    words = _words(statute)
    return max((_against(row, words, text) for text in akin), key=lambda found: found.equal)


def _words(statute: Statute) -> dict[str, str]:
    return {article.number: normalise(article.full_text) for article in statute.articles}


def _against(row: Row, words: dict[str, str], text: Statute) -> Row:
    expected = _words(text)
    differing = [n for n, said in expected.items() if n in words and words[n] != said]
    absent = [n for n in expected if n not in words]
    return replace(
        row,
        text=text.name,
        articles=len(expected),
        equal=len(expected) - len(differing) - len(absent),
        differing=tuple(differing),
        absent=tuple(absent),
    )


def as_markdown(rows: Sequence[Row]) -> str:
    """The rows as a table."""
    lines = [
        "| File | Document | Compared with | Articles equal | Share | Adds up | Differing |",
        "|---|---|---|--:|--:|---|---|",
    ]
    for row in rows:
        if row.refused is not None:
            cells = [f"`{row.file}`", "", "", "", "", "", "refused"]
        else:
            differing = _numbers(row.differing)
            if row.absent:
                differing += f"{'; ' if differing else ''}{len(row.absent)} not in the file"
            cells = [
                f"`{row.file}`",
                row.document or "?",
                f"`{row.text}`" if row.text else "none",
                f"{row.equal} / {row.articles}",
                f"{row.share:.1%}",
                "yes" if row.adds_up else "no",
                differing,
            ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _numbers(numbers: Sequence[str]) -> str:
    shown = ", ".join(numbers[:_SHOWN])
    return f"{shown} and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else shown


if __name__ == "__main__":
    print(as_markdown(compare(source_folders())))
