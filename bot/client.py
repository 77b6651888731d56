"""Talks to the running assistant over HTTP."""

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

TIMEOUT = 30  # seconds; a local answer takes milliseconds


@dataclass(frozen=True)
class Reply:
    """One bubble of an answer: its text, and the questions it offers as (title, what is sent)."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


def _reply(part: Mapping[str, object]) -> Reply:
    buttons = part.get("buttons")
    offered = buttons if isinstance(buttons, list) else []
    return Reply(str(part.get("text", "")), tuple((str(button["title"]), str(button["payload"])) for button in offered))


def ask(address: str, sender: str, text: str) -> tuple[Reply, ...]:
    """What the assistant at `address` answers. A leading "/" is dropped: "/intent" would go past its understanding.

    Raises OSError when nobody answers there.
    """
    body = json.dumps({"sender": sender, "message": text.lstrip("/ ")}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/webhooks/rest/webhook", body, headers)  # noqa: S310 (our own address)
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        return tuple(_reply(part) for part in json.load(answer))
