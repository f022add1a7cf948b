"""Teach the default encoder how workers ask: a low-rank adapter over multilingual-e5-small.

    python -m indexer.training.encoder --rounds 16

Every batch holds cards in groups of one topic. Each question must find its card's words, a clause
it rests on and another question of the same card among those of the batch; what rests on the same
article is not counted as wrong. Titles of official articles must find the words of theirs. One
card in ten is held out; ``indexer.training.fusion`` measures on those.
"""

from __future__ import annotations

import json
import math
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor
from torch.nn import functional

from indexer.encoder_adapter import FILE, Adapter, load, save
from indexer.encoder_weights import decode, unpack
from indexer.training.lessons import Lesson, Lessons, apart
from indexer.training.mistyping import mistype
from knowledge.asking import today
from knowledge.library import Library
from knowledge.versions import current, folder_of

ASK_TOKENS = 48
PASSAGE_TOKENS = 80
RANK = 32
SCALE = 2.0
"""What the product of the two low-rank matrices is multiplied by."""
TEMPERATURE = 0.02
TITLES = 16
"""Titles of official articles in a batch."""
CARDS = 48
"""Cards in a batch, each with two questions."""
PARTS = r".*encoder\.layer\..*\.(query|key|value|dense)"
"""The linear maps of every layer."""


class Student:
    """The encoder under training."""

    def __init__(self, base: Path) -> None:
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModel, AutoTokenizer

        config = LoraConfig(
            r=RANK, lora_alpha=int(SCALE * RANK), target_modules=PARTS, lora_dropout=0.0
        )
        self.model: Any = get_peft_model(AutoModel.from_pretrained(base), config)
        self.model.train()
        self._tokenizer: Any = AutoTokenizer.from_pretrained(base)

    def encode(self, prompt: str, texts: Sequence[str], tokens: int) -> Tensor:
        """Vectors of length one, a row a text."""
        # Short texts apart from long ones: a batch costs as much as its longest.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        half = len(order) // 2
        parts = [
            self._batch(prompt, [texts[i] for i in rows], tokens)
            for rows in (order[:half], order[half:])
            if rows
        ]
        vectors = torch.cat(parts)
        return vectors[torch.argsort(torch.tensor(order))]

    def _batch(self, prompt: str, texts: Sequence[str], tokens: int) -> Tensor:
        given = self._tokenizer(
            [prompt + text for text in texts],
            padding=True,
            truncation=True,
            max_length=tokens,
            return_tensors="pt",
        )
        mask = given["attention_mask"]
        out = self.model(input_ids=given["input_ids"], attention_mask=mask).last_hidden_state
        kept = mask.unsqueeze(-1).to(out.dtype)
        return functional.normalize((out * kept).sum(1) / kept.sum(1), dim=1)

    def start_from(self, adapter: Adapter) -> None:
        """Go on from what was learned before."""
        for name, value in self.model.named_parameters():
            if ".lora_" in name:
                weight, which = _names(name)
                a, b = adapter.pairs[weight]
                value.data.copy_(torch.from_numpy(a if which == "a" else b))

    def adapter(self) -> dict[str, Tensor]:
        """The two small matrices of every changed weight, by the weight's name."""
        found = {}
        for name, value in self.model.named_parameters():
            if ".lora_" in name:
                found[".".join(_names(name))] = value.detach()
        return found


def _names(parameter: str) -> tuple[str, str]:
    """The weight a parameter of the adapter changes, and which of its two matrices it is."""
    weight, _, which = parameter.removeprefix("base_model.model.").partition(".lora_")
    return weight, which[0].lower()


def loss_of(
    student: Student, lessons: list[Lesson], titles: list[tuple[str, str]], chance: random.Random
) -> Tensor:
    """How far the batch's questions are from what answers them."""
    asks = [mistype(ask, chance) for lesson in lessons for ask in lesson.asks]
    asked = student.encode("query: ", asks, ASK_TOKENS)
    saying = [lesson for lesson in lessons if lesson.says]
    resting = [lesson for lesson in lessons if lesson.clause]
    passages = [
        *(lesson.says or "" for lesson in saying),
        *(lesson.clause or "" for lesson in resting),
        *(words for _, words in titles),
    ]
    read = student.encode("passage: ", passages, PASSAGE_TOKENS)
    sizes = [len(saying), len(resting), len(titles)]
    says, clauses, words = torch.split(read, sizes)
    named = student.encode("query: ", [mistype(title, chance) for title, _ in titles], ASK_TOKENS)

    owners = [lesson for lesson in lessons for _ in lesson.asks]
    total = _missed(asked, says, owners, saying)
    total = total + _missed(asked, clauses, owners, resting)
    total = total + 0.5 * _missed(asked[0::2], asked[1::2], lessons, lessons)
    total = total + 0.5 * functional.cross_entropy(
        named @ words.T / TEMPERATURE, torch.arange(len(titles))
    )
    return total


def _missed(asked: Tensor, offered: Tensor, owners: list[Lesson], offering: list[Lesson]) -> Tensor:
    """Cross entropy of each question finding its own lesson's row among all that are wrong."""
    rows = {lesson.name: row for row, lesson in enumerate(offering)}
    kept = [at for at, owner in enumerate(owners) if owner.name in rows]
    own = torch.tensor([rows[owners[at].name] for at in kept])
    wrong = torch.tensor([[apart(owners[at], other) for other in offering] for at in kept])
    wrong[torch.arange(len(kept)), own] = True
    likeness = (asked[kept] @ offered.T / TEMPERATURE).masked_fill(~wrong, -1e4)
    return functional.cross_entropy(likeness, own)


def train(
    index: Annotated[Path, typer.Option(help="root of the index versions")] = Path("data/index"),
    out: Annotated[Path, typer.Option(help="the adapter's file")] = FILE,
    rounds: Annotated[int, typer.Option(help="times every card is seen")] = 16,
    rate: Annotated[float, typer.Option(help="highest learning rate")] = 4e-4,
    seed: Annotated[int, typer.Option()] = 11,
    threads: Annotated[int, typer.Option()] = 2,
    start: Annotated[Path | None, typer.Option(help="an adapter to go on from")] = None,
    minutes: Annotated[float, typer.Option(help="stop by then")] = 110.0,
) -> None:
    """Train and write the adapter; the file is renewed after every round."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    chance = random.Random(seed)
    library = Library.open(folder_of(index, current(index)))
    lessons = Lessons(library, today(), chance)
    with tempfile.TemporaryDirectory() as base:
        unpack(Path(base))
        student = Student(Path(base))
    if start:
        student.start_from(load(start))
    optimiser = torch.optim.AdamW(
        [p for p in student.model.parameters() if p.requires_grad], lr=rate, weight_decay=0.01
    )
    steps = rounds * sum(1 for _ in lessons.batches(CARDS))
    began = time.monotonic()
    done, seen = 0, 0.0
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("học", total=steps)
        for turn in range(rounds):
            for batch in lessons.batches(CARDS):
                share = done / max(steps, 1)
                warm = min(1.0, (done + 1) / 30)
                for group in optimiser.param_groups:
                    group["lr"] = rate * warm * 0.5 * (1 + math.cos(math.pi * share))
                optimiser.zero_grad()
                loss: Any = loss_of(student, batch, lessons.titles(TITLES), chance)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(student.model.parameters(), 1.0)
                optimiser.step()
                done += 1
                seen = 0.95 * seen + 0.05 * loss.item() if done > 1 else loss.item()
                progress.update(task, advance=1, description=f"vòng {turn + 1}, lệch {seen:.3f}")
            spent = (time.monotonic() - began) / 60
            print(
                json.dumps({"round": turn + 1, "loss": round(seen, 4), "minutes": round(spent, 1)}),
                flush=True,
            )
            save(student.adapter(), out, scale=SCALE, base=decode().fingerprint())
            if spent * (turn + 2) / (turn + 1) > minutes:
                break


if __name__ == "__main__":
    typer.run(train)
