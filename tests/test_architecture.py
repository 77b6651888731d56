"""The layout of the repository and who may import whom (design, section 3)."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OURS = {"forms", "consolidation", "bot", "actions", "web", "cli", "data", "benchmarks", "tests"}
RASA = {"rasa", "rasa_sdk"}
INSIDE_RASA = ("bot/components/", "bot/channels/")
TALKING = ("bot.knowledge", "bot.casework", "bot.training", "bot.client")

# What each package may import of ours; a dotted name allows that module alone and what lies below it.
ALLOWED: dict[str, tuple[str, ...]] = {
    "forms": (),
    "consolidation": ("forms", "data"),
    "bot": (),
    "actions": ("consolidation.service", *TALKING),
    "web": ("consolidation.service", *TALKING),
    "cli": ("forms", "consolidation", "bot", "actions", "web", "data"),
    "data": ("forms", "consolidation"),
}
TOP_FOLDERS = {".ci", "actions", "benchmarks", "bot", "cli", "consolidation", "data", "docs", "forms", "tests", "web"}
LONGEST = 500


def tracked() -> list[str]:
    """Files of the repository that git knows and that are there, or soon will be: not the ignored ones."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return sorted(name for name in listed.split("\0") if name and (ROOT / name).is_file())


FILES = tracked()
PYTHON = [name for name in FILES if name.endswith(".py")]


def source(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def imports(name: str) -> Iterator[str]:
    """Every module that a file imports, relative imports resolved; `from a import b` gives a and a.b."""
    package = name.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(source(name))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def below(module: str, allowed: str) -> bool:
    return module == allowed or module.startswith(allowed + ".")


def forbidden(name: str) -> list[str]:
    """Imports of a file that its package may not have."""
    package = name.split("/", 1)[0]
    allowed = (package, *ALLOWED[package])
    parents = {allowed_name.rsplit(".", 1)[0] for allowed_name in allowed if "." in allowed_name}
    found = set(imports(name))
    wrong = set()
    for module in found:
        if module.split(".")[0] not in OURS or any(below(module, one) for one in allowed):
            continue
        # `from consolidation import service` names the parent as well: fine as long as all it takes is allowed.
        taken = {other for other in found if other.startswith(module + ".")}
        if module in parents and taken and all(any(below(other, one) for one in allowed) for other in taken):
            continue
        wrong.add(module)
    return sorted(wrong)


@pytest.mark.parametrize("name", [name for name in PYTHON if name.split("/", 1)[0] in ALLOWED])
def test_packages_import_only_what_the_design_allows(name: str) -> None:
    assert forbidden(name) == []


@pytest.mark.parametrize("name", [name for name in PYTHON if not name.startswith(INSIDE_RASA)])
def test_rasa_is_imported_only_where_rasa_runs(name: str) -> None:
    assert {module.split(".")[0] for module in imports(name)} & RASA == set()


@pytest.mark.parametrize(
    ("package", "line", "wrong"),
    [
        ("forms", "import consolidation.service", ["consolidation.service"]),
        ("forms", "from ..consolidation import match", ["consolidation", "consolidation.match"]),
        ("consolidation", "from forms.model import Form", []),
        ("consolidation", "from cli.commands import merge", ["cli.commands", "cli.commands.merge"]),
        ("web", "from consolidation import service", []),
        ("web", "from consolidation.match import merge", ["consolidation.match", "consolidation.match.merge"]),
        ("web", "import forms.model", ["forms.model"]),
        ("bot", "from web.pages import app", ["web.pages", "web.pages.app"]),
        ("cli", "from consolidation.fill import join", []),
    ],
)
def test_the_import_check_sees_what_it_should(
    package: str, line: str, wrong: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / package
    folder.mkdir()
    (folder / "sample.py").write_text(line, encoding="utf-8")
    monkeypatch.setattr("tests.test_architecture.ROOT", tmp_path)
    assert forbidden(f"{package}/sample.py") == wrong


def test_top_level_folders_are_those_of_the_design() -> None:
    assert {name.split("/", 1)[0] for name in FILES if "/" in name} <= TOP_FOLDERS


def test_no_python_file_is_longer_than_a_person_reads() -> None:
    long = {name: source(name).count("\n") for name in [*PYTHON, "yibiao"] if source(name).count("\n") > LONGEST}
    assert long == {}


def text_files() -> Iterator[tuple[str, str]]:
    for name in FILES:
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8000]:
            yield name, content.decode("utf-8", errors="replace")


def test_no_registry_and_no_machine_is_named() -> None:
    # Written so that this file does not find itself.
    registries = "python" + r"hosted\.org|py" + r"pi\.(?:org|tuna|python)|registry\." + r"npmjs|mirrors\.\w+\.(?:com|edu)"
    machines = r"(?<![\w./])/(?:home|Users)/\w+/|(?<![\w.])/ro" + r"ot/|/wo" + r"rk/(?:main|shared)|/op" + "t/(?:pypi|wheels)"
    place = re.compile(f"{registries}|{machines}")
    found = [f"{name}: {match.group()}" for name, text in text_files() if (match := place.search(text))]
    assert found == []


def test_requirement_files_hold_pinned_and_hashed_lines_alone() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "bot/runtime/requirements.txt"):
        logical = source(name).replace("\\\n", " ").splitlines()
        assert len(logical) > 20
        assert [line for line in logical if not re.match(r"^[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)] == []


def test_every_dependency_of_the_project_is_pinned() -> None:
    # After a change in pyproject.toml: .ci/pin (docs/developers/dependencies.md).
    import tomllib

    project = tomllib.loads(source("pyproject.toml"))
    wanted = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }
    for name, dependencies in wanted.items():
        pinned = set(re.findall(r"^([a-z0-9._-]+)==", source(name), re.M))
        needed = {re.split(r"[^A-Za-z0-9._-]", dependency, maxsplit=1)[0].lower() for dependency in dependencies}
        assert needed - pinned == set()
