"""What the outside world does in the background: late call-backs arrive, lost ones are asked for."""

from datetime import datetime

from jiuyi.domains.billing.words import PaymentProvider
from jiuyi.foundation import jobs, ports
from jiuyi.interop.payments import simulated


@jobs.sweep("interop.tell_late_payments", seconds=5)
def tell_late_payments(now: datetime) -> None:
    """The simulated channel sends the call-backs that it kept back."""
    simulated.tell_what_is_due(now=now)


@jobs.sweep("interop.ask_about_lost_payments", seconds=30)
def ask_about_lost_payments(now: datetime) -> None:
    """Ask the channel about payments whose call-back may have got lost."""
    if ports.is_provided(PaymentProvider):
        simulated.ask_about_lost_payments(ports.port(PaymentProvider), now=now)
