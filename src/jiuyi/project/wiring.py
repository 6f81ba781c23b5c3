"""Who implements which port, who listens to which event, which role may do what."""

from django.conf import settings

from jiuyi.domains.billing.words import PaymentProvider
from jiuyi.foundation import access, journal, ports
from jiuyi.foundation.notices import DemoSender, MessageSender
from jiuyi.journeys.listeners import LISTENERS
from jiuyi.project import preparation
from jiuyi.project.roles import ROLES


def wire() -> None:
    """Join the floors once at start."""
    access.register_roles(ROLES)
    journal.register_listeners(LISTENERS)
    if settings.DEMO:
        _wire_simulators()


def _wire_simulators() -> None:
    """The demo's outside world; a real installation wires its own channels and never these."""
    ports.provide(MessageSender, DemoSender())
    provider = preparation.optional("jiuyi.interop.payments.simulated", "SimulatedProvider")
    if provider is not None:
        ports.provide(PaymentProvider, provider())
