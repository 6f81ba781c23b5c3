"""The gallery and the mode switch."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from jiuyi.kit.context import ELDERLY, MODE_COOKIE, NORMAL

_YEAR_SECONDS = 60 * 60 * 24 * 365


@require_POST
def switch_mode(request: HttpRequest) -> HttpResponse:
    """Remember the mode that was pressed and go back to where one was; a foreign address leads to the first page."""
    chosen = ELDERLY if request.POST.get("mode") == ELDERLY else NORMAL
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        MODE_COOKIE,
        chosen,
        max_age=_YEAR_SECONDS,
        samesite="Lax",
        httponly=True,
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return response


def gallery(request: HttpRequest) -> HttpResponse:
    """Every part of the kit, in the mode that ``?mode=`` names."""
    return HttpResponse(request.path)
