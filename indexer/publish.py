"""Putting a version in service, taking it back, clearing old ones: one atomic file decides."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from knowledge.library import Library
from knowledge.versions import POINTER, folder_of, history, listed

_REMEMBERED = 50


class PublishError(Exception):
    """A version that cannot be put in service; the one before goes on serving."""


def publish(root: Path, version: str) -> None:
    """Make ``version`` the serving one. It is opened first: a damaged one is never published.

    Raises PublishError or knowledge.index_format.IndexDamaged; the old version then still serves.
    """
    if version not in listed(root):
        known = ", ".join(listed(root)) or "chưa có phiên bản nào"
        raise PublishError(f"Không có phiên bản {version}. Hiện có: {known}.")
    Library.open(folder_of(root, version))
    before = [past for past in history(root) if past != version]
    _write_pointer(root, [*before, version])


def rollback(root: Path) -> str:
    """Serve again what served before; gives its name. Raises PublishError when there is none."""
    published = history(root)
    there = set(listed(root))
    earlier = [past for past in published[:-1] if past in there]
    if not earlier:
        raise PublishError(
            "Không có phiên bản nào trước đó để quay lại; xem 'caunoi index versions'."
        )
    Library.open(folder_of(root, earlier[-1]))
    _write_pointer(root, earlier)
    return earlier[-1]


def prune(root: Path, keep: int) -> list[str]:
    """Delete the oldest versions beyond ``keep``, never the serving one or the one before it."""
    published = history(root)
    kept = set(published[-2:]) | set(listed(root)[-max(keep, 1) :])
    gone = [version for version in listed(root) if version not in kept]
    for version in gone:
        # Renamed first: a half-deleted folder must not look like a version.
        dying = root / "versions" / f".deleting-{version}"
        folder_of(root, version).rename(dying)
        shutil.rmtree(dying, ignore_errors=True)
    return gone


def _write_pointer(root: Path, versions: list[str]) -> None:
    root.mkdir(parents=True, exist_ok=True)
    fresh = root / f".{POINTER}.new"
    try:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"history": versions[-_REMEMBERED:]}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(root / POINTER)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise PublishError(
            f"Không ghi được {root / POINTER} ({error.strerror}). Hãy giải phóng đĩa hoặc sửa "
            "quyền ghi rồi phát hành lại; phiên bản cũ vẫn đang phục vụ."
        ) from error
    folder = os.open(root, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
