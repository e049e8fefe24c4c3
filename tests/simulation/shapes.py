"""The shape of an answer: its paths, with the type of what is there, whatever the values."""

from typing import Any


def shape(value: Any, path: str = "") -> set[str]:
    """Every path of a JSON value with its type; elements of a list share one path, ``[]``."""
    if isinstance(value, dict):
        found = {f"{path} object"}
        for key, inner in value.items():
            found |= shape(inner, f"{path}.{key}")
        return found
    if isinstance(value, list):
        found = {f"{path} list"}
        for inner in value:
            found |= shape(inner, f"{path}[]")
        return found
    names = {str: "text", bool: "boolean", int: "number", float: "number", type(None): "null"}
    return {f"{path} {names[type(value)]}"}


def differences(recorded: Any, fictional: Any) -> set[str]:
    """What one has and the other has not: « - » is of the recording alone, « + » of ours."""
    theirs, ours = shape(recorded), shape(fictional)
    return {f"-{path}" for path in theirs - ours} | {f"+{path}" for path in ours - theirs}
