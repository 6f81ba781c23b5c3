"""Which browser is this? A random cookie tells devices apart for rate limits: never the address, a village shares one."""

import hashlib
from collections.abc import Callable, Mapping
from ipaddress import IPv6Address
from typing import Final

from django.http import HttpRequest, HttpResponse

from jiuyi.foundation import vault
from jiuyi.kernel.ids import new_token

COOKIE: Final = "device"
_YEAR_SECONDS: Final = 60 * 60 * 24 * 365
_TOKEN_CHARACTERS: Final = 26
_NEW: Final = "_new_device"


def device_of(request: HttpRequest) -> str:
    """The device's own code: from its cookie, or a fresh one that ``DeviceMiddleware`` will leave there."""
    known = request.COOKIES.get(COOKIE) or getattr(request, _NEW, None)
    if not known:
        known = new_token(_TOKEN_CHARACTERS)
        setattr(request, _NEW, known)
    return known[:80]


def device_hash(request: HttpRequest) -> str:
    """64 hexadecimal digits that stand for the device in what it booked, and tell nothing without the house's key."""
    return vault.fingerprint(device_of(request), purpose="device").hex()


def axes_address(request: HttpRequest) -> str:
    """The device in the shape of a private IPv6 address (``fd…``), for django-axes, which can only count by addresses."""
    digest = hashlib.sha256(device_of(request).encode()).digest()
    return str(IPv6Address(b"\xfd" + digest[:15]))


def axes_username(request: HttpRequest, credentials: Mapping[str, str] | None = None) -> str | None:
    """The work number that is tried, wherever the form or the authentication backend keeps it."""
    for source in (credentials or {}, request.POST):
        for name in ("username", "login"):
            if source.get(name):
                return str(source[name]).strip().casefold()
    return None


class DeviceMiddleware:
    """Leaves the cookie with a device that was asked for its code and had none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then leave the cookie."""
        response = self.get_response(request)
        fresh = getattr(request, _NEW, None)
        if fresh and COOKIE not in response.cookies:
            response.set_cookie(COOKIE, fresh, max_age=_YEAR_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure())
        return response
