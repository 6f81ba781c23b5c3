"""The way into the desk: the first page that the account may enter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from jiuyi.desks.admin.frame import PAGES, for_officers, pages_of
from jiuyi.foundation.access import Actor

_ANY = frozenset[str]().union(*(permissions for _, permissions in PAGES.values()))


@for_officers(_ANY)
def home(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Go on to the first page of the navigation."""
    return redirect(f"admin:{pages_of(actor)[0]}")
