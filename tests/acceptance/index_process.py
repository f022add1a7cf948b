"""Processes of their own for the index tests: one that is killed at every step, one that asks.

``python -m tests.acceptance.index_process steps BASE ACTION`` forks a child that does ACTION
(build, publish or rollback) over a prepared world and kills itself with SIGKILL before its n-th
change on the disk (opening for writing, writing, flushing, renaming, removing), for growing n;
after each death it prints one JSON line of what a reader then finds.
``python -m tests.acceptance.index_process ask BASE`` asks until standard input closes and prints
each version it was answered from.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot import logs
from indexer.build import build
from indexer.publish import prune, publish, rollback
from knowledge.asking import Asking
from knowledge.current import CurrentIndex
from knowledge.library import Library
from knowledge.versions import current, folder_of, history, listed
from tests import made_index
from tests.made_index import MadeHouse

_CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"}
_WRITES = {"write", "flush", "fsync"}
_MOST_DEATHS = {"build": 12, "publish": 20, "rollback": 20}


class _Steps:
    """Counts the changes this process makes under ``base``; before change ``deadly`` it dies."""

    def __init__(self, base: Path, deadly: int | None) -> None:
        self.base, self.deadly, self.count = str(base), deadly, 0
        sys.addaudithook(self._heard)
        sys.setprofile(self._called)

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        opens = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
        if opens or event in _CHANGES:
            # A name alone is one that rmtree removes from a folder it holds open.
            name = str(args[0])
            if name.startswith(self.base) or not name.startswith("/"):
                self._step()

    def _called(self, _frame: object, event: str, function: Any) -> None:
        if event == "c_call" and function.__name__ in _WRITES:
            file = str(getattr(getattr(function, "__self__", None), "name", ""))
            if function is os.fsync or file.startswith(self.base):
                self._step()

    def _step(self) -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)


def _in_child(base: Path, act: Callable[[], object], deadly: int | None) -> int:
    """Run ``act`` in a fork. Gives its number of steps, or -1 when it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reading)
            steps = _Steps(base, deadly)
            act()
            os.write(writing, str(steps.count).encode())
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return -1
    if os.WEXITSTATUS(status):
        raise SystemExit(f"the child failed ({status}); see standard error")
    return int(said)


def _state(house: MadeHouse) -> dict[str, Any]:
    """What a reader finds: the serving version, and whether every listed one opens."""
    for version in listed(house.root):
        Library.open(folder_of(house.root, version), house.register)
    return {
        "serving": current(house.root),
        "history": history(house.root),
        "listed": listed(house.root),
        "hidden": sorted(path.name for path in (house.root / "versions").glob(".*")),
    }


def _other_cards(house: MadeHouse, at: int) -> None:
    first, *others = made_index.cards()
    asks = (f"giờ nghỉ trưa của ngày thứ {at}", *first.asks)
    house.cards = (first.model_copy(update={"asks": asks}), *others)


def _version(house: MadeHouse, at: int) -> str:
    _other_cards(house, at)
    return build(house.source()).manifest.version


def _steps(base: Path, action: str) -> None:
    house = made_index.house(base)
    _version(house, -1)  # never published: something for pruning to delete
    old = _version(house, 0)
    publish(house.root, old)
    new = old if action == "build" else _version(house, 1)
    if action == "rollback":
        publish(house.root, new)
    before = (house.root / "current.json").read_bytes()
    made = 1

    def act() -> object:
        if action == "build":
            return _version(house, made)
        if action == "rollback":
            return rollback(house.root)
        publish(house.root, new)
        return prune(house.root, 1)

    whole = _in_child(base, act, None)
    stride = max(1, whole // _MOST_DEATHS[action])
    for deadly in range(1, whole + 1, stride):
        (house.root / "current.json").write_bytes(before)
        made += 1
        died = _in_child(base, act, deadly) == -1
        found = _state(house)
        made += 1
        again = _version(house, made)
        publish(house.root, again)
        after = _state(house)
        print(
            json.dumps(
                {
                    "step": deadly,
                    "of": whole,
                    "died": died,
                    "old": old,
                    "new": new,
                    "found": found,
                    "again": again,
                    "after": after,
                }
            ),
            flush=True,
        )


def _ask(base: Path) -> None:
    house = made_index.house(base, files=())
    index = CurrentIndex(house.root, house.base / "models", every=0.02)
    asking = Asking(index)
    done = threading.Event()

    def wait() -> None:
        sys.stdin.read()
        done.set()

    threading.Thread(target=wait, daemon=True).start()
    seen, asked = "", 0
    while not done.is_set():
        found = asking.find("trưa được nghỉ bao lâu", made_index.TODAY)
        answer = asking.answer("trả chậm tiền công thì sao", made_index.TODAY)
        if not found.hits or not answer.text:
            raise SystemExit("a question stayed without an answer")
        asked += 1
        version = index.searcher.library.manifest.version
        if version != seen:
            seen = version
            print(json.dumps({"version": version}), flush=True)
    print(json.dumps({"asked": asked}), flush=True)


def main() -> None:
    """See the module."""
    logs.configure("INFO")
    mode, base = sys.argv[1], Path(sys.argv[2])
    with made_index.serving(made_index.WordHashEncoder(), made_index.register()):
        if mode == "steps":
            _steps(base, sys.argv[3])
        else:
            _ask(base)


if __name__ == "__main__":
    main()
