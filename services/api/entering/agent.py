"""Who asks for a page: an agent, with what they may do for which territory."""

from dataclasses import dataclass

from fastapi import Request

from services.api.store.agents.entitled import EVERYWHERE, Role

OPERATOR = "opérateur"

LEVELS: dict[Role, int] = {
    "none": 0,
    "reading": 1,
    "protection": 1,
    "writing": 2,
    "delegation": 3,
    "administration": 3,
    "team": 4,
}
"""How much each role may do: protection of data reads, and the journal besides."""

WORDS: dict[Role, str] = {
    "reading": "lecture",
    "protection": "protection des données",
    "writing": "rédaction",
    "delegation": "administration par délégation",
    "administration": "administration du territoire",
    "team": "équipe de l’observatoire",
    "none": "aucun droit",
}


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent who has signed in; `own` are the territories that they may see, by code.

    `session` is empty for a program, which asks by a token of the agent's (`tokens.py`).
    """

    id: str
    session: str
    shown: str
    roles: dict[str, Role]

    @property
    def team(self) -> bool:
        """Whether they are of the observatory's team, who may do what the operator does."""
        return self.roles.get(EVERYWHERE) == "team"

    @property
    def own(self) -> list[str]:
        """Return the codes of the territories for which they have a role."""
        return sorted(
            code for code, role in self.roles.items() if code != EVERYWHERE and role != "none"
        )

    def may(self, role: Role, territory: str) -> bool:
        """Tell whether they may do so much for a territory."""
        given = self.roles.get(territory, "none")
        return self.team or LEVELS[given] >= LEVELS[role]

    def administers_itself(self, territory: str) -> bool:
        """Tell whether they administer it as its own, or the team: not by its delegation."""
        return self.team or self.roles.get(territory) == "administration"

    def may_name(self, territory: str, known: Role | None, given: Role) -> bool:
        """Tell whether they may give a role to somebody who has `known` (None: nothing is said).

        Who administers by delegation sees to who reads and who writes. Who administers, who
        protects data, who was refused is the territory's own to say: it could not take itself
        back from a delegate who decides of those who would.
        """
        if self.administers_itself(territory):
            return True
        lent = known in (None, "reading", "writing") and given in ("reading", "writing", "none")
        return lent and self.may("administration", territory)


def agent_of(request: Request) -> Agent | None:
    """Return who asks, by the cookie of a session (`recognising.py`); None for a visitor."""
    return getattr(request.state, "agent", None)


def who(request: Request) -> str:
    """Return the name of who acts: an agent, or the operator."""
    agent = agent_of(request)
    return agent.shown if agent else OPERATOR


def signed_in_agent(request: Request) -> Agent:
    """Return the agent who asks for a page that none but they reach (`web/access.signed_in`)."""
    agent = agent_of(request)
    assert agent is not None
    return agent
