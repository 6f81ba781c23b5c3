"""Staff accounts: the administrator opens them and resets passwords, the security officer gives and takes roles."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from jiuyi.desks.admin.frame import ACCOUNTS, for_officers, frame
from jiuyi.desks.admin.rules import node_choices
from jiuyi.domains.organizations.words import StaffRole
from jiuyi.foundation import access, clock, second_factor
from jiuyi.foundation.access import Actor
from jiuyi.kernel.refusals import NotAllowed, NotFound, Refusal
from jiuyi.kit.refusals import add_refusal

PER_PAGE = 50


class AccountForm(forms.Form):
    """A new account. The first password is told to the person, who then sets up a second factor."""

    username = forms.CharField(label=_("工号"), error_messages={"required": _("请填写工号。")})
    display_name = forms.CharField(label=_("姓名"), max_length=80, error_messages={"required": _("请填写姓名。")})
    node = forms.ChoiceField(label=_("在哪里工作"))
    password = forms.CharField(
        label=_("初始密码"),
        strip=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
        help_text=_("至少 10 位，当面告诉本人。本人第一次登录时设置第二验证方式。"),
        error_messages={"required": _("请填写初始密码。")},
    )

    def __init__(self, *arguments: Any, nodes: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        _offer(self.fields["node"], nodes)


class RoleForm(forms.Form):
    """A role at a node."""

    role = forms.ChoiceField(label=_("角色"))
    node = forms.ChoiceField(label=_("在哪里（包括它下面的各级）"))

    def __init__(self, *arguments: Any, nodes: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        _offer(self.fields["role"], [(role.value, gettext(role.label)) for role in StaffRole])
        _offer(self.fields["node"], nodes)


class PasswordForm(forms.Form):
    """A new password for somebody who forgot theirs."""

    password = forms.CharField(
        label=_("新密码"),
        strip=False,
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
        help_text=_("至少 10 位，当面告诉本人。"),
        error_messages={"required": _("请填写新密码。")},
    )


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
    field.choices = choices


def _nodes_of(actor: Actor, permission: str) -> list[tuple[str, str]]:
    return [(value, words) for value, words in node_choices() if access.may(actor, permission, UUID(value))]


@for_officers(ACCOUNTS)
def accounts(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Every account, or those that match."""
    search = request.GET.get("search", "")
    page = Paginator(access.staff_users(search), PER_PAGE).get_page(request.GET.get("page"))
    context = frame(request, actor, current="accounts") | {
        "page": page,
        "search": search,
        "rows": [(row, [(_role(role.role), role.node_name) for role in access.roles_of(row.user_id)]) for row in page],
        "may_create": access.may_somewhere(actor, access.CREATE_STAFF),
    }
    return render(request, "admin/accounts.html", context)


@sensitive_post_parameters("password")
@for_officers(frozenset({access.CREATE_STAFF}))
def create(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Open an account."""
    form = AccountForm(request.POST or None, nodes=_nodes_of(actor, access.CREATE_STAFF))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user_id = access.create_staff_user(
                actor=actor,
                now=clock.now(),
                username=given["username"],
                display_name=given["display_name"],
                password=given["password"],
                node_id=UUID(given["node"]),
            )
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("账号已建立。请安全管理员分配角色。"))
            return redirect("admin:account", user_id=user_id)
    return render(request, "admin/create_account.html", frame(request, actor, current="accounts") | {"form": form}, status=_status(form))


@for_officers(ACCOUNTS)
def account(request: HttpRequest, *, actor: Actor, user_id: UUID) -> HttpResponse:
    """One account, its roles, and what this officer may do with it."""
    return _page(request, actor, user_id)


@require_POST
@for_officers(frozenset({access.ASSIGN_ROLES}))
def assign(request: HttpRequest, *, actor: Actor, user_id: UUID) -> HttpResponse:
    """Give a role."""
    form = RoleForm(request.POST, nodes=_nodes_of(actor, access.ASSIGN_ROLES))
    if not form.is_valid():
        return _page(request, actor, user_id, role_form=form)
    try:
        access.assign_role(
            actor=actor, now=clock.now(), user_id=user_id, role=form.cleaned_data["role"], node_id=UUID(form.cleaned_data["node"])
        )
    except (NotFound, NotAllowed):
        raise
    except Refusal as refusal:
        add_refusal(form, refusal)
        return _page(request, actor, user_id, role_form=form)
    messages.success(request, gettext("角色已分配。"))
    return redirect("admin:account", user_id=user_id)


@require_POST
@for_officers(frozenset({access.ASSIGN_ROLES}))
def end(request: HttpRequest, *, actor: Actor, user_id: UUID, assignment_id: UUID) -> HttpResponse:
    """Take a role away."""
    access.end_role(actor=actor, now=clock.now(), assignment_id=assignment_id)
    messages.success(request, gettext("角色已收回。"))
    return redirect("admin:account", user_id=user_id)


@sensitive_post_parameters("password")
@require_POST
@for_officers(frozenset({access.CREATE_STAFF}))
def set_password(request: HttpRequest, *, actor: Actor, user_id: UUID) -> HttpResponse:
    """Reset a forgotten password; the second factor stays."""
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            access.set_password(actor=actor, now=clock.now(), user_id=user_id, password=form.cleaned_data["password"])
        except (NotFound, NotAllowed):
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, gettext("密码已重置，本人的登录已全部退出。"))
            return redirect("admin:account", user_id=user_id)
    return _page(request, actor, user_id, password_form=form)


@require_POST
@for_officers(frozenset({access.ASSIGN_ROLES}))
def clear_second_factor(request: HttpRequest, *, actor: Actor, user_id: UUID) -> HttpResponse:
    """Somebody lost the telephone: the next sign-in sets up a new second factor."""
    second_factor.clear(actor=actor, user_id=user_id, now=clock.now())
    messages.success(request, gettext("第二验证方式已清除，本人下次登录时重新设置。"))
    return redirect("admin:account", user_id=user_id)


def _page(
    request: HttpRequest, actor: Actor, user_id: UUID, *, role_form: RoleForm | None = None, password_form: PasswordForm | None = None
) -> HttpResponse:
    form = role_form or password_form
    may_assign, may_create = access.may_somewhere(actor, access.ASSIGN_ROLES), access.may_somewhere(actor, access.CREATE_STAFF)
    context = frame(request, actor, current="accounts") | {
        "account": access.staff_user(user_id),
        "roles": [(role, _role(role.role), access.may(actor, access.ASSIGN_ROLES, role.node_id)) for role in access.roles_of(user_id)],
        "has_second_factor": second_factor.is_set_up_for(user_id),
        "form": form,
        "role_form": (role_form or RoleForm(nodes=_nodes_of(actor, access.ASSIGN_ROLES))) if may_assign else None,
        "password_form": (password_form or PasswordForm()) if may_create else None,
    }
    return render(request, "admin/account.html", context, status=_status(form))


def _role(code: str) -> str:
    return gettext(StaffRole(code).label) if code in {role.value for role in StaffRole} else code


def _status(form: forms.Form | None) -> int:
    return 422 if form is not None and form.is_bound and form.errors else 200
