"""The face of every mail: readable at 320 pixels, in the light and in the dark, its mark of
simulation in its body, so that it survives a crop."""

from collections.abc import Mapping, Sequence
from html import escape

STYLE = """\
:root { color-scheme: light dark; }
body { margin: 0; padding: 0; background: #f4f5f7; color: #1b1f27; font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Helvetica, Arial, sans-serif; }
.page { max-width: 600px; margin: 0 auto; padding: 24px 16px 32px; }
.made-up { margin: 0 0 16px; padding: 8px 12px; border-radius: 6px; background: #ffe9a8; color: #4a3600; font-size: 14px; }
.sheet { background: #ffffff; border: 1px solid #dde1e7; border-radius: 10px; padding: 24px; overflow-wrap: anywhere; }
h1 { margin: 0 0 8px; font-size: 22px; line-height: 1.25; font-weight: 700; }
h1 span { display: inline-block; }
.why { margin: 0 0 20px; color: #3d4552; }
a { color: #1f4fc0; }
.do { margin: 20px 0 4px; }
.do a { display: inline-block; margin: 0 8px 8px 0; padding: 10px 18px; min-height: 24px; border-radius: 8px; border: 1px solid #1f4fc0; font-weight: 600; text-decoration: none; }
.do a.first { background: #1f4fc0; color: #ffffff; }
.do a.quiet { border-color: transparent; padding-left: 4px; padding-right: 4px; font-weight: 400; text-decoration: underline; }
h2 { margin: 28px 0 4px; font-size: 18px; line-height: 1.3; }
.said { margin: 16px 0; padding: 0 0 0 14px; border-left: 3px solid #2f5fd0; }
.said p { margin: 0; overflow-wrap: anywhere; }
.said .title { font-weight: 600; }
.said .where { margin-top: 4px; font-size: 14px; color: #5a6474; font-variant-numeric: tabular-nums; }
.soft { margin-top: 2px; font-weight: 400; color: #5a6474; font-size: 14px; }
.curve { margin: 4px 0 0; color: #1f4fc0; font: 18px/1 monospace; letter-spacing: 1px; }
.foot { margin: 20px 8px 0; font-size: 13px; color: #5a6474; }
.foot p { margin: 0 0 6px; }
@media (max-width: 430px) {
  .page { padding: 12px 10px 24px; }
  .sheet { padding: 18px 16px; }
  .do a { display: block; margin-right: 0; text-align: center; }
}
@media (prefers-color-scheme: dark) {
  body { background: #14171c; color: #e8eaee; }
  .sheet { background: #1d2128; border-color: #343a45; }
  .why { color: #c3c9d3; }
  .said { border-left-color: #7da2ff; }
  .said .where, .soft { color: #a2abb9; }
  .curve { color: #9dbaff; }
  .foot { color: #a2abb9; }
  .made-up { background: #4a3a08; color: #ffe9a8; }
  a { color: #9dbaff; }
  .do a { border-color: #9dbaff; }
  .do a.first { background: #9dbaff; color: #10151f; }
}
"""  # noqa: E501
MADE_UP = "SIMULATION : tout ce qui suit est inventé, le lieu aussi."
MADE_UP_TEXT = "SIMULATION : tout ce message est inventé, le lieu aussi."
"""In plain text it comes behind: the first words of a mail are what it has to say."""

_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title><style>
{style}</style></head><body><div style="display:none;max-height:0;overflow:hidden">{first}</div>
<div class="page">{made_up}<main class="sheet"><h1>{title}</h1>{said}{inside}{links}</main>
<div class="foot">{foot}</div></div></body></html>
"""


def letter(
    title: str,
    sentences: Sequence[str],
    links: Mapping[str, str],
    *,
    foot: Mapping[str, str] | None = None,
    inside: str = "",
    first: str = "",
    simulation: bool,
) -> str:
    """Return a short mail as HTML: sentences, links by label as buttons, the first before others.

    `inside` is HTML that stands between both. The first words, which a telephone shows in a list,
    are `first`, else the first sentence.
    """
    buttons = "".join(
        f'<a class="{"quiet" if number else "first"}" href="{escape(link)}">{escape(label)}</a>'
        for number, (label, link) in enumerate(links.items())
    )
    below = (
        f'<p><a href="{escape(link)}">{escape(label)}</a></p>'
        for label, link in (foot or {}).items()
    )
    return _PAGE.format(
        title=escape(title),
        style=STYLE,
        first=escape(first or next(iter(sentences), "")),
        made_up=f'<p class="made-up">{MADE_UP}</p>' if simulation else "",
        said="".join(f"<p>{escape(one)}</p>" for one in sentences),
        inside=inside,
        links=f'<p class="do">{buttons}</p>' if buttons else "",
        foot="".join(below),
    )
