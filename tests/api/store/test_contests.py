import pytest

from services.api.store import Store
from services.api.store.errors import TransitionError, UnknownError
from tests.api.conftest import store as store

ACCOUNT, MONTH = "00101-bluesky", "2026-10"


def test_one_figure_is_contested_once_at_a_time(store: Store):
    first = store.contests.contest(ACCOUNT, MONTH, "score", "Trop bas")
    again = store.contests.contest(ACCOUNT, MONTH, "score", "Encore")
    assert (again.id, again.words) == (first.id, "Trop bas\nEncore")
    assert len(store.contests.contest(ACCOUNT, MONTH, "score", "x" * 1000).words) == 1000
    assert store.contests.contest(ACCOUNT, MONTH, "abonnes").id != first.id
    assert store.contests.contest(ACCOUNT, "2026-09", "score").id != first.id
    assert first.open
    assert {one.account for one in store.contests.waiting()} == {ACCOUNT}


def test_an_answer_is_for_good_and_the_figure_may_be_contested_anew(store: Store):
    made = store.contests.contest(ACCOUNT, MONTH, "score")
    done = store.contests.answer(made.id, "maintenu", "Le calcul est le bon.")
    assert not done.open
    with pytest.raises(TransitionError):
        store.contests.answer(made.id, "corrige", "Finalement non.")
    with pytest.raises(UnknownError):
        store.contests.answer("nobody", "corrige", "Personne.")
    again = store.contests.contest(ACCOUNT, MONTH, "score")
    assert again.id != made.id
    assert {one.id for one in store.contests.of_account(ACCOUNT)} == {made.id, again.id}
    assert [one.id for one in store.contests.waiting()] == [again.id]
