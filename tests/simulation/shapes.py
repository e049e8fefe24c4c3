"""The shape of an answer: its paths, with the type of what is there, whatever the values."""

from typing import Any
from xml.etree import ElementTree


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


_NAMES = {
    "http://www.w3.org/2005/Atom": "atom:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://www.youtube.com/xml/schemas/2015": "yt:",
}


def xml_values(body: bytes) -> dict[str, Any]:
    """A document as nested values: attributes by « @name », text as « # », children as lists."""
    return {"": _element(ElementTree.fromstring(body.strip()))}


def _element(element: ElementTree.Element) -> dict[str, Any]:
    values: dict[str, Any] = {f"@{name}": value for name, value in element.attrib.items()}
    if (element.text or "").strip():
        values["#"] = element.text
    for child in element:
        space, _, name = child.tag.rpartition("}")
        values.setdefault(_NAMES.get(space[1:], space and f"{space[1:]}:") + name, []).append(
            _element(child)
        )
    return values
