"""Half the layers learn to say what all of them said: first step of making the encoder.

    python -m indexer.training.distilling

Every text of the library, every ask and every further question of cards that are not held out is
read by the teacher (twelve layers and the adapter), once as passage or question, questions also
as hurried people type them. The student, of every second layer, learns to give the same vectors
and to see the same likenesses within a batch.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import track
from torch import Tensor
from torch.nn import functional

from indexer.build import passage
from indexer.encoder_layers import FILE, save
from indexer.encoder_weights import decode
from indexer.training.lessons import held_out, more_questions
from indexer.training.mistyping import mistype
from indexer.training.student import Reader, halved, pace, step, taught
from knowledge.cards import Card, Pointer
from knowledge.language.dictionary import expand
from knowledge.library import Library, card_text
from knowledge.versions import current, folder_of

BATCH = 128
WARM = 50
LIKENESS = 0.05
"""Temperature at which likenesses within a batch are compared."""


@dataclass(frozen=True)
class Text:
    """A text and how it is read: prompt ("query" or "passage") and length in tokens."""

    prompt: str
    text: str
    tokens: int


def texts(library: Library, chance: random.Random) -> list[Text]:
    """All that is read, questions in three spellings."""
    found = [Text("passage", passage(clause), 96) for clause in library.clauses]
    found += [Text("query", clause.article_title, 48) for clause in library.clauses[::3]]
    found += [
        Text("passage", card_text(card, wording), 96)
        for card in library.cards.values()
        for wording in card.wordings
        if not held_out(card)
    ]
    more = more_questions()
    tellers: list[Card | Pointer] = [*library.cards.values(), *library.pointers.values()]
    for told in tellers:
        if held_out(told):
            continue
        for ask in [told.title, *told.asks, *more.get(told.id, ())]:
            plain = expand(ask)
            found.append(Text("query", plain, 64))
            found += [Text("query", mistype(plain, chance), 64) for _ in range(2)]
    return found


def read_by(reader: Reader, given: list[Text], what: str) -> Tensor:
    """The vectors a reader gives, a row a text."""
    out = torch.zeros(len(given), reader.model.config.hidden_size)
    order = sorted(range(len(given)), key=lambda row: (given[row].prompt, len(given[row].text)))
    with torch.inference_mode():
        for at in track(range(0, len(order), BATCH), description=what):
            for prompt in ("query", "passage"):
                rows = [row for row in order[at : at + BATCH] if given[row].prompt == prompt]
                if rows:
                    longest = max(given[row].tokens for row in rows)
                    out[rows] = reader.encode(
                        f"{prompt}: ", [given[row].text for row in rows], longest, parts=1
                    )
    return out


def batches(given: list[Text], chance: random.Random) -> list[list[int]]:
    """Rows of one prompt and like length together, the batches in any order."""
    order = list(range(len(given)))
    chance.shuffle(order)
    pools = [order[at : at + 24 * BATCH] for at in range(0, len(order), 24 * BATCH)]
    found = []
    for pool in pools:
        for prompt in ("query", "passage"):
            rows = sorted(
                (row for row in pool if given[row].prompt == prompt),
                key=lambda row: len(given[row].text),
            )
            found += [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)]
    chance.shuffle(found)
    return found


def apart_from(said: Tensor, told: Tensor) -> Tensor:
    """How far the student's vectors are from the teacher's, each and among themselves."""
    own = (1 - (said * told).sum(1)).mean()
    wanted = functional.softmax(told @ told.T / LIKENESS, dim=1)
    likeness = functional.log_softmax(said @ told.T / LIKENESS, dim=1)
    return 10 * own + functional.kl_div(likeness, wanted, reduction="batchmean")


def distil(
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    out: Annotated[Path, typer.Option(help="the layers' file")] = FILE,
    rounds: Annotated[int, typer.Option(help="times every text is seen")] = 4,
    rate: Annotated[float, typer.Option(help="highest learning rate")] = 4e-4,
    seed: Annotated[int, typer.Option()] = 11,
) -> None:
    """Train and write the layers; the file is renewed after every round."""
    torch.manual_seed(seed)
    torch.set_num_threads(2)
    chance = random.Random(seed)
    given = texts(Library.open(folder_of(index, current(index))), chance)
    base = decode()
    whole = taught(base)
    told = read_by(Reader(whole), given, "đọc bằng mười hai lớp")
    student = Reader(halved(whole, base).over(base))
    learning = student.trained()
    optimiser = torch.optim.AdamW(learning, lr=rate, weight_decay=0.01)
    began, done, seen = time.monotonic(), 0, 0.0
    steps = rounds * len(batches(given, random.Random(seed)))
    for turn in range(rounds):
        for rows in track(batches(given, chance), description=f"vòng {turn + 1}"):
            longest = max(given[row].tokens for row in rows)
            said = student.encode(
                f"{given[rows[0]].prompt}: ", [given[row].text for row in rows], longest, parts=1
            )
            loss = apart_from(said, told[rows])
            step(optimiser, loss, learning, pace(rate, done, steps, WARM))
            done += 1
            near = float((said.detach() * told[rows]).sum(1).mean())
            seen = 0.98 * seen + 0.02 * near if done > 1 else near
        spent = (time.monotonic() - began) / 60
        print(json.dumps({"round": turn + 1, "cosine": round(seen, 4), "minutes": round(spent, 1)}))
        save(student.layers(), out, base=base.fingerprint())


if __name__ == "__main__":
    typer.run(distil)
