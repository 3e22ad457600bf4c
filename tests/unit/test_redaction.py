"""Secrets in what is logged: all of them are found, however alike and however many they are."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeroy.logs import HIDDEN, Redactor

letters = st.text("abc-_. ", min_size=4, max_size=8)


@settings(max_examples=200, deadline=None)
@given(st.lists(letters, min_size=1, max_size=6), st.lists(letters | st.sampled_from("xyz")))
def test_whatever_is_among_the_secrets_is_hidden_the_longest_first(
    secrets: list[str], words: list[str]
) -> None:
    text = "|".join([*words, *secrets, *words])
    # Spaces and what they are written as in addresses are looked for as well, and are not here.
    longest_first = sorted(secrets, key=len, reverse=True)
    any_of = "|".join(re.escape(secret) for secret in longest_first)
    # All of them are short: none is cut out of the middle of a word.
    alone = rf"(?:(?<!\w)|(?!\w))(?:{any_of})(?:(?!\w)|(?<!\w))"
    expected = re.sub(alone, HIDDEN, text)
    assert Redactor(secrets).redact(text) == expected


@pytest.mark.parametrize("secret", ["hunter22", "p@ss/w%rd", 'quo"te\nline', "ünï-cödé", ".*(a"])
def test_a_secret_beside_those_that_begin_alike_is_hidden(secret: str) -> None:
    redactor = Redactor([secret, secret[:5], f"{secret}-more", secret[:4] + "xyz"])
    assert redactor.redact(f"<{secret}> <{secret}-more> <{secret[:4]}xyz>") == "<***> <***> <***>"


def test_thousands_of_secrets_are_all_found() -> None:
    secrets = [f"ghs_{number:08d}{number * 7919 % 99991:06d}" for number in range(3000)]
    redactor = Redactor(secrets)
    assert redactor.redact(" ".join(secrets)) == " ".join(["***"] * 3000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("main", "***"),
        ("?secret=main&x=1", "?secret=***&x=1"),
        ("remain, domain, mainly, main_loop, 1main", "remain, domain, mainly, main_loop, 1main"),
        (r"one\nmain\ntwo", r"one\n***\ntwo"),
        ("a%3Dmain%26", "a%3D***%26"),
        ("\x1b[31mmain\x1b[0m", "\x1b[31m***\x1b[0m"),
        ("x+pa$$+y xpa$$+y", "x+***+y xpa$$+y"),
        ("a++++b", "a***b"),
        ("xlong-enough-secrety", "x***y"),
    ],
)
def test_a_short_secret_goes_where_it_stands_alone_and_a_long_one_everywhere(
    text: str, expected: str
) -> None:
    assert Redactor(["main", "pa$$", "++++", "long-enough-secret"]).redact(text) == expected
