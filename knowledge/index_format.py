"""The files of an index version and the manifest that describes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

FORMAT = 2
MANIFEST = "manifest.json"
CLAUSES = "clauses.jsonl"
CARDS = "cards.jsonl"
POINTERS = "pointers.jsonl"
VECTORS = ("clauses", "articles", "asks", "cards")
ADVICE = (
    "Hãy quay lại bản trước bằng 'caunoi index rollback' hoặc xây bản mới bằng "
    "'caunoi index build --publish'."
)
"""What to do about a version that cannot be opened."""


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
    """What an index version is made of. Counts are of wordings, articles and questions.

    ``files`` holds the SHA-256 of every other file, by its path in the folder.
    """

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
    pointers: int = 0
    content_hash: str
    files: Mapping[str, str] = {}

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """The manifest of a version. Raises IndexDamaged."""
        try:
            manifest = cls.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise IndexDamaged(
                f"Phiên bản {folder.name}: không đọc được {MANIFEST} "
                f"({error.__class__.__name__}). {ADVICE}"
            ) from error
        if manifest.format != FORMAT:
            raise IndexDamaged(
                f"Phiên bản {folder.name} có dạng {manifest.format}, chương trình này đọc dạng "
                f"{FORMAT}. {ADVICE}"
            )
        return manifest

    def verify(self, folder: Path) -> None:
        """Raises IndexDamaged when a file is missing or is not as it was written."""
        for name, digest in self.files.items():
            try:
                held = sha256_of(folder / name)
            except OSError as error:
                raise IndexDamaged(
                    f"Phiên bản {folder.name}: không đọc được {name} ({error.strerror}). {ADVICE}"
                ) from error
            if held != digest:
                raise IndexDamaged(
                    f"Phiên bản {folder.name}: {name} không còn như lúc ghi. {ADVICE}"
                )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
