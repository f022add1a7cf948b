"""Files: their ids, their paths that expire, and what the bot may load down."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tests.contract.telegram_stand_in.errors import Json, bad_request, not_found

MAX_DOWNLOAD = 20 * 1024 * 1024
_FOLDERS = {"photo": ("photos", "jpg"), "voice": ("voice", "oga"), "document": ("documents", "")}


@dataclass
class StoredFile:
    """A file on the servers. ``size`` may be declared larger than the content we hold."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    content: bytes
    size: int

    def api(self) -> Json:
        """The fields that every file object has."""
        return {
            "file_id": self.file_id,
            "file_unique_id": self.unique_id,
            "file_size": self.size,
        }


class Files:
    """Keeps files by id; hands out paths to load them down by."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}
        self._issued = 0

    def add(self, kind: str, content: bytes, name: str = "", size: int | None = None) -> StoredFile:
        """Keep a file. The same content has the same unique id, but an id of its own."""
        number = len(self._files) + 1
        unique_id = "AQAD" + hashlib.sha256(kind.encode() + content).hexdigest()[:12]
        file_id = f"AgACAgUAAxkBAAI{number:06d}{unique_id[4:]}AAMCAQADNgQ"
        stored = StoredFile(
            file_id, unique_id, kind, name, content, len(content) if size is None else size
        )
        self._files[file_id] = stored
        return stored

    def sizes(self, large: StoredFile) -> list[Json]:
        """The PhotoSize objects of a picture, the largest last; each is a file of its own."""
        small = self.add("photo", b"small " + large.unique_id.encode())
        return [
            {**small.api(), "width": 90, "height": 67},
            {**large.api(), "width": 1280, "height": 960},
        ]

    def get(self, file_id: str) -> StoredFile | None:
        """The file with that id."""
        return self._files.get(file_id)

    def issue(self, file_id: str) -> Json:
        """The answer of getFile: a path that works until ``expire``. Raises ApiError."""
        if not file_id:
            raise bad_request("file_id not specified")
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        if stored.size > MAX_DOWNLOAD:
            raise bad_request("file is too big")
        self._issued += 1
        folder, suffix = _FOLDERS.get(stored.kind, ("documents", ""))
        suffix = suffix or stored.name.rpartition(".")[2] or "bin"
        path = f"{folder}/file_{self._issued}.{suffix}"
        self._paths[path] = stored
        return {**stored.api(), "file_path": path}

    def load(self, path: str) -> bytes:
        """What lies at an issued path. Raises ApiError once it has expired."""
        stored = self._paths.get(path)
        if stored is None:
            raise not_found()
        return stored.content

    def expire(self) -> None:
        """Let every path issued so far expire; getFile gives new ones."""
        self._paths.clear()
