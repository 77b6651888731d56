"""`./yibiao`: what it does on a new machine, on the next run, after a change, and when things go wrong.

The installers are stand-ins that write down how they were called, so nothing is downloaded; that the real ones do their
part is shown by CI, which starts from a fresh clone.
"""

import ast
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]

VENV_PYTHON = """#!/bin/sh
echo "python $*" >> "$DIARY"
case "$*" in
  *"-m pip install"*) exit "${PIP_EXIT:-0}" ;;
  *"-m pip --version"*) echo "pip 99" ;;
  "-P -m cli"*) shift 3; echo "program: $* in $PWD with $PYTHONPATH" ;;
  *"-m $FAILING"*) exit 1 ;;
esac
"""

UV = """#!/bin/sh
case "$1 $2" in
  "--version "*) echo "uv 99"; exit 0 ;;
  "python find") exit 1 ;;
  "venv "*)
    for folder in "$@"; do :; done
    mkdir -p "$folder/bin"
    case "$folder" in *-rasa) echo "version_info = 3.10.13" ;; *) echo "version_info = 3.11.9" ;; esac > "$folder/pyvenv.cfg"
    cp "$STANDINS/venv-python" "$folder/bin/python" ;;
  "pip install") sleep 0.2 ;;
esac
echo "uv $* index=$UV_DEFAULT_INDEX" >> "$DIARY"
[ "$1" != pip ] || exit "${UV_EXIT:-0}"
"""

PYTHON_310 = """#!/bin/sh
echo "3 10 True"
"""


def load() -> ModuleType:
    """The script as a module, for the questions that need no process."""
    loader = importlib.machinery.SourceFileLoader("bootstrap", str(ROOT / "yibiao"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bootstrap", loader))  # type: ignore[arg-type]
    sys.modules["bootstrap"] = module
    loader.exec_module(module)
    return module


bootstrap = load()


@dataclass
class Machine:
    """A checkout of ours on a machine whose installers only keep a diary."""

    home: Path
    checkout: Path = field(init=False)

    def __post_init__(self) -> None:
        self.checkout = self.home / "一表 程序"
        tools = self.home / "tools"
        for folder in (self.checkout / "bot" / "runtime", tools, self.home / "desk"):
            folder.mkdir(parents=True)
        shutil.copy(ROOT / "yibiao", self.checkout / "yibiao")
        for name in ("requirements.txt", "requirements-dev.txt", "bot/runtime/requirements.txt"):
            (self.checkout / name).write_text(f"# {name}\n", encoding="utf-8")
        for name, script in (("uv", UV), ("venv-python", VENV_PYTHON), ("python3.10", PYTHON_310)):
            (tools / name).write_text(script, encoding="utf-8")
            (tools / name).chmod(0o755)

    def start(self, *arguments: str, **settings: str) -> "subprocess.Popen[str]":
        environ = {
            "PATH": f"{self.home / 'tools'}:/usr/bin:/bin",
            "HOME": str(self.home),
            "PYENV_ROOT": str(self.home / "no-pyenv"),
            "DIARY": str(self.home / "diary"),
            "STANDINS": str(self.home / "tools"),
            "FAILING": "nothing",
            "LANG": "C.UTF-8",
            **settings,
        }
        return subprocess.Popen(
            [sys.executable, str(self.checkout / "yibiao"), *arguments],
            cwd=self.home / "desk",
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def yibiao(self, *arguments: str, **settings: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        process = self.start(*arguments, **settings)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def diary(self) -> list[str]:
        """How the installers were called since the last look."""
        path = self.home / "diary"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def installs(self) -> list[str]:
        """The requirement files that were installed since the last look."""
        return [line.split(" -r ")[1].split(" index=")[0].rsplit("程序/", 1)[1] for line in self.diary() if " -r " in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_first_run_makes_the_environment_and_then_runs_the_program(machine: Machine) -> None:
    status, out, err = machine.yibiao("merge", "报表", "--out", "结果")
    assert (status, out) == (0, f"program: merge 报表 --out 结果 in {machine.home / 'desk'} with {machine.checkout}\n")
    assert "首次使用" in err and "已就绪" in err
    made, installed = [line for line in machine.diary() if line.startswith("uv ")]
    assert made.startswith("uv venv") and "--no-deps --require-hashes -r" in installed


def test_the_next_run_installs_nothing_and_says_nothing(machine: Machine) -> None:
    machine.yibiao("read")
    machine.diary()
    status, out, err = machine.yibiao("read")
    assert (status, err) == (0, "") and out.startswith("program: read")
    assert machine.installs() == []


def test_changed_requirements_are_installed_into_the_same_environment(machine: Machine) -> None:
    machine.yibiao("read")
    machine.diary()
    (machine.checkout / "requirements.txt").write_text("# one more\n", encoding="utf-8")
    machine.yibiao("read")
    diary = machine.diary()
    assert not [line for line in diary if line.startswith("uv venv")]
    assert len([line for line in diary if line.startswith("uv pip install")]) == 1


def test_two_windows_at_once_make_one_environment(machine: Machine) -> None:
    both = [machine.start("read"), machine.start("read")]
    results = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert machine.installs() == ["requirements.txt"]
    assert "另一个窗口" in "".join(err for _, err in results)


def test_a_half_made_environment_is_made_again(machine: Machine) -> None:
    (machine.checkout / ".venv" / "bin").mkdir(parents=True)
    status, *_ = machine.yibiao("read")
    assert status == 0
    assert machine.diary()[0].startswith("uv venv --quiet --clear")


def test_an_environment_of_a_python_that_does_not_do_is_made_again(machine: Machine) -> None:
    machine.yibiao("read")
    (machine.checkout / ".venv" / "pyvenv.cfg").write_text("version = 3.9.18\n", encoding="utf-8")
    machine.diary()
    machine.yibiao("read")
    assert machine.diary()[0].startswith("uv venv --quiet --clear")


def test_pip_steps_in_where_uv_fails(machine: Machine) -> None:
    status, out, err = machine.yibiao("read", UV_EXIT="1")
    assert status == 0 and out.startswith("program: read") and "改用 pip" in err
    assert [line for line in machine.diary() if line.startswith("python -m pip install")]


def test_without_a_network_it_says_what_to_do_and_can_be_run_again(machine: Machine) -> None:
    status, out, err = machine.yibiao("read", UV_EXIT="1", PIP_EXIT="1")
    assert (status, out) == (2, "")
    assert "检查网络" in err and "PIP_INDEX_URL" in err and "Traceback" not in err
    status, out, _ = machine.yibiao("read")
    assert status == 0 and out.startswith("program: read")


def test_an_incomplete_checkout_is_named_as_such(machine: Machine) -> None:
    (machine.checkout / "requirements.txt").unlink()
    status, _, err = machine.yibiao("read")
    assert status == 2 and "缺少文件 requirements.txt" in err


def test_the_index_that_pip_was_told_holds_for_uv_too(machine: Machine) -> None:
    machine.yibiao("read", PIP_INDEX_URL="https://mirror.example/simple")
    assert machine.diary()[-2].endswith(" index=https://mirror.example/simple")


def test_the_index_in_the_settings_file_of_pip_holds_for_uv_too(machine: Machine) -> None:
    settings = machine.home / "pip.conf"
    settings.write_text("[global]\nextra-index-url = https://extra.example/simple\nindex-url = https://office.example/simple\n")
    machine.yibiao("read", PIP_CONFIG_FILE=str(settings))
    assert machine.diary()[-2].endswith(" index=https://office.example/simple")


def test_an_index_told_to_uv_is_left_alone(machine: Machine) -> None:
    machine.yibiao("read", PIP_INDEX_URL="https://mirror.example/simple", UV_DEFAULT_INDEX="https://own.example/simple")
    assert machine.diary()[-2].endswith(" index=https://own.example/simple")


@pytest.mark.parametrize("arguments", [["train"], ["chat"], ["setup", "--rasa"]])
def test_rasa_is_set_up_for_what_needs_it(machine: Machine, arguments: list[str]) -> None:
    status, *_ = machine.yibiao(*arguments)
    assert status == 0
    assert machine.installs() == ["requirements.txt", "bot/runtime/requirements.txt"]


def test_help_does_not_wait_for_rasa(machine: Machine) -> None:
    machine.yibiao("train", "--help")
    assert machine.installs() == ["requirements.txt"]


def test_setup_sets_up_and_runs_nothing(machine: Machine) -> None:
    status, out, _ = machine.yibiao("setup")
    assert (status, out) == (0, "")
    assert machine.installs() == ["requirements.txt"]


def test_the_everyday_tests_leave_out_the_slow_ones(machine: Machine) -> None:
    status, *_ = machine.yibiao("test", "tests/forms", "-x")
    diary = machine.diary()
    assert status == 0 and diary[-1] == "python -P -m pytest -n auto -m not slow tests/forms -x"
    assert [line for line in diary if "requirements-dev.txt" in line]


@pytest.mark.parametrize("failing", ["nothing", "ruff", "mypy", "pytest"])
def test_all_tests_are_style_types_and_every_test_whatever_fails_first(machine: Machine, failing: str) -> None:
    status, _, err = machine.yibiao("test", "--all", "-x", FAILING=failing)
    assert machine.diary()[-3:] == ["python -m ruff check .", "python -m mypy", "python -m pytest -n auto -x"]
    assert (status, f"没有通过：{failing}" in err) == ((0, False) if failing == "nothing" else (1, True))


# --- which Python ---------------------------------------------------------------------------------------------------


def pretend(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str]) -> None:
    """Makes `output_of` answer by the first word of a command."""
    monkeypatch.setattr(bootstrap, "output_of", lambda *command: answers.get(command[0], ""))
    monkeypatch.setattr(shutil, "which", lambda name: f"/path/{name}" if f"/path/{name}" in answers else None)
    monkeypatch.setattr(sys, "executable", "/path/this")
    monkeypatch.setenv("PYENV_ROOT", "/nowhere")


def test_the_python_that_runs_it_is_used_when_it_will_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, {"/path/this": "3 13 True", "/path/python3.11": "3 11 True"})
    assert bootstrap.find_python(bootstrap.application(tmp_path), []) == "/path/this"


def test_an_older_one_finds_a_newer_one_and_passes_over_broken_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # pyenv puts a python3.11 on PATH that only says that it is not there.
    pretend(monkeypatch, {"/path/this": "3 8 True", "/path/python3.11": "", "/path/python3.12": "3 12 True"})
    assert bootstrap.find_python(bootstrap.application(tmp_path), []) == "/path/python3.12"


def test_pyenv_is_looked_into_though_it_is_not_on_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    python = tmp_path / "versions" / "3.10.13" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    pretend(monkeypatch, {"/path/this": "3 11 True", str(python): "3 10 True"})
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert bootstrap.find_python(bootstrap.rasa(tmp_path), []) == str(python)


def test_the_python_that_uv_manages_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, {"/path/this": "3 9 True", "uv": "/uv/python", "/uv/python": "3 11 False"})
    assert bootstrap.find_python(bootstrap.application(tmp_path), ["uv"]) == "/uv/python"


def test_without_a_fitting_python_it_says_which_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, {"/path/this": "3 9 True"})
    with pytest.raises(bootstrap.SetupError, match=r"没有找到 Python 3\.11–3\.14(.|\n)*apt install python3\.11"):
        bootstrap.find_python(bootstrap.application(tmp_path), [])


def test_a_python_without_venv_is_named_with_the_package_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pretend(monkeypatch, {"/path/this": "3 11 False"})
    with pytest.raises(bootstrap.SetupError, match=r"apt install python3\.11-venv"):
        bootstrap.find_python(bootstrap.application(tmp_path), [])


def test_without_uv_the_environment_is_made_by_python_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[list[str]] = []
    monkeypatch.setattr(bootstrap, "run", lambda command, environ: (called.append(command), (True, ""))[1])
    monkeypatch.setattr(bootstrap, "output_of", lambda *command: "pip 99")
    env = bootstrap.application(tmp_path)
    bootstrap.create(env, "/path/python3.12", [])
    bootstrap.install(env, tmp_path / "requirements.txt", [])
    assert called[0] == ["/path/python3.12", "-m", "venv", "--clear", str(env.folder)]
    assert called[1][:4] == [str(env.python), "-m", "pip", "install"] and "--require-hashes" in called[1]


def test_an_old_python_can_read_the_script() -> None:
    source = (ROOT / "yibiao").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported <= sys.stdlib_module_names
    assert os.access(ROOT / "yibiao", os.X_OK)
