"""One guess at a text's encoding serves forms, lists, returned files and file names."""

from __future__ import annotations

import pytest

from forms.encoding import decode, decode_as

TEXT = "姓名,村组\n张三,一组\n"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le", "utf-16-be"])
def test_the_encoding_is_found_without_a_mark(encoding: str) -> None:
    found = decode(TEXT.encode(encoding))
    assert found is not None and (found.text, found.encoding, found.mark, found.broken) == (TEXT, encoding, b"", 0)


def test_a_mark_is_no_part_of_the_text() -> None:
    found = decode(TEXT.encode("utf-8-sig"))
    assert found is not None and (found.text, found.mark) == (TEXT, b"\xef\xbb\xbf")


def test_a_few_broken_characters_are_counted_and_go_back_as_the_bytes_they_were() -> None:
    data = (TEXT * 10).encode() + b"\xff\xff\n"
    found = decode(data, "surrogateescape")
    assert found is not None and found.encoding == "utf-8" and found.broken == 2
    assert found.text.encode(found.encoding, "surrogateescape") == data


def test_what_is_no_text_is_none() -> None:
    assert decode(bytes(range(256)) * 20) is None
    assert decode(b"\x89PNG\r\n\x1a\n" + bytes(100)) is None


def test_a_control_character_does_not_cost_a_text_that_is_plainly_one() -> None:
    found = decode(TEXT.replace("三", "三\x07").encode())
    assert found is not None and "\x07" in found.text


def test_a_named_encoding_goes_first_and_a_wrong_name_harms_nothing() -> None:
    named = decode_as(TEXT.encode("big5", "ignore"), "big5")
    assert named is not None and named.encoding == "big5"
    for wrong in ("ascii", "no-such-code"):
        found = decode_as(TEXT.encode("gb18030"), wrong)
        assert found is not None and found.text == TEXT
