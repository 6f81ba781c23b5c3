"""Signing in by a code sent to the phone. The answers never tell whether a number is known."""

from base64 import b64decode, b64encode
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from jiuyi.desks.patient.forms import CodeForm, PhoneForm, posted
from jiuyi.desks.patient.guard import safe_next
from jiuyi.desks.requests import PATIENT_SESSION_KEY
from jiuyi.domains.identity import actions as identity
from jiuyi.foundation import clock, vault
from jiuyi.kernel.ids import new_token
from jiuyi.kernel.refusals import Refusal
from jiuyi.kit.refusals import add_refusal

PHONE_KEY: Final = "sign_in_phone"
_PURPOSE: Final = "sign_in.phone"
NEXT_KEY: Final = "sign_in_next"
DEVICE_COOKIE: Final = "device"
DEVICE_SECONDS: Final = 60 * 60 * 24 * 365


def phone(request: HttpRequest) -> HttpResponse:
    """Ask for the phone number and send a code to it."""
    form = PhoneForm(posted(request))
    if request.method == "POST" and form.is_valid():
        device = _device_of(request)
        try:
            identity.request_login_code(phone=form.cleaned_data["phone"], device=device, now=clock.now())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            request.session[PHONE_KEY] = _sealed(form.cleaned_data["phone"])
            request.session[NEXT_KEY] = safe_next(request, reverse("patient:home"))
            return _remember_device(redirect("patient:code"), device)
    return render(request, "patient/sign_in_phone.html", {"form": form, "next": safe_next(request, "")}, status=_status(form))


def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; five wrong ones close the door for a while."""
    typed_phone = _unsealed(request.session.get(PHONE_KEY))
    if not typed_phone:
        return redirect("patient:sign_in")
    form = CodeForm(posted(request))
    if request.method == "POST" and form.is_valid():
        device = _device_of(request)
        try:
            account_id = identity.sign_in_with_code(phone=typed_phone, code=form.cleaned_data["code"], device=device, now=clock.now())
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            target = request.session.get(NEXT_KEY) or reverse("patient:home")
            request.session.flush()
            request.session[PATIENT_SESSION_KEY] = str(account_id)
            return _remember_device(HttpResponseRedirect(target), device)
    hint = f"{typed_phone[:3]}****{typed_phone[-4:]}"
    return render(request, "patient/sign_in_code.html", {"form": form, "phone_hint": hint}, status=_status(form))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget who this was."""
    request.session.flush()
    return redirect("patient:home")


def _sealed(phone: str) -> str:
    """A phone as it may lie in the session's table: sealed, like every other one."""
    return b64encode(vault.seal(phone, purpose=_PURPOSE)).decode()


def _unsealed(sealed: str | None) -> str:
    """The phone again; nothing for a session of a time before the keys changed."""
    try:
        return vault.unseal(b64decode(sealed or ""), purpose=_PURPOSE)
    except (vault.VaultError, ValueError):
        return ""


def _status(form: PhoneForm | CodeForm) -> int:
    return 422 if form.errors else 200


def _device_of(request: HttpRequest) -> str:
    return request.COOKIES.get(DEVICE_COOKIE) or new_token(20)


def _remember_device(response: HttpResponse, device: str) -> HttpResponse:
    response.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=DEVICE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
    return response
