"""Local numbers: the nearest node's value that is in force at the time of the *event*.

Defaults ship in code as version 0 of their rule. A change at a node counts there and below, from ``valid_from`` on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from jiuyi.foundation import access, audit, journal, scopes
from jiuyi.foundation.actors import Actor
from jiuyi.foundation.events import RuleChanged
from jiuyi.foundation.models import RuleVersion
from jiuyi.kernel.parameters import ConflictingValues, RuleParameters, read_parameters
from jiuyi.kernel.refusals import Invalid, NotFound
from jiuyi.kernel.text import gettext_noop

P = TypeVar("P", bound=RuleParameters)


@dataclass(frozen=True, slots=True)
class RuleReference:
    """Names one set of values for ever; stored with every decision made by it. Version 0 is the shipped default."""

    rule_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Rule(Generic[P]):
    """The values in force, which version they are, and on what they rest."""

    parameters: P
    reference: RuleReference
    source: str


@dataclass(frozen=True, slots=True)
class RuleHistoryRow:
    """One version of a rule at one node: who set which values for when, and why."""

    id: UUID
    rule_id: str
    version: int
    scope_id: UUID
    scope_name: str
    values: dict[str, Any]
    valid_from: datetime
    valid_to: datetime | None
    replaced_at: datetime | None
    reason: str
    source: str
    changed_by_kind: str
    changed_by: UUID
    changed_at: datetime


def rule(kind: type[P], *, scope_id: UUID | None, at: datetime) -> Rule[P]:
    """The values in force at the node at the instant: the nearest node upward that has its own wins.

    ``scope_id`` None asks for the whole house (the root's values, or the default).
    """
    path = scopes.path(scope_id) if scope_id is not None else ()
    scope = Q(scope_id__in=path) if path else Q(scope__parent=None)
    in_force = RuleVersion.objects.filter(
        scope, Q(valid_to=None) | Q(valid_to__gt=at), rule_id=kind.rule_id, valid_from__lte=at, replaced_at=None
    )
    nearest = max(in_force, key=lambda row: path.index(row.scope_id) if path else 0, default=None)
    if nearest is None:
        return Rule(kind(), RuleReference(kind.rule_id, 0), kind.source)
    return Rule(read_parameters(kind, nearest.values), RuleReference(kind.rule_id, nearest.version), nearest.source)


def rule_version(kind: type[P], version: int) -> Rule[P]:
    """The values that a stored decision rests on. Refuses an unknown version (``not_found``)."""
    if version == 0:
        return Rule(kind(), RuleReference(kind.rule_id, 0), kind.source)
    row = RuleVersion.objects.filter(rule_id=kind.rule_id, version=version).first()
    if row is None:
        raise NotFound
    return Rule(read_parameters(kind, row.values), RuleReference(kind.rule_id, version), row.source)


def change_rule(
    *,
    actor: Actor,
    now: datetime,
    rule_id: str,
    scope_id: UUID | None,
    values: Mapping[str, Any],
    valid_from: datetime,
    reason: str,
    source: str,
) -> RuleReference:
    """Set a rule's values at a node (None: the root) from an instant on, until the next change planned there, if any.

    The value in force is closed at ``valid_from``; a change planned for exactly the same instant is replaced. Values
    left out are the shipped defaults. Nothing can be changed for the past.
    Refusals: ``not_found`` (rule, node), ``not_allowed``, ``invalid`` (every wrong field at once).
    """
    kind = packs().get(rule_id)
    if kind is None:
        raise NotFound
    node_id = scopes.root_id() if scope_id is None else scope_id
    scopes.path(node_id)
    access.require(actor, access.CHANGE_RULES, node_id)
    parameters = _checked(kind, values, valid_from=valid_from, now=now, reason=reason, source=source)
    with transaction.atomic():
        version = _next_version(rule_id)
        own = RuleVersion.objects.filter(rule_id=rule_id, scope_id=node_id, replaced_at=None)
        own.filter(valid_from=valid_from).update(replaced_at=now)
        own.filter(Q(valid_to=None) | Q(valid_to__gt=valid_from), valid_from__lt=valid_from).update(valid_to=valid_from)
        following = own.filter(valid_from__gt=valid_from).order_by("valid_from").values_list("valid_from", flat=True).first()
        row = RuleVersion.objects.create(
            rule_id=rule_id,
            version=version,
            scope_id=node_id,
            values=parameters.as_json(),
            valid_from=valid_from,
            valid_to=following,
            reason=reason.strip(),
            source=source.strip(),
            changed_by_kind=actor.kind.value,
            changed_by=actor.id,
            changed_at=now,
        )
        journal.record(RuleChanged(rule_version_id=row.id, version=version, scope_id=node_id), actor=actor, now=now)
        audit.privileged(actor, act="rulebook.change", object_id=rule_id, reason=reason.strip(), now=now)
    return RuleReference(rule_id, version)


def history(rule_id: str) -> list[RuleHistoryRow]:
    """Every version of the rule at every node, newest first."""
    rows = RuleVersion.objects.filter(rule_id=rule_id).select_related("scope").order_by("-version")
    return [
        RuleHistoryRow(
            id=row.id,
            rule_id=row.rule_id,
            version=row.version,
            scope_id=row.scope_id,
            scope_name=row.scope.name,
            values=row.values,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            replaced_at=row.replaced_at,
            reason=row.reason,
            source=row.source,
            changed_by_kind=row.changed_by_kind,
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )
        for row in rows
    ]


def rule_of_version(version_id: UUID) -> str:
    """Which rule a version belongs to, for whoever hears that it changed. Refuses an unknown one (``not_found``)."""
    rule_id = RuleVersion.objects.filter(pk=version_id).values_list("rule_id", flat=True).first()
    if rule_id is None:
        raise NotFound
    return rule_id


def packs() -> dict[str, type[RuleParameters]]:
    """Every rule pack of the departments by its rule id, in order of id."""
    found: dict[str, type[RuleParameters]] = {}
    for kind in _kinds(RuleParameters):
        other = found.setdefault(kind.rule_id, kind)
        if other is not kind:
            message = f"two rule packs are called {kind.rule_id}: {other.__qualname__}, {kind.__qualname__}"
            raise ValueError(message)
    return dict(sorted(found.items()))


def _kinds(base: type[RuleParameters]) -> list[type[RuleParameters]]:
    below = [kind for child in base.__subclasses__() for kind in _kinds(child)]
    return ([base] if "rule_id" in vars(base) else []) + below


def _next_version(rule_id: str) -> int:
    with connection.cursor() as cursor:
        # One change of one rule at a time: version numbers are dense, and two changes cannot plan around each other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('rulebook:' || %s, 0))", [rule_id])
    latest = RuleVersion.objects.filter(rule_id=rule_id).order_by("-version").values_list("version", flat=True).first()
    return (latest or 0) + 1


def conflicts(
    kind: type[RuleParameters], values: Mapping[str, Any], *, valid_from: datetime, now: datetime, reason: str, source: str
) -> dict[str, str]:
    """Every field that ``change_rule`` would refuse, and why; the relations between fields are looked at by the change itself."""
    fields: dict[str, str] = {}
    known = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for name, value in values.items():
        if name not in known:
            fields[name] = gettext_noop("没有这个参数。")
            continue
        try:
            msgspec.convert(value, known[name], strict=True)
        except msgspec.ValidationError:
            fields[name] = gettext_noop("这个值不在允许的范围内，请按旁边的说明填写。")
    if valid_from < now:
        fields["valid_from"] = gettext_noop("生效时间不能早于现在：过去的决定不能改变。")
    if not reason.strip():
        fields["reason"] = gettext_noop("请写明修改的原因。")
    if not source.strip():
        fields["source"] = gettext_noop("请写明依据（文件名称、文号或会议决定）。")
    return fields


def _checked(kind: type[P], values: Mapping[str, Any], *, valid_from: datetime, now: datetime, reason: str, source: str) -> P:
    fields = conflicts(kind, values, valid_from=valid_from, now=now, reason=reason, source=source)
    if fields:
        raise Invalid(fields=fields)
    try:
        return read_parameters(kind, dict(values))
    except (msgspec.ValidationError, ValueError) as error:
        together = error if isinstance(error, ConflictingValues) else error.__cause__
        if isinstance(together, ConflictingValues):
            raise Invalid(fields=together.fields) from None
        raise Invalid(fields={"values": gettext_noop("这些值放在一起不成立，请核对各项的关系。")}) from None
