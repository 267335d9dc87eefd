"""One journey with every kind of entry, and its audit bundle."""

import pytest

from hospes.core.audit import AuditBundle
from hospes.core.identities import Account, Hash
from tests.simulators.paper_chain import PaperChain
from tests.simulators.paper_journey import Journey, travel


@pytest.fixture(scope="session")
def journey() -> Journey:
    """The journey of `travel`; nobody may change it."""
    return travel()


@pytest.fixture(scope="session")
def bundle(journey: Journey) -> AuditBundle:
    """Its bundle."""
    return journey.bundle()


@pytest.fixture(scope="session")
def pin(journey: Journey) -> Hash:
    """The pin of its network."""
    return journey.chain.genesis.pin()


@pytest.fixture(scope="session")
def journey_chain(journey: Journey) -> PaperChain:
    """The chain that the journey is on; nobody may change it."""
    return journey.chain


@pytest.fixture(scope="session")
def since_four(journey: Journey) -> AuditBundle:
    """The bundle with the headers after block 4."""
    return journey.bundle(since=4)


@pytest.fixture(scope="session")
def keeper(journey: Journey) -> Account:
    """One of the keepers."""
    return journey.accounts["keeper-bilbao"]
