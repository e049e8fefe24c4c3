"""The mail that brings a report to the agent who asked for it: its sentences, and where it is."""

from libs import french
from services.api.pages.sheets.sheet import Sheet
from services.api.store import Mail
from services.api.watching.letters.mails import mail


def letter(sheet: Sheet, portal_url: str, query: str, *, simulation: bool) -> Mail:
    """Return the mail; `query` is what the address of the report says, remarks included."""
    address = f"{portal_url.rstrip('/')}/rapports/{sheet.report.slug}/{sheet.territory.code}"
    sentences = [one for one in (sheet.standing, sheet.trend) if one]
    sentences += [f"{one.title} : {one.text}" for one in sheet.remarks]
    links = {
        "La feuille à imprimer (PDF)": f"{address}.pdf?{query}",
        "Les diapositives (PPTX)": f"{address}.pptx?{query}",
        "Relire et modifier les remarques": f"{address}?{query}",
    }
    title, month = sheet.report.title.lower(), french.of_month(sheet.score.period)
    subject = f"{sheet.territory.nom} : {title} {month}"
    return mail(subject, sentences, links, simulation=simulation)
