"""« Contester ce chiffre »: shown at once beside the figure, answered in public by the desk."""

import re

import pytest

from libs.settings import Settings
from tests.api.conftest import client_of
from tests.portal.test_golden_pages import visible

ACCOUNT, MONTH = "00101-bluesky", "2026-10"
CONTEST = f"/contester/{ACCOUNT}"
TOKEN = "s3cret-of-the-operator"
MARKED = "Chiffre contesté"


async def test_a_contested_figure_is_marked_at_once_and_answered_in_public(portal):
    page = f"/territoires/00101?compte={ACCOUNT}&periode={MONTH}"
    assert MARKED not in visible((await portal.get(page)).text)
    made = await portal.post(CONTEST, data={"periode": MONTH, "precision": "secret du maire"})
    assert made.status_code == 303
    for shown in (made.headers["location"], page, f"/verifier/{ACCOUNT}?periode={MONTH}"):
        answer = await portal.get(shown)
        text = visible(answer.text)
        assert MARKED in text
        assert "secret du maire" not in text
        assert "no-cache" in answer.headers["cache-control"]  # its answer shows at once
    assert MARKED not in visible((await portal.get(page.replace(MONTH, "2026-09"))).text)

    desk = (await portal.get("/contestations")).text
    assert "secret du maire" in desk
    act = re.search(r'action="(/contestations/[^"]+/reponse)"', desk)
    assert act is not None
    answer = {"suite": "maintenu", "reponse": "Le calcul refait donne le même score."}
    done = await portal.post(act[1], data=answer)
    assert done.status_code == 303
    history = visible((await portal.get(f"/contestations/{ACCOUNT}")).text)
    assert "Chiffre maintenu" in history
    assert answer["reponse"] in history
    assert "secret du maire" not in history
    assert MARKED not in visible((await portal.get(page)).text)
    assert (await portal.post(act[1], data=answer)).status_code == 409


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        ("/contester/nobody", {"periode": MONTH}, 404),
        (CONTEST, {"periode": "octobre"}, 422),
        (CONTEST, {"periode": MONTH, "chiffre": "age"}, 422),
        (CONTEST, {"periode": MONTH, "precision": "x" * 1001}, 422),
        (CONTEST, {}, 422),
        ("/contestations/nobody/reponse", {"suite": "corrige", "reponse": "Une réponse."}, 404),
    ],
)
async def test_what_is_no_figure_is_refused(portal, path, form, status):
    assert (await portal.post(path, data=form)).status_code == status


async def test_contests_are_limited_and_come_from_our_pages(portal):
    evil = {"origin": "https://evil.example"}
    assert (await portal.post(CONTEST, data={"periode": MONTH}, headers=evil)).status_code == 403
    got = [(await portal.post(CONTEST, data={"periode": MONTH})).status_code for _ in range(11)]
    assert got == [303] * 10 + [429]


async def test_only_the_operator_answers(places, figures, store):
    settings = Settings(installation="live", operator_token=TOKEN)
    form = {"suite": "corrige", "reponse": "Le chiffre est corrigé."}
    async with client_of(settings, places, figures, store) as live:
        made = store.contests.contest(ACCOUNT, MONTH, "score")
        path = f"/contestations/{made.id}/reponse"
        refused = [await live.get("/contestations"), await live.post(path, data=form)]
        assert [one.status_code for one in refused] == [401, 401]
        given = {"authorization": f"Bearer {TOKEN}"}
        assert (await live.post(path, data=form, headers=given)).status_code == 303
    assert not store.contests.of_account(ACCOUNT)[0].open
