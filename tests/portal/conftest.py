"""The portal over the small made-up country (the same as the api's tests)."""

from tests.api.conftest import figures as figures
from tests.api.conftest import places as places
from tests.api.conftest import portal as portal
from tests.api.conftest import store as store
from tests.api.conftest import visitor as visitor
