"""The steps by which the encoder is taught learn what they are given, on a network of toys."""

from __future__ import annotations

import random
from typing import Any, cast

import pytest

torch: Any = pytest.importorskip("torch", reason="training needs the train extra (torch)")

from indexer.training import distilling, encoder  # noqa: E402
from indexer.training.lessons import Lesson  # noqa: E402
from knowledge.clause import Ref  # noqa: E402
from tests.unit.made_library import LABOUR  # noqa: E402


class Toy:
    """A vector a word, learnt from nothing; texts are the mean of their words."""

    def __init__(self) -> None:
        self.words: dict[str, Any] = {}

    def encode(self, _prompt: str, texts: list[str], _tokens: int, parts: int = 2) -> Any:
        rows = [torch.stack([self._word(word) for word in text.split()]).mean(0) for text in texts]
        return torch.nn.functional.normalize(torch.stack(rows), dim=1)

    def _word(self, word: str) -> Any:
        if word not in self.words:
            self.words[word] = torch.nn.Parameter(torch.randn(16))
        return self.words[word]


def _lesson(name: str, article: int, says: str | None) -> Lesson:
    refs = frozenset({Ref.parse(f"{LABOUR} điều {article}")})
    return Lesson(name, refs, (f"hỏi{name} a", f"hỏi{name} b"), says, f"luật{name}")


def test_questions_come_to_find_what_answers_them() -> None:
    torch.manual_seed(1)
    lessons = [_lesson(name, at, f"thẻ{name}") for at, name in enumerate("mnpq", 1)]
    lessons.append(_lesson("r", 4, None))
    toy, titles, outside = Toy(), [("tên1", "chữ1"), ("tên2", "chữ2")], ["lạ1", "lạ2"]

    def loss() -> Any:
        reader = cast(Any, toy)
        return encoder.loss_of(reader, lessons, titles, outside, random.Random(2))

    before = loss()
    optimiser = torch.optim.Adam(toy.words.values(), lr=0.05)
    for _ in range(150):
        optimiser.zero_grad()
        now = loss()
        now.backward()
        optimiser.step()
    assert float(now.detach()) < 0.3 * float(before.detach())
    asked = toy.encode("", ["hỏim a"], 9)
    said = toy.encode("", ["thẻm", "thẻn", "thẻp"], 9)
    assert int((asked @ said.T).argmax()) == 0
    strange = toy.encode("", outside, 9)
    assert (asked @ said[0]).max() > (strange @ said[0]).max()


def test_what_rests_on_the_same_article_is_not_pushed_away() -> None:
    lessons = [_lesson("m", 1, "thẻm"), _lesson("n", 1, "thẻn"), _lesson("p", 2, "thẻp")]
    vectors = torch.eye(3)
    likeness, own = encoder._likeness(vectors, vectors, lessons, lessons)
    assert own.tolist() == [0, 1, 2]
    assert likeness[0, 1] < -1e3, "left out"
    assert likeness[0, 2] == 0


def test_a_student_is_near_its_teacher_when_it_says_the_same() -> None:
    torch.manual_seed(1)
    told = torch.nn.functional.normalize(torch.randn(6, 16), dim=1)
    other = torch.nn.functional.normalize(torch.randn(6, 16), dim=1)
    same = float(distilling.apart_from(told, told))
    assert same == pytest.approx(0, abs=1e-4)
    assert float(distilling.apart_from(other, told)) > 1


def test_every_text_is_in_one_batch_a_round_with_its_own_kind() -> None:
    given = [
        distilling.Text("query" if n % 3 else "passage", "x" * (n % 50 + 1), 48) for n in range(700)
    ]
    found = distilling.batches(given, random.Random(1))
    assert sorted(row for rows in found for row in rows) == list(range(700))
    for rows in found:
        assert len({given[row].prompt for row in rows}) == 1
        assert len(rows) <= distilling.BATCH
