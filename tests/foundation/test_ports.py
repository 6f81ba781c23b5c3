"""A department asks for a Protocol; somebody above has provided it."""

from typing import Protocol

import pytest

from jiuyi.foundation import ports


class Bell(Protocol):
    def ring(self) -> str: ...


class Doorbell:
    def ring(self) -> str:
        return "ding"


@pytest.fixture(autouse=True)
def _own_ports(monkeypatch):
    monkeypatch.setattr(ports, "_provided", {})


def test_what_was_provided_is_found_and_can_be_replaced():
    first, second = Doorbell(), Doorbell()
    ports.provide(Bell, first)
    assert ports.port(Bell) is first
    ports.provide(Bell, second)
    assert ports.port(Bell) is second
    assert ports.is_provided(Bell)


def test_what_nobody_provided_is_a_mistake_of_the_installation():
    assert not ports.is_provided(Bell)
    with pytest.raises(ports.NotProvided, match="Bell"):
        ports.port(Bell)
