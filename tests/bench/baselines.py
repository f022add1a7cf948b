"""Our search beside the usual ones: same questions, same clauses, same machine, one run.

    .venv/bin/python -m tests.bench.baselines SETS... [--fold]

bm25s alone (folded syllables), the base encoder alone (multilingual-e5-small as the package has
it), both fused by rank, and ours; over the clauses in force on each question's day, by article.
The index is the one that ``caunoi`` serves.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.app import asking
from bot.settings import Settings
from indexer.build import IN_FORCE_TOKENS, passage
from indexer.encoder_model import export
from indexer.encoder_weights import PACKAGE, decode
from knowledge.asking import Asking, today
from knowledge.dates import day_spoken_of
from knowledge.encoder import Encoder, OnnxEncoder
from knowledge.evaluation import Question, read
from knowledge.language.fold import terms
from knowledge.lexical import LexicalIndex
from knowledge.library import Library
from tests.bench.serving import load, percentile

Place = tuple[str, str]
Scores = NDArray[np.float32]
_RRF = 60
_DEPTH = 100


def base_encoder(folder: Path) -> Encoder:
    """The package's own twelve layers, nothing taught."""
    export(decode(), folder, "base", PACKAGE)
    return OnnxEncoder(folder)


class Usual:
    """The usual ways, over one library's clauses."""

    def __init__(self, library: Library, encoder: Encoder) -> None:
        texts = [passage(clause) for clause in library.clauses]
        self._library = library
        self._encoder = encoder
        self._places = [(c.ref.law, c.ref.article or "") for c in library.clauses]
        self._words = LexicalIndex.build(texts)
        self._meanings = encoder.encode_passages(texts, IN_FORCE_TOKENS)

    def by_words(self, question: str, day: date) -> list[Place]:
        """bm25s alone."""
        return self._ranked(self._words.scores(terms(question)), day)

    def by_meaning(self, question: str, day: date) -> list[Place]:
        """The base encoder alone."""
        return self._ranked(self._meanings @ self._encoder.encode_queries([question])[0], day)

    def fused(self, question: str, day: date) -> list[Place]:
        """Both, by reciprocal rank."""
        total: dict[Place, float] = defaultdict(float)
        for way in (self.by_words, self.by_meaning):
            for rank, place in enumerate(way(question, day)):
                total[place] += 1 / (_RRF + rank)
        return sorted(total, key=lambda place: -total[place])

    def _ranked(self, scores: Scores, day: date) -> list[Place]:
        scores = np.where(self._library.valid_clauses(day), scores, -np.inf)
        rows = np.argsort(-scores, kind="stable")[:_DEPTH]
        return list(dict.fromkeys(self._places[row] for row in rows if scores[row] > -np.inf))


def questions(sets: list[Path], *, fold: bool) -> Iterator[tuple[str, Question]]:
    """The questions that have a right answer, by set."""
    for path in sets:
        for question in read(path):
            if question.gold:
                yield path.stem, question.unmarked() if fold else question


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", type=Path, nargs="+")
    parser.add_argument("--fold", action="store_true", help="take all marks off")
    given = parser.parse_args()
    door: Asking = asking(Settings())
    with tempfile.TemporaryDirectory() as folder:
        usual = Usual(door.library, base_encoder(Path(folder)))
    ways: dict[str, Callable[[str, date], list[Place]]] = {
        "bm25s": usual.by_words,
        "e5-small": usual.by_meaning,
        "both by rank": usual.fused,
        "ours": lambda text, day: [
            (hit.ref.law, hit.ref.article or "") for hit in door.find(text, day).hits
        ],
    }
    right: dict[str, dict[str, list[tuple[bool, bool]]]] = defaultdict(lambda: defaultdict(list))
    spent: dict[str, list[float]] = defaultdict(list)
    for name, question in questions(given.sets, fold=given.fold):
        day = question.as_of or day_spoken_of(question.text, today()) or today()
        for way, search in ways.items():
            begun = time.perf_counter()
            found = search(question.text, day)
            spent[way].append((time.perf_counter() - begun) * 1000)
            hits = (bool(question.gold & set(found[:k])) for k in (1, 3))
            right[name][way].append((next(hits), next(hits)))
    print(f"machine: {load()}")
    for name in (*right, "all"):
        shown = []
        for way in ways:
            sets = list(right) if name == "all" else [name]
            rows = np.array([row for each in sets for row in right[each][way]])
            shown.append("{:.3f} / {:.3f}".format(*rows.mean(axis=0)))
        print(f"| {name} | {len(rows)} | {' | '.join(shown)} |")
    for way, each in spent.items():
        print(f"{way}: p50 {percentile(each, 0.5):.1f} ms, p95 {percentile(each, 0.95):.1f} ms")


if __name__ == "__main__":
    main()
