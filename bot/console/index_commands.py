"""``caunoi index …``: official texts in, versions out, as an admin uses it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from bot.settings import Settings
from indexer.build import BuildRefused, Built, Reporter, Source, build
from indexer.compare import compare, render
from indexer.copies import ValidityError
from indexer.encoder_model import ExportFaulty
from indexer.encoder_weights import WeightsError
from indexer.gather import gather, missing
from indexer.lines import SourceError
from indexer.machine import as_json
from indexer.publish import PublishError, prune, publish, rollback
from indexer.register_check import Verdict, check
from indexer.sources import read
from indexer.sources.web import Limits, fetch
from indexer.statute import Statute
from indexer.structure import StructureError, parse
from knowledge.cards import CardError
from knowledge.datafile import DataFileError
from knowledge.encoder import EncoderMissing
from knowledge.index_format import IndexDamaged, Manifest
from knowledge.library import Library
from knowledge.parameters import ParameterError
from knowledge.register import RegisterError
from knowledge.register import load as load_register
from knowledge.versions import NoIndex, current, folder_of, history, listed

app = typer.Typer(no_args_is_help=True, help="Văn bản luật vào, chỉ mục tra cứu ra.")
_out = Console()
_err = Console(stderr=True)

_MENDABLE = (
    BuildRefused,
    CardError,
    DataFileError,
    EncoderMissing,
    ExportFaulty,
    IndexDamaged,
    NoIndex,
    ParameterError,
    PublishError,
    RegisterError,
    SourceError,
    StructureError,
    ValidityError,
    WeightsError,
)


@contextmanager
def _told() -> Iterator[None]:
    """What a person can mend is said in a line, not as a traceback."""
    try:
        yield
    except _MENDABLE as error:
        _fail(str(error))
        raise typer.Exit(1) from None
    except OSError as error:
        _fail(f"{error.strerror or error} {error.filename or ''}")
        raise typer.Exit(1) from None


def _fail(message: str) -> None:
    _err.print(f"[bold red]Lỗi:[/] {escape(message)}", highlight=False, soft_wrap=True)


def _say(message: str, out: Console, *names: str) -> None:
    """Print with markup; ``names`` (files, addresses, messages) fill its ``{}`` as they are."""
    out.print(message.format(*map(escape, names)), highlight=False, soft_wrap=True)


def _source(settings: Settings, *, without_faulty: bool = False) -> Source:
    return Source(
        folders=settings.law_folders,
        root=settings.index,
        models=settings.models,
        cache=settings.cache,
        encoder=settings.encoder,
        threads=settings.encoder_threads,
        allow_faulty=without_faulty,
    )


def _build_shown(source: Source, out: Console) -> Built:
    """Build with a bar for every stage."""
    with Progress(
        TextColumn("{task.description:28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[now]}"),
        console=out,
    ) as bar:
        task = bar.add_task("Bắt đầu", total=None, now="")

        def stage(name: str, total: int) -> None:
            bar.update(task, description=name, total=total or None, completed=0, now="")

        report = Reporter(
            stage=stage,
            step=lambda count: bar.advance(task, count),
            note=lambda text: bar.update(task, now=escape(text[:40])),
        )
        built = build(source, report)
        bar.update(task, description="Xong", total=1, completed=1, now="")
    return built


def _warn_of_folders(settings: Settings, out: Console) -> None:
    for folder in settings.missing_folders:
        _say(
            "[yellow]LAW_SOURCES nhắc tới {} nhưng không có thư mục đó. Hãy sửa đường dẫn hoặc tạo "
            "thư mục rồi chạy lại.[/]",
            out,
            str(folder),
        )


def _say_built(built: Built, out: Console) -> None:
    manifest = built.manifest
    out.print(
        f"Phiên bản [bold]{manifest.version}[/]: {len(manifest.texts)} văn bản, "
        f"{manifest.clauses} lời văn điều khoản, {manifest.cards} thẻ, {manifest.asks} cách hỏi.",
        highlight=False,
    )
    gathered = built.gathered
    lacking = [r for r in gathered.refused if r.faulty and r.law not in gathered.texts]
    for refused in lacking:
        _say("[yellow]Bỏ qua {}:[/] {}", out, refused.file, refused.reason)
    named = {text.file for text in gathered.used} | {refused.file for refused in lacking}
    others = {refused.file for refused in gathered.refused} - named
    if others or gathered.warnings:
        _say(
            f"{len(others)} tệp không dùng, {len(gathered.warnings)} văn bản cần so lại với bản "
            "chính thức; xem tên và lý do bằng 'caunoi index check'.",
            out,
        )
    if manifest.missing:
        register = load_register()
        names = [f"{n} ({register.get(n).short_title})" for n in manifest.missing]
        out.print(
            f"[yellow]Chưa có bản chính thức của {len(names)} văn bản:[/] {'; '.join(names)}.\n"
            "Tải chúng từ vbpl.vn hoặc congbao.chinhphu.vn vào một thư mục, đặt LAW_SOURCES trỏ "
            "tới thư mục đó (hoặc dùng 'caunoi index fetch ĐỊA_CHỈ') rồi chạy "
            "'caunoi index build --publish'.",
            highlight=False,
        )


@app.command("read")
def read_command(
    file: Annotated[Path, typer.Argument(help="Tệp văn bản chính thức.")],
    as_machine: Annotated[bool, typer.Option("--json", help="In ra JSON.")] = False,
    number: Annotated[
        str | None, typer.Option(help="Chọn văn bản này trong tệp có nhiều văn bản.")
    ] = None,
    lenient: Annotated[bool, typer.Option(help="Chỉ cảnh báo khi đánh số không liền.")] = False,
) -> None:
    """Đọc một tệp: cấu trúc của văn bản, hoặc vì sao không đọc được."""
    with _told():
        sources = read(file)
        if number:
            sources = [source for source in sources if source.number == number]
            if not sources:
                raise SourceError(file.name, f"Tệp không có văn bản {number}", "Xem số hiệu lại")
        statutes = [parse(source, strict=not lenient) for source in sources[:1]]
        others = [source.number for source in sources[1:]]
    statute = statutes[0]
    if as_machine:
        shown = as_json(statute)
        if others:
            shown["others"] = others
        print(json.dumps(shown, ensure_ascii=False))
        return
    _show(statute)
    report = check(statute, load_register())
    colour = "green" if report.verdict is Verdict.EQUAL else "yellow"
    _say(f"[{colour}]{{}}[/]", _out, report.sentence)
    if others:
        _say("Trong tệp còn: {} (chọn bằng --number).", _out, ", ".join(filter(None, others)))


def _show(statute: Statute) -> None:
    name = escape(f"{statute.title} ({statute.number})")
    table = Table("Điều", "Tên", "Khoản", "Điểm", title=name)
    for article in statute.articles:
        points = sum(len(c.points) for c in article.clauses) + len(article.points)
        table.add_row(article.number, escape(article.title), str(len(article.clauses)), str(points))
    _out.print(table)
    for warning in statute.warnings:
        _say("[yellow]{}[/]", _out, warning)


@app.command("build")
def build_command(
    publish_it: Annotated[bool, typer.Option("--publish", help="Phát hành ngay.")] = False,
    without_faulty: Annotated[
        bool, typer.Option("--without-faulty", help="Bỏ qua văn bản lỗi.")
    ] = False,
) -> None:
    """Xây một phiên bản chỉ mục từ LAW_SOURCES và các thẻ."""
    settings = Settings()
    _warn_of_folders(settings, _out)
    with _told():
        built = _build_shown(_source(settings, without_faulty=without_faulty), _out)
        _say_built(built, _out)
        if not built.fresh:
            _out.print("Nội dung không đổi so với phiên bản đã có.")
        if publish_it:
            _publish(settings, built.manifest.version)
        else:
            _out.print(
                f"Xem thay đổi: caunoi index compare; phát hành: caunoi index publish "
                f"{built.manifest.version}",
                highlight=False,
            )


def _publish(settings: Settings, version: str) -> None:
    publish(settings.index, version)
    gone = prune(settings.index, settings.keep_versions)
    _out.print(f"[green]Đang phục vụ phiên bản {version}.[/]", highlight=False)
    if gone:
        _out.print(f"Đã xoá {len(gone)} phiên bản cũ.")


@app.command("publish")
def publish_command(
    version: Annotated[str | None, typer.Argument(help="Mặc định: bản mới nhất.")] = None,
) -> None:
    """Đưa một phiên bản vào phục vụ; tiến trình đang chạy tự chuyển sang."""
    settings = Settings()
    with _told():
        versions = listed(settings.index)
        if not versions:
            raise NoIndex("Chưa có phiên bản nào. Hãy chạy 'caunoi index build'.")
        _publish(settings, version or versions[-1])


@app.command("rollback")
def rollback_command() -> None:
    """Quay lại phiên bản phục vụ trước đó."""
    with _told():
        version = rollback(Settings().index)
        _out.print(f"[green]Đã quay lại phiên bản {version}.[/]", highlight=False)


@app.command("versions")
def versions_command() -> None:
    """Các phiên bản trên đĩa, phiên bản nào đang phục vụ."""
    settings = Settings()
    with _told():
        damaged: list[str] = []
        try:
            published = history(settings.index)
        except IndexDamaged as error:
            published = []
            damaged.append(str(error))
        table = Table("", "Phiên bản", "Văn bản", "Điều khoản", "Thẻ")
        for version in listed(settings.index):
            serving = "▶" if published and published[-1] == version else ""
            try:
                manifest = Manifest.read(folder_of(settings.index, version))
            except IndexDamaged as error:
                damaged.append(str(error))
                table.add_row(serving, version, "hỏng", "", "")
                continue
            counts = (len(manifest.texts), manifest.clauses, manifest.cards)
            table.add_row(serving, version, *(str(count) for count in counts))
        _out.print(table)
        for problem in damaged:
            _fail(problem)


@app.command("compare")
def compare_command(
    old: Annotated[str | None, typer.Argument(help="Mặc định: bản đang phục vụ.")] = None,
    new: Annotated[str | None, typer.Argument(help="Mặc định: bản mới nhất.")] = None,
) -> None:
    """Điều khoản nào đổi giữa hai phiên bản, chạm tới thẻ và tham số nào."""
    settings = Settings()
    with _told():
        versions = listed(settings.index)
        if not versions:
            raise NoIndex("Chưa có phiên bản nào. Hãy chạy 'caunoi index build'.")
        first = old or current(settings.index)
        second = new or versions[-1]
        for version in (first, second):
            if version not in versions:
                raise PublishError(f"Không có phiên bản {version}; xem 'caunoi index versions'.")
        difference = compare(
            Library.open(folder_of(settings.index, first)),
            Library.open(folder_of(settings.index, second)),
        )
        for line in render(difference, first, second):
            _out.print(line, highlight=False, markup=False, soft_wrap=True)


@app.command("fetch")
def fetch_command(
    address: Annotated[str, typer.Argument(help="Địa chỉ http(s) của văn bản.")],
) -> None:
    """Tải một văn bản chính thức về thư mục nguồn sau khi đọc thử."""
    settings = Settings()
    with _told():
        settings.downloads.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.downloads, prefix=".tai-") as folder:
            path = fetch(address, Path(folder), limits=Limits())
            statute = parse(read(path)[0], strict=False)
            report = check(statute, load_register())
            kept = _own_name(settings.downloads / path.name, path.read_bytes())
            shutil.move(path, kept)
        _say("Đã lưu {}: {}.", _out, str(kept), f"{statute.title} ({statute.number})")
        _say("{}", _out, report.sentence)


def _own_name(wanted: Path, content: bytes) -> Path:
    """``wanted``, or beside it when a file of other content has that name already.

    Portals give many documents one name.
    """
    if not wanted.exists() or wanted.read_bytes() == content:
        return wanted
    return wanted.with_stem(f"{wanted.stem}-{hashlib.sha256(content).hexdigest()[:8]}")


@app.command("check")
def check_command() -> None:
    """Kiểm tra các bản trong LAW_SOURCES với sổ đăng ký mà không xây gì."""
    settings = Settings()
    _warn_of_folders(settings, _out)
    register = load_register()
    with _told():
        gathered = gather(settings.law_folders, register, settings.cache / "parsed")
    table = Table("Văn bản", "Tệp", "Hạng", "Số điều", "Khớp mã băm")
    for used in sorted(gathered.used, key=lambda text: text.law):
        counts = (str(used.articles), str(used.verified_articles))
        table.add_row(used.text, escape(used.file), used.grade, *counts)
    _out.print(table)
    for refused in gathered.refused:
        _say("[yellow]Không dùng {}:[/] {}", _out, refused.file, refused.reason)
    for warning in gathered.warnings:
        _say("[yellow]Lưu ý:[/] {}", _out, warning)
    lacking = missing(register, gathered)
    for law in lacking:
        _out.print(f"[yellow]Chưa có {law.number}[/] {law.short_title}", highlight=False)
    if any(refused.faulty for refused in gathered.refused):
        raise typer.Exit(1)
