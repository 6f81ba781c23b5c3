"""The way in: sign-in, setting up a second factor, and the list of desks behind it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from jiuyi.desks.requests import staff_actor
from jiuyi.desks.sign_in.doors import doors_of, roles_in_words
from jiuyi.foundation import second_factor

View = Callable[..., Any]


@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """The desks of this account; straight to the only one. Without a second factor: set one up first."""
    elsewhere = _not_yet(request)
    if elsewhere is not None:
        return elsewhere
    actor = staff_actor(request)
    doors = doors_of(actor)
    if len(doors) == 1 and "stay" not in request.GET:
        return redirect(doors[0].url)
    return render(request, "sign_in/home.html", {"doors": doors, "roles": roles_in_words(actor.id)})


@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """Choose the second factor: an authenticator app or a security key."""
    if not request.user.is_authenticated or second_factor.is_set_up(request.user):
        return redirect("staff_home")
    return render(request, "sign_in/set_up.html")


def sign_in(request: HttpRequest) -> HttpResponse:
    """Work number and password. Somebody signed in by password alone is not sent round in circles, but to the set-up."""
    if request.user.is_authenticated and not second_factor.is_proved(request):
        return redirect("staff_home")
    response: HttpResponse = account.login(request)
    return response


def remove_key(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a security key, unless it is the account's last second factor."""
    key = second_factor.factor_of(request.user.pk, pk) if request.user.is_authenticated else None
    if key is not None and not get_adapter().can_delete_authenticator(key):
        messages.error(request, get_adapter().error_messages["cannot_delete_authenticator"])
        return redirect("mfa_index")
    response: HttpResponse = webauthn.remove_webauthn(request, pk=pk)
    return response


def while_setting_up(view: View) -> View:
    """For pages that one needs to get a second factor: whoever has one must have proved it in this session."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        if request.user.is_authenticated and not second_factor.is_proved(request) and second_factor.is_set_up(request.user):
            return _start_again(request)
        return view(request, *arguments, **named)

    return guarded


def behind_second_factor(view: View) -> View:
    """For pages about an account that is fully signed in."""

    @wraps(view)
    def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        return _not_yet(request) or view(request, *arguments, **named)

    return guarded


def _not_yet(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return redirect("account_login")
    if second_factor.is_proved(request):
        return None
    return _start_again(request) if second_factor.is_set_up(request.user) else redirect("staff_second_factor")


def _start_again(request: HttpRequest) -> HttpResponse:
    """This session knows only the password, and the account got a second factor meanwhile: it ends here."""
    logout(request)
    return HttpResponseRedirect(reverse("account_login"))
