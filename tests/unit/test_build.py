"""A build: an immutable, complete version, or nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import faiss
import pytest
import time_machine
from filelock import FileLock

import indexer.build
from indexer.build import BuildRefused, Built, Reporter, build
from indexer.compare import compare, render
from knowledge.cards import Card
from knowledge.clause import Ref
from knowledge.index_format import CARDS, CLAUSES, MANIFEST, VECTORS, sha256_of
from knowledge.library import Library
from knowledge.parameters.parameter import Parameter
from knowledge.register import Register
from knowledge.versions import folder_of, listed
from tests import made_index
from tests.made_index import (
    AMENDED,
    CONSOLIDATED,
    CONSOLIDATED_FILE,
    GARDEN,
    GARDEN_FILE,
    NOTEBOOK_FILE,
    MadeHouse,
    WordHashEncoder,
)


@pytest.fixture
def encoder() -> WordHashEncoder:
    return WordHashEncoder()


@pytest.fixture
def house(tmp_path: Path, encoder: WordHashEncoder) -> Iterator[MadeHouse]:
    made = made_index.house(tmp_path)
    with made_index.serving(encoder, made.register):
        yield made


def _open(house: MadeHouse, built: Built) -> Library:
    return Library.open(folder_of(house.root, built.manifest.version), house.register)


def test_a_version_is_complete_and_its_manifest_true(house: MadeHouse) -> None:
    built = build(house.source())
    folder = folder_of(house.root, built.manifest.version)
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {CLAUSES, CARDS, MANIFEST, *(f"{level}.faiss" for level in VECTORS)} <= files
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert set(manifest["files"]) == files - {MANIFEST}
    assert all(sha256_of(folder / name) == held for name, held in manifest["files"].items())
    assert manifest["encoder_fingerprint"] == "made:1"
    for text in manifest["texts"]:
        assert text["sha256"] == sha256_of(house.laws / text["file"])
    library = _open(house, built)
    assert len(library.clauses) == manifest["clauses"] == 9
    assert (len(library.cards), len(library.asks)) == (manifest["cards"], manifest["asks"])
    assert [p.name for p in (house.root / "versions").iterdir()] == [built.manifest.version]


def test_a_build_publishes_nothing(house: MadeHouse) -> None:
    build(house.source())
    assert not (house.root / "current.json").exists()


def test_equal_content_is_the_version_already_there(
    house: MadeHouse, encoder: WordHashEncoder
) -> None:
    first = build(house.source())
    folder = folder_of(house.root, first.manifest.version)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    encoded = encoder.passages, encoder.queries
    again = build(house.source())
    assert (first.fresh, again.fresh) == (True, False)
    assert again.manifest == first.manifest
    assert (encoder.passages, encoder.queries) == encoded
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_damaged_equal_version_is_built_again(house: MadeHouse) -> None:
    first = build(house.source())
    damaged = folder_of(house.root, first.manifest.version) / "asks.faiss"
    damaged.write_bytes(damaged.read_bytes()[:20])
    again = build(house.source())
    assert again.fresh
    assert again.manifest.version > first.manifest.version
    assert _open(house, again).clauses


@pytest.mark.parametrize("clock", ["same second", "set back"])
def test_versions_sort_by_age_whatever_the_clock_says(house: MadeHouse, clock: str) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with time_machine.travel(noon, tick=False):
        first = build(house.source())
    later = noon if clock == "same second" else noon.replace(year=2025)
    house.cards = house.cards[:1]
    with time_machine.travel(later, tick=False):
        second = build(house.source())
    assert listed(house.root) == [first.manifest.version, second.manifest.version]


def test_only_what_changed_is_encoded(house: MadeHouse, encoder: WordHashEncoder) -> None:
    build(house.source())
    assert (encoder.passages, encoder.queries) == (12, 17)
    first, *others = house.cards
    house.cards = (replace_ask(first, "ngồi nghỉ lúc mấy giờ"), *others)
    build(house.source())
    assert (encoder.passages, encoder.queries) == (12, 18)
    house.put(NOTEBOOK_FILE, made_index.notebook())
    build(house.source())
    assert (encoder.passages, encoder.queries) == (15, 18)
    house.put(NOTEBOOK_FILE, made_index.notebook().replace("ba mùa", "bốn mùa"))
    assert build(house.source()).fresh
    assert (encoder.passages, encoder.queries) == (16, 18)


def replace_ask(card: Card, ask: str) -> Card:
    """The card with another first ask."""
    return card.model_copy(update={"asks": (ask, *card.asks[1:])})


def test_another_encoder_makes_another_version(house: MadeHouse) -> None:
    build(house.source())
    with made_index.serving(WordHashEncoder("made:2"), house.register):
        again = build(house.source())
    assert again.fresh
    assert again.manifest.encoder_fingerprint == "made:2"


def test_other_reading_of_short_forms_makes_another_version(
    house: MadeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(house.source())
    monkeypatch.setattr("indexer.build.expand", lambda text: text.replace("mấy", "bao nhiêu"))
    assert build(house.source()).fresh


def test_a_damaged_vector_cache_is_begun_anew(house: MadeHouse, encoder: WordHashEncoder) -> None:
    path = house.base / "cache" / "vectors.sqlite3"
    path.parent.mkdir()
    path.write_bytes(b"day khong phai la mot co so du lieu" * 100)
    assert build(house.source()).fresh
    house.cards = house.cards[:2]
    build(house.source())
    assert encoder.passages == 12


def test_a_second_build_beside_the_first_is_refused(house: MadeHouse) -> None:
    house.root.mkdir()
    with (
        FileLock(house.root / ".build.lock"),
        pytest.raises(BuildRefused, match=r"đang chạy.*đợi"),
    ):
        build(house.source())
    assert build(house.source()).fresh


def test_leftovers_of_killed_builds_are_cleared(house: MadeHouse) -> None:
    versions = house.root / "versions"
    for name in (".building-20200101-000000-aaaaaaaa", ".deleting-20200101-000000-bbbbbbbb"):
        (versions / name / "lexical").mkdir(parents=True)
        (versions / name / MANIFEST).write_text("{}", encoding="utf-8")
    assert listed(house.root) == []
    built = build(house.source())
    assert [path.name for path in versions.iterdir()] == [built.manifest.version]


def test_a_fault_while_writing_leaves_nothing(
    house: MadeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build(house.source())
    house.cards = house.cards[:1]

    def breaks(_index: object) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(faiss, "serialize_index", breaks)
    with pytest.raises(RuntimeError):
        build(house.source())
    assert [p.name for p in (house.root / "versions").iterdir()] == [first.manifest.version]


def test_a_database_that_cannot_be_written_is_told_as_such(
    house: MadeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(indexer.build, "VectorCache", full)
    with pytest.raises(BuildRefused, match=r"disk is full.*giải phóng đĩa"):
        build(house.source())


def test_a_build_tells_how_far_it_is(house: MadeHouse) -> None:
    stages: list[tuple[str, int]] = []
    steps: list[int] = []
    notes: list[str] = []
    build(house.source(), Reporter(lambda *stage: stages.append(stage), steps.append, notes.append))
    assert dict(stages)["Mã hoá điều khoản"] == sum(steps) == 9 + 3 + 17
    assert GARDEN_FILE in notes


def _parameter(source: str) -> Parameter:
    value = {"from": "2023-01-01", "value": 40, "source": source, "grade": "A"}
    return Parameter.model_validate(
        {"id": "phut-nghi-trua", "title": "Phút nghỉ trưa", "unit": "phút", "values": [value]}
    )


def test_compare_finds_what_an_amendment_adds_and_the_cards_it_touches(
    house: MadeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    (house.laws / CONSOLIDATED_FILE).unlink()
    before = replace(house, register=made_index.register(amended=False))
    old = _open(house, build(before.source()))
    house.put(CONSOLIDATED_FILE, made_index.consolidated())
    new = _open(house, build(house.source()))
    touched = _parameter(f"{GARDEN} điều 2 khoản 1")
    other = _parameter(f"{GARDEN} điều 3 khoản 1").model_copy(update={"id": "khac"})
    monkeypatch.setattr(
        "indexer.compare.load_parameters", lambda: {p.id: p for p in (touched, other)}
    )
    difference = compare(old, new)
    assert [clause.key for clause in difference.added] == [f"{GARDEN} điều 2 khoản 1@{AMENDED}"]
    assert difference.removed == ()
    assert [(one.valid_until, two.valid_until) for one, two in difference.changed] == [
        (None, AMENDED.replace(year=2022, month=12, day=31))
    ]
    assert [card.id for card in difference.cards] == ["nghi-trua"]
    assert difference.parameters == ("phut-nghi-trua",)
    assert difference.places == (Ref.parse(f"{GARDEN} điều 2 khoản 1"),)
    said = "\n".join(render(difference, "cũ", "mới"))
    assert f"+ khoản 1 Điều 2 {GARDEN} (áp dụng từ 01/01/2023)" in said
    assert f"~ khoản 1 Điều 2 {GARDEN} (áp dụng từ 01/07/2020 đến 31/12/2022)" in said
    assert "nghi-trua" in said

    back = compare(new, old)
    assert [clause.key for clause in back.removed] == [f"{GARDEN} điều 2 khoản 1@{AMENDED}"]
    assert back.added == ()


def test_compare_finds_a_law_taken_out_and_changed_words(house: MadeHouse) -> None:
    old = _open(house, build(house.source()))
    articles = (*made_index.GARDEN_ARTICLES[:3], ("Hiệu lực", ("Luật này dùng từ mùa gieo hạt.",)))
    later = (made_index.AMENDED_ARTICLES[1], *articles[2:])
    documents = tuple(house.register)
    hashes = {
        GARDEN: made_index.fingerprints(made_index.garden(articles)),
        CONSOLIDATED: made_index.fingerprints(made_index.consolidated((articles[0], *later))),
    }
    house.register = Register(documents, hashes)
    house.put(GARDEN_FILE, made_index.garden(articles))
    house.put(CONSOLIDATED_FILE, made_index.consolidated((articles[0], *later)))
    (house.laws / made_index.ORCHARD_FILE).unlink()
    new = _open(house, build(house.source()))
    difference = compare(old, new)
    assert {clause.ref.law for clause in difference.removed} == {made_index.ORCHARD}
    assert [str(new.ref) for _, new in difference.changed] == [f"{GARDEN} điều 4"]
    assert difference.added == ()
    assert difference.cards == ()


def test_compare_of_equal_versions_says_so(house: MadeHouse) -> None:
    library = _open(house, build(house.source()))
    difference = compare(library, library)
    assert difference.places == ()
    assert "Không điều khoản nào thay đổi" in render(difference, "a", "a")[-1]
