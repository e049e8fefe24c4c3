"""The law of a network in the invented world: numbers that its file holds, each with its source.

Integers only: ‰ is thousandths, ppm is millionths. What all networks share is in
``parameters.yaml``, whose marks of sources ([obs], [peers], [net], [ours]) the files use too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contracts.posts import PostCounter, PostKind
from simulation.country.parameters import Stratum

Role = Literal["main", "tourism", "mayor"]


@dataclass(frozen=True, slots=True)
class Played:
    """What an account of the cast shows whatever the draws; ``audience`` multiplies its followers.

    ``rate`` is in posts a day (‰), ``engagement`` in ppm.
    """

    rate: int | None = None
    engagement: int | None = None
    followers: int | None = None
    audience: int = 1


@dataclass(frozen=True, slots=True)
class Speech:
    """How what others say comes on a network.

    - ``share``: ‰ of what is said of territories; ``crisis``: ‰ of the messages of a crisis.
    - ``sources``: where it is said; of a ``press`` network, papers, each with its départements.
    - ``noise``: texts that name nobody are said here; ``deletes``: some texts are deleted again.
    - ``tagged``: texts end with the name of the place as a hashtag, for they are found by it.
    """

    share: int
    crisis: int
    sources: tuple[str, ...]
    noise: bool = False
    deletes: bool = False
    tagged: bool = False
    press: bool = False


@dataclass(frozen=True, slots=True)
class Law:
    """How accounts of a network come to be and behave.

    - ``share``: ‰ of the territories present that are on it (of all of them with ``everywhere``).
      Each network has a draw of its own, and one is common to all: its beginning decides of a
      network that says ``first``, its end of ``last`` ‰ more: those who are not on the first.
    - ``others``: ‰ of the territories that may have one where an account of another role is.
    - ``cast``: the parts of the demonstration's places that are on it.
    - ``followers``: ‰ of the stratum's median; ``sigma``: log-normal spread in ‰.
    - ``rate``: ‰ of the stratum's rate; ``engagement``: median interactions of a post ÷ followers,
      ppm; ``split``: ‰ of them by counter, likes are the rest.
    - ``kinds``: types of posts, weight and effect on engagement (‰).
    - ``following``: median accounts followed; ``growth``: of followers in a month, ‰.
    - ``hidden``: ‰ of accounts that hide ``hides``; ``comments_closed``: ‰ of accounts.
    - ``hides_posts``: likes of single posts may be hidden.
    - ``published``: % of those present that were on it in 2022, and the source (portrait).
    """

    share: Mapping[Stratum, int]
    followers: int
    sigma: int
    rate: int
    engagement: int
    growth: int
    kinds: Mapping[PostKind, tuple[int, int]]
    split: Mapping[PostCounter, int] = field(default_factory=dict[PostCounter, int])
    cast: Mapping[str, Played] = field(default_factory=dict[str, Played])
    others: Mapping[Role, int] = field(default_factory=dict[Role, int])
    following: int = 0
    hidden: int = 0
    hides: Literal["likes", "followers"] = "likes"
    hides_posts: bool = False
    comments_closed: int = 0
    first: bool = False
    last: Mapping[Stratum, int] = field(default_factory=dict[Stratum, int])
    everywhere: bool = False
    speech: Speech | None = None
    published: tuple[int, str] | None = None
