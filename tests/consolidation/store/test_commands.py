"""yibiao backup, restore, export, keys, audit: what they promise on the command line (exit 0, 1, 2; JSON; Chinese)."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, update

from cli.__main__ import main
from consolidation.store import Act, Entry, Key, State, Store, figures, load_secrets, record
from consolidation.store.migrate import upgrade
from consolidation.store.schema import audit, element
from consolidation.store.sealed import figure_context

HERE, PHONE = "990101001001", "13900000001"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A desk with one person's telephone, and an old entry in its log."""
    monkeypatch.delenv("YIBIAO_KEY", raising=False)
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    store, secrets = Store(url), load_secrets(tmp_path / "keys.json")
    upgrade(store)
    value = secrets.seal(PHONE, figure_context("phone", "p1"))
    store.write(lambda c: c.execute(insert(element).values(id="phone", name="联系电话", entity="person", type="text")))
    store.write(lambda c: figures.save(c, Entry(Key("phone", "p1", "2026-10"), HERE, value, State.DRAFT, "填报")))
    for year in (2019, 2026):
        at = datetime(year, 1, 1, tzinfo=UTC).isoformat(timespec="microseconds")
        store.write(lambda c, at=at: record(c, Act("wang", "figure.save", "phone", HERE), at, secrets.finder))
    store.close()
    return url


def run(*words: object, database: str) -> Result:
    return CliRunner().invoke(main, [*(str(word) for word in words), "--database", database])


def test_a_backup_is_restored_elsewhere_with_its_keys(database: str, tmp_path: Path) -> None:
    made = run("backup", tmp_path / "b.zip", "--json", database=database)
    assert made.exit_code == 0 and json.loads(made.stdout)["rows"]["figure"] == 1 and "密钥文件" in made.stderr
    assert run("backup", tmp_path / "b.zip", database=database).exit_code == 2, "nothing is overwritten"
    other = tmp_path / "other"
    url = f"sqlite:///{other / 'desk.db'}"
    refused = run("restore", tmp_path / "b.zip", database=url)
    assert refused.exit_code == 2 and "密钥" in refused.stderr and not (other / "keys.json").exists()
    shutil.copy(tmp_path / "keys.json", other / "keys.json")
    assert run("restore", tmp_path / "b.zip", database=url).exit_code == 0
    assert run("restore", tmp_path / "b.zip", database=url).exit_code == 2, "it is not empty any more"
    assert run("audit", "verify", database=url).exit_code == 0


def test_an_export_is_masked_unless_asked_otherwise_and_noted(database: str, tmp_path: Path) -> None:
    assert run("export", "--sqlite", tmp_path / "m.db", database=database).exit_code == 0
    whole = run("export", "--sqlite", tmp_path / "u.db", "--unmasked", "--json", database=database)
    assert json.loads(whole.stdout)["masked"] is False and "没打码" in whole.stderr
    assert PHONE.encode() not in (tmp_path / "m.db").read_bytes() and PHONE.encode() in (tmp_path / "u.db").read_bytes()
    shown = json.loads(run("audit", "show", "--act", "export", "--json", database=database).stdout)["entries"]
    assert [one["detail"]["masked"] for one in shown] == [False, True] and shown[0]["actor"].startswith("operator")


def test_keys_are_rotated_and_the_state_of_it_is_told(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(run("keys", "status", "--json", database=database).stdout) == {
        "current": "1",
        "values": {"1": 2},
        "known": ["1"],
    }
    turned = run("keys", "rotate", "--json", database=database)
    assert (turned.exit_code, json.loads(turned.stdout)) == (0, {"current": "2", "sealed": 2, "unopened": 0})
    assert run("keys", "status", database=database).exit_code == 0
    monkeypatch.setenv("YIBIAO_KEY", "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=")
    assert run("keys", "rotate", database=database).exit_code == 2


def test_a_rotation_that_was_stopped_goes_on_with_the_same_key(database: str, tmp_path: Path) -> None:
    from consolidation.store import add_key

    add_key(tmp_path / "keys.json")  # as when it was stopped right after the key was made
    assert run("keys", "status", database=database).exit_code == 1
    assert json.loads(run("keys", "rotate", "--json", database=database).stdout)["current"] == "2"


def test_a_broken_log_is_status_1_and_told_in_chinese(database: str, tmp_path: Path) -> None:
    whole = run("audit", "verify", "--json", database=database)
    assert whole.exit_code == 0 and json.loads(whole.stdout)["heads"][HERE]["seq"] == 2
    (tmp_path / "heads.json").write_text(whole.stdout)
    store = Store(database)
    store.write(lambda c: c.execute(update(audit).where(audit.c.seq == 1).values(actor="li")))
    store.close()
    broken = run("audit", "verify", "--against", tmp_path / "heads.json", database=database)
    assert broken.exit_code == 1 and broken.stdout == f"链 {HERE}：第 1 条的内容或哈希被改过。\n"
    assert json.loads(run("audit", "verify", "--json", database=database).stdout)["broken"][0]["what"] == "changed"
    assert run("audit", "verify", "--against", tmp_path / "keys.json", database=database).exit_code == 2


def test_the_log_is_shown_newest_first_and_filtered(database: str) -> None:
    def seqs(*words: str) -> list[int]:
        return [one["seq"] for one in json.loads(run("audit", "show", "--json", *words, database=database).stdout)["entries"]]

    assert seqs() == [2, 1] and seqs("--since", "2020-01-01") == [2] and seqs("--region", HERE, "--actor", "wang") == [2, 1]
    assert seqs("--actor", "li") == seqs("--act", "export") == seqs("--region", "990101001002") == []
    assert "figure.save" in run("audit", "show", database=database).stdout


def test_only_what_is_three_years_old_is_pruned(database: str) -> None:
    assert run("audit", "prune", "--before", "2026-01-01", database=database).exit_code == 2
    assert json.loads(run("audit", "prune", "--before", "2020-01-01", "--json", database=database).stdout)["deleted"] == 1
    assert run("audit", "verify", database=database).exit_code == 0


@pytest.mark.parametrize("words", [["audit", "verify"], ["keys", "status"], ["backup", "x.zip"], ["export", "--sqlite", "x.db"]])
@pytest.mark.parametrize(
    "url", ["sqlite:///nowhere/desk.db", "nonsense", "mysql://x/y", "postgresql://nobody@/none?host=/nowhere"]
)
def test_no_database_is_status_2_in_chinese(words: list[str], url: str) -> None:
    result = run(*words, database=url)
    assert result.exit_code == 2 and "数据库" in result.stderr and "Traceback" not in result.stderr


def test_help_is_in_chinese() -> None:
    for words in (["backup"], ["restore"], ["export"], ["keys", "rotate"], ["audit", "verify"], ["audit", "prune"]):
        assert "数据库的网址" in CliRunner().invoke(main, [*words, "--help"]).stdout
