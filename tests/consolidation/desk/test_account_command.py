"""`yibiao account`: the accounts from the server's terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.__main__ import main
from consolidation.store import Store, load_secrets
from consolidation.store.migrate import upgrade
from tests.desk_people import VILLAGE, add_places, cheap_hashes  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("cheap_hashes")


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    store = Store(url)
    upgrade(store)
    load_secrets(tmp_path / "keys.json")  # made on first use
    add_places(store)
    store.close()
    return url


def run(*args: object) -> Result:
    return CliRunner().invoke(main, ["account", *(str(arg) for arg in args)])


def added(database: str, login: str = "wang") -> Result:
    return run("add", login, "--database", database, "--name", "王芳", "--role", "worker", "--region", VILLAGE)


def test_an_account_is_added_listed_reset_and_disabled(database: str) -> None:
    made = added(database)
    assert made.exit_code == 0 and "春风社区" in made.stderr and len(made.stdout.strip()) == 19
    other = run("reset", "WANG", "--database", database)
    assert other.exit_code == 0 and other.stdout != made.stdout
    assert run("disable", "wang", "--database", database).exit_code == 0
    (one,) = json.loads(run("list", "--json", "--database", database).stdout)["accounts"]
    assert (one["login"], one["active"], one["must_change"]) == ("wang", False, True)
    listed = run("list", "--database", database).stdout
    assert "王芳" in listed and "已停用" in listed and made.stdout.strip() not in listed


def test_what_cannot_be_done_is_said_in_chinese(database: str, tmp_path: Path) -> None:
    added(database)
    again = added(database)
    assert again.exit_code == 2 and "已经有人用了" in again.stderr
    assert "没有找到账号 li" in run("reset", "li", "--database", database).stderr
    nothing = run("list", "--database", f"sqlite:///{tmp_path / 'none.db'}")
    assert nothing.exit_code == 2 and "还没有一表的数据" in nothing.stderr and not (tmp_path / "none.db").exists()
