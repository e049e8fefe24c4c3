"""Asks the fictional networks as the collector does: its own requests, its own readers."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from contracts.jobs import JobGranted, JobSubject, PostReading
from contracts.networks import BY_SLUG, NETWORKS
from contracts.watches import Query
from services.collector.networks import reader_of
from services.collector.planning.searches import asked as asked_of
from services.collector.readers.reader import Answer, Credential, Request
from simulation.country.accounts import Account
from simulation.country.days import DAY, aware
from simulation.country.mentions import Mention
from simulation.country.posts import Post
from simulation.network import network_named, seen
from simulation.serving.owned import OwnedNetwork
from simulation.serving.platforms import Networks
from tests.suites.network import job_of

CREDENTIALS = {
    network.slug: Credential("ours", network.credential or "token")
    for network in NETWORKS
    if network.needs_token
}
Good = Mapping[str, tuple[JobGranted, Answer]]
"""By operation, a job and what the network answers to it."""


def answer_to(networks: Networks, request: Request, moment: datetime) -> Answer:
    """The networks' answer to a request of the collector, a redirection followed."""
    url, query = urlsplit(request.url), [*request.params, *request.secret_params]
    target = f"{url.path}?{urlencode(query) or url.query}"
    headers = dict([*request.headers, *request.secret_headers])
    answer, _ = networks.ask(request.method, url.netloc, target, headers, request.body)
    if answer.status == 301:
        moved = urlsplit(answer.headers["Location"])
        answer, _ = networks.ask("GET", moved.netloc, moved.path, headers)
    names = {name.lower(): value for name, value in answer.headers.items()}
    names["content-type"] = answer.content_type
    return Answer(answer.status, names, answer.body, moment)


def asked(networks: Networks, job: JobGranted) -> Answer:
    """What a job's request is answered, now."""
    credential = CREDENTIALS.get(job.network) or owner_s(networks, job)
    request = reader_of(job.network).request(job, credential)
    return answer_to(networks, request, networks.clock.now())


def owner_s(networks: Networks, job: JobGranted) -> Credential | None:
    """What the owner of a job's account gives us, where only she may read it."""
    network = networks.by_name[job.network]
    if not isinstance(network, OwnedNetwork):
        return None
    known = networks.world.by_network[job.network]
    account = next(one for one in known if one.id == job.subjects[0].subject)
    return Credential("hers", token_of(network, account, networks.moment()))


def token_of(network: OwnedNetwork, account: Account, moment: int) -> str:
    """The token that the owner of an account lets us have."""
    return str(network.consents.pair(account.native_id, moment)["access_token"])


def observed(account: Account) -> bool:
    """Whether a collector sees anything of it, by its owner where it takes that."""
    return account.rules.observable(account) or account.rules.by_consent


def whole(networks: Networks, account: Account) -> bool:
    """Whether the network answers of an account, and hides nothing of it."""
    shown = observed(account) and not account.hidden
    if not shown or account.comments_closed:
        return False
    if not BY_SLUG[account.network].paced:
        return True
    url = urlsplit(account.native_id)
    answer = networks.by_name[account.network].answer(
        networks.asked("GET", url.netloc, url.path, {})
    )
    return answer.status == 200


def busiest(networks: Networks, network: str) -> Account:
    """The visible account of a network that posts most."""
    known = networks.world.by_network[network]
    fit = [account for account in known if whole(networks, account)]
    return max(fit, key=lambda account: (account.rate, account.serial))


def subject_of(networks: Networks, account: Account, *posts: Post) -> JobSubject:
    """An account as a job names it, with posts that are known already."""
    moment = networks.moment()
    return JobSubject(
        subject=account.id,
        handle=account.observed_handle(moment),
        native_id=None if BY_SLUG[account.network].paced else account.native_id,
        posts=tuple(
            PostReading(
                native_id=seen(networks.world, post, moment).native_id,
                published_at=aware(post.created),
            )
            for post in posts
        ),
    )


def jobs(networks: Networks, slug: str) -> dict[str, JobGranted]:
    """A job of each operation of a network, about its busiest account."""
    network, account = BY_SLUG[slug], busiest(networks, slug)
    plain = subject_of(networks, account)
    since = aware(networks.moment() - 30 * DAY)
    if network.paced:
        now = networks.moment()
        said = networks.world.mentions.between(now - DAY // 4, now)
        paper = JobSubject(subject="paper", handle=next(one.source for one in said if one.title))
        return {"feed": job_of(slug, "feed", plain), "mentions": job_of(slug, "mentions", paper)}
    latest = networks.world.latest(account, networks.moment(), 3)
    found = {"profile": job_of(slug, "profile", plain)} if network.profiles_per_request else {}
    found["posts"] = job_of(slug, "posts", plain, since=since)
    if older := network.older_pages:
        found[older] = job_of(slug, older, plain, since=since, cursor=older)
    if network.confirms_one_by_one:
        one = subject_of(networks, account, latest[0])
        found["confirmed"] = job_of(slug, "readings", one, confirm=True)
    if network.posts_per_request or network.confirms_one_by_one:
        known = subject_of(networks, account, *latest)
        found["readings"] = job_of(slug, "readings", known)
    if network.search:
        since = networks.moment() - DAY
        found["mentions"] = search_for(networks, last_said(networks, slug), aware(since))
    return found


def last_said(networks: Networks, slug: str) -> Mention:
    """What was said last of a place on a network, where anybody may read it."""
    moment, fictional = networks.moment(), network_named(slug)
    return next(
        one
        for one in reversed(networks.world.mentions.between(moment - DAY, moment))
        if one.network == slug
        and one.place
        and fictional.hear(networks.world, one).source not in fictional.closed_to_all
    )


def search_for(networks: Networks, said: Mention, since: datetime) -> JobGranted:
    """The job that finds what somebody said of a place, by the words of those who watch it."""
    places = (one.territory for one in networks.world.places)
    place = next(one.nom for one in places if one.code == said.place)
    source = network_named(said.network).hear(networks.world, said).source
    (question,) = asked_of(BY_SLUG[said.network], [Query(any=(place,))], [source])
    subject = JobSubject(subject=question.id, handle=question.handle)
    return job_of(said.network, "mentions", subject, since=since)


def good(networks: Networks, network: str) -> Good:
    """The jobs of a network with what it answers to them."""
    return {name: (job, asked(networks, job)) for name, job in jobs(networks, network).items()}
