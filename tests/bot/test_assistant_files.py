"""What the assistant says and knows, checked from its files alone; test_rasa.py trains and talks to it."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def examples(*files: Path) -> list[tuple[str, str]]:
    """(intent, message) of NLU files."""
    blocks = [block for file in files for block in load(str(file.relative_to(ROOT)))["nlu"]]
    return [(block["intent"], line[2:].strip()) for block in blocks for line in block["examples"].splitlines()]


TRAINED = examples(*sorted((ROOT / "data" / "nlu").glob("*.yml")))
HELD_OUT = examples(ROOT / "tests" / "bot" / "held_out.yml")
DOMAIN = load("domain.yml")
RULES = load("data/rules/rules.yml")["rules"]


@pytest.mark.parametrize("intent", DOMAIN["intents"])
def test_an_intent_has_enough_examples_and_a_rule(intent: str) -> None:
    assert Counter(name for name, _ in TRAINED)[intent] >= 15
    assert [rule for rule in RULES if rule["steps"][0]["intent"] == intent]


def test_a_message_belongs_to_one_intent_only() -> None:
    assert [text for text, count in Counter(text for _, text in TRAINED).items() if count > 1] == []


def test_held_out_messages_were_never_trained_on() -> None:
    assert {text for _, text in HELD_OUT} & {text for _, text in TRAINED} == set()


def test_every_answer_is_used_and_every_answer_used_exists() -> None:
    used = {step["action"] for rule in RULES for step in rule["steps"] if "action" in step}
    assert used == set(DOMAIN["responses"])


def test_the_questions_that_buttons_offer_are_understood() -> None:
    answers = [answer for several in DOMAIN["responses"].values() for answer in several]
    offered = {button["payload"] for answer in answers for button in answer.get("buttons", [])}
    # Plain text, never "/intent": what a button sends must go the way of everything that people type.
    assert offered <= {text for _, text in TRAINED}


def test_what_was_not_understood_is_explained_with_three_questions() -> None:
    (answer,) = DOMAIN["responses"]["utter_fallback"]
    assert "没有看懂" in answer["text"] and len(answer["buttons"]) == 3
    assert [rule["steps"][1]["action"] for rule in RULES if rule["steps"][0]["intent"] == "nlu_fallback"] == ["utter_fallback"]


def test_every_command_that_is_named_is_in_the_readme_table() -> None:
    said = re.findall(r"\./yibiao (\w+)", (ROOT / "domain.yml").read_text(encoding="utf-8"))
    table = re.findall(r"^\| `yibiao (\w+)", (ROOT / "README.zh-CN.md").read_text(encoding="utf-8"), re.M)
    assert said and set(said) <= set(table)


def test_rasa_is_reached_only_from_this_machine() -> None:
    launcher = (ROOT / "bot" / "runtime" / "launch.py").read_text(encoding="utf-8")
    assert launcher.count('"--interface", "127.0.0.1"') == 2
    assert '"--enable-api"' not in launcher and '"--cors"' not in launcher
    assert load("credentials.yml") == {"rest": None}


def test_training_leaves_config_alone() -> None:
    # Without an assistant_id `rasa train` would rewrite config.yml.
    assert load("config.yml")["assistant_id"] and load("config.yml")["language"] == "zh"
