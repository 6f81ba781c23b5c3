"""Who implements which port, who listens to which event, which role may do what."""

from jiuyi.domains.billing.words import PaymentProvider
from jiuyi.foundation import access, journal, ports
from jiuyi.foundation.notices import MessageSender
from jiuyi.project import preparation
from jiuyi.project.roles import ROLES


def wire() -> None:
    """Join the floors once at start."""
    access.register_roles(ROLES)
    journal.register_listeners(preparation.constant("jiuyi.journeys.listeners", "LISTENERS") or ())
    sender = preparation.optional("jiuyi.foundation.notices", "DemoSender")
    if sender is not None:
        ports.provide(MessageSender, sender())
    provider = preparation.optional("jiuyi.interop.payments.simulated", "SimulatedProvider")
    if provider is not None:
        ports.provide(PaymentProvider, provider())
