"""The same tests on SQLite and on PostgreSQL (a server of the tests' own, started once, on a socket in a temporary folder)."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from consolidation.store import Store
from consolidation.store.migrate import upgrade

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _as_postgres(command: list[str]) -> None:
    """PostgreSQL refuses to run as root."""
    user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
    kwargs = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
    subprocess.run(command, check=True, capture_output=True, cwd="/", **kwargs)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty PostgreSQL, without the database's name."""
    if not BINARIES:
        if os.environ.get("CI"):
            pytest.fail("CI must have PostgreSQL: apt install postgresql")
        pytest.skip("没有 PostgreSQL：apt install postgresql")
    home = Path("/tmp") / f"yibiao-pg-{os.getpid()}"  # noqa: S108 - a socket's path must be short
    home.mkdir(mode=0o755)
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    bin_, data = BINARIES[0], home / "data"
    _as_postgres([str(bin_ / "initdb"), "-D", str(data), "-U", "yibiao", "-A", "trust", "-E", "UTF8", "--no-locale"])
    options = f"-k {home} -c listen_addresses='' -c max_connections=120 -c fsync=off"  # no test cuts the power
    _as_postgres([str(bin_ / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://yibiao@/{{name}}?host={home}"
    finally:
        _as_postgres([str(bin_ / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop"])
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without tables."""
    yield from _opened(request, tmp_path, "postgres")


@pytest.fixture(params=["sqlite", "postgresql"])
def second(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Another database without tables, of either kind (a fresh PostgreSQL has these two)."""
    yield from _opened(request, tmp_path, "template1")


def _opened(request: pytest.FixtureRequest, folder: Path, name: str) -> Iterator[Store]:
    if request.param == "sqlite":
        found = Store(f"sqlite:///{folder / name}.db")
    else:
        found = Store(request.getfixturevalue("postgres").format(name=name))
        found.write(lambda c: c.execute(text("DROP SCHEMA IF EXISTS public CASCADE")))
        found.write(lambda c: c.execute(text("CREATE SCHEMA public")))
    yield found
    found.close()


@pytest.fixture
def store(empty: Store) -> Store:
    """An empty database with all tables."""
    upgrade(empty)
    return empty
