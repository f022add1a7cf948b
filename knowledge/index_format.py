"""The files of an index version and the manifest that describes them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FORMAT = 1
MANIFEST = "manifest.json"
CLAUSES = "clauses.jsonl"
CARDS = "cards.jsonl"
VECTORS = ("clauses", "articles", "asks")


class IndexDamaged(Exception):
    """An index version that cannot be opened: what is wrong and how to get a good one."""


class IndexedText(BaseModel):
    """One official text that went in."""

    model_config = ConfigDict(frozen=True)

    text: str
    law: str
    file: str
    sha256: str
    grade: str
    articles: int
    verified_articles: int


class Manifest(BaseModel):
    """What an index version is made of. Counts are of wordings, articles and questions."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    version: str
    created: datetime
    encoder: str
    encoder_fingerprint: str
    texts: tuple[IndexedText, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    clauses: int
    articles: int
    cards: int
    asks: int
    content_hash: str

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a version. Raises IndexDamaged."""
        try:
            manifest = cls.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise IndexDamaged(
                f"{folder.name}: the manifest cannot be read ({error.__class__.__name__}); "
                "publish another version or run 'caunoi index build'"
            ) from error
        if manifest.format != FORMAT:
            raise IndexDamaged(
                f"{folder.name} has format {manifest.format}, this program reads {FORMAT}; "
                "run 'caunoi index build'"
            )
        return manifest
