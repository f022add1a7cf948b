"""``caunoi cards …``: the cards as a legal officer reads, searches and checks them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.settings import Settings
from indexer.card_asks import check_apart
from indexer.card_basis import Basis, fully_held
from indexer.card_check import check
from indexer.card_findings import Finding, Kind, places
from indexer.card_pointers import check_pointers
from indexer.copies import ValidityError
from indexer.gather import gather
from indexer.validity import clause_versions
from knowledge import labels
from knowledge.asking import today
from knowledge.cards import TOPICS, Card, CardError, load, load_pointers
from knowledge.cards.loader import FOLDER, OUTSIDE
from knowledge.coverage import coverage
from knowledge.datafile import DataFileError
from knowledge.index_format import IndexDamaged
from knowledge.language.fold import syllables
from knowledge.library import Library
from knowledge.parameters import ParameterError
from knowledge.parameters import load as load_parameters
from knowledge.register import RegisterError
from knowledge.register import load as load_register
from knowledge.versions import NoIndex, current, folder_of

app = typer.Typer(no_args_is_help=True, help="Thẻ trả lời: xem, tìm, kiểm tra.")
_out = Console()
_err = Console(stderr=True)

Folder = Annotated[
    Path, typer.Option("--folder", help="Thư mục thẻ; mặc định là thẻ của hệ thống.")
]


@contextmanager
def _told() -> Iterator[None]:
    """What a person can mend is said in a line, not as a traceback."""
    known = (
        CardError,
        DataFileError,
        IndexDamaged,
        NoIndex,
        ParameterError,
        RegisterError,
        ValidityError,
    )
    try:
        yield
    except known as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.strerror or error} {error.filename or ''}")


def _fail(message: str) -> None:
    _err.print(Text.assemble(("Lỗi: ", "bold red"), message), soft_wrap=True)
    raise typer.Exit(1)


def _cards(folder: Path) -> tuple[Card, ...]:
    if not folder.is_dir():
        _fail(f"không có thư mục {folder}. Hãy xem lại --folder.")
    return load(folder)


@app.command("list")
def list_command(
    topic: Annotated[str | None, typer.Option(help="Chỉ một chủ đề, ví dụ tien-luong.")] = None,
    folder: Folder = FOLDER,
) -> None:
    """Mọi thẻ: mã, tên, căn cứ chính, số cách hỏi, kết quả rà soát."""
    if topic is not None and topic not in TOPICS:
        _fail(f"không có chủ đề '{topic}'; hãy dùng một trong: {', '.join(TOPICS)}.")
    with _told():
        cards = [card for card in _cards(folder) if topic in (None, card.topic)]
        _out.print(_table(cards, places(folder)))
    _out.print(f"{len(cards)} thẻ.")


def _table(cards: Iterable[Card], files: dict[str, str]) -> Table:
    table = Table()
    table.add_column("Mã thẻ", no_wrap=True, overflow="fold")
    for head in ("Tên", "Căn cứ chính", "Cách hỏi", "Rà soát", "Tệp"):
        table.add_column(head)
    for card in cards:
        wording = card.wording(today()) or card.wordings[-1]
        table.add_row(
            card.id,
            Text(card.title),
            str(wording.refs[0]),
            str(len(card.asks)),
            card.review.outcome or "chưa rà",
            files.get(card.id, ""),
        )
    return table


@app.command("show")
def show_command(
    card_id: Annotated[str, typer.Argument(metavar="MÃ_THẺ", help="Ví dụ luong-tra-cham.")],
    folder: Folder = FOLDER,
) -> None:
    """Một thẻ với mọi lời theo ngày, căn cứ, bước làm, cách hỏi và kết quả rà soát."""
    with _told():
        cards = {card.id: card for card in _cards(folder)}
        if card_id not in cards:
            _fail(f"không có thẻ '{card_id}'. Hãy tìm bằng 'caunoi cards search TỪ_KHÓA'.")
        for line in _shown(cards[card_id], places(folder).get(card_id, "")):
            _out.print(line, soft_wrap=True)


def _shown(card: Card, place: str) -> Iterator[Text]:
    register = load_register()
    yield Text.assemble((card.title, "bold"), f"  ({TOPICS[card.topic]}; {place})")
    for wording in card.wordings:
        until = f" đến {labels.day(wording.until)}" if wording.until else ""
        yield Text(f"\nTừ {labels.day(wording.since)}{until}", style="bold")
        yield Text(wording.says)
        for ref in wording.refs:
            named = labels.citation(ref, register.get(ref.law), None) if ref.law in register else ""
            yield Text(f"  căn cứ: {named or ref}", style="dim")
        for name in wording.parameters:
            yield Text(f"  tham số: {name}", style="dim")
        for written, arithmetic in wording.computed.items():
            yield Text(f"  phép tính: {written} = {arithmetic}", style="dim")
    parts: tuple[tuple[str, Sequence[str]], ...] = (
        ("Việc nên làm", card.steps),
        ("Thay đổi", (card.changes,) if card.changes else ()),
        ("Chỗ chưa chắc", (card.doubt,) if card.doubt else ()),
        ("Thẻ liên quan", card.related),
        ("Cách hỏi", card.asks),
    )
    for heading, lines in parts:
        if lines:
            yield Text(f"\n{heading}", style="bold")
            yield Text("\n".join(f"  - {line}" for line in lines))
    review = card.review
    checked = f", rà ngày {labels.day(review.checked)}" if review.checked else ", chưa rà"
    yield Text("\nRà soát", style="bold")
    yield Text(f"  viết ngày {labels.day(review.written)}{checked}: {review.outcome or '-'}")
    if review.remark:
        yield Text(f"  {review.remark}")


@app.command("search")
def search_command(
    words: Annotated[list[str], typer.Argument(metavar="TỪ_KHÓA", help="Có dấu hay không.")],
    folder: Folder = FOLDER,
) -> None:
    """Các thẻ có đủ những từ này trong tên, lời, căn cứ hay cách hỏi (không phân biệt dấu)."""
    wanted = syllables(" ".join(words))
    with _told():
        found = [card for card in _cards(folder) if set(wanted) <= _syllables_of(card)]
        if not found:
            _out.print("Không thẻ nào có đủ các từ này.")
            raise typer.Exit(1)
        _out.print(_table(found, places(folder)))


def _syllables_of(card: Card) -> set[str]:
    refs = [str(ref) for wording in card.wordings for ref in wording.refs]
    says = [wording.says for wording in card.wordings]
    return set(syllables(" ".join((card.id, card.title, *says, *card.steps, *refs, *card.asks))))


@app.command("counts")
def counts_command(
    markdown: Annotated[bool, typer.Option("--markdown", help="Bảng để dán vào docs.")] = False,
    folder: Folder = FOLDER,
) -> None:
    """Mỗi chủ đề có bao nhiêu thẻ, cách hỏi, và kết quả rà soát."""
    head = ("Chủ đề", "Thẻ", "Cách hỏi", "agreed", "corrected", "open", "chưa rà")
    with _told():
        cards = _cards(folder)
    rows = [_count(name, [c for c in cards if c.topic == topic]) for topic, name in TOPICS.items()]
    rows.append(_count("Cộng", cards))
    _print_rows(head, rows, markdown)


def _print_rows(head: Sequence[str], rows: Sequence[Sequence[str]], markdown: bool) -> None:
    """The rows as a table, or as one to paste into a Markdown file."""
    if markdown:
        for row in (head, ("---", *("---:" for _ in head[1:])), *rows):
            print(f"| {' | '.join(row)} |")
        return
    table = Table(*head)
    for row in rows:
        table.add_row(*row)
    _out.print(table)


def _count(name: str, cards: Sequence[Card]) -> tuple[str, ...]:
    outcomes = Counter(card.review.outcome for card in cards)
    counted = (
        len(cards),
        sum(len(card.asks) for card in cards),
        *(outcomes[outcome] for outcome in ("agreed", "corrected", "open", None)),
    )
    return (name, *(str(number) for number in counted))


@app.command("check")
def check_command(
    folder: Folder = FOLDER,
    apart_from: Annotated[
        Path | None,
        typer.Option(
            "--apart-from",
            help="Thư mục bộ câu hỏi dùng để chấm (.jsonl): cách hỏi không được trùng với chúng.",
        ),
    ] = None,
) -> None:
    """Đối chiếu mọi thẻ với bản chính thức trong LAW_SOURCES; có lỗi thì kết thúc với mã 1."""
    settings = Settings()
    judging = _questions(apart_from) if apart_from else []
    for absent in settings.missing_folders:
        _out.print(Text(f"LAW_SOURCES nhắc tới {absent} nhưng không có thư mục đó.", "yellow"))
    with _told():
        cards, pointers = _cards(folder), load_pointers(folder)
        with _out.status("Đang đọc các bản chính thức…"):
            basis = _basis(settings, folder)
        findings = [
            *check(cards, basis),
            *check_pointers(pointers, cards, basis.files),
            *check_apart([*cards, *pointers], judging, basis.files),
        ]
    by_kind = {kind: [f for f in findings if f.kind is kind] for kind in Kind}
    for finding in by_kind[Kind.FAULT]:
        _out.print(Text.assemble(("Lỗi  ", "bold red"), str(finding)), soft_wrap=True)
    for finding in by_kind[Kind.WARNING]:
        _out.print(Text.assemble(("Xem lại  ", "yellow"), str(finding)), soft_wrap=True)
    unchecked = _say_unchecked(by_kind[Kind.UNCHECKED], cards, basis)
    faulty = {finding.card for finding in by_kind[Kind.FAULT]}
    _out.print(
        f"{len(cards)} thẻ và {len(pointers)} thẻ chỉ đường: {len(faulty)} thẻ có lỗi, "
        f"{len(by_kind[Kind.FAULT])} lỗi, "
        f"{len(by_kind[Kind.WARNING])} chỗ nên xem lại, {unchecked} thẻ chưa đối chiếu được.",
        style="red" if faulty else "green" if not unchecked else "yellow",
        highlight=False,
        soft_wrap=True,
    )
    if faulty:
        raise typer.Exit(1)


def _questions(folder: Path) -> list[str]:
    """The questions of every set in the folder, a JSON object a line."""
    if not folder.is_dir():
        _fail(f"không có thư mục {folder}. Hãy xem lại --apart-from.")
    found: list[str] = []
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(json.loads(line)["question"])
            except (ValueError, KeyError, TypeError):
                _fail(f"{path}, dòng {number}: không phải một câu hỏi dạng JSON.")
    return found


@app.command("coverage")
def coverage_command(
    markdown: Annotated[bool, typer.Option("--markdown", help="Bảng để dán vào docs.")] = False,
    folder: Folder = FOLDER,
) -> None:
    """Mỗi văn bản đang áp dụng có bao nhiêu điều, khoản đã có thẻ, và còn thiếu điều nào."""
    now, register = today(), load_register()
    with _told():
        cards = _cards(folder)
        index = Settings().index
        library = Library.open(folder_of(index, current(index)), register)
    counted = [
        coverage(law.number, library.clauses, cards, now)
        for law in register.laws
        if law.in_force(now) and library.holds(law.number)
    ]
    head = ("Văn bản", "Điều", "Có thẻ", "Khoản", "Có thẻ", "Thẻ", "Cách hỏi")
    rows = []
    for law in counted:
        resting = [card for card in cards if (w := card.wording(now)) and w.refs[0].law == law.law]
        asks = sum(len(card.asks) for card in resting)
        numbers = (len(law.articles), law.covered, law.clauses, law.clauses_covered)
        rows.append((law.law, *map(str, (*numbers, len(resting), asks))))
    _print_rows(head, rows, markdown)
    for law in [] if markdown else counted:
        if law.uncovered and register.get(law.law).kind in ("bộ luật", "luật"):
            _out.print(f"{law.law}: chưa có thẻ cho điều {', '.join(law.uncovered)}.")


def _basis(settings: Settings, folder: Path) -> Basis:
    """What the folders of LAW_SOURCES hold. Raises ValidityError."""
    register = load_register()
    gathered = gather(settings.law_folders, register, settings.cache / "parsed")
    clauses = [
        clause
        for law, texts in gathered.texts.items()
        for clause in clause_versions(register.get(law), texts)
    ]
    return Basis(
        register=register,
        parameters=load_parameters(),
        clauses=clauses,
        held=fully_held(register, {used.text for used in gathered.used}),
        today=today(),
        files=places(folder) | places(folder / OUTSIDE),
    )


def _say_unchecked(findings: Sequence[Finding], cards: Sequence[Card], basis: Basis) -> int:
    """Which laws are wanting and how many cards wait for them; the number of those cards."""
    waiting = {finding.card for finding in findings}
    if waiting:
        cited = {ref.law for card in cards for wording in card.wordings for ref in wording.refs}
        lacking = sorted(cited - basis.held)
        _out.print(
            Text(
                f"Chưa đối chiếu được con số và căn cứ của {len(waiting)} thẻ vì chưa có đủ bản "
                f"chính thức của: {', '.join(lacking)}. Hãy đặt LAW_SOURCES trỏ tới thư mục có bản "
                "gốc và bản hợp nhất mới nhất rồi chạy lại. Cách hỏi và đoạn chép nguyên văn chỉ "
                "được so với những bản đang có.",
                "yellow",
            ),
            soft_wrap=True,
        )
    return len(waiting)
