"""Making this browser a kiosk, and ending that."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from jiuyi.desks.kiosk.forms import EnrolForm
from jiuyi.desks.requests import KIOSK_COOKIE, KIOSK_PATH, actor_of, staff_actor
from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.words import OrganizationKind
from jiuyi.foundation import access, clock, enrolled_devices
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.enrolled_devices import ENROL_DEVICES, KIOSK
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

_TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600


def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol this browser and sign the person out: a kiosk stands in the hall, nobody's session may stay on it."""
    actor = actor_of(request)
    if actor is None or actor.kind is not ActorKind.STAFF:
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': reverse('kiosk:enrol')})}")
    possible = _institutions(actor)
    if not possible:
        raise NotAllowed
    form = EnrolForm(request.POST or None, institutions=possible, initial={"institution": possible[0][0]})
    if form.is_valid():
        try:
            device_id = enrolled_devices.enrol(
                actor=actor,
                now=clock.now(),
                node_id=UUID(form.cleaned_data["institution"]),
                role=KIOSK,
                label=form.cleaned_data["label"],
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            logout(request)
            return _as_kiosk(request, device_id)
    context = {
        "form": form,
        "desk_name": gettext("自助机设置"),
        "home_url": reverse("kiosk:enrol"),
        "staff_name": getattr(request.user, "display_name", ""),
        "devices": [each for value, _ in possible for each in enrolled_devices.devices_at(UUID(value), role=KIOSK)],
    }
    return render(request, "kiosk/enrol.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, device_id: UUID) -> HttpResponse:
    """End a kiosk's right to act."""
    enrolled_devices.revoke(actor=staff_actor(request), now=clock.now(), device_id=device_id)
    messages.success(request, gettext("这台自助机已经停用。"))
    return redirect("kiosk:enrol")


@require_POST
def enrol_demo(request: HttpRequest) -> HttpResponse:
    """The demo's short way: this browser becomes the kiosk of the general hospital. Refuses ``not_allowed`` outside the demo."""
    if not settings.DEMO:
        raise NotAllowed
    hospital = next(iter(organizations.organizations(OrganizationKind.COUNTY_HOSPITAL)), None)
    if hospital is None:
        raise NotFound
    device_id = enrolled_devices.enrol(
        actor=access.system("desks.kiosk.demo"), now=clock.now(), node_id=hospital.id, role=KIOSK, label=gettext("演示自助机")
    )
    return _as_kiosk(request, device_id)


def _as_kiosk(request: HttpRequest, device_id: UUID) -> HttpResponse:
    response = redirect("kiosk:start")
    response.set_signed_cookie(
        KIOSK_COOKIE,
        str(device_id),
        max_age=_TEN_YEARS_SECONDS,
        path=KIOSK_PATH,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _institutions(actor: Actor) -> list[tuple[str, str]]:
    every = [each for each in organizations.organizations() if each.kind is not OrganizationKind.CONSORTIUM]
    return [(str(each.id), each.name) for each in every if access.may(actor, ENROL_DEVICES, each.id)]
