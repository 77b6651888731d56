"""What LibreOffice does for us: old .xls files as .xlsx (the old format has no parts that could be edited in place), and filled
forms as PDF."""

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
        result = _convert(source, "xls", "xlsx:Calc MS Excel 2007 XML")
        if isinstance(result, bytes):
            return result
        code, detail = "render.office-failed", result
    return problem(code, name, **({"reason": detail} if detail else {}))


def as_pdf(source: bytes, name: str) -> bytes | Problem:
    """A workbook as it prints; a Problem when LibreOffice is not installed or cannot do it."""
    if office() is None:
        return problem("render.no-office-pdf", name)
    result = _convert(source, Path(name).suffix.lstrip(".").lower() or "xlsx", "pdf:calc_pdf_Export")
    return result if isinstance(result, bytes) else problem("render.pdf-failed", name, reason=result)


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
def _convert(source: bytes, suffix: str, target: str) -> bytes | str:
    """The converted file, or why there is none. `target`: LibreOffice's name of the format. Kept, so that
    one template is converted once however often it is filled.

    LibreOffice gets a profile folder of its own: two runs on one profile wait for each other or fail.
    """
    program = office()
    if program is None:
        return ""
    with tempfile.TemporaryDirectory(prefix="yibiao-xls-") as folder:
        (Path(folder) / f"form.{suffix}").write_bytes(source)
        command = [
            program, f"-env:UserInstallation={(Path(folder) / 'profile').as_uri()}", "--headless", "--norestore",
            "--nolockcheck", "--convert-to", target, "--outdir", str(Path(folder) / "out"), str(Path(folder) / f"form.{suffix}"),
        ]  # fmt: skip
        try:
            subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False, env={**os.environ, "HOME": folder})  # noqa: S603
        except subprocess.TimeoutExpired:
            return f"{TIMEOUT} 秒内没有完成"
        except OSError as error:
            return reason(error)
        made = (Path(folder) / "out" / "form").with_suffix(f".{target.partition(':')[0]}")
        return made.read_bytes() if made.exists() else "没有生成文件"
