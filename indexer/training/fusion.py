"""Fit the weights by which the legs of search are fused, on development questions only.

    python -m indexer.training.fusion SETS... --trials 3000

The legs of every question are computed once; then weights are drawn near the best known ones and
kept when more right articles come first or among the first three, each set counting by the root
of its size. Questions are put with and without their marks. Asks of cards held out from the
encoder's training are put too, their own row hidden. Prints the lines for knowledge/weights.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.progress import track

from indexer.training.development import asks, kept_back_questions, open_searcher, questions
from indexer.training.lessons import held_out
from knowledge.asking import today
from knowledge.cards import Card
from knowledge.citation import find
from knowledge.fusing import Leg
from knowledge.places import Place
from knowledge.search import Searcher
from knowledge.weights import Weights

Floats = NDArray[np.float64]
LEGS = tuple(
    f"{kind}_{level}"
    for kind in ("lexical", "dense")
    for level in ("clause", "article", "ask", "ask_other", "card", "card_other")
)
FITTED = (
    "constant",
    "cosine_scale",
    *LEGS,
    "ask_cosine_least",
    "ask_cosine_span",
    "ask_lexical_full",
    "voice_cosine",
    "voice_cosine_span",
    "clauses_yield",
    "cards_least",
    "decree",
    "decree_card",
)
_NOWHERE = -1
AMONG_THREE = 0.6
"""What a right article among the first three counts beside one at the first place."""


@dataclass(frozen=True)
class Asked:
    """A question's legs and what they are judged by."""

    legs: dict[str, Leg]
    words: int
    gold: frozenset[Place]
    group: str


@dataclass(frozen=True)
class Column:
    """What one leg says: the table's rows it found, its rank and score there, and the score beside
    the leg's best (BM25 over the best, cosine less the best)."""

    rows: NDArray[np.int64]
    rank: Floats
    score: Floats
    beside: Floats


@dataclass(frozen=True)
class Table:
    """All questions' candidate places as rows, a question's together from ``starts`` on.

    ``words``, ``voice`` and ``share`` have an entry a question, ``decree``, ``gold`` and ``owner``
    (the question's number) a row.
    """

    columns: dict[str, Column]
    words: Floats
    voice: Floats
    share: Floats
    decree: NDArray[np.bool_]
    gold: NDArray[np.bool_]
    owner: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, asked: Sequence[Asked], names: Sequence[Place], decree: NDArray[np.bool_]) -> Table:
        """The table of some questions' legs; ``names`` and ``decree`` are those of ``Places``."""
        places: list[int] = []
        owner: list[int] = []
        starts: list[int] = []
        cells: dict[str, list[tuple[int, int, float, float]]] = {leg: [] for leg in LEGS}
        for number, each in enumerate(asked):
            starts.append(len(places))
            found = dict.fromkeys(
                place
                for leg in LEGS
                if leg in each.legs
                for place in each.legs[leg].places.tolist()
            )
            mine = {place: len(places) + at for at, place in enumerate(found or [_NOWHERE])}
            places += mine
            owner += [number] * len(mine)
            for leg in LEGS:
                given = each.legs.get(leg)
                if given is None or not len(given.places):
                    continue
                top = given.scores[0]
                beside = given.scores - top if leg.startswith("dense") else given.scores / top
                rows = [mine[place] for place in given.places.tolist()]
                cells[leg] += zip(
                    rows, range(len(rows)), given.scores.tolist(), beside.tolist(), strict=True
                )
        groups = [each.group for each in asked]
        shares = np.array([1 / math.sqrt(groups.count(group)) for group in groups])
        gold = [
            place != _NOWHERE and names[place] in asked[at].gold
            for place, at in zip(places, owner, strict=True)
        ]
        return cls(
            columns={leg: _column(rows) for leg, rows in cells.items() if rows},
            words=np.array([each.words for each in asked], dtype=float),
            voice=np.array([_voice(each) for each in asked]),
            share=shares / shares.sum(),
            decree=np.array([place != _NOWHERE and bool(decree[place]) for place in places]),
            gold=np.array(gold),
            owner=np.array(owner),
            starts=np.array(starts),
        )

    def totals(self, weights: Weights) -> Floats:
        """What ``knowledge.fusing.fuse`` gives to every row, for all questions at once."""
        lead = (weights.voice_cosine - self.voice) / weights.voice_cosine_span
        trust = 1 / (1 + np.exp(np.clip(lead, -30, 30)))
        cards = weights.cards_least + (1 - weights.cards_least) * trust
        clauses = 1 - weights.clauses_yield * trust
        totals = np.zeros(len(self.owner))
        for leg, column in self.columns.items():
            from_cards = leg.partition("_")[2].startswith(("ask", "card"))
            owner = self.owner[column.rows]
            by_rank = weights.constant / (weights.constant + column.rank)
            by_score = column.beside
            if leg.startswith("dense"):
                by_score = np.exp(by_score / weights.cosine_scale)
            vote = getattr(weights, leg) * (by_rank + by_score) / 2
            if leg.startswith("dense_ask"):
                near = (column.score - weights.ask_cosine_least) / weights.ask_cosine_span
                vote = vote * np.clip(near, 0, 1)
            elif leg.startswith("lexical_ask"):
                near = column.score / (weights.ask_lexical_full * self.words[owner])
                vote = vote * np.clip(near, 0, 1)
            vote = vote * (cards if from_cards else clauses)[owner]
            in_decree = weights.decree_card if from_cards else weights.decree
            totals[column.rows] += vote * np.where(self.decree[column.rows], in_decree, 1.0)
        return totals

    def ranks(self, weights: Weights) -> NDArray[np.int64]:
        """Where each question's best gold place stands, from 0; a large number when nowhere."""
        totals = self.totals(weights)
        best = np.maximum.reduceat(np.where(self.gold, totals, -1.0), self.starts)
        above = np.add.reduceat((totals > best[self.owner]).astype(np.int64), self.starts)
        return np.where(best >= 0, above, 999)

    def worth(self, weights: Weights) -> float:
        """What the weights are worth, 0 to 1."""
        ranks = self.ranks(weights)
        value = (ranks == 0) + AMONG_THREE * (ranks < 3)
        return float((value * self.share).sum()) / (1 + AMONG_THREE)


def _column(cells: Sequence[tuple[int, int, float, float]]) -> Column:
    rows, rank, score, beside = zip(*cells, strict=True)
    return Column(np.array(rows), np.array(rank, dtype=float), np.array(score), np.array(beside))


def _voice(asked: Asked) -> float:
    """How much nearer the nearest ask is than the nearest clause, by cosine."""
    best = [
        asked.legs[leg].scores[0] if leg in asked.legs and len(asked.legs[leg].scores) else 0.0
        for leg in ("dense_ask", "dense_clause")
    ]
    return float(best[0] - best[1])


def put(searcher: Searcher, sets: Sequence[Path]) -> Iterator[Asked]:
    """The questions of the sets, each as written and without marks; citations are not ranked."""
    register = searcher.library.register
    for name, question, day in questions(sets):
        if question.gold and not find(question.text, register, day):
            legs, words = searcher.legs(question.text, day)
            yield Asked(legs, words, question.gold, name)


def own(searcher: Searcher) -> Iterator[Asked]:
    """Asks of the cards that were held out, their own row hidden; readers' questions kept back."""
    now = today()
    for row, text, card in asks(searcher.library):
        if not isinstance(card, Card) or not held_out(card):
            continue
        wording = card.wording(now)
        if wording:
            first = wording.refs[0]
            gold = frozenset({(first.law, first.article or "")})
            legs, words = searcher.legs(text, now, hidden=row)
            yield Asked(legs, words, gold, "own")
    for text, rests_on in kept_back_questions():
        if rests_on and not find(text, searcher.library.register, now):
            legs, words = searcher.legs(text, now)
            gold = frozenset((ref.law, ref.article or "") for ref in rests_on)
            yield Asked(legs, words, gold, "readers")


def improved(table: Table, weights: Weights, trials: int, seed: int) -> Weights:
    """The best weights found from here by drawing near the best."""
    chance = np.random.default_rng(seed)
    best, worth = weights, table.worth(weights)
    for trial in track(range(trials), description="dò trọng số"):
        wide = 0.5 * (1 - trial / trials) + 0.05
        names = chance.choice(FITTED, size=int(chance.integers(1, 5)), replace=False)
        changed = {
            str(name): float(getattr(best, name) * np.exp(chance.normal(0, wide))) for name in names
        }
        for name in ("ask_cosine_least", "clauses_yield", "cards_least", "decree", "decree_card"):
            if name in changed:
                changed[name] = min(1.0, changed[name])
        drawn = best.model_copy(update=changed)
        value = table.worth(drawn)
        if value > worth:
            best, worth = drawn, value
    return best


def ablations(table: Table, weights: Weights, own: NDArray[np.bool_]) -> None:
    """Print what is found without each kind of evidence: first / among three, sets and own."""

    def only(*parts: str) -> dict[str, float]:
        return {leg: 0.0 for leg in LEGS if not any(part in leg for part in parts)}

    def without(*parts: str) -> dict[str, float]:
        return {leg: 0.0 for leg in LEGS if any(part in leg for part in parts)}

    texts = ("_clause", "_article")
    for name, changed in {
        "all": {},
        "without words (lexical)": without("lexical"),
        "without meaning (dense)": without("dense"),
        "without asks": without("_ask"),
        "without cards' words": without("_card"),
        "without the law's words": without(*texts),
        "the law's words only": only(*texts),
        "clauses by words only": only("lexical_clause"),
        "clauses by meaning only": only("dense_clause"),
        "without the worker's voice": {"clauses_yield": 0.0, "cards_least": 1.0},
        "decrees as laws": {"decree": 1.0, "decree_card": 1.0},
    }.items():
        ranks = table.ranks(weights.model_copy(update=changed))
        shown = [f"{(ranks[rows] < k).mean():.3f}" for rows in (~own, own) for k in (1, 3)]
        print(f"| {name} | {shown[0]} / {shown[1]} | {shown[2]} / {shown[3]} |")


def fit(
    sets: Annotated[list[Path], typer.Argument(help="question sets, .jsonl")],
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    models: Annotated[Path, typer.Option(help="prepared encoders")] = Path("data/models"),
    trials: Annotated[int, typer.Option()] = 3000,
    seed: Annotated[int, typer.Option()] = 1,
) -> None:
    """Fit, and print each set before and after."""
    searcher = open_searcher(index, models)
    asked = [*put(searcher, sets), *own(searcher)]
    table = Table.of(asked, searcher.places.names, searcher.places.decree)
    best = improved(table, searcher.weights, trials, seed)
    before, after = table.ranks(searcher.weights), table.ranks(best)
    groups = np.array([each.group for each in asked])
    for group in dict.fromkeys(groups.tolist()):
        rows = groups == group
        shown = [f"{(r[rows] < k).mean():.3f}" for r in (before, after) for k in (1, 3)]
        print(f"{group:36} {rows.sum():5} {shown[0]} / {shown[1]} -> {shown[2]} / {shown[3]}")
    ablations(table, best, np.isin(groups, ("own", "readers")))
    print(f"worth {table.worth(searcher.weights):.4f} -> {table.worth(best):.4f}")
    for name in FITTED:
        print(f"    {name}: float = {getattr(best, name):.4g}")


if __name__ == "__main__":
    typer.run(fit)
