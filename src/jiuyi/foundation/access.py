"""Who acts, and what a role held at a node allows there and below.

Permission codes are plain strings (``"person.open"``); which role holds which is wired once by project.
A patient holds no grants: what a patient may see is decided by links in the departments.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from jiuyi.foundation import audit, journal, scopes
from jiuyi.foundation.actors import SYSTEM, Actor, ActorKind, Grant, system
from jiuyi.foundation.events import RoleAssigned, RoleEnded, StaffUserCreated
from jiuyi.foundation.models import USERNAME_CHARACTERS, RoleAssignment, StaffUser
from jiuyi.kernel.ids import new_id
from jiuyi.kernel.refusals import Invalid, NotAllowed, NotFound, Refusal
from jiuyi.kernel.text import gettext_noop

__all__ = [
    "ASSIGN_ROLES",
    "CHANGE_RULES",
    "CREATE_STAFF",
    "READ_AUDIT",
    "SYSTEM",
    "Actor",
    "ActorKind",
    "Grant",
    "OfficersApart",
    "RoleRow",
    "StaffRow",
    "UsernameTaken",
    "actor_of_user",
    "assign_role",
    "create_staff_user",
    "end_role",
    "may",
    "may_somewhere",
    "nodes_with",
    "register_roles",
    "registered_roles",
    "require",
    "roles_of",
    "set_password",
    "staff_names",
    "staff_user",
    "staff_users",
    "system",
]

ASSIGN_ROLES: Final = "access.assign_roles"
CREATE_STAFF: Final = "access.create_staff"
CHANGE_RULES: Final = "rulebook.change"
READ_AUDIT: Final = "audit.read"


class UsernameTaken(Refusal):
    """Another staff account has this work number."""

    code = "username_taken"
    message = gettext_noop("这个工号已经有账号了，请核对工号，或停用原账号后再试。")


class OfficersApart(Refusal):
    """An officer's account would hold a second role: what one of the three does, the others watch (三员分立)."""

    code = "officers_apart"
    message = gettext_noop("系统管理员、安全管理员、审计员要由不同的人担任，他们的账号也不再兼任其他角色。请为这个角色另开一个账号。")


_OFFICES: Final = frozenset({ASSIGN_ROLES, CREATE_STAFF, READ_AUDIT})
_permissions_of_role: dict[str, frozenset[str]] = {}


def register_roles(roles: Mapping[str, frozenset[str]]) -> None:
    """Wire which role holds which permissions; replaces what was wired before."""
    _permissions_of_role.clear()
    _permissions_of_role.update(roles)


def registered_roles() -> Mapping[str, frozenset[str]]:
    """The wired roles and their permissions."""
    return dict(_permissions_of_role)


def may(actor: Actor, permission: str, node_id: UUID | None) -> bool:
    """Whether the actor holds the permission at the node, or at a node above it.

    ``None`` means the whole house: only a role held at the root counts. The system may all; a patient nothing.
    """
    if actor.kind is ActorKind.SYSTEM:
        return True
    held = [grant for grant in actor.grants if permission in _permissions_of_role.get(grant.role, frozenset())]
    if not held:
        return False
    if node_id is None:
        return any(len(grant.path) == 1 for grant in held)
    return any(scopes.is_within(node_id, grant.node_id) for grant in held)


def may_somewhere(actor: Actor, permission: str) -> bool:
    """Whether the actor holds the permission at any node at all (to show a menu entry, never to allow an act)."""
    return actor.kind is ActorKind.SYSTEM or bool(nodes_with(actor, permission))


def nodes_with(actor: Actor, permission: str) -> frozenset[UUID]:
    """The nodes at which the actor's roles give the permission (it counts below them too)."""
    return frozenset(grant.node_id for grant in actor.grants if permission in _permissions_of_role.get(grant.role, frozenset()))


def require(actor: Actor, permission: str, node_id: UUID | None) -> None:
    """Refuse (``not_allowed``) unless ``may``."""
    if not may(actor, permission, node_id):
        raise NotAllowed


def actor_of_user(user: "StaffUser", request_id: UUID | None) -> Actor:
    """The staff account as an actor with the roles it holds now; a closed account holds none."""
    if not user.is_active:
        return Actor(ActorKind.STAFF, user.id, frozenset(), request_id)
    held = RoleAssignment.objects.filter(user_id=user.id, ended_at=None).values_list("role", "node_id", "node__path")
    grants = frozenset(Grant(role, node_id, tuple(path)) for role, node_id, path in held)
    return Actor(ActorKind.STAFF, user.id, grants, request_id)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role that a staff account holds now."""

    assignment_id: UUID
    role: str
    node_id: UUID
    node_name: str
    assigned_at: datetime


def roles_of(user_id: UUID) -> list[RoleRow]:
    """The roles that the staff account holds now, oldest first."""
    rows = RoleAssignment.objects.filter(user_id=user_id, ended_at=None).select_related("node").order_by("assigned_at", "id")
    return [RoleRow(row.id, row.role, row.node_id, row.node.name, row.assigned_at) for row in rows]


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A staff account as lists show it."""

    user_id: UUID
    username: str
    display_name: str
    is_active: bool


def staff_users(search: str = "") -> list[StaffRow]:
    """Staff accounts in order of work number; ``search`` looks into work number and name."""
    rows = StaffUser.objects.order_by("username")
    if words := search.strip():
        rows = rows.filter(Q(username__icontains=words) | Q(display_name__icontains=words))
    return [_staff_row(row) for row in rows]


def staff_user(user_id: UUID) -> StaffRow:
    """One staff account. Refuses an unknown one (``not_found``)."""
    row = StaffUser.objects.filter(id=user_id).first()
    if row is None:
        raise NotFound
    return _staff_row(row)


def staff_names(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """``高海涛（9001）`` by account; unknown ids are left out."""
    rows = StaffUser.objects.filter(id__in=set(user_ids))
    return {row.id: f"{row.display_name}（{row.username}）" for row in rows}


def _staff_row(row: StaffUser) -> StaffRow:
    return StaffRow(row.id, row.username, row.display_name, row.is_active)


def set_password(*, actor: Actor, user_id: UUID, password: str, now: datetime) -> None:
    """Give an account that forgot its password a new one; every session of it ends. The second factor stays as it is.

    The actor needs the permission wherever the account holds a role (in the whole house if it holds none).
    Refusals: ``not_found``, ``not_allowed``, ``invalid`` (weak password).
    """
    with transaction.atomic():
        user = StaffUser.objects.select_for_update().filter(id=user_id).first()
        if user is None:
            raise NotFound
        held: list[UUID | None] = [role.node_id for role in roles_of(user_id)]
        for node_id in held or [None]:
            require(actor, CREATE_STAFF, node_id)
        _check(user, password)
        user.set_password(password)
        user.save(update_fields=["password"])
        audit.privileged(actor, act="access.set_password", object_id=user_id, now=now)


def create_staff_user(
    *,
    actor: Actor,
    now: datetime,
    username: str,
    display_name: str,
    password: str | None = None,
    node_id: UUID | None = None,
    id: UUID | None = None,  # noqa: A002  # the contract's word
) -> UUID:
    """Open a staff account for one person; without a password it cannot sign in yet.

    ``node_id`` is where the person works: the actor needs the permission there.
    Refusals: ``not_allowed``, ``invalid`` (empty name, weak password), ``username_taken``.
    """
    require(actor, CREATE_STAFF, node_id)
    user = StaffUser(id=id or new_id(), username=username.strip(), display_name=display_name.strip())
    _check(user, password)
    user.set_password(password)
    with transaction.atomic():
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:
            raise UsernameTaken(fields={"username": UsernameTaken.message}) from None
        journal.record(StaffUserCreated(user_id=user.id, scope_id=node_id), actor=actor, now=now)
        audit.privileged(actor, act="access.create_staff", object_id=user.id, now=now)
    return user.id


def assign_role(*, actor: Actor, user_id: UUID, role: str, node_id: UUID, now: datetime) -> UUID:
    """Give a role at a node, and everywhere below; giving it twice changes nothing. Returns the assignment.

    Never to oneself, and an account that opens accounts, gives roles or reads the audit holds that one role only.
    Refusals: ``not_allowed``, ``not_found`` (account or node), ``invalid`` (no such role), ``officers_apart``.
    """
    scopes.path(node_id)
    require(actor, ASSIGN_ROLES, node_id)
    if user_id == actor.id:
        raise NotAllowed
    if registered_roles() and role not in registered_roles():
        raise Invalid(fields={"role": gettext_noop("没有这个角色，请从列表中选择。")})
    with transaction.atomic():
        # The account's row is the lock: the same role given twice at once ends as one assignment.
        if not StaffUser.objects.select_for_update().filter(id=user_id).exists():
            raise NotFound
        held = RoleAssignment.objects.filter(user_id=user_id, role=role, node_id=node_id, ended_at=None).first()
        if held is not None:
            return held.id
        others = set(RoleAssignment.objects.filter(user_id=user_id, ended_at=None).exclude(role=role).values_list("role", flat=True))
        if others and any(_OFFICES & _permissions_of_role.get(each, frozenset()) for each in (role, *others)):
            raise OfficersApart(fields={"role": OfficersApart.message})
        made = RoleAssignment.objects.create(user_id=user_id, role=role, node_id=node_id, assigned_by=actor.id, assigned_at=now)
        journal.record(RoleAssigned(assignment_id=made.id, user_id=user_id, scope_id=node_id), actor=actor, now=now)
        audit.privileged(actor, act="access.assign_role", object_id=made.id, reason=role, now=now)
    return made.id


def end_role(*, actor: Actor, assignment_id: UUID, now: datetime) -> None:
    """Take a role away; the row stays with who and when. Refusals: ``not_allowed``, ``not_found``."""
    with transaction.atomic():
        held = RoleAssignment.objects.select_for_update().filter(id=assignment_id, ended_at=None).first()
        if held is None:
            raise NotFound
        require(actor, ASSIGN_ROLES, held.node_id)
        held.ended_by, held.ended_at = actor.id, now
        held.save(update_fields=["ended_by", "ended_at"])
        ended = RoleEnded(assignment_id=held.id, user_id=held.user_id, scope_id=held.node_id)
        journal.record(ended, actor=actor, now=now)
        audit.privileged(actor, act="access.end_role", object_id=held.id, reason=held.role, now=now)


def _check(user: StaffUser, password: str | None) -> None:
    fields: dict[str, str] = {}
    if not user.username:
        fields["username"] = gettext_noop("请填写工号。")
    elif len(user.username) > USERNAME_CHARACTERS:
        fields["username"] = gettext_noop("工号最长40个字符。")
    if not user.display_name:
        fields["display_name"] = gettext_noop("请填写姓名。")
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError:
            fields["password"] = gettext_noop("密码太简单：至少10位，不要用工号、姓名或常见密码。")
    if fields:
        raise Invalid(fields=fields)
