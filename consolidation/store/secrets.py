"""Personal data at rest: fields sealed with SM4-GCM (GB/T 32907, GM/T 0002), and keyed hashes to find them by.

The key comes from the environment (YIBIAO_KEY, base64) or from a key file that only its owner may read. Old keys stay in the file
after a rotation, so that what they sealed can still be read until it is sealed anew.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MARK = "sm4:"
_NONCE, _TAG, _KEY = 12, 16, 32  # bytes; half of a key seals, the other half hashes
ENVIRONMENT = "YIBIAO_KEY"


class CannotOpen(ValueError):
    """A sealed value that no key of ours opens: another key, or somebody changed it."""


@dataclass(frozen=True)
class Secrets:
    """`keys`: id -> 32 bytes; `current`: the id of the one that seals; `finder`: what hashes (never rotated, or nobody would be
    found again)."""

    keys: Mapping[str, bytes]
    current: str
    finder: bytes

    def seal(self, text: str, context: str = "") -> str:
        """The text sealed: "sm4:<key id>:<base64 of nonce, ciphertext, tag>". `context` is bound to it (which element and whom
        it belongs to): moved elsewhere, it does not open. Blank stays blank."""
        if not text:
            return text
        nonce = secrets.token_bytes(_NONCE)
        work = Cipher(algorithms.SM4(self.keys[self.current][:16]), modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(context.encode())
        sealed = work.update(text.encode()) + work.finalize()
        return f"{MARK}{self.current}:{base64.b64encode(nonce + sealed + work.tag).decode()}"

    def open(self, sealed: str, context: str = "") -> str:
        """The text again; text that is not sealed as it is. Raises CannotOpen."""
        if not sealed.startswith(MARK):
            return sealed
        name, _, body = sealed.removeprefix(MARK).partition(":")
        try:
            key = self.keys[name]
        except KeyError as error:
            raise CannotOpen(f"no key {name}") from error
        raw = base64.b64decode(body)
        work = Cipher(algorithms.SM4(key[:16]), modes.GCM(raw[:_NONCE], raw[-_TAG:])).decryptor()
        work.authenticate_additional_data(context.encode())
        try:
            return (work.update(raw[_NONCE:-_TAG]) + work.finalize()).decode()
        except InvalidTag as error:
            raise CannotOpen("sealed with another key, or changed") from error

    def find(self, text: str) -> str:
        """What a value is looked up by: equal for equal texts, and nothing can be read from it without the key."""
        return hmac.new(self.finder, text.strip().upper().encode(), hashlib.sha256).hexdigest()[:32]

    def needs_new_seal(self, sealed: str) -> bool:
        return sealed.startswith(MARK) and not sealed.startswith(f"{MARK}{self.current}:")


def load_secrets(path: Path) -> Secrets:
    """Keys from the environment, else from the key file, which is made on first use. Raises ValueError when either is no key,
    or when others than its owner may read the file."""
    given = os.environ.get(ENVIRONMENT)
    if given:
        key = base64.b64decode(given)
        if len(key) != _KEY:
            raise ValueError(f"{ENVIRONMENT} 应是 {_KEY} 字节的 base64")
        return Secrets({"env": key}, "env", hashlib.sha256(b"find" + key).digest())
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise ValueError(f"密钥文件 {path.name} 别人也能读：请改成只有本人可读（chmod 600）")
    held = json.loads(path.read_text(encoding="utf-8"))
    return Secrets(_KeyFile(path, _keys(held)), held["current"], base64.b64decode(held["finder"]))


class _KeyFile(dict[str, bytes]):
    """The keys of a file. One that is missing may have come by a rotation while this program runs: they are read again."""

    def __init__(self, path: Path, keys: Mapping[str, bytes]) -> None:
        super().__init__(keys)
        self._path = path

    def __missing__(self, name: str) -> bytes:
        self.update(_keys(json.loads(self._path.read_text(encoding="utf-8"))))
        if name not in self:
            raise KeyError(name)
        return self[name]


def _keys(held: Mapping[str, Any]) -> dict[str, bytes]:
    return {name: base64.b64decode(key) for name, key in held["keys"].items()}


def secrets_known(path: Path) -> bool:
    """Whether there are keys: for those who must not make new ones, because nothing would open with them."""
    return bool(os.environ.get(ENVIRONMENT)) or path.exists()


def add_key(path: Path) -> Secrets:
    """Puts a new key into the key file and makes it the one that seals (`yibiao keys rotate`)."""
    held = load_secrets(path)
    name = str(max((int(key) for key in held.keys if key.isdigit()), default=0) + 1)
    _write(path, {**held.keys, name: secrets.token_bytes(_KEY)}, name, held.finder)
    return load_secrets(path)


def _make(path: Path) -> None:
    """The key file with its first key. Of several processes that start at once one makes it, and all use it."""
    fresh = _file(path, {"1": secrets.token_bytes(_KEY)}, "1", secrets.token_bytes(_KEY))
    try:
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()


def _write(path: Path, keys: Mapping[str, bytes], current: str, finder: bytes) -> None:
    _file(path, keys, current, finder).replace(path)


def _file(path: Path, keys: Mapping[str, bytes], current: str, finder: bytes) -> Path:
    """A file with these keys beside `path`, which only its owner may read, on disk."""
    body = {
        "keys": {name: base64.b64encode(key).decode() for name, key in keys.items()},
        "current": current,
        "finder": base64.b64encode(finder).decode(),
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(body, file)
        file.flush()
        os.fsync(file.fileno())
    return fresh
