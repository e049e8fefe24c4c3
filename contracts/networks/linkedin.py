"""LinkedIn: not observed; its addresses are known."""

from contracts.networks.forms import HOME, Account, Forms, Refusal, form
from contracts.networks.network import Network

_NAME = r"(?P<handle>[\w\-.&']{2,120})"

NETWORK = Network(
    "linkedin",
    "LinkedIn",
    route="owner",
    observed=False,
    scored=False,
    not_seen="seul l’administrateur d’une page en lit les publications et les statistiques",
    source="Community Management API, documentation lue en novembre 2026",
    forms=Forms(
        ("linkedin.com",),
        (
            HOME,
            form(r"(in|pub|profile)(/.*)?", Refusal.PERSON),
            form(r"(shareArticle|sharing|cws/share)(/.*)?", Refusal.SHARE_BUTTON),
            form(r"groups?(/.*)?", Refusal.GROUP),
            form(r"(posts|feed|pulse|video)(/.*)?", Refusal.POST),
            form(
                r"(company|company-beta|organization)/(?P<id>\d{1,15})(/.*)?",
                Account("https://www.linkedin.com/company/{id}", native_id="{id}"),
            ),
            form(
                rf"(company|company-beta|organization)/{_NAME}(/.*)?",
                Account("https://www.linkedin.com/company/{handle}", "{handle}"),
            ),
            form(
                rf"(?P<kind>showcase|school)/{_NAME}(/.*)?",
                Account("https://www.linkedin.com/{kind}/{handle}", "{kind}/{handle}"),
            ),
        ),
        bare="https://www.linkedin.com/company/{}",
        shorteners=("lnkd.in",),
        labels=("linkedin",),
    ),
    wikidata={"P4264": "https://www.linkedin.com/company/{}"},
)
