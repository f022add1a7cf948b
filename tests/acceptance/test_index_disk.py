"""A disk that fills up or may not be written, in a build or a publishing: nothing is half done."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from indexer.build import BuildRefused, build
from indexer.publish import PublishError, publish, rollback
from knowledge.library import Library
from knowledge.versions import current, folder_of, history, listed
from tests import made_index
from tests.made_index import MadeHouse


def _mounted(folder: Path, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"no right to mount a small disk: {done.stderr.decode().strip()}")


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[None]:
    _mounted(folder, f"size={size}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """The mounted disk may not be written for a while, not even by root."""
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """No file of this process may grow beyond ``size`` bytes: a full disk without a mount."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MadeHouse]:
    """A world with one published version."""
    made = made_index.house(tmp_path)
    with made_index.serving(made_index.WordHashEncoder(), made.register):
        yield made


def _first(house: MadeHouse) -> str:
    version = build(house.source()).manifest.version
    publish(house.root, version)
    return version


def _still_serves(house: MadeHouse, version: str) -> None:
    """Only that version is there, whole, and nothing half built beside it."""
    assert listed(house.root) == [version]
    assert current(house.root) == version
    assert Library.open(folder_of(house.root, version)).clauses
    assert [path.name for path in (house.root / "versions").iterdir()] == [version]


# From before the first byte to all but the last file; the whole version is about 60 KB.
@pytest.mark.parametrize("size", [0, 100, 1000, 4000, 8000])
@pytest.mark.parametrize("cached", [True, False])
def test_no_room_for_a_file_of_the_build(house: MadeHouse, size: int, cached: bool) -> None:
    serving = _first(house)
    house.cards = house.cards[:2]
    cache = house.base / ("cache" if cached else "other-cache")
    with _largest_file(size), pytest.raises(BuildRefused) as caught:
        build(house.source(cache=cache))
    assert "giải phóng đĩa" in str(caught.value)
    assert "chỉ mục cũ vẫn nguyên" in str(caught.value)
    _still_serves(house, serving)
    assert build(house.source(cache=cache)).fresh


def test_no_room_for_the_vectors_alone(house: MadeHouse) -> None:
    """Here only the vectors are larger than the room there is."""
    with made_index.serving(made_index.WordHashEncoder("made:wide", 8192), house.register):
        serving = _first(house)
        house.cards = house.cards[:2]
        with _largest_file(100_000), pytest.raises(BuildRefused, match="giải phóng đĩa"):
            build(house.source())
        _still_serves(house, serving)


def test_a_full_disk_during_the_build_and_then_room_again(house: MadeHouse) -> None:
    disk = house.base / "disk"
    with _small_disk(disk, "512k"):
        here = {"root": disk / "index"}
        version = build(house.source(**here)).manifest.version
        publish(disk / "index", version)
        house.cards = house.cards[:2]
        filler = disk / "filler"
        for left in range(0, 60, 12):
            # pathlib's write_bytes cannot fill a disk to the last page; a plain file can.
            _fill(filler, leave=left * 1024)
            with pytest.raises(BuildRefused, match="giải phóng đĩa"):
                build(house.source(**here))
            filler.unlink()
            assert [path.name for path in (disk / "index" / "versions").iterdir()] == [version]
            assert current(disk / "index") == version
            assert Library.open(folder_of(disk / "index", version)).clauses
        assert build(house.source(**here)).fresh


def _fill(filler: Path, leave: int) -> None:
    """Fill the disk, but for ``leave`` bytes."""
    size = 0
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                size += file.write(b"0" * 4096)
        except OSError:
            pass
        file.truncate(max(size - leave, 0))


def test_a_full_disk_while_publishing_keeps_the_old_version(house: MadeHouse) -> None:
    serving = _first(house)
    house.cards = house.cards[:2]
    version = build(house.source()).manifest.version
    with _largest_file(0):
        with pytest.raises(PublishError, match="giải phóng đĩa"):
            publish(house.root, version)
        assert current(house.root) == serving
    assert sorted(p.name for p in house.root.iterdir() if p.suffix == ".new") == []
    publish(house.root, version)
    assert history(house.root) == [serving, version]


def test_a_read_only_disk_refuses_builds_and_publishing_and_goes_on_serving(
    house: MadeHouse,
) -> None:
    disk = house.base / "disk"
    with _small_disk(disk, "2m"):
        root = disk / "index"
        one = build(house.source(root=root)).manifest.version
        publish(root, one)
        house.cards = house.cards[:2]
        two = build(house.source(root=root)).manifest.version
        publish(root, two)
        house.cards = house.cards[:1]
        with _read_only(disk):
            with pytest.raises(BuildRefused, match="quyền ghi"):
                build(house.source(root=root))
            with pytest.raises(PublishError, match="quyền ghi"):
                publish(root, one)
            with pytest.raises(PublishError, match="quyền ghi"):
                rollback(root)
            assert current(root) == two
            assert Library.open(folder_of(root, two)).clauses
        assert listed(root) == [one, two]
        assert rollback(root) == one


def test_a_read_only_cache_refuses_the_build(house: MadeHouse) -> None:
    disk = house.base / "disk"
    with _small_disk(disk, "2m"), _read_only(disk):
        with pytest.raises(BuildRefused, match="quyền ghi"):
            build(house.source(cache=disk / "cache"))
        assert listed(house.root) == []


def test_a_file_where_the_index_folder_should_be(house: MadeHouse) -> None:
    house.root.write_text("x", encoding="utf-8")
    with pytest.raises(BuildRefused, match=str(house.root)):
        build(house.source())
