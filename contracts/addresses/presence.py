"""Networks on which only presence is noted: fewer forms, none of them observed.

The forms of PanneauPocket and IntraMuros are recalled, not documented by them.
"""

from contracts.addresses.forms import HOME, Account, Forms, form
from contracts.addresses.identity import Refusal

PRESENCE: tuple[Forms, ...] = (
    Forms(
        "threads",
        ("threads.net", "threads.com"),
        (
            HOME,
            form(r"intent(/.*)?", Refusal.SHARE_BUTTON),
            form(r"(@[^/]+/post|t|post)/.+", Refusal.POST),
            form(
                r"@(?P<handle>[a-z\d._]{1,30})",
                Account("https://www.threads.net/@{handle}", "{handle}"),
            ),
        ),
        bare="https://www.threads.net/@{}",
        labels=("threads",),
    ),
    Forms(
        "snapchat",
        ("snapchat.com",),
        (
            HOME,
            form(r"(spotlight|p|t)/.+", Refusal.POST),
            form(
                r"(add/|@)(?P<handle>[a-z][a-z\d._\-]{2,14})",
                Account("https://www.snapchat.com/add/{handle}", "{handle}"),
            ),
        ),
        bare="https://www.snapchat.com/add/{}",
        labels=("snapchat",),
    ),
    Forms(
        "pinterest",
        ("pinterest.com", "pinterest.fr"),
        (
            HOME,
            form(r"pin/create(/.*)?", Refusal.SHARE_BUTTON),
            form(r"pin/.+", Refusal.POST),
            form(r"(search|ideas|login|settings|business|today)(/.*)?", Refusal.NOT_AN_ACCOUNT),
            form(
                r"(?P<handle>[a-z\d_]{3,30})(/(_saved|_created|boards|pins))?",
                Account("https://www.pinterest.com/{handle}/", "{handle}"),
            ),
        ),
        bare="https://www.pinterest.com/{}/",
        shorteners=("pin.it",),
        labels=("pinterest",),
    ),
    Forms(
        "flickr",
        ("flickr.com",),
        (
            HOME,
            form(r"groups(/.*)?", Refusal.GROUP),
            form(r"photos/[^/]+/\d+(/.*)?", Refusal.POST),
            form(
                r"(photos|people)/(?P<id>\d+@N\d\d)(/.*)?",
                Account("https://www.flickr.com/photos/{id}/", native_id="{id}"),
            ),
            form(
                r"(photos|people)/(?P<handle>[\w\-]{2,40})(/.*)?",
                Account("https://www.flickr.com/photos/{handle}/", "{handle}"),
            ),
        ),
        bare="https://www.flickr.com/photos/{}/",
        shorteners=("flic.kr",),
        labels=("flickr",),
    ),
    Forms(
        "vimeo",
        ("vimeo.com",),
        (
            HOME,
            form(r"(video/)?\d+(/.*)?", Refusal.POST),
            form(r"groups(/.*)?", Refusal.GROUP),
            form(
                r"(channels|album|showcase|ondemand|categories|watch|search|log_in|join|features)"
                r"(/.*)?",
                Refusal.NOT_AN_ACCOUNT,
            ),
            form(
                r"(?P<handle>[a-z][\w]{2,39})(/(videos|about))?",
                Account("https://vimeo.com/{handle}", "{handle}"),
            ),
        ),
        bare="https://vimeo.com/{}",
        labels=("vimeo",),
    ),
    Forms(
        "dailymotion",
        ("dailymotion.com",),
        (
            HOME,
            form(r"((embed/)?video|playlist|embed)(/.*)?", Refusal.POST),
            form(
                r"(?:(fr|us)/)?(?P<handle>[a-z\d][\w\-.]{2,39})",
                Account("https://www.dailymotion.com/{handle}", "{handle}"),
            ),
        ),
        bare="https://www.dailymotion.com/{}",
        shorteners=("dai.ly",),
        labels=("dailymotion",),
    ),
    Forms(
        "telegram",
        ("t.me", "telegram.me"),
        (
            HOME,
            form(r"(joinchat/.+|\+.+)", Refusal.GROUP),
            form(r"share(/.*)?", Refusal.SHARE_BUTTON),
            form(r"(s/)?[^/]+/\d+", Refusal.POST),
            form(
                r"(s/)?(?P<handle>[a-z][a-z\d_]{3,31})",
                Account("https://t.me/{handle}", "{handle}"),
            ),
        ),
        bare="https://t.me/{}",
        labels=("telegram",),
    ),
    Forms(
        "whatsapp",
        ("whatsapp.com",),
        (
            HOME,
            form(
                r"channel/(?P<id>[a-z\d]{20,30})",
                Account("https://www.whatsapp.com/channel/{id}", native_id="{id}"),
            ),
            form(r".*", Refusal.MESSAGING),
        ),
        labels=("whatsapp", "chaîne whatsapp"),
    ),
    Forms(
        "panneaupocket",
        ("panneaupocket.com",),
        (
            HOME,
            form(
                r"ville/(?P<id>\d{1,12})(-.*)?",
                Account("https://app.panneaupocket.com/ville/{id}", native_id="{id}"),
            ),
        ),
        labels=("panneaupocket", "panneau pocket"),
    ),
    Forms(
        "intramuros",
        ("intramuros.org",),
        (
            HOME,
            form(
                r"(?P<handle>[a-z][a-z\d\-]{1,79})(/.*)?",
                Account("https://www.intramuros.org/{handle}", "{handle}"),
            ),
        ),
        bare="https://www.intramuros.org/{}",
        labels=("intramuros", "intra muros"),
    ),
)
