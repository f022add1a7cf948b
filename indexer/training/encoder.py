"""Teach the default encoder how workers ask: second step of making it, after ``distilling``.

    python -m indexer.training.encoder --start LAYERS --rounds 8

Every batch holds cards in groups of one topic and questions of readers of the texts. Each question
must find its card's words, a clause it rests on and another question of the same matter among
those of the batch; what rests on the same article is not counted as wrong. The words must find
their question too, among all of the batch and some that nothing here answers. Titles of official
articles must find the words of theirs. One card in ten and one question in ten are held out;
``indexer.training.fusion`` measures on those.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.nn import functional

from indexer.encoder_layers import FILE, load, save
from indexer.encoder_weights import decode
from indexer.training.lessons import Lesson, Lessons, apart
from indexer.training.mistyping import mistype
from indexer.training.student import Reader, pace, step
from knowledge.asking import today
from knowledge.library import Library
from knowledge.versions import current, folder_of

ASK_TOKENS = 72
PASSAGE_TOKENS = 80
TEMPERATURE = 0.02
WARM = 30
TITLES = 12
"""Titles of official articles in a batch."""
CARDS = 36
"""Cards in a batch, each with two questions."""
READ = 28
"""Questions of readers in a batch."""
OUTSIDE = 24
"""Questions in a batch that nothing here answers."""


def loss_of(
    student: Reader,
    lessons: list[Lesson],
    titles: list[tuple[str, str]],
    outside: list[str],
    chance: random.Random,
) -> Tensor:
    """How far the batch's questions are from what answers them, and that from the questions."""
    asks = [ask for lesson in lessons for ask in lesson.asks]
    named = [title for title, _ in titles]
    questions = [mistype(text, chance) for text in (*asks, *named, *outside)]
    asked, called, strange = torch.split(
        student.encode("query: ", questions, ASK_TOKENS), [len(asks), len(named), len(outside)]
    )
    saying = [lesson for lesson in lessons if lesson.says]
    resting = [lesson for lesson in lessons if lesson.clause]
    passages = [
        *(lesson.says or "" for lesson in saying),
        *(lesson.clause or "" for lesson in resting),
        *(words for _, words in titles),
    ]
    says, clauses, words = torch.split(
        student.encode("passage: ", passages, PASSAGE_TOKENS),
        [len(saying), len(resting), len(titles)],
    )
    owners = [lesson for lesson in lessons for _ in lesson.asks]
    total = _missed(asked, says, owners, saying)
    total = total + _missed(asked, clauses, owners, resting)
    total = total + 0.5 * _missed(asked[0::2], asked[1::2], lessons, lessons)
    for offered, offering in ((says, saying), (clauses, resting)):
        total = total + 0.5 * _strayed(offered, asked[0::2], strange, offering, lessons)
    total = total + 0.5 * functional.cross_entropy(
        called @ words.T / TEMPERATURE, torch.arange(len(titles))
    )
    return total


def _missed(asked: Tensor, offered: Tensor, owners: list[Lesson], offering: list[Lesson]) -> Tensor:
    """Cross entropy of each question finding its own lesson's row among all that are wrong."""
    likeness, own = _likeness(asked, offered, owners, offering)
    return functional.cross_entropy(likeness, own)


def _strayed(
    offered: Tensor,
    asked: Tensor,
    strange: Tensor,
    offering: list[Lesson],
    lessons: list[Lesson],
) -> Tensor:
    """Cross entropy of each passage finding its own question among those that are wrong, those
    that nothing answers among them."""
    likeness, own = _likeness(offered, asked, offering, lessons)
    return functional.cross_entropy(
        torch.cat([likeness, offered @ strange.T / TEMPERATURE], dim=1), own
    )


def _likeness(
    one: Tensor, other: Tensor, owners: list[Lesson], offering: list[Lesson]
) -> tuple[Tensor, Tensor]:
    """Scores of the rows whose lesson is offered, what is no wrong answer left out, and the
    column of each one's own."""
    columns = {lesson.name: column for column, lesson in enumerate(offering)}
    kept = [at for at, owner in enumerate(owners) if owner.name in columns]
    own = torch.tensor([columns[owners[at].name] for at in kept])
    wrong = torch.tensor([[apart(owners[at], each) for each in offering] for at in kept])
    wrong[torch.arange(len(kept)), own] = True
    return (one[kept] @ other.T / TEMPERATURE).masked_fill(~wrong, -1e4), own


def train(
    start: Annotated[Path, typer.Option(help="the layers to go on from")] = FILE,
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    out: Annotated[Path, typer.Option(help="the layers' file")] = FILE,
    rounds: Annotated[int, typer.Option(help="times every card is seen")] = 8,
    rate: Annotated[float, typer.Option(help="highest learning rate")] = 1e-4,
    seed: Annotated[int, typer.Option()] = 11,
    minutes: Annotated[float, typer.Option(help="stop by then")] = 110.0,
) -> None:
    """Train and write the layers; the file is renewed after every round."""
    torch.manual_seed(seed)
    torch.set_num_threads(2)
    chance = random.Random(seed)
    library = Library.open(folder_of(index, current(index)))
    lessons = Lessons(library, today(), chance)
    base = decode()
    student = Reader(load(start).over(base))
    learning = student.trained()
    optimiser = torch.optim.AdamW(learning, lr=rate, weight_decay=0.01)
    steps = rounds * lessons.count(CARDS)
    began = time.monotonic()
    done, seen = 0, 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("học", total=steps)
        for turn in range(rounds):
            for batch in lessons.batches(CARDS, READ):
                outside = lessons.outside(OUTSIDE)
                loss = loss_of(student, batch, lessons.titles(TITLES), outside, chance)
                step(optimiser, loss, learning, pace(rate, done, steps, WARM))
                done += 1
                value = float(loss.detach())
                seen = 0.95 * seen + 0.05 * value if done > 1 else value
                progress.update(task, advance=1, description=f"vòng {turn + 1}, lệch {seen:.3f}")
            spent = (time.monotonic() - began) / 60
            print(
                json.dumps({"round": turn + 1, "loss": round(seen, 4), "minutes": round(spent, 1)}),
                flush=True,
            )
            save(student.layers(), out, base=base.fingerprint())
            if spent * (turn + 2) / (turn + 1) > minutes:
                break


if __name__ == "__main__":
    typer.run(train)
