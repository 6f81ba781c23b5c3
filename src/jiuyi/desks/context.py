"""What the pages of all desks know without their view saying so: the house's name and whom to ring."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import scopes
from jiuyi.kernel.refusals import NotFound


def house(request: HttpRequest) -> Mapping[str, Any]:  # Django's signature
    """``institution`` (the name of the whole group) and ``help_phone`` (its first telephone); asked for only where a page shows them."""
    return {"institution": SimpleLazyObject(_name), "help_phone": SimpleLazyObject(_phone)}


def _name() -> str:
    try:
        return scopes.name(scopes.root_id())
    except NotFound:
        return ""


def _phone() -> str:
    return next((each.phone for each in organizations.organizations() if each.phone), "")
