"""The gallery and the mode switch."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from jiuyi.kit.context import ELDERLY, MODE_COOKIE, NORMAL, mode_of
from jiuyi.kit.gallery import sample_context

_BASES = {
    NORMAL: "kit/page_patient.html",
    ELDERLY: "kit/page_patient.html",
    "dense": "kit/page_staff.html",
    "wall": "kit/page_wall.html",
}
_PAGES = {
    "slots": "kit/gallery/slots.html",
    "slots-error": "kit/gallery/slots.html",
    "done": "kit/gallery/done.html",
    "beds": "kit/gallery/beds.html",
    "wall": "kit/gallery/wall.html",
    "slip": "kit/gallery/slip.html",
}
_MODE_OF_PAGE = {"beds": "dense", "wall": "wall"}
_ERROR_PAGES = frozenset({"slots-error"})
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
    """Every part of the kit in the mode that ``?mode=`` names; ``?page=`` shows a whole sample page instead."""
    mode = request.GET.get("mode", "")
    page = request.GET.get("page", "")
    mode = mode if mode in _BASES else _MODE_OF_PAGE.get(page, mode_of(request))
    context = sample_context() | {"mode": mode, "base": _BASES[mode], "modes": list(_BASES), "sample": page}
    if page in _ERROR_PAGES:
        context["form"] = context["window_form"]
    return render(request, _PAGES.get(page, "kit/gallery/all.html"), context)
