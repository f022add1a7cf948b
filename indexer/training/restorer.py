"""Train the network that puts marks back, on official texts, cards and the asks of cards.

    python -m indexer.training.restorer

Sentences are read wholly, partly or not at all without their marks. Cards held out from the
encoder's training are held out here too; the share of their asks' syllables restored right is
printed and kept beside the network.
"""

from __future__ import annotations

import json
import random
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from torch import Tensor, nn

from indexer.training.lessons import held_out, more_questions
from knowledge.cards import Card, Pointer, load_pointers
from knowledge.cards import load as load_cards
from knowledge.language.dictionary import expand
from knowledge.language.fold import fold, marked_share
from knowledge.language.restore import (
    MODEL,
    MOST_FORMS,
    PAD,
    SYLLABLES,
    UNKNOWN,
    Restorer,
    Syllables,
)
from knowledge.library import Library
from knowledge.register import load as load_register
from knowledge.versions import current, folder_of

_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.;:?!\n])\s+")
_LONGEST = 48
_WIDTH = 128
_HIDDEN = 192
_WELL_MARKED = 0.4
"""Share of marked words from which an ask is taken as written with marks."""
_BATCH = 64

Sentence = list[str]


class Network(nn.Module):
    """Two layers read in both ways; every offered form is scored by its own row."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.rows = nn.Embedding(rows, _WIDTH, padding_idx=PAD)
        self.reader = nn.GRU(
            _WIDTH, _HIDDEN, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2
        )
        self.spoken = nn.Linear(2 * _HIDDEN, _WIDTH)
        self.offered = nn.Embedding(rows, _WIDTH, padding_idx=PAD)
        self.usual = nn.Embedding(rows, 1, padding_idx=PAD)

    def forward(self, typed: Tensor, offered: Tensor) -> Tensor:
        """Scores of the ``offered`` rows (batch, length, forms) for the ``typed`` ones."""
        read, _ = self.reader(self.rows(typed))
        meant = self.spoken(read).unsqueeze(-2)
        scores: Tensor = (meant * self.offered(offered)).sum(-1) + self.usual(offered).squeeze(-1)
        return scores


def sentences(text: str) -> Iterator[Sentence]:
    """A text cut into rows of words in lower case."""
    text = unicodedata.normalize("NFC", text)
    for part in _SENTENCE.split(text):
        words = [str(word) for word in _WORD.findall(part.lower())]
        for at in range(0, len(words), _LONGEST):
            if len(words[at : at + _LONGEST]) > 1:
                yield words[at : at + _LONGEST]


def material(library: Library) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
    """Official sentences, those of our own cards, and the asks that were held out."""
    official = list(
        {
            " ".join(words): words
            for clause in library.clauses
            for words in sentences(f"{clause.article_title}. {clause.full_text}")
        }.values()
    )
    official += [words for law in load_register().laws for words in sentences(law.title)]
    ours: list[Sentence] = []
    kept: list[Sentence] = []
    more = more_questions()
    told_of: list[Card | Pointer] = [*load_cards(), *load_pointers()]
    for card in told_of:
        told = [expand(ask) for ask in (card.title, *card.asks, *more.get(card.id, ()))]
        asks = [w for ask in told if marked_share(ask) >= _WELL_MARKED for w in sentences(ask)]
        if held_out(card):
            kept += asks
            continue
        ours += asks * 2
        ours += [words for text in says_of(card) for words in sentences(text)]
    return official, ours, kept


def says_of(told: Card | Pointer) -> Iterator[str]:
    """All that a card or a pointer tells people."""
    if isinstance(told, Card):
        yield from (wording.says for wording in told.wordings)
        yield from told.steps
    else:
        yield told.says
        yield from told.where


def known(texts: Sequence[Sentence], own: Sequence[Sentence]) -> Syllables:
    """The syllables to know, the most usual first; those of few texts only when they are ours."""
    counted = Counter(word for words in texts for word in words)
    spoken = Counter(word for words in own for word in words)
    total = counted + Counter({word: 5 * count for word, count in spoken.items()})
    usual = [w for w, n in total.most_common() if n >= 3 and not w[0].isdigit()]
    return Syllables(usual)


class Typing:
    """Batches of sentences as typed, with the forms on offer and the right one."""

    def __init__(self, syllables: Syllables, chance: random.Random) -> None:
        self._syllables = syllables
        self._chance = chance

    def typed(self, words: Sentence) -> Sentence:
        """The words with all, some or none of their marks gone."""
        drawn = self._chance.random()
        if drawn < 0.6:
            return [fold(word) for word in words]
        if drawn < 0.9:
            share = self._chance.random()
            return [fold(word) if self._chance.random() < share else word for word in words]
        return words

    def batch(self, rows: Sequence[Sentence]) -> tuple[Tensor, Tensor, Tensor]:
        """Typed rows, offered rows, and the place of the right form (-100: nothing to choose)."""
        length = max(map(len, rows))
        typed = torch.zeros(len(rows), length, dtype=torch.long)
        offered = torch.zeros(len(rows), length, MOST_FORMS, dtype=torch.long)
        right = torch.full((len(rows), length), -100, dtype=torch.long)
        for at, words in enumerate(rows):
            for place, (word, seen) in enumerate(zip(words, self.typed(words), strict=True)):
                typed[at, place] = self._syllables.row(seen)
                forms = self._syllables.forms(seen)
                meant = self._syllables.row(word)
                if len(forms) > 1 and meant in forms:
                    offered[at, place, : len(forms)] = torch.tensor(forms)
                    right[at, place] = forms.index(meant)
                # A word seldom known must not lean on itself alone.
                if self._chance.random() < 0.02:
                    typed[at, place] = UNKNOWN
        return typed, offered, right


def loss_of(network: Network, batch: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Cross entropy of the right form among those on offer."""
    typed, offered, right = batch
    scores = network(typed, offered).masked_fill(offered == PAD, -1e4)
    return nn.functional.cross_entropy(scores.flatten(0, 1), right.flatten())


def right_share(restorer: Restorer, held: Sequence[Sentence]) -> dict[str, float]:
    """Shares of syllables that come out as written: from bare, from half bare, from marked."""
    chance = random.Random(5)
    ways: dict[str, Callable[[str], str]] = {
        "bare": fold,
        "half": lambda word: fold(word) if chance.random() < 0.5 else word,
        "marked": lambda word: word,
    }
    shares = {}
    for name, way in ways.items():
        right = whole = 0
        for words in held:
            restored = restorer.restore(" ".join(way(word) for word in words)).split()
            right += sum(a == b for a, b in zip(words, restored, strict=True))
            whole += len(words)
        shares[name] = round(right / whole, 4)
    return shares


def write(network: Network, syllables: Syllables, model: Path, names: Path) -> None:
    """The network for serving, and its syllables."""
    network.eval()
    typed = torch.ones(1, 7, dtype=torch.long)
    offered = torch.ones(1, 7, 5, dtype=torch.long)
    exporter: Any = torch.onnx
    exporter.export(
        network,
        (typed, offered),
        str(model),
        input_names=["typed", "offered"],
        output_names=["scores"],
        dynamic_axes={"typed": {1: "words"}, "offered": {1: "words", 2: "forms"}},
        dynamo=False,
    )
    names.write_text(json.dumps(syllables.known, ensure_ascii=False), encoding="utf-8")


def train(
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    model: Annotated[Path, typer.Option(help="the network's file")] = MODEL,
    names: Annotated[Path, typer.Option(help="the syllables' file")] = SYLLABLES,
    rounds: Annotated[int, typer.Option(help="times every sentence is read")] = 8,
    threads: Annotated[int, typer.Option()] = 2,
    seed: Annotated[int, typer.Option()] = 3,
) -> None:
    """Train, write the network and print how it does on what it has not seen."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    chance = random.Random(seed)
    official, ours, held = material(Library.open(folder_of(index, current(index))))
    syllables = known(official, ours)
    network = Network(len(syllables))
    typing = Typing(syllables, chance)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=0.01)
    batches = rounds * ((len(official) + len(ours)) // _BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=batches + 1)
    began = time.monotonic()
    for turn in range(rounds):
        network.train()
        rows = [*official, *ours]
        chance.shuffle(rows)
        # Sentences of like length together, in an order of their own every round.
        rows = [
            row
            for at in range(0, len(rows), 50 * _BATCH)
            for row in sorted(rows[at : at + 50 * _BATCH], key=len)
        ]
        starts = list(range(0, len(rows), _BATCH))
        chance.shuffle(starts)
        seen = 0.0
        for at in starts:
            optimiser.zero_grad()
            loss: Any = loss_of(network, typing.batch(rows[at : at + _BATCH]))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            seen += loss.item() / len(starts)
        write(network, syllables, model, names)
        shares = right_share(Restorer(model, names), held)
        spent = round(time.monotonic() - began)
        print(
            json.dumps({"round": turn + 1, "loss": round(seen, 4), "s": spent, **shares}),
            flush=True,
        )


if __name__ == "__main__":
    typer.run(train)
