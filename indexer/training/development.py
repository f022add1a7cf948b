"""What the fits are made on: development questions, and asks of held-out cards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.progress import track

from indexer.training.lessons import elsewhere, kept_back, readings
from knowledge.asking import today
from knowledge.cards import Card, Pointer
from knowledge.clause import Ref
from knowledge.dates import day_spoken_of
from knowledge.encoder import open_encoder
from knowledge.evaluation import Question, read
from knowledge.evaluation.sets import fold_keeping_case
from knowledge.library import Library
from knowledge.search import Searcher
from knowledge.versions import current, folder_of


def open_searcher(index: Path, models: Path) -> Searcher:
    """The search over the published version under ``index``. Raises NoIndex, EncoderMissing."""
    library = Library.open(folder_of(index, current(index)))
    manifest = library.manifest
    encoder = open_encoder(manifest.encoder, models, manifest.encoder_fingerprint)
    return Searcher(library, encoder)


def questions(sets: Sequence[Path]) -> Iterator[tuple[str, Question, date]]:
    """The scored questions of each set with its name and their day: as written ("name"), then
    without marks ("name fold")."""
    now = today()
    for path in sets:
        scored = [question for question in read(path) if question.gold or question.elsewhere]
        for question in track(scored, description=path.stem):
            for way, name in ((question, path.stem), (question.unmarked(), f"{path.stem} fold")):
                yield name, way, way.as_of or day_spoken_of(way.text, now) or now


def asks(library: Library) -> Iterator[tuple[int, str, Card | Pointer]]:
    """The asks of all cards and pointers, titles left out, with their rows."""
    rows = [
        (row, text, told) for row, (text, told) in enumerate(library.asks) if text != told.title
    ]
    yield from track(rows, description="cách hỏi của thẻ")


def kept_back_questions() -> Iterator[tuple[str, Sequence[Ref]]]:
    """Questions of readers with what they rest on, and of other matters with nothing, that the
    encoder was not taught with; every other without marks."""
    given: list[tuple[str, Sequence[Ref]]] = [
        *((each.question, each.rests_on) for each in readings()),
        *((each, ()) for each in elsewhere()),
    ]
    for number, (text, rests_on) in enumerate(given):
        if kept_back(text):
            yield (text if number % 2 else fold_keeping_case(text)), rests_on
