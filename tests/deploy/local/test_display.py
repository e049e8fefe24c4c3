import io
from unittest.mock import patch

from rich.console import Console

from deploy.local.supervision import display
from deploy.local.supervision.display import Terminal


def test_without_bars_a_line_says_now_and_then_how_far_it_is():
    written = io.StringIO()
    terminal = Terminal(Console(file=written, force_terminal=False))
    with patch.object(display.time, "monotonic", side_effect=iter([0, 5, 11, 11, 12])):
        terminal.began("history", "Les trois derniers mois")
        for done in (10, 20, 30):
            terminal.progressed("history", done, 100)
    assert written.getvalue() == "… Les trois derniers mois\u00a0: 20/100\n"
