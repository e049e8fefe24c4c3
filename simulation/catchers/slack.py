"""How a message of Slack reads on a page."""

import html
import re


def marked(text: str) -> str:
    """Render Slack's marks as HTML (links, bold, italic, strike, code, lines), the rest escaped."""
    # Slack's own escapes (&amp; &lt; &gt;) become characters first, links are kept apart.
    links: list[str] = []

    def keep(found: re.Match[str]) -> str:
        address, _, label = found[1].partition("|")
        shown = html.escape(html.unescape(label or address))
        links.append(
            f'<a href="{html.escape(html.unescape(address))}" rel="noreferrer">{shown}</a>'
        )
        return f"\x00{len(links) - 1}\x00"

    # NUL marks the place of a link, and stands in no page.
    rest = re.sub(r"<(https?://[^>]+)>", keep, text.replace("\0", "\N{REPLACEMENT CHARACTER}"))
    rest = html.escape(html.unescape(rest), quote=False)
    for mark, tag in (("*", "strong"), ("_", "em"), ("~", "s"), ("`", "code")):
        rest = re.sub(
            rf"(?<!\w){re.escape(mark)}(\S(?:[^\n{re.escape(mark)}]*\S)?){re.escape(mark)}(?!\w)",
            rf"<{tag}>\1</{tag}>",
            rest,
        )
    rest = rest.replace("\n", "<br>")
    return re.sub(r"\x00(\d+)\x00", lambda found: links[int(found[1])], rest)
