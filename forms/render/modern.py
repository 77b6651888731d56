"""Old .xls files as .xlsx, through LibreOffice: the old format has no parts that could be edited in place."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

import olefile

from forms.model import Problem
from forms.problems import problem, reason

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TIMEOUT = 120  # seconds; a large workbook takes about 20
_PROGRAMS = ("soffice", "libreoffice")
_MAC = "/Applications/LibreOffice.app/Contents/MacOS/soffice"


def modernise(path: Path) -> bytes | Problem:
    """The workbook at `path` as .xlsx bytes; a Problem when LibreOffice is not installed or cannot convert it.

    A file that is no old .xls comes back as it is.
    """
    try:
        source = path.read_bytes()
    except OSError as error:
        return problem("file.unreadable", path.name, reason=reason(error))
    return modern_bytes(source, path.name) if source.startswith(OLE) else source


def modern_bytes(source: bytes, name: str) -> bytes | Problem:
    """As `modernise`, from the bytes of an old .xls called `name`."""
    code, detail = "", ""
    if _is_encrypted(source):
        code = "file.encrypted"
    elif office() is None:
        code = "render.no-office"
    else:
        result = _convert(source)
        if isinstance(result, bytes):
            return result
        code, detail = "render.office-failed", result
    return problem(code, name, **({"reason": detail} if detail else {}))


def office() -> str | None:
    """Where LibreOffice's program is, None when it is not installed."""
    for program in _PROGRAMS:
        found = shutil.which(program)
        if found:
            return found
    return _MAC if Path(_MAC).exists() else None


def _is_encrypted(source: bytes) -> bool:
    """An .xlsx with a password is an OLE file too, with its package encrypted inside."""
    try:
        with olefile.OleFileIO(source) as ole:
            return bool(ole.exists("EncryptedPackage"))
    except (OSError, ValueError, IndexError):
        return False


@lru_cache(maxsize=32)
def _convert(source: bytes) -> bytes | str:
    """The converted file, or why there is none. Kept, so that one template is converted once however often it is filled.

    LibreOffice gets a profile folder of its own: two runs on one profile wait for each other or fail.
    """
    program = office()
    if program is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="yibiao-xls-") as folder:
        (Path(folder) / "form.xls").write_bytes(source)
        command = [
            program, f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless", "--norestore", "--nolockcheck",
            "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(Path(folder) / "out"), str(Path(folder) / "form.xls"),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False, env={**os.environ, "HOME": folder})  # noqa: S603
        except subprocess.TimeoutExpired:
            return f"{TIMEOUT} 秒内没有完成"
        except OSError as error:
            return reason(error)
        target = Path(folder) / "out" / "form.xlsx"
        return target.read_bytes() if target.exists() else "没有生成文件"
