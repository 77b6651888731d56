"""What the page tests take from npm, put once into a cache folder: a certified OpenID Connect provider, and axe."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "oidc"
_FILES = ("package.json", "package-lock.json", "provider.mjs")


def tools() -> Path:
    """The folder with node_modules and the provider. Skips the test without node, but not in CI."""
    npm = shutil.which("npm")
    if npm is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have node and npm")
        pytest.skip("没有 node：apt install nodejs npm")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "yibiao"
    folder = cache / f"tools-{digest}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as made:  # several test processes may be at it: the first one wins
            fresh = Path(made) / "tools"
            fresh.mkdir()
            for name in _FILES:
                shutil.copy(HERE / name, fresh)
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=fresh, check=True, capture_output=True, timeout=300)
            try:
                fresh.rename(folder)
            except OSError:
                assert folder.is_dir()
    return folder


def axe_script() -> Path:
    return tools() / "node_modules" / "axe-core" / "axe.min.js"
