"""What can go wrong with the store, said so that the person who runs it can act."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class StoreUnavailable(Exception):
    """The store could not read or write just now; nothing was changed. Try again later.

    The message is Vietnamese, for the admin: what happened and what to do.
    """


class ClaimLost(Exception):
    """Another process took the chat over while we were working; our result must be dropped."""


_SQLITE_ADVICE = {
    "SQLITE_FULL": "Ổ đĩa chứa dữ liệu đã đầy. Hãy giải phóng chỗ trống; hệ thống sẽ tự làm tiếp.",
    "SQLITE_READONLY": "Tệp dữ liệu chỉ cho đọc. Hãy kiểm tra quyền ghi của tệp, của thư mục chứa "
    "nó và xem ổ đĩa có bị gắn ở chế độ chỉ đọc không.",
    "SQLITE_BUSY": "Tệp dữ liệu đang bị một chương trình khác giữ lâu. Hãy đóng chương trình đang "
    "mở tệp đó (sao lưu, trình xem dữ liệu).",
    "SQLITE_LOCKED": "Tệp dữ liệu đang bị khóa. Hãy đóng chương trình khác đang mở tệp đó.",
    "SQLITE_CANTOPEN": "Không mở được tệp dữ liệu. Hãy kiểm tra đường dẫn, thư mục có tồn tại và "
    "có quyền ghi hay không.",
    "SQLITE_IOERR": "Ổ đĩa báo lỗi khi đọc hoặc ghi dữ liệu. Hãy kiểm tra chỗ trống và tình trạng "
    "ổ đĩa.",
    "SQLITE_CORRUPT": "Tệp dữ liệu bị hỏng. Hãy dừng hệ thống và phục hồi từ bản sao lưu.",
    "SQLITE_NOTADB": "Tệp dữ liệu không phải là cơ sở dữ liệu SQLite. Hãy kiểm tra đường dẫn hoặc "
    "phục hồi từ bản sao lưu.",
}

_POSTGRES_ADVICE = {
    "53100": "Ổ đĩa của máy chủ PostgreSQL đã đầy. Hãy giải phóng chỗ trống; hệ thống sẽ tự làm "
    "tiếp.",
    "53300": "PostgreSQL hết lượt kết nối. Hãy tăng max_connections hoặc bớt số tiến trình.",
    "25006": "PostgreSQL đang ở chế độ chỉ đọc. Hãy kết nối tới máy chủ chính.",
    "40001": "PostgreSQL yêu cầu làm lại giao dịch; hệ thống sẽ tự làm lại.",
    "40P01": "PostgreSQL gỡ một khóa chéo; hệ thống sẽ tự làm lại.",
    "55P03": "Dữ liệu đang bị khóa bởi một giao dịch khác; hệ thống sẽ tự làm lại.",
    "57014": "PostgreSQL hủy một câu lệnh chạy quá lâu; hệ thống sẽ tự làm lại.",
}


def _of_sqlite(error: sqlite3.Error) -> str | None:
    name: str = getattr(error, "sqlite_errorname", "") or ""
    return next((says for code, says in _SQLITE_ADVICE.items() if name.startswith(code)), None)


def _of_postgres(error: psycopg.Error) -> str | None:
    known = _POSTGRES_ADVICE.get(error.sqlstate or "")
    if known:
        return known
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return "Không kết nối được với PostgreSQL. Hãy kiểm tra máy chủ, mạng và địa chỉ kết nối."
    return None


def advice(error: BaseException) -> str | None:
    """What the admin should do about a database error; None when it is a fault of the program."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        return _of_sqlite(origin)
    if isinstance(origin, psycopg.Error):
        return _of_postgres(origin)
    if isinstance(error, PoolTimeout):
        return "Mọi kết nối tới cơ sở dữ liệu đều đang bận; hệ thống sẽ tự làm lại."
    if isinstance(error, OSError):
        return f"Không dùng được nơi chứa dữ liệu ({error.strerror or error})."
    if isinstance(error, OperationalError | InterfaceError):
        return "Không kết nối được với cơ sở dữ liệu. Hãy kiểm tra máy chủ và địa chỉ kết nối."
    return None


def in_use() -> StoreUnavailable:
    """Other writers of this process have waited too long for the file."""
    return StoreUnavailable(_SQLITE_ADVICE["SQLITE_BUSY"])


@contextmanager
def guarded() -> Iterator[None]:
    """Turn what an admin can mend into StoreUnavailable; let faults of the program through."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error, psycopg.Error, OSError) as error:
        says = advice(error)
        if says is None:
            raise
        # Only the driver's own words: SQLAlchemy's message would carry what people wrote.
        origin = error.orig if isinstance(error, DBAPIError) else error
        raise StoreUnavailable(f"{says} ({type(origin).__name__}: {origin})") from None
