"""What the store refuses to do."""


class StoreError(Exception):
    """A request that the small state does not allow."""


class UnknownError(StoreError):
    """Nothing has this id (or this secret)."""


class NotTheirsError(StoreError):
    """What somebody else has to say."""


class TransitionError(StoreError):
    """A state that cannot follow the present one."""


class ConflictError(StoreError):
    """A handle or a native id that is another account's."""


class StaleError(StoreError):
    """A change made from words and settings that somebody has changed since."""


class TooManyError(StoreError):
    """Asked more often than is allowed: to be tried again within the hour."""
