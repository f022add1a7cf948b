"""The serving index: follows what is published, without a restart or a failed question."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import structlog

from knowledge.encoder import Encoder, open_encoder
from knowledge.index_format import ADVICE, IndexDamaged
from knowledge.library import Library
from knowledge.search import Searcher
from knowledge.versions import NoIndex, current, folder_of

_log = structlog.get_logger(__name__)


class CurrentIndex:
    """Hands out a searcher over the published version.

    The pointer is looked at no more than once a second. A new version is opened beside the old
    one and swapped in when it is ready; one that cannot be opened leaves the old one serving.
    Thread-safe.
    """

    def __init__(self, root: Path, models: Path, *, threads: int = 1, every: float = 1.0) -> None:
        self._root = root
        self._models = models
        self._threads = threads
        self._every = every
        self._lock = threading.Lock()
        self._opening = False
        self._looked = 0.0
        self._refused: str | None = None
        self._encoders: dict[str, Encoder] = {}
        self._searcher: Searcher | None = None

    @property
    def searcher(self) -> Searcher:
        """The searcher over the serving version. At first use: NoIndex, IndexDamaged."""
        if self._searcher is None:
            with self._lock:
                if self._searcher is None:
                    self._searcher = self._open_first()
        elif time.monotonic() - self._looked >= self._every:
            self._looked = time.monotonic()
            self._follow(self._searcher.library.manifest.version)
        return self._searcher

    def _open_first(self) -> Searcher:
        """Open the published version; once more if it was replaced and pruned on the way."""
        version = current(self._root)
        try:
            return self._open(version)
        except IndexDamaged:
            published = current(self._root)
            if published == version:
                raise
            return self._open(published)

    def _follow(self, serving: str) -> None:
        try:
            published = current(self._root)
        except (NoIndex, IndexDamaged) as error:
            _log.warning("index pointer unreadable", problem=str(error))
            return
        if published in (serving, self._refused):
            return
        with self._lock:
            if self._opening:
                return
            self._opening = True
        threading.Thread(target=self._swap, args=(published,), daemon=True).start()

    def _swap(self, version: str) -> None:
        try:
            self._searcher = self._open(version)
            self._refused = None
            _log.info("index swapped", version=version)
        except Exception as error:
            # Whatever is wrong with the new one, the old one goes on answering.
            self._refused = version
            _log.error(
                "new index refused, the old one goes on", version=version, problem=str(error)
            )
        finally:
            self._opening = False

    def _open(self, version: str) -> Searcher:
        library = Library.open(folder_of(self._root, version))
        name, fingerprint = library.manifest.encoder, library.manifest.encoder_fingerprint
        encoder = self._encoders.get(fingerprint)
        if encoder is None:
            encoder = open_encoder(
                name, self._models, fingerprint, threads=self._threads, together=True
            )
            self._encoders[fingerprint] = encoder
        if encoder.fingerprint != fingerprint:
            raise IndexDamaged(
                f"Phiên bản {version} được xây bằng bộ mã hoá khác ({fingerprint}). {ADVICE}"
            )
        return Searcher(library, encoder)
