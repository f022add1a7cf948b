"""Secrets never reach the logs, whichever way they come."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
import structlog

from bot import logs

TOKEN = "1234567:AAF-verysecret_token"
TELEGRAM = f"https://api.telegram.org/bot{TOKEN}/getUpdates"
DATABASE = "postgresql+psycopg://caunoi:hunter2@db.example.vn/caunoi"


class Written:
    """All that has gone to standard error so far."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture
        self._text = ""

    def getvalue(self) -> str:
        self._text += self._capture.readouterr().err
        return self._text


@pytest.fixture(params=[True, False], ids=["readable", "json"])
def err(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    """What is written to standard error with logging set up; put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("INFO", readable=request.param)
    yield Written(capsys)
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (TELEGRAM, "https://api.telegram.org/bot***/getUpdates"),
        (f"GET /bot{TOKEN}/sendMessage failed", "GET /bot***/sendMessage failed"),
        (DATABASE, "postgresql+psycopg://caunoi:***@db.example.vn/caunoi"),
        ("redis://:hunter2@cache:6379/0", "redis://:***@cache:6379/0"),
        ("postgresql://u:p@ss/w@rd@host/db", "postgresql://u:***@host/db"),
        ("http://127.0.0.1:8080/hoi", "http://127.0.0.1:8080/hoi"),
        ("sqlite:////srv/data/caunoi.sqlite3", "sqlite:////srv/data/caunoi.sqlite3"),
        ("hỏi lúc 10:30, thư cho a@example.vn", "hỏi lúc 10:30, thư cho a@example.vn"),
    ],
)
def test_what_is_blotted_out(text: str, kept: str) -> None:
    assert logs.redacted(text) == kept


def test_structlog_hides_secrets_wherever_they_stand(err: Written) -> None:
    log = structlog.get_logger("t")
    log.warning(f"cannot reach {TELEGRAM}", url=TELEGRAM)
    log.error("nested", request={"url": TELEGRAM, "tries": [DATABASE, 2]}, pair=(DATABASE,))
    log.error("objects", url=httpx.URL(TELEGRAM), error=OSError(f"no route to {DATABASE}"))
    log.error("parts", parts={DATABASE: urlsplit(TELEGRAM)})
    try:
        raise ConnectionError(f"refused by {DATABASE} for {TELEGRAM}")
    except ConnectionError:
        log.exception("failed")
    written = err.getvalue()
    assert written.count("***") >= 8
    assert "ConnectionError" in written
    assert TOKEN not in written
    assert "hunter2" not in written


def test_the_standard_library_hides_secrets_too(err: Written) -> None:
    log = logging.getLogger("somebody.else")
    log.warning("calling %s", TELEGRAM)
    log.error("gone: %(url)s", {"url": DATABASE})
    try:
        raise ConnectionError(f"refused by {DATABASE} for {TELEGRAM}")
    except ConnectionError:
        log.exception("failed")
    log.warning("here", stack_info=True)
    written = err.getvalue()
    assert "bot***/getUpdates" in written
    assert "ConnectionError: refused by postgresql+psycopg://caunoi:***@" in written
    assert TOKEN not in written
    assert "hunter2" not in written


def test_httpx_does_not_tell_the_token(err: Written) -> None:
    logger = logging.getLogger("httpx")
    before = logger.level
    logger.setLevel(logging.INFO)
    try:
        transport = httpx.MockTransport(lambda _request: httpx.Response(200))
        with httpx.Client(transport=transport) as client:
            client.get(TELEGRAM)
    finally:
        logger.setLevel(before)
    assert "bot***/getUpdates" in err.getvalue()
    assert TOKEN not in err.getvalue()


def test_a_bad_log_call_does_not_break_the_caller(
    err: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logging.getLogger("somebody.else").warning("%d things", "many")
    logging.getLogger("somebody.else").warning("after")
    assert "after" in err.getvalue()


def test_levels_and_the_form_for_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    caught = io.StringIO()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "stderr", caught)
    try:
        logs.configure("WARNING")
        log = structlog.get_logger("t")
        log.info("quiet")
        log.warning("lương chậm", count=2, day=None, share=0.5, good=True)
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
    (line,) = caught.getvalue().splitlines()
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "lương chậm",
        "level": "warning",
        "count": 2,
        "day": None,
        "share": 0.5,
        "good": True,
    }
    assert "lương chậm" in line
