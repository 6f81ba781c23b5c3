"""What the pages of all desks know without their view saying so: the house's name and whom to ring."""

from collections.abc import Mapping
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from jiuyi.domains.organizations import queries as organizations
from jiuyi.foundation import scopes
from jiuyi.kernel.refusals import NotFound


def house(request: HttpRequest) -> Mapping[str, Any]:
    """``institution`` (the name of the whole group) and ``help_phone`` (its first telephone); asked for only where a page shows them.

    The kit's own pages belong to no house. Without a database both are empty, so that a page of errors can still be shown.
    """
    if request.resolver_match and request.resolver_match.app_name == "kit":
        return {}
    return {"institution": SimpleLazyObject(_name), "help_phone": SimpleLazyObject(_phone)}


def _name() -> str:
    try:
        return scopes.name(scopes.root_id())
    except (NotFound, DatabaseError):
        return ""


def _phone() -> str:
    try:
        return next((each.phone for each in organizations.organizations() if each.phone), "")
    except DatabaseError:
        return ""
