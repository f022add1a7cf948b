"""The first ``caunoi run`` on a machine: an index is built before anything is served."""

from __future__ import annotations

import subprocess
import sys

from rich.console import Console

from bot.settings import Settings
from knowledge.encoder import is_prepared
from knowledge.index_format import IndexDamaged, Manifest
from knowledge.versions import NoIndex, current, folder_of


class FirstBuildFailed(Exception):
    """Nothing could be built; the builder has said why and what to do."""


def make_ready(settings: Settings, out: Console) -> None:
    """Build and publish when nothing serves yet.

    Later starts use the published version as it is; new law comes in by ``caunoi index build``.
    The build runs as a process of its own: it needs torch and half a gigabyte that a serving
    process should not keep. Raises FirstBuildFailed.
    """
    try:
        manifest = Manifest.read(folder_of(settings.index, current(settings.index)))
        if is_prepared(settings.models, manifest.encoder, manifest.encoder_fingerprint):
            return
        out.print("Bộ mã hoá của chỉ mục này không còn trên máy: xây lại chỉ mục (vài phút).")
    except NoIndex:
        out.print("Lần chạy đầu: đọc văn bản luật và xây chỉ mục (vài phút).")
    except IndexDamaged as error:
        out.print(str(error), style="yellow", highlight=False, markup=False)
    command = [sys.executable, "-m", "bot", "index", "build", "--publish", "--without-faulty"]
    if subprocess.run(command, check=False).returncode:  # noqa: S603
        raise FirstBuildFailed(
            "Chưa xây được chỉ mục nên chưa mở trang trò chuyện; lý do ở ngay trên. Sửa xong hãy "
            "chạy lại lệnh này."
        )
