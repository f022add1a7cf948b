"""Questions go on while versions come and go: none fails, and the new version is picked up."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from indexer.build import build
from indexer.publish import prune, publish, rollback
from knowledge.current import CurrentIndex
from knowledge.index_format import IndexDamaged
from knowledge.versions import POINTER, NoIndex, folder_of, listed
from tests import made_index
from tests.made_index import MadeHouse, WordHashEncoder

_ROOT = Path(__file__).parents[2]
_PATIENCE = 20.0
_QUESTION = "trưa được nghỉ bao lâu"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MadeHouse]:
    made = made_index.house(tmp_path)
    with made_index.serving(WordHashEncoder(), made.register):
        yield made


def _version(house: MadeHouse, at: int) -> str:
    first, *others = made_index.cards()
    asks = (f"nghỉ trưa kiểu thứ {at}", *first.asks)
    house.cards = (first.model_copy(update={"asks": asks}), *others)
    return build(house.source()).manifest.version


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not true():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


def _serves(index: CurrentIndex, version: str) -> bool:
    return index.searcher.library.manifest.version == version


class _Asker(threading.Thread):
    """Asks without a pause; keeps what failed and which versions answered."""

    def __init__(self, index: CurrentIndex) -> None:
        super().__init__(daemon=True)
        self.index = index
        self.stopped = threading.Event()
        self.failed: list[BaseException] = []
        self.versions: set[str] = set()
        self.asked = 0

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                searcher = self.index.searcher
                found = searcher.search(_QUESTION, made_index.TODAY)
                assert found.hits[0].ref.article == "2"
                self.versions.add(searcher.library.manifest.version)
                self.asked += 1
            except BaseException as error:
                self.failed.append(error)


def test_another_process_follows_twenty_publishings_and_rollbacks(house: MadeHouse) -> None:
    served = _version(house, 0)
    publish(house.root, served)
    asker = subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.index_process", "ask", str(house.base)],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert asker.stdin is not None
    assert asker.stdout is not None
    try:
        assert json.loads(asker.stdout.readline()) == {"version": served}
        for at in range(1, 21):
            if at % 4 == 0:
                expected = rollback(house.root)
            else:
                expected = _version(house, at)
                publish(house.root, expected)
                prune(house.root, 2)
            assert json.loads(asker.stdout.readline()) == {"version": expected}
        said, errors = asker.communicate("", timeout=_PATIENCE)
    finally:
        asker.kill()
    assert asker.returncode == 0, errors
    assert json.loads(said)["asked"] >= 20
    assert len(listed(house.root)) <= 4


def test_threads_of_one_process_go_on_while_versions_change(house: MadeHouse) -> None:
    versions = [_version(house, at) for at in range(3)]
    publish(house.root, versions[0])
    index = CurrentIndex(house.root, house.base / "models", every=0.0)
    askers = [_Asker(index) for _ in range(3)]
    for asker in askers:
        asker.start()
    for at in range(1, 21):
        version = versions[at % 3]
        publish(house.root, version)
        _until(functools.partial(_serves, index, version))
    for asker in askers:
        asker.stopped.set()
        asker.join(_PATIENCE)
    assert [asker.failed for asker in askers] == [[], [], []]
    assert set().union(*(asker.versions for asker in askers)) == set(versions)


def _point_at(house: MadeHouse, version: str) -> None:
    """Put a version in service past every check, as a hand or a broken disk might."""
    (house.root / POINTER).write_text(json.dumps({"history": [version]}), encoding="utf-8")


@pytest.mark.parametrize("fault", ["torn", "gone", "other encoder", "no pointer", "torn pointer"])
def test_what_cannot_be_opened_leaves_the_old_version_serving(house: MadeHouse, fault: str) -> None:
    good = _version(house, 0)
    publish(house.root, good)
    index = CurrentIndex(house.root, house.base / "models", every=0.0)
    assert index.searcher.library.manifest.version == good
    if fault == "other encoder":
        with made_index.serving(WordHashEncoder("made:2"), house.register):
            bad = _version(house, 1)
    else:
        bad = _version(house, 1)
    folder = folder_of(house.root, bad)
    if fault == "torn":
        (folder / "asks.faiss").write_bytes(b"x")
    if fault == "gone":
        shutil.rmtree(folder)
    with capture_logs() as logs:
        if fault == "no pointer":
            (house.root / POINTER).unlink()
        elif fault == "torn pointer":
            (house.root / POINTER).write_text('{"hist', encoding="utf-8")
        else:
            _point_at(house, bad)

        def told() -> bool:
            assert index.searcher.search(_QUESTION, made_index.TODAY).hits
            return any(entry["log_level"] in ("error", "warning") for entry in logs)

        _until(told)
    assert index.searcher.library.manifest.version == good
    assert any("caunoi index" in entry["problem"] for entry in logs)

    mended = _version(house, 2)
    publish(house.root, mended)
    _until(lambda: index.searcher.library.manifest.version == mended)


def test_a_process_that_starts_on_a_damaged_version_says_what_to_do(house: MadeHouse) -> None:
    index = CurrentIndex(house.root, house.base / "models")
    with pytest.raises(NoIndex, match="caunoi index build"):
        _ = index.searcher
    version = _version(house, 0)
    publish(house.root, version)
    path = folder_of(house.root, version) / "clauses.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:10])
    with pytest.raises(IndexDamaged, match="caunoi index rollback"):
        _ = index.searcher
    path.write_bytes(whole)
    assert index.searcher.library.manifest.version == version
