"""Putting a version in service, taking it back, clearing old ones: one atomic file decides."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.index_format import IndexDamaged
from knowledge.library import Library
from knowledge.versions import FOLDER, POINTER, folder_of, history, listed

_REMEMBERED = 50
_PATIENCE = 10.0
"""Seconds to wait for another process that is publishing."""


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
    with _alone(root):
        try:
            published = history(root)
        except IndexDamaged:
            # Naming a version is the way out of a damaged pointer; what served before is lost.
            published = []
        _write_pointer(root, [*(past for past in published if past != version), version])


def rollback(root: Path) -> str:
    """Serve again what served before; gives its name. One that cannot be opened is passed over.

    Raises PublishError when there is none.
    """
    with _alone(root):
        there = set(listed(root))
        earlier = [past for past in history(root)[:-1] if past in there]
        while earlier and not _opens(root, earlier[-1]):
            earlier.pop()
        if not earlier:
            raise PublishError(
                "Không có phiên bản nào trước đó để quay lại; xem 'caunoi index versions'."
            )
        _write_pointer(root, earlier)
        return earlier[-1]


def prune(root: Path, keep: int) -> list[str]:
    """Delete the oldest versions beyond ``keep``, never the serving one or the one before it."""
    with _alone(root):
        there = listed(root)
        published = [past for past in history(root) if past in there]
        kept = {*published[-2:], *there[-max(keep, 1) :]}
        gone = [version for version in there if version not in kept]
        for version in gone:
            # Renamed first: a half-deleted folder must not look like a version.
            dying = root / FOLDER / f".deleting-{version}"
            folder_of(root, version).rename(dying)
            shutil.rmtree(dying, ignore_errors=True)
    return gone


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One process at a time decides which version serves. Raises PublishError."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(root / ".publish.lock", timeout=_PATIENCE)
        lock.acquire()
    except Timeout:
        raise PublishError(
            "Một tiến trình khác đang phát hành. Hãy đợi nó xong rồi chạy lại."
        ) from None
    except OSError as error:
        raise _unwritable(root, error) from error
    try:
        yield
    finally:
        lock.release()


def _opens(root: Path, version: str) -> bool:
    try:
        Library.open(folder_of(root, version))
    except IndexDamaged:
        return False
    return True


def _write_pointer(root: Path, versions: list[str]) -> None:
    fresh = root / f".{POINTER}.new"
    try:
        with fresh.open("w", encoding="utf-8") as file:
            json.dump({"history": versions[-_REMEMBERED:]}, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(root / POINTER)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise _unwritable(root / POINTER, error) from error
    folder = os.open(root, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritable(path: Path, error: OSError) -> PublishError:
    return PublishError(
        f"Không ghi được {path} ({error.strerror or error}). Hãy giải phóng đĩa hoặc sửa quyền ghi "
        "rồi phát hành lại; phiên bản cũ vẫn đang phục vụ."
    )
