"""What the house needs from outside, by Protocol: a department asks, interop implements, project wires."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

P = TypeVar("P")
# A Protocol is no concrete class, so it is typed as what it would make if it were one.
_provided: dict[Callable[..., Any], Any] = {}


class NotProvided(LookupError):  # noqa: N818  # names what is missing
    """No implementation was wired for this Protocol: a mistake of the installation, not of the user."""


def provide(protocol: Callable[..., P], implementation: P) -> None:
    """Wire an implementation; a later call replaces it (tests, simulators)."""
    _provided[protocol] = implementation


def port(protocol: Callable[..., P]) -> P:
    """The wired implementation; ``NotProvided`` if there is none."""
    try:
        return cast("P", _provided[protocol])
    except KeyError:
        raise NotProvided(protocol.__qualname__) from None


def is_provided(protocol: Callable[..., Any]) -> bool:
    """Whether an implementation is wired (for the doctor, and for services that may be switched off)."""
    return protocol in _provided
