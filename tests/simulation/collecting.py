"""Asks the fictional networks as the collector does: its own requests, its own readers."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from contracts.jobs import JobGranted, JobSubject, PostReading
from services.collector.network import Answer, Credential, Request
from services.collector.networks import reader_of
from simulation.accounts import Account
from simulation.days import DAY, aware
from simulation.network import seen
from simulation.networks import rss
from simulation.networks.mastodon import INSTANCES
from simulation.platforms import Networks
from simulation.posts import Post
from tests.suites.network import job_of

CREDENTIALS = {
    "instagram": Credential("ours", "17841400000000000:token"),
    "facebook": Credential("ours", "token"),
    "youtube": Credential("ours", "key"),
}
Good = Mapping[str, tuple[JobGranted, Answer]]
"""By operation, a job and what the network answers to it."""


def answer_to(networks: Networks, request: Request, moment: datetime) -> Answer:
    """The networks' answer to a request of the collector, a redirection followed."""
    url, query = urlsplit(request.url), [*request.params, *request.secret_params]
    target = f"{url.path}?{urlencode(query) or url.query}"
    headers = dict([*request.headers, *request.secret_headers])
    answer, _ = networks.ask("GET", url.netloc, target, headers)
    if answer.status == 301:
        moved = urlsplit(answer.headers["Location"])
        answer, _ = networks.ask("GET", moved.netloc, moved.path, headers)
    names = {name.lower(): value for name, value in answer.headers.items()}
    names["content-type"] = answer.content_type
    return Answer(answer.status, names, answer.body, moment)


def asked(networks: Networks, job: JobGranted) -> Answer:
    """What a job's request is answered, now."""
    request = reader_of(job.network).request(job, CREDENTIALS.get(job.network))
    return answer_to(networks, request, networks.clock.now())


def busiest(networks: Networks, network: str) -> Account:
    """The visible account of a network that posts most, whose feed is a plain one."""
    fit = [
        account
        for account in networks.world.by_network[network]
        if account.rules.observable(account)
        and not account.hidden
        and not account.comments_closed
        and account.host != INSTANCES[-1]
        and (network != "rss" or rss.manner(networks.world, account) == "rss")
    ]
    return max(fit, key=lambda account: (account.rate, account.serial))


def subject_of(networks: Networks, account: Account, *posts: Post) -> JobSubject:
    """An account as a job names it, with posts that are known already."""
    moment = networks.moment()
    return JobSubject(
        subject=account.id,
        handle=account.observed_handle(moment),
        native_id=None if account.network == "rss" else account.native_id,
        posts=tuple(
            PostReading(
                native_id=seen(networks.world, post, moment).native_id,
                published_at=aware(post.created),
            )
            for post in posts
        ),
    )


def jobs(networks: Networks, network: str) -> dict[str, JobGranted]:
    """A job of each operation of a network, about its busiest account."""
    account = busiest(networks, network)
    plain = subject_of(networks, account)
    since = aware(networks.moment() - 30 * DAY)
    if network == "rss":
        now = networks.moment()
        said = networks.world.murmur.between(now - DAY // 4, now)
        paper = JobSubject(subject="paper", handle=next(one.source for one in said if one.title))
        return {
            "feed": job_of("rss", "feed", plain),
            "mentions": job_of("rss", "mentions", paper),
        }
    latest = networks.world.latest(account, networks.moment(), 3)
    known = subject_of(networks, account, *latest)
    posts = job_of(network, "posts", plain, since=since)
    if network == "instagram":
        return {"posts": posts}
    found = {"profile": job_of(network, "profile", plain), "posts": posts}
    if network == "youtube":
        found["uploads"] = job_of("youtube", "uploads", plain, since=since, cursor="uploads")
    if network == "mastodon":
        found["readings"] = job_of("mastodon", "readings", known, since=since)
        one = subject_of(networks, account, latest[0])
        found["confirmed"] = job_of("mastodon", "readings", one, confirm=True)
    else:
        found["readings"] = job_of(network, "readings", known)
    return found


def good(networks: Networks, network: str) -> Good:
    """The jobs of a network with what it answers to them."""
    return {name: (job, asked(networks, job)) for name, job in jobs(networks, network).items()}
