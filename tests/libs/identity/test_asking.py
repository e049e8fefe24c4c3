"""What who answers for somebody may say: a JSON object, or it is told to be none."""

import pytest

from libs.identity.asking import Unreachable, json_object


def test_an_object_is_read():
    assert json_object(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    "said", [b"", b"[1]", b"\x00\xff", b"{", b"[" * 100_000, b'{"a":' * 50_000]
)
def test_anything_else_is_unreachable(said):
    """One nested without end was an error of ours."""
    with pytest.raises(Unreachable):
        json_object(said)
