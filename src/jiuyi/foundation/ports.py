"""What the house needs from outside, by Protocol: a department asks, interop implements, project wires."""

from typing import Any, TypeVar, cast

P = TypeVar("P")
_provided: dict[type, Any] = {}


class NotProvided(LookupError):  # noqa: N818  # names what is missing
    """No implementation was wired for this Protocol: a mistake of the installation, not of the user."""


def provide(protocol: type[P], implementation: P) -> None:
    """Wire an implementation; a later call replaces it (tests, simulators)."""
    _provided[protocol] = implementation


def port(protocol: type[P]) -> P:
    """The wired implementation; ``NotProvided`` if there is none."""
    try:
        return cast("P", _provided[protocol])
    except KeyError:
        raise NotProvided(protocol.__qualname__) from None


def is_provided(protocol: type) -> bool:
    """Whether an implementation is wired (for the doctor, and for services that may be switched off)."""
    return protocol in _provided
