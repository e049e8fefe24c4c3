"""What a name says of the role that an account has for its territory."""

from typing import Literal


def role_of(name: str) -> Literal["main", "tourism"]:
    """Return the role that a handle or an address tells: a tourist office's is no town hall's."""
    return "tourism" if "tourism" in name.lower() else "main"
