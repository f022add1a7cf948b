"""Index versions on disk: which there are, and which one serves."""

from __future__ import annotations

import json
from pathlib import Path

from knowledge.index_format import MANIFEST, IndexDamaged

POINTER = "current.json"
FOLDER = "versions"


class NoIndex(Exception):
    """No index version has been published yet."""


def folder_of(root: Path, version: str) -> Path:
    """Where a version of the index under ``root`` lies."""
    return root / FOLDER / version


def listed(root: Path) -> list[str]:
    """The complete versions, oldest first."""
    return sorted(path.parent.name for path in (root / FOLDER).glob(f"[!.]*/{MANIFEST}"))


def history(root: Path) -> list[str]:
    """The versions in the order they were published, the serving one last; may be empty."""
    try:
        pointer = json.loads((root / POINTER).read_text(encoding="utf-8"))
        return [str(version) for version in pointer["history"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(
            f"Không đọc được {root / POINTER} ({error}). Hãy chọn lại phiên bản phục vụ bằng "
            "'caunoi index publish PHIÊN_BẢN' (xem tên bằng 'caunoi index versions')."
        ) from error


def current(root: Path) -> str:
    """The version that serves. Raises NoIndex."""
    published = history(root)
    if not published:
        raise NoIndex(
            "Chưa có chỉ mục nào được phát hành. Hãy chạy 'caunoi index build --publish'."
        )
    return published[-1]
