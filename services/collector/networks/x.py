"""X: API v2 with the bearer token of an application, each object given is paid (section 6).

- Made from recorded answers of 2021 and 2022, and from documentation of 2026. X is renaming fields
  (« tweet » to « post », « retweet » to « repost »): both names are read, and where the parameter
  `tweet.fields` is refused the other one is asked.
- 200 may hold `data` and `errors` side by side: an account or a post that is not there is an error
  of its own. A suspended account is not found and says so; a protected one has counters, no posts.
- Texts have the entities of HTML, and are cut at 280 signs. Reposts and replies are not asked for.
  Impressions are views: never part of engagement.
- Only what has been said by the API itself is a fact about an account.
"""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import ClassVar
from urllib.parse import quote

import msgspec

from contracts.jobs import Absence, JobGranted, JobSubject
from contracts.networks import Network
from contracts.networks.x import NETWORK as X
from contracts.posts import PostKind
from services.collector.parsing.text import tidy
from services.collector.readers.findings import Findings
from services.collector.readers.reader import (
    Answer,
    Credential,
    Failure,
    Parsed,
    Reader,
    Request,
    UnreadableBody,
)

API = "https://api.x.com/2/"
USER = ("user.fields", "public_metrics,protected")
POST = "created_at,author_id,public_metrics,lang,attachments,entities"
NAMES = ("tweet.fields", "post.fields")
"""How the fields of posts are asked for, as documented and as the API is being renamed."""

CREDITS_WAIT = timedelta(hours=1)
"""Our choice: bought credits are used within the hour, and a refusal costs nothing."""

NOT_FOUND = "resource-not-found"
NOT_AUTHORIZED = "not-authorized-for-resource"
KINDS: dict[str, PostKind] = {"3": "photo", "7": "video", "13": "video", "16": "video"}
"""By what stands before « _ » in the key of an attachment."""


class UserMetrics(msgspec.Struct):
    """Counters of an account."""

    followers_count: int | None = None
    following_count: int | None = None
    tweet_count: int | None = None
    post_count: int | None = None


class User(msgspec.Struct):
    """An account."""

    id: str
    username: str
    name: str | None = None
    protected: bool = False
    public_metrics: UserMetrics | None = None


class PostMetrics(msgspec.Struct):
    """Counters of a post; those of quotes are not part of those of reposts."""

    like_count: int | None = None
    reply_count: int | None = None
    retweet_count: int | None = None
    repost_count: int | None = None
    quote_count: int | None = None
    impression_count: int | None = None


class Hashtag(msgspec.Struct):
    """A hashtag, without its sign."""

    tag: str


class Link(msgspec.Struct):
    """An address in a text."""

    expanded_url: str | None = None


class Entities(msgspec.Struct):
    """What was found in a text."""

    hashtags: list[Hashtag] = []
    urls: list[Link] = []


class Attachments(msgspec.Struct):
    """What a post shows beside its text."""

    media_keys: list[str] = []


class Post(msgspec.Struct):
    """A post."""

    id: str
    text: str = ""
    created_at: str | None = None
    author_id: str | None = None
    lang: str | None = None
    public_metrics: PostMetrics | None = None
    attachments: Attachments | None = None
    entities: Entities | None = None


class Problem(msgspec.Struct):
    """Why something asked for is not given; of a whole answer, the body itself."""

    type: str = ""
    title: str = ""
    detail: str = ""
    value: str = ""
    resource_id: str = ""

    @property
    def kind(self) -> str:
        """Return the last word of its type."""
        return self.type.rpartition("/")[2]

    @property
    def said(self) -> str:
        """Return its words."""
        return f"{self.title}: {self.detail}".strip(": ")

    @property
    def absence(self) -> Absence | None:
        """Return what it says of an account: a suspended one is not found either."""
        if self.kind == NOT_FOUND:
            return "suspended" if "suspended" in self.detail else "not_found"
        return "private" if self.kind == NOT_AUTHORIZED else None


class Problems(msgspec.Struct):
    """The errors of an answer that has nothing else."""

    errors: list[Problem] = []


class Meta(msgspec.Struct):
    """How many there are, and where the next page is."""

    result_count: int | None = None
    next_token: str | None = None


class Users(msgspec.Struct):
    """Accounts."""

    data: list[User] | None = None
    errors: list[Problem] | None = None


class Posts(msgspec.Struct):
    """Posts, by their ids or of an account."""

    data: list[Post] | None = None
    errors: list[Problem] | None = None
    meta: Meta | None = None


class XReader(Reader):
    """Accounts, their posts, and posts again."""

    network: ClassVar[Network] = X
    reset_header = "x-rate-limit-reset"

    def request(self, job: JobGranted, credential: Credential | None) -> Request:
        """Return the call of a job."""
        subject = job.subjects[0]
        token = credential.token if credential else ""
        params: tuple[tuple[str, str], ...]
        if job.operation == "profile":
            path, params = _named(job)
        elif job.operation == "readings":
            ids = ",".join(post.native_id for one in job.subjects for post in one.posts)
            path, params = "tweets", (("ids", ids), (NAMES[0], POST))
        else:
            path = f"users/{quote(subject.native_id or '', safe='')}/tweets"
            params = (
                ("max_results", str(X.page_size)),
                ("exclude", "replies,retweets"),
                (NAMES[0], POST),
            )
            if job.since is not None:
                params += (("start_time", f"{job.since:%Y-%m-%dT%H:%M:%SZ}"),)
            if job.cursor:
                params += (("pagination_token", job.cursor),)
        headers = (("Authorization", f"Bearer {token}"),)
        return Request(f"{API}{path}", params, secret_headers=headers)

    def narrowed(self, request: Request, answer: Answer) -> Request | None:
        """Ask for the fields of posts by their other name where this one is refused."""
        old, new = NAMES
        if answer.status != 400 or old.encode() not in answer.body:
            return None
        params = tuple((new if name == old else name, value) for name, value in request.params)
        return replace(request, params=params) if params != request.params else None

    def failure(self, job: JobGranted, answer: Answer) -> Failure | None:
        """Wait where there are no credits; believe that something is gone if the API says it."""
        failed = super().failure(job, answer)
        if failed is None:
            return None
        if answer.status == 402 or "usage-capped" in failed.detail:
            return Failure("rate_limited", failed.detail, answer.moment + CREDITS_WAIT)
        if failed.cause == "gone" and NOT_FOUND not in _problem(answer).type:
            return Failure("unavailable", f"{failed.detail}: not said by the API")
        return failed

    def reason(self, answer: Answer) -> str:
        """Return what the API says of a whole answer."""
        problem = _problem(answer)
        return f"{problem.kind} {problem.said}".strip()

    def parse(self, job: JobGranted, answer: Answer) -> Parsed:
        """Read accounts, a page of posts, or posts by their ids."""
        found = Findings(X, job, answer)
        if job.operation == "profile":
            return _read_users(job, found.read(Users), found)
        body = found.read(Posts)
        if body.data is None and body.errors is None and body.meta is None:
            raise UnreadableBody("neither posts nor errors")
        if job.operation == "readings":
            _read_again(job, body, found)
            return found.parsed()
        return _read_page(job, body, found)


READER = XReader


def _named(job: JobGranted) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the look-up of accounts: by ids, or by the name of the only one."""
    first = job.subjects[0]
    if first.native_id is None:
        return "users/by", (("usernames", first.handle.removeprefix("@")), USER)
    return "users", (("ids", ",".join(one.native_id or "" for one in job.subjects)), USER)


def _problem(answer: Answer) -> Problem:
    try:
        problems = msgspec.json.decode(answer.body, type=Problems).errors
        return problems[0] if problems else msgspec.json.decode(answer.body, type=Problem)
    except msgspec.DecodeError:
        return Problem()


def _read_users(job: JobGranted, body: Users, found: Findings) -> Parsed:
    if body.data is None and body.errors is None:
        raise UnreadableBody("neither accounts nor errors")
    by_id = {user.id: user for user in body.data or ()}
    by_name = {user.username.casefold(): user for user in body.data or ()}
    problems = {name: one for one in body.errors or () for name in (one.value, one.resource_id)}
    for subject in job.subjects:
        name = subject.handle.removeprefix("@").casefold()
        user = by_id.get(subject.native_id) if subject.native_id else by_name.get(name)
        if user is not None:
            _add_user(subject, user, found)
            continue
        problem = problems.get(subject.native_id or subject.handle.removeprefix("@"))
        if problem is not None and problem.kind != NOT_FOUND and len(job.subjects) == 1:
            return _refused(subject, problem, found)
        if problem is None:
            found.left_out(subject, "left out of the answer")
        elif problem.kind == NOT_FOUND:
            found.left_out(subject, problem.said, problem.absence or "not_found")
    return found.parsed()


def _refused(subject: JobSubject, problem: Problem, found: Findings) -> Parsed:
    if problem.absence is not None:
        found.absences[subject.subject] = problem.absence
    return found.parsed(cause="refused", detail=problem.said)


def _add_user(subject: JobSubject, user: User, found: Findings) -> None:
    if not found.identify(subject, user.id, user.username.lower()):
        return
    if user.protected:
        found.absences[subject.subject] = "private"
    metrics = user.public_metrics or UserMetrics()
    found.account(
        subject,
        native_id=user.id,
        handle=user.username.lower(),
        name=user.name,
        counters={
            "followers": metrics.followers_count,
            "following": metrics.following_count,
            "posts": _either(metrics.tweet_count, metrics.post_count),
        },
        absent="not_published",
    )


def _read_page(job: JobGranted, body: Posts, found: Findings) -> Parsed:
    subject = job.subjects[0]
    if not body.data and body.errors:
        problem = body.errors[0]
        if problem.kind == NOT_FOUND:
            found.left_out(subject, problem.said, problem.absence or "not_found")
            return found.parsed()
        return _refused(subject, problem, found)
    for post in body.data or ():
        _add_post(subject, post, found)
    return found.parsed(next_cursor=body.meta.next_token if body.meta else None)


def _read_again(job: JobGranted, body: Posts, found: Findings) -> None:
    """Read posts by their ids; one that we may not see now is no deleted one."""
    given = {post.id: post for post in body.data or ()}
    missing = {name for one in body.errors or () if one.kind == NOT_FOUND
               for name in (one.value, one.resource_id)}  # fmt: skip
    for subject in job.subjects:
        for known in subject.posts:
            if known.native_id in given:
                _add_post(subject, given[known.native_id], found)
        found.not_given(
            subject, tuple(one.native_id for one in subject.posts if one.native_id in missing)
        )


def _add_post(subject: JobSubject, post: Post, found: Findings) -> None:
    if (moment := found.moment(post.id, post.created_at)) is None:
        return
    if not found.is_own(subject.native_id, post.author_id):
        return
    metrics, entities = post.public_metrics or PostMetrics(), post.entities or Entities()
    found.post(
        subject,
        native_id=post.id,
        address=f"https://x.com/i/web/status/{post.id}",
        kind=_kind(post, entities),
        published_at=moment,
        counters={
            "likes": metrics.like_count,
            "comments": metrics.reply_count,
            "shares": _either(metrics.retweet_count, metrics.repost_count),
            "quotes": metrics.quote_count,
            "views": metrics.impression_count,
        },
        absent="not_published",
        text=tidy(unescape(post.text)),
        language=post.lang,
        tags=tuple(one.tag for one in entities.hashtags),
    )


def _either(old: int | None, new: int | None) -> int | None:
    return new if old is None else old


def _kind(post: Post, entities: Entities) -> PostKind:
    keys = post.attachments.media_keys if post.attachments else []
    if keys:
        kind = KINDS.get(keys[0].partition("_")[0], "other")
        return "album" if kind == "photo" and len(keys) > 1 else kind
    return "link" if entities.urls else "text"
