"""Official copies for tests that need them: read, recognised by the register, dated."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest

from indexer.register_check import check
from indexer.sources.plain import read_plain
from indexer.statute import Statute
from indexer.structure import parse
from indexer.validity import DatedText, clause_versions
from knowledge.clause import Clause, Ref
from knowledge.register import load

_BESIDE = Path(__file__).parents[3] / "shared" / "laws"


def folders() -> tuple[Path, ...]:
    """The folders of plain-text copies; skips the test when there are none."""
    named = os.environ.get("LAW_SOURCES") or str(_BESIDE)
    found = [Path(name) / "text" for name in named.split(":") if (Path(name) / "text").is_dir()]
    if not found:
        pytest.skip("no official texts: set LAW_SOURCES to folders that hold text/*.txt")
    return tuple(found)


@lru_cache(maxsize=1)
def statutes() -> tuple[Statute, ...]:
    """Every plain-text copy that is a statute (appendices and footnotes stand beside them)."""
    paths = [path for folder in folders() for path in sorted(folder.rglob("*.txt"))]
    names = [p for p in paths if not p.stem.endswith((".phu-luc", ".notes"))]
    return tuple(parse(read_plain(path), strict=False) for path in names)


@lru_cache(maxsize=1)
def dated_texts() -> tuple[DatedText, ...]:
    """The copies as the registered texts they are."""
    register = load()
    known = [(check(statute, register).text, statute) for statute in statutes()]
    return tuple(
        DatedText(register.get(text), statute, register.hashes(text))
        for text, statute in known
        if text is not None
    )


@lru_cache(maxsize=64)
def clauses(law: str) -> tuple[Clause, ...]:
    """The dated wordings of ``law`` from all its copies."""
    texts = [t for t in dated_texts() if law in (t.document.number, t.document.consolidates)]
    return tuple(clause_versions(load().get(law), texts))


def wordings(written: str) -> list[Clause]:
    """The wordings at a written citation ("45/2019/QH14 điều 139 khoản 1"), by date."""
    ref = Ref.parse(written)
    return [clause for clause in clauses(ref.law) if clause.ref == ref]
