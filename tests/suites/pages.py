"""What networks must do whose posts come by pages, and are asked for alone when missing there.

class TestSomething(PagesSuite):
    slug, ids = "something", "x{}"
    good = good_of(account, answer_of(user), page(post(3, 1), post(2, 2)), …)
    post, page = staticmethod(post), staticmethod(page)
    no_more = (problem(404),)
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import ClassVar

from contracts.jobs import JobGranted, JobSubject
from services.collector.readers.reader import Answer
from tests.suites.network import NOW, NetworkSuite, answer_of, job_of, reading_of

DAY = timedelta(days=1)


def good_of(
    network: str, account: JobSubject, told: Answer, page: Answer, known: str, alone: Answer
) -> Mapping[str, tuple[JobGranted, Answer]]:
    """Return the jobs of such a network with their answers: account, page, a known post alone."""
    asked = account.model_copy(update={"posts": (reading_of(known),)})
    return {
        "profile": (job_of(network, "profile", account), told),
        "posts": (job_of(network, "posts", account, since=NOW - 30 * DAY), page),
        "confirmed": (job_of(network, "readings", asked, confirm=True), alone),
    }


class PagesSuite(NetworkSuite):
    """The behaviour that these networks share. Posts have numbers and an age in days.

    - ``ids``: how the id of a post has its number.
    - ``post``, ``page``: a post as the network has it, and the answer with some, or more to come.
    - ``no_more``: how it says that an account or a post is no more; ``private``: that a post is.
    - ``second``: the parameter that asks for the second page, where a parameter does.
    """

    ids: ClassVar[str]
    post: ClassVar[Callable[..., dict[str, object]]]
    page: ClassVar[Callable[..., Answer]]
    no_more: ClassVar[tuple[Answer, ...]]
    private: ClassVar[tuple[Answer, ...]] = ()
    second: ClassVar[tuple[str, str] | None] = None

    def test_pages_go_on_until_the_bound_or_the_end(self):
        job = self.good["posts"][0]
        young, old = (self.post(3, 1), self.post(2, 2)), (self.post(1, 25), self.post(0, 40))
        cursor = self.reader.read(job, self.page(*young, more=True)).next_cursor
        assert cursor is not None
        later = job.model_copy(update={"cursor": cursor, "page": 1})
        assert self.second is None or self.second in self.reader.request(later, None).params
        assert self.reader.read(later, self.page(*old, more=True)).next_cursor is None
        assert self.reader.read(later, self.page(*young)).next_cursor is None

    def test_a_due_post_absent_from_its_page_is_missing(self):
        job = self.good["posts"][0]
        missing, older = self.ids.format(1), self.ids.format(0)
        posts = (reading_of(missing, 1.5), reading_of(older, 9))
        due = job.subjects[0].model_copy(update={"posts": posts})
        job = job.model_copy(update={"subjects": (due,), "since": NOW - DAY / 2})
        parsed = self.reader.read(job, self.page(self.post(3, 1), self.post(2, 2)))
        assert parsed.missing == {due.subject: (missing,)}

    def test_a_post_that_is_no_longer_public_is_deleted_if_the_network_says_so(self):
        job = self.good["confirmed"][0]
        for said in (*self.no_more, *self.private):
            parsed = self.reader.read(job, said)
            assert parsed.deleted == {job.subjects[0].subject: (self.ids.format(3),)}, said
            assert (parsed.cause, parsed.gone) == ("done", {})
        for status in (401, 403, 404, 410):
            wall = answer_of("<html>Access denied</html>", status)
            assert self.reader.read(job, wall).deleted == {}, status

    def test_an_account_that_is_no_more_is_gone_if_the_network_says_so(self):
        job = self.good["profile"][0]
        for said in self.no_more:
            assert self.reader.read(job, said).cause == "gone", said
        for status in (404, 410):
            wall = answer_of("<html>Domain for sale</html>", status)
            assert self.reader.read(job, wall).cause == "unavailable", status
