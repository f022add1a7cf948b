"""caunoi eval: how well questions are found, set by set, against the last accepted run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from bot.app import asking
from bot.settings import Settings
from knowledge import labels
from knowledge.asking import Asking, today
from knowledge.dates import day_spoken_of
from knowledge.deciding import act_of, best_card, best_pointer
from knowledge.encoder import EncoderMissing
from knowledge.evaluation import Outcome, Score, SetUnreadable, ask, read, score
from knowledge.evaluation.accepted import AcceptedUnreadable, changes, load, save
from knowledge.index_format import IndexDamaged
from knowledge.scope import SIGNS, likelihood
from knowledge.search import read_as
from knowledge.versions import NoIndex

_CHECKOUT = Path(__file__).resolve().parents[2]
ACCEPTED = _CHECKOUT / "docs" / "measurements" / "search.json"
OWN = _CHECKOUT / "tests" / "bench" / "worker_questions.jsonl"
HEAD = (
    "bộ câu hỏi",
    "câu",
    "đúng ngay",
    "trong 3",
    "MRR",
    "từ chối nhầm",
    "ngoài phạm vi",
    "từ chối đúng",
    "p50 ms",
    "p95 ms",
)
_TABLE_WIDTH = 140
_COLUMN = {"first": 2, "among_three": 3, "false_refusal": 5, "refused": 7}
_out = Console()
_err = Console(stderr=True)


def eval_command(
    sets: Annotated[
        list[Path] | None,
        typer.Argument(help="Tệp .jsonl hay thư mục; mặc định là QUESTION_SETS và bộ của dự án."),
    ] = None,
    fold: Annotated[bool, typer.Option("--fold", help="Bỏ dấu mọi câu hỏi trước.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Ghi lần đo này làm mốc.")] = False,
    worst: Annotated[bool, typer.Option("--worst", help="Liệt kê câu chưa đúng.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Bảng để dán vào docs.")] = False,
    explain: Annotated[
        str | None, typer.Option(help="Không đo; giải thích vì sao một câu ra như vậy.")
    ] = None,
    accepted: Annotated[Path, typer.Option(help="Tệp của lần đo đã chấp nhận.")] = ACCEPTED,
) -> None:
    """Đo các bộ câu hỏi, so với lần đã chấp nhận; kém đi ở đâu thì báo và thoát với mã 1."""
    settings = Settings()
    door = asking(settings)
    try:
        door.open()
        if explain is not None:
            _explain(door, explain)
            return
        files = _files(sets or [*settings.question_folders, OWN])
        if not files:
            raise SetUnreadable(
                "Chưa có bộ câu hỏi nào. Hãy ghi tệp .jsonl, hoặc đặt QUESTION_SETS trỏ tới thư "
                "mục chứa chúng."
            )
        scores = _measured(door, files, fold, worst)
        before = load(accepted)
        worse = _show(scores, before, markdown)
        if accept:
            save(accepted, scores, today())
    except (NoIndex, IndexDamaged, EncoderMissing, SetUnreadable, AcceptedUnreadable) as error:
        _err.print(Text(f"Lỗi: {error}", "bold red"), soft_wrap=True)
        raise typer.Exit(2) from None
    if worse and not accept:
        _err.print(Text("Kém hơn lần đã chấp nhận: " + "; ".join(worse), "red"), soft_wrap=True)
        raise typer.Exit(1)


def _files(given: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in given:
        found += sorted(path.glob("*.jsonl")) if path.is_dir() else [path]
    return [path for path in found if path.exists() or path != OWN]


def _measured(door: Asking, files: Sequence[Path], fold: bool, worst: bool) -> list[Score]:
    scores = []
    with Progress(console=_err, transient=True) as progress:
        for path in files:
            questions = read(path)
            if fold:
                questions = [question.unmarked() for question in questions]
            task = progress.add_task(path.stem, total=len(questions))

            def step(at: int = int(task)) -> None:
                progress.advance(progress.task_ids[at])

            outcomes = ask(questions, door, step)
            scores.append(score(path.stem + (" không dấu" if fold else ""), outcomes))
            for outcome in outcomes if worst else []:
                if outcome.question.gold and (outcome.rank is None or outcome.rank >= 3):
                    progress.console.print(_missed(path.stem, outcome), soft_wrap=True)
    return scores


def _missed(name: str, outcome: Outcome) -> Text:
    """A question whose right article is not among the first three, and what came instead."""
    question = outcome.question
    wanted, came = (
        ", ".join(f"{law} điều {article}" for law, article in places)
        for places in (sorted(question.gold), outcome.places[:3])
    )
    return Text(f"{name} {question.id}: {question.text}\n  cần {wanted}; ra {came}")


def _show(
    scores: Sequence[Score], before: dict[str, dict[str, float | None]], markdown: bool
) -> list[str]:
    """Print the table; gives what got worse, in words."""
    table = Table(*HEAD)
    worse: list[str] = []
    if markdown:
        print(f"| {' | '.join(HEAD)} |\n|---|{'---:|' * (len(HEAD) - 1)}")
    for each in scores:
        cells = _cells(each)
        for change in changes(each, before.get(each.name)):
            at = _COLUMN[change.measure]
            cells[at] += f" ({change.by:+.3f})"
            if change.worse:
                worse.append(f"{each.name}, {HEAD[at]} {change.by:+.3f}")
        if markdown:
            print(f"| {' | '.join(cells)} |")
        table.add_row(*cells)
    if not markdown:
        # A narrow terminal wraps the lines; it must not cut figures short.
        Console(width=max(_out.width, _TABLE_WIDTH)).print(table)
    return worse


def _cells(score: Score) -> list[str]:
    def share(value: float | None) -> str:
        return "–" if value is None else f"{value:.3f}"

    return [
        score.name,
        str(score.answerable),
        share(score.first),
        share(score.among_three),
        share(score.reciprocal),
        share(score.false_refusal),
        str(score.elsewhere),
        share(score.refused),
        f"{score.p50:.1f}",
        f"{score.p95:.1f}",
    ]


def _explain(door: Asking, question: str) -> None:
    """Which evidence put each clause where it is."""
    found = door.find(question)
    day: date = found.day
    _out.print(Text(f"Đọc là: {read_as(question)}"))
    spoken = " (câu hỏi nói tới)" if day_spoken_of(question, today()) else ""
    _out.print(Text(f"Tính đến ngày {labels.day(day)}{spoken}; xử lý: {act_of(found).value}"))
    said = ", ".join(f"{name} {sign(found):.3f}" for name, sign in SIGNS.items())
    _out.print(Text(f"Khả năng thuộc phạm vi: {likelihood(found):.3f} ({said})"))
    card, pointer = best_card(found), best_pointer(found)
    told = f"thẻ {card.card.id}" if card else "không thẻ nào"
    if pointer:
        told = f"thẻ chỉ đường {pointer.pointer.id}"
    _out.print(Text(f"Trả lời bằng: {told}"))
    table = Table("điều khoản", "điểm", "bằng chứng")
    for hit in found.hits:
        parts = sorted(hit.evidence.items(), key=lambda part: -part[1])
        shown = ", ".join(f"{name} {value:.2f}" for name, value in parts)
        table.add_row(str(hit.ref), f"{hit.score:.3f}", shown)
    _out.print(table)
    near = Table("thẻ gần nhất", "điểm", "cosine", "trùng từ")
    for other in found.cards[:5]:
        row = (other.card.id, f"{other.score:.3f}", f"{other.cosine:.3f}", f"{other.overlap:.2f}")
        near.add_row(*row)
    _out.print(near)
