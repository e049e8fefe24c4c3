"""Answers in which much is bad: what is good of them is read, in linear time."""

import json
from collections import Counter
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from services.collector.parsing.lenient import DROPPED, decode, given


class Post(msgspec.Struct):
    id: str
    likes: int | None = None


class Author(msgspec.Struct):
    name: str
    posts: list[Post] = []


class Page(msgspec.Struct):
    items: list[Author]
    total: int = 0
    by_name: dict[str, Author] | None = None


def read(content: Any) -> tuple[Page, Counter[str]]:
    skipped: Counter[str] = Counter()
    return decode(json.dumps(content).encode(), Page, skipped), skipped


def test_a_bad_field_a_bad_item_and_their_neighbours():
    posts = [{"id": "1", "likes": "many"}, {"likes": 3}, {"id": "3", "likes": 3}, 4]
    page, skipped = read({"items": [{"name": 1}, {"name": "a", "posts": posts}], "total": "no"})
    assert page == Page([Author("a", [Post("1"), Post("3", 3)])])
    assert skipped == {"unusable: likes": 1, "unusable: name": 1, DROPPED: 4}


def test_a_thing_without_what_it_needs_leaves_what_holds_it():
    page, skipped = read({"items": [], "by_name": {"a": {"name": "a"}, "b": {}, "c": {"name": 3}}})
    assert page.by_name == {"a": Author("a")}
    assert skipped == {"unusable: b": 1, "unusable: c": 1, "unusable: name": 1}


def test_a_large_answer_may_be_bad_everywhere():
    """Forty thousand bad things: with a conversion of all after each of them, hours."""
    posts = [{"id": str(n), "likes": {}} if n % 2 else {"id": n} for n in range(40_000)]
    page, skipped = read({"items": [{"name": "a", "posts": posts}]})
    assert len(page.items[0].posts) == 20_000
    assert (skipped["unusable: likes"], skipped[DROPPED]) == (20_000, 20_000)


@pytest.mark.parametrize("content", [None, [], "text", {}, {"items": 3}])
def test_what_is_not_the_form_at_all_is_refused(content):
    with pytest.raises(msgspec.DecodeError):
        read(content)


def test_a_counter_asked_for_is_given_hidden_or_refused():
    known, absent = given({"likes": 3, "comments": None, "views": UNSET})
    assert known == {"likes": 3, "comments": None, "views": None}
    assert (absent["comments"], absent["views"]) == ("hidden", "not_permitted")
