"""Who implements which port, who listens to which event, which role may do what."""

from django.conf import settings

from jiuyi.domains.billing.words import PaymentProvider
from jiuyi.foundation import access, journal, ports
from jiuyi.foundation.notices import DemoSender, MessageSender
from jiuyi.interop.payments.simulated import SimulatedProvider
from jiuyi.journeys.listeners import LISTENERS
from jiuyi.project.roles import ROLES


def wire() -> None:
    """Join the floors once at start."""
    access.register_roles(ROLES)
    journal.register_listeners(LISTENERS)
    if settings.DEMO:
        _wire_simulators()


def _wire_simulators() -> None:
    """The demo's outside world; a real installation wires its own channels and never these."""
    sender: MessageSender = DemoSender()
    ports.provide(MessageSender, sender)
    provider: PaymentProvider = SimulatedProvider()
    ports.provide(PaymentProvider, provider)
