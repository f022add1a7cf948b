"""Which version serves: publishing, taking back, clearing old ones."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock

import indexer.publish
from indexer.build import build
from indexer.publish import PublishError, prune, publish, rollback
from knowledge.index_format import CLAUSES, MANIFEST, IndexDamaged
from knowledge.versions import POINTER, NoIndex, current, folder_of, history, listed
from tests import made_index


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root with five built versions, none published."""
    made = made_index.house(tmp_path_factory.mktemp("nam"))
    first = made.cards
    with made_index.serving(made_index.WordHashEncoder(), made.register):
        for at in range(5):
            ask = f"nghỉ trưa kiểu thứ {at}"
            card = first[0].model_copy(update={"asks": (ask, *first[0].asks)})
            made.cards = (card, *first[1:])
            build(made.source())
        yield made.root


@pytest.fixture
def root(five: Path, tmp_path: Path) -> Path:
    """A copy of it to work on."""
    shutil.copytree(five, tmp_path / "index")
    return tmp_path / "index"


def _damage(root: Path, version: str) -> None:
    path = folder_of(root, version) / CLAUSES
    path.write_bytes(path.read_bytes()[:100])


def test_nothing_serves_before_the_first_publishing(root: Path) -> None:
    with pytest.raises(NoIndex, match="caunoi index build --publish"):
        current(root)
    with pytest.raises(NoIndex):
        current(root / "khong-co")
    assert listed(root / "khong-co") == []


def test_publishing_rolling_back_and_publishing_again(root: Path) -> None:
    one, two, three, *_ = listed(root)
    for version in (one, two, three):
        publish(root, version)
        assert current(root) == version
    assert rollback(root) == two
    assert current(root) == two
    assert rollback(root) == one
    with pytest.raises(PublishError, match="Không có phiên bản nào trước đó"):
        rollback(root)
    assert current(root) == one
    publish(root, three)
    publish(root, one)
    assert history(root) == [three, one]
    assert rollback(root) == three


def test_rolling_back_where_nothing_was_published(root: Path, tmp_path: Path) -> None:
    for place in (root, tmp_path / "moi"):
        with pytest.raises(PublishError, match="caunoi index versions"):
            rollback(place)


def test_an_unknown_version_is_refused_with_the_names_there_are(root: Path) -> None:
    with pytest.raises(PublishError) as caught:
        publish(root, "20990101-000000-ffffffff")
    assert all(version in str(caught.value) for version in listed(root))


@pytest.mark.parametrize("name", ["../../laws", ".building-x", ""])
def test_a_name_that_is_no_version_is_refused(root: Path, name: str) -> None:
    with pytest.raises(PublishError):
        publish(root, name)


def test_a_damaged_version_is_never_published(root: Path) -> None:
    one, two, *_ = listed(root)
    publish(root, one)
    before = (root / POINTER).read_bytes()
    _damage(root, two)
    with pytest.raises(IndexDamaged, match=two):
        publish(root, two)
    assert (root / POINTER).read_bytes() == before


def test_rolling_back_passes_over_damaged_and_deleted_versions(root: Path) -> None:
    versions = listed(root)
    for version in versions[:4]:
        publish(root, version)
    _damage(root, versions[2])
    shutil.rmtree(folder_of(root, versions[1]))
    assert rollback(root) == versions[0]


def test_rolling_back_to_nothing_but_damaged_ones_changes_nothing(root: Path) -> None:
    one, two, *_ = listed(root)
    publish(root, one)
    publish(root, two)
    _damage(root, one)
    with pytest.raises(PublishError):
        rollback(root)
    assert current(root) == two


@pytest.mark.parametrize("content", ["", "{", "[]", '{"history": null}', "{}"])
def test_a_damaged_pointer_is_told_and_mended_by_naming_a_version(root: Path, content: str) -> None:
    one, *_ = listed(root)
    (root / POINTER).write_text(content, encoding="utf-8")
    with pytest.raises(IndexDamaged, match="caunoi index publish"):
        current(root)
    publish(root, one)
    assert current(root) == one


def test_pruning_keeps_the_newest_the_serving_one_and_the_one_before(root: Path) -> None:
    versions = listed(root)
    publish(root, versions[1])
    publish(root, versions[0])
    assert prune(root, 2) == [versions[2]]
    assert listed(root) == [versions[0], versions[1], versions[3], versions[4]]
    assert prune(root, 1) == [versions[3]]
    assert rollback(root) == versions[1]
    assert not list((root / "versions").glob(".*"))


def test_pruning_counts_the_one_before_among_those_that_are_there(root: Path) -> None:
    versions = listed(root)
    for version in versions[:3]:
        publish(root, version)
    shutil.rmtree(folder_of(root, versions[1]))
    prune(root, 1)
    assert listed(root) == [versions[0], versions[2], versions[4]]
    assert rollback(root) == versions[0]


def test_a_half_deleted_version_does_not_count(root: Path) -> None:
    versions = listed(root)
    folder = folder_of(root, versions[0])
    folder.rename(folder.with_name(f".deleting-{versions[0]}"))
    (folder_of(root, versions[1]) / MANIFEST).unlink()
    assert listed(root) == versions[2:]


def test_the_pointer_remembers_a_bounded_past(root: Path) -> None:
    one, two, *_ = listed(root)
    past = [f"20200101-{at:06}-00000000" for at in range(200)]
    (root / POINTER).write_text(json.dumps({"history": [*past, one]}), encoding="utf-8")
    publish(root, two)
    assert len(history(root)) == 50
    assert history(root)[-2:] == [one, two]


def test_two_who_publish_at_once_take_turns(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, *_ = listed(root)
    monkeypatch.setattr(indexer.publish, "_PATIENCE", 0.05)
    with (
        FileLock(root / ".publish.lock"),
        pytest.raises(PublishError, match=r"đang phát hành.*đợi"),
    ):
        publish(root, one)
    publish(root, one)
    assert current(root) == one
