"""The first three minutes of the demonstration, filmed: a picture every ten seconds.

`python -m tests.film FOLDER` starts `observatoire demo up` in a terminal of its own, follows the
script of a visitor, and writes the pictures with a table of what each shows (FOLDER/film.md). It is
looked at by a person; nothing asserts.
"""

import fcntl
import html
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyte
from playwright.sync_api import Page, sync_playwright

from deploy.local.supervision.children import free_port

EVERY = 10.0
LENGTH = 180.0
COLUMNS, ROWS = 100, 30
PAGE = {"width": 1280, "height": 800}
CHROMIUM = os.environ.get("OBSERVATOIRE_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
READY = re.compile(r"Prêt en")


class Terminal:
    """A command in a terminal, and what the terminal shows."""

    def __init__(self, command: list[str]) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
        self.process = subprocess.Popen(
            command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment
        )
        os.close(theirs)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                self._stream.feed(os.read(self._ours, 65_536))
            except OSError:
                return

    @property
    def text(self) -> str:
        """What is on the screen now."""
        return "\n".join(self.screen.display)

    def stop(self) -> None:
        """Ctrl-C, and wait."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def as_page(self) -> str:
        """The screen as a page."""
        style = "background:#16181d;color:#e6e6e6;margin:0;padding:24px;font:18px/1.35 monospace"
        return f'<body style="{style}"><pre>{html.escape(self.text.rstrip())}</pre></body>'


@dataclass
class Visitor:
    """Who follows the script, on a page, once the demonstration is ready."""

    page: Page
    portal: str
    mails: str
    shown: list[tuple[float, str, str]] = field(default_factory=list)

    def script(self) -> Iterator[tuple[str, Callable[[], object]]]:
        """Return what is seen and how the visitor gets there, one for each picture."""
        page, home = self.page, self.portal
        yield "L’accueil : recherche, palmarès, six portes", lambda: page.goto(home)
        yield "La porte de la CM seule à mi-temps", self.first_door
        yield "Ses comptes : Facebook, honnêtement non observé", lambda: self.scroll("Non observé")
        yield "L’alerte, arrivée d’elle-même : son courriel", self.open_alert
        yield "Pourquoi cette alerte ?", self.ask_why
        yield "Vérifier ce score, recalculé à l’instant", self.verify
        yield "La porte de l’exploitation", lambda: page.goto(f"{home}/exploitation")
        yield "La mesure est arrêtée", lambda: page.click("button:has-text('Arrêter la mesure')")
        yield "Le retard monte", lambda: page.goto(f"{home}/exploitation")
        yield "La mesure est relancée", lambda: page.click("button:has-text('Relancer la mesure')")
        yield "0 perdu, 0 en double", lambda: page.goto(f"{home}/exploitation")
        yield "Le palmarès", lambda: page.goto(f"{home}/palmares")
        yield (
            "Une ville réelle : des faits seulement",
            lambda: page.goto(f"{home}/territoires/62498"),
        )
        while True:
            yield "La méthodologie", lambda: page.goto(f"{home}/methodologie")

    def scroll(self, words: str) -> None:
        """Bring the first place that says so into view."""
        found = self.page.get_by_text(re.compile(words, re.IGNORECASE)).first
        found.evaluate("e => e.scrollIntoView({block: 'center'})", timeout=3000)

    def open_alert(self) -> None:
        """Open the newest mail about the water cut."""
        kept = httpx.get(f"{self.mails}/messages", params={"kind": "mail"}).json()
        told = [one for one in kept if "Recevoir" not in one["subject"]]
        number = told[-1]["number"] if told else kept[-1]["number"]
        self.page.goto(f"{self.mails}/messages/{number}")

    def ask_why(self) -> None:
        """Follow the mail's own link."""
        kept = httpx.get(f"{self.mails}/messages", params={"kind": "mail"}).json()
        texts = " ".join(one["text"] for one in kept)
        links = re.findall(r"https?://\S+/alertes/\S+/pourquoi\S*", texts)
        self.page.goto(links[-1])

    def first_door(self) -> None:
        """Enter as the community manager."""
        self.page.click(".doors button >> nth=0")

    def verify(self) -> None:
        """From the town's page, by its button."""
        self.page.goto(self.portal)
        self.first_door()
        self.page.click("text=Vérifier ce score")


def film(folder: Path) -> list[tuple[float, str, str]]:
    """Take the pictures; returns second, what is seen, file."""
    folder.mkdir(parents=True, exist_ok=True)
    portal, mails = free_port(), free_port()
    observatoire = str(Path(sys.executable).with_name("observatoire"))
    taken: list[tuple[float, str, str]] = []
    with tempfile.TemporaryDirectory() as state, sync_playwright() as playwright:
        command = [observatoire, "demo", "up", "--folder", f"{state}/demo"]
        command += ["--api-port", str(portal), "--catchers-port", str(mails)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport=PAGE, locale="fr-FR")
        visitor = Visitor(page, f"http://127.0.0.1:{portal}", f"http://127.0.0.1:{mails}")
        terminal, began = Terminal(command), time.monotonic()
        try:
            script, ready = visitor.script(), False
            for number in range(1, int(LENGTH / EVERY) + 1):
                time.sleep(max(0.0, number * EVERY - (time.monotonic() - began)))
                if ready:
                    seen, go = next(script)
                    _try(go)
                else:
                    ready = READY.search(terminal.text) is not None
                    seen = "Le terminal : prêt" if ready else "Le terminal : tout démarre"
                    page.set_content(terminal.as_page())
                name = f"{number:02d}.png"
                page.screenshot(path=folder / name)
                taken.append((time.monotonic() - began, seen, name))
        finally:
            terminal.stop()
            browser.close()
    return taken


def _try(go: Callable[[], object]) -> None:
    """Do a step; one that fails shows in the picture, and the film goes on."""
    try:
        go()
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {str(error).splitlines()[0]}\n")


def main() -> None:
    """Film, and write the table."""
    folder = Path(sys.argv[1])
    lines = ["| Seconde | Ce qu’on voit | Image |", "|---:|---|---|"]
    lines += [f"| {second:.0f} | {seen} | {name} |" for second, seen, name in film(folder)]
    (folder / "film.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
