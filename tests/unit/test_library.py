"""An opened index version: what was in force on a day, and versions that cannot be opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import faiss
import pytest

from indexer.build import build
from knowledge.articles import group
from knowledge.clause import Clause, Ref
from knowledge.index_format import CARDS, CLAUSES, MANIFEST, VECTORS, IndexDamaged, sha256_of
from knowledge.library import Library
from knowledge.versions import folder_of
from tests import made_index
from tests.made_index import AMENDED, BEGINS, GARDEN, ORCHARD, MadeHouse
from tests.unit import official_texts

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeHouse]:
    """A built world; tests that damage it work on a copy."""
    made = made_index.house(tmp_path_factory.mktemp("vuon"))
    with made_index.serving(made_index.WordHashEncoder(), made.register):
        build(made.source())
        yield made


@pytest.fixture(scope="module")
def folder(house: MadeHouse) -> Path:
    """The folder of its one version."""
    return next(path for path in (house.root / "versions").iterdir())


@pytest.fixture(scope="module")
def library(folder: Path, house: MadeHouse) -> Library:
    return Library.open(folder, house.register)


def _texts(clauses: list[Clause]) -> list[str]:
    return [clause.text for clause in clauses]


def test_a_place_amended_once_reads_as_it_did_on_each_day(library: Library) -> None:
    place = Ref.parse(f"{GARDEN} điều 2 khoản 1")
    first, second = library.wordings(place)
    assert "hai mươi phút" in first.text
    assert "bốn mươi phút" in second.text
    assert library.get(place, AMENDED - DAY) == [first]
    assert library.get(place, AMENDED) == [second]
    assert library.get(place, BEGINS) == [first]
    assert library.get(place, BEGINS - DAY) == []


def test_an_article_gives_its_clauses_in_order_and_a_point_its_clause(library: Library) -> None:
    article = library.get(Ref.parse(f"{GARDEN} điều 2"), AMENDED)
    assert [clause.ref.clause for clause in article] == ["1", "2"]
    point = library.get(Ref.parse(f"{GARDEN} điều 2 khoản 2 điểm a"), AMENDED)
    assert [str(clause.ref) for clause in point] == [f"{GARDEN} điều 2 khoản 2"]


@pytest.mark.parametrize(
    "written", ["7/1999/QH1 điều 1", f"{GARDEN} điều 99", f"{GARDEN} điều 2 khoản 9", GARDEN]
)
def test_a_place_that_is_not_held_gives_nothing(library: Library, written: str) -> None:
    assert library.get(Ref.parse(written), AMENDED) == []
    assert library.wordings(Ref.parse(written)) == []
    assert not library.holds("7/1999/QH1")
    assert library.holds(GARDEN)


def test_a_predecessor_answers_for_its_own_years_only(library: Library) -> None:
    place = Ref.parse(f"{ORCHARD} điều 2")
    last = date(2020, 6, 30)
    assert "mười phút" in _texts(library.get(place, last))[0]
    assert library.get(place, last + DAY) == []


@pytest.mark.parametrize(
    "day", [date(2005, 1, 1), date(2015, 1, 1), BEGINS, AMENDED - DAY, AMENDED, date(2030, 1, 1)]
)
def test_the_masks_are_the_wordings_in_force_that_day(library: Library, day: date) -> None:
    clauses, articles = library.valid_clauses(day), library.valid_articles(day)
    assert clauses.tolist() == [clause.in_force(day) for clause in library.clauses]
    held = {row for at, span in enumerate(library.articles) if articles[at] for row in span.rows}
    assert held == {row for row, clause in enumerate(library.clauses) if clause.in_force(day)}


def test_the_masks_change_on_the_day_of_the_amendment(library: Library) -> None:
    before, after = library.valid_clauses(AMENDED - DAY), library.valid_clauses(AMENDED)
    changed = [library.clauses[row].key for row in range(len(before)) if before[row] != after[row]]
    assert changed == [
        f"{GARDEN} điều 2 khoản 1@{BEGINS}",
        f"{GARDEN} điều 2 khoản 1@{AMENDED}",
    ]


def test_articles_are_grouped_by_spans_of_unchanged_wording(library: Library) -> None:
    spans = [s for s in group(library.clauses) if (s.law, s.article) == (GARDEN, "2")]
    assert [(s.since, s.until) for s in spans] == [(BEGINS, AMENDED - DAY), (AMENDED, None)]
    assert "Chủ vườn" in spans[1].text(library.clauses)


def _copy(folder: Path, into: Path) -> Path:
    """A version that may be damaged."""
    twin = into / folder.name
    for path in folder.rglob("*"):
        if path.is_file():
            target = twin / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return twin


def _sealed_anew(folder: Path) -> None:
    """Make the manifest vouch for the files as they now are."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"] = {name: sha256_of(folder / name) for name in manifest["files"]}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _refused(folder: Path, *words: str) -> None:
    with pytest.raises(IndexDamaged) as caught:
        Library.open(folder)
    said = str(caught.value)
    assert folder.name in said
    assert "caunoi index" in said
    for word in words:
        assert word in said


def test_any_missing_torn_or_altered_file_is_noticed_and_named(
    folder: Path, tmp_path: Path, house: MadeHouse
) -> None:
    twin = _copy(folder, tmp_path)
    Library.open(twin)
    files = sorted(path for path in twin.rglob("*") if path.is_file() and path.name != MANIFEST)
    assert len(files) > 2 + len(VECTORS)
    for path in files:
        whole = path.read_bytes()
        name = path.relative_to(twin).as_posix()
        path.unlink()
        _refused(twin, name)
        path.write_bytes(whole[: len(whole) // 2])
        _refused(twin, name)
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        _refused(twin, name)
        path.write_bytes(whole)
    Library.open(twin)


@pytest.mark.parametrize("content", ["", "{", '{"format": 1}', "[]"])
def test_a_manifest_that_cannot_be_read_is_refused(
    folder: Path, tmp_path: Path, content: str
) -> None:
    twin = _copy(folder, tmp_path)
    (twin / MANIFEST).write_text(content, encoding="utf-8")
    _refused(twin, MANIFEST)


def test_a_version_of_another_format_is_refused(folder: Path, tmp_path: Path) -> None:
    twin = _copy(folder, tmp_path)
    manifest = json.loads((twin / MANIFEST).read_text(encoding="utf-8"))
    (twin / MANIFEST).write_text(json.dumps(manifest | {"format": 99}), encoding="utf-8")
    _refused(twin, "99")


@pytest.mark.parametrize("name", [CLAUSES, CARDS])
def test_rows_without_their_vectors_are_refused(folder: Path, tmp_path: Path, name: str) -> None:
    twin = _copy(folder, tmp_path)
    lines = (twin / name).read_text(encoding="utf-8").splitlines(keepends=True)
    (twin / name).write_text("".join(lines[:-1]), encoding="utf-8")
    _sealed_anew(twin)
    _refused(twin, "vectơ")


def test_a_line_that_is_no_clause_is_refused(folder: Path, tmp_path: Path) -> None:
    twin = _copy(folder, tmp_path)
    text = (twin / CLAUSES).read_text(encoding="utf-8")
    (twin / CLAUSES).write_text(text[: len(text) - 40], encoding="utf-8")
    _sealed_anew(twin)
    _refused(twin)


def test_vectors_of_another_count_are_refused(folder: Path, tmp_path: Path) -> None:
    twin = _copy(folder, tmp_path)
    faiss.write_index(faiss.IndexFlatIP(made_index.WordHashEncoder().dimensions), f"{twin}/x")
    (twin / "x").replace(twin / "asks.faiss")
    _sealed_anew(twin)
    _refused(twin, "asks")


def test_a_folder_that_is_no_version_is_refused(tmp_path: Path) -> None:
    _refused(folder_of(tmp_path, "20200101-000000-abcdef00"))


@pytest.mark.laws
def test_the_labour_code_has_two_wordings_of_article_139() -> None:
    wordings = official_texts.wordings("45/2019/QH14 điều 139 khoản 1")
    turn = date(2026, 7, 1)
    old = [clause for clause in wordings if clause.in_force(turn - DAY)]
    new = [clause for clause in wordings if clause.in_force(turn)]
    assert len(old) == len(new) == 1
    assert old[0].valid_until == turn - DAY
    assert new[0].valid_from == turn
    assert old[0].full_text != new[0].full_text


@pytest.mark.laws
@pytest.mark.parametrize(
    ("old", "new"), [("10/2012/QH13", "45/2019/QH14"), ("58/2014/QH13", "41/2024/QH15")]
)
def test_every_day_is_answered_by_the_law_of_its_years(old: str, new: str) -> None:
    last = {clause.valid_until for clause in official_texts.clauses(old)}
    assert None not in last
    turn = max(day for day in last if day) + DAY
    assert any(clause.in_force(turn - DAY) for clause in official_texts.clauses(old))
    assert not any(clause.in_force(turn) for clause in official_texts.clauses(old))
    assert not any(clause.in_force(turn - DAY) for clause in official_texts.clauses(new))
    assert any(clause.in_force(turn) for clause in official_texts.clauses(new))
