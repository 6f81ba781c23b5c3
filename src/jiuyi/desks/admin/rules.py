"""Rule packs: what is in force where and when, who changed what and why, and the change itself."""

from dataclasses import dataclass
from datetime import datetime, time
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import make_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.admin.frame import RULES, for_officers, frame
from jiuyi.desks.admin.parameters import ChangeForm, initial_of, parameters_of
from jiuyi.desks.admin.rule_labels import group_of
from jiuyi.foundation import access, clock, rulebook, scopes
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Invalid, NotFound
from jiuyi.kit.formats import moment_text


class LookForm(forms.Form):
    """Where and when one looks."""

    at = forms.ChoiceField(label=_("机构或科室"), required=False)
    on = forms.DateField(label=_("日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *arguments: Any, nodes: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["at"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = nodes


@dataclass(frozen=True, slots=True)
class _Look:
    form: LookForm
    node_id: UUID
    at: datetime

    @property
    def query(self) -> str:
        """The same look on another page."""
        day = self.form.cleaned_data.get("on")
        return f"?at={self.node_id}" + (f"&on={day.isoformat()}" if day else "")


def node_choices() -> list[tuple[str, str]]:
    """The tree as choices of a list, indented."""
    return [(str(row.node_id), "　" * row.depth + row.name) for row in scopes.tree()]


@for_officers(RULES)
def rules(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """Every rule pack with the values in force at a node on a day."""
    look = _look(request, now=clock.now())
    rows = [_row(kind, look) for kind in sorted(rulebook.packs().values(), key=_order)]
    groups = [(group, list(found)) for group, found in groupby(rows, key=lambda row: row["group"])]
    context = frame(request, actor, current="rules") | {"look": look, "look_form": look.form, "groups": groups}
    return render(request, "admin/rules.html", context)


@for_officers(RULES)
def rule(request: HttpRequest, *, actor: Actor, rule_id: str) -> HttpResponse:
    """One rule pack: values, limits, source, history; and the form to change it where the account may."""
    kind = rulebook.packs().get(rule_id)
    if kind is None:
        raise NotFound
    now = clock.now()
    look = _look(request, now=now)
    in_force = rulebook.rule(kind, scope_id=look.node_id, at=look.at)
    form = ChangeForm(request.POST if request.method == "POST" else None, kind=kind, initial=initial_of(in_force.parameters))
    status = 200
    if request.method == "POST":
        if _change(form, kind, actor=actor, now=now, node_id=look.node_id):
            since = form.cleaned_data["valid_from"] or now
            messages.success(request, gettext("已修改，%(moment)s 起生效。") % {"moment": moment_text(since)})
            return redirect(reverse("admin:rule", args=[rule_id]) + f"?at={look.node_id}")
        status = Invalid.status
    versions = rulebook.history(rule_id)
    names = access.staff_names(row.changed_by for row in versions if row.changed_by_kind == ActorKind.STAFF)
    parameters = parameters_of(kind)
    context = frame(request, actor, current="rules") | {
        "kind": kind,
        "look": look,
        "look_form": look.form,
        "node_name": scopes.name(look.node_id),
        "reference": in_force.reference,
        "source": in_force.source,
        "rows": [(each, each.shown(getattr(in_force.parameters, each.name)), each.shown(each.default)) for each in parameters],
        "history": [
            (
                row,
                names.get(row.changed_by) or gettext("系统"),
                [(each.label, each.shown(row.values[each.name])) for each in parameters if each.name in row.values],
            )
            for row in versions
        ],
        "may_change": access.may(actor, access.CHANGE_RULES, look.node_id),
        "form": form,
    }
    return render(request, "admin/rule.html", context, status=status)


def _change(form: ChangeForm, kind: type[RuleParameters], *, actor: Actor, now: datetime, node_id: UUID) -> bool:
    """Change the rule, or put every objection into the form at once."""
    is_readable = form.is_valid()
    given = {
        "valid_from": form.cleaned_data.get("valid_from") or now,
        "reason": form.cleaned_data.get("reason", ""),
        "source": form.cleaned_data.get("source", ""),
    }
    if not is_readable:
        form.add_conflicts(rulebook.conflicts(kind, form.values(), now=now, **given))
        return False
    try:
        rulebook.change_rule(actor=actor, now=now, rule_id=kind.rule_id, scope_id=node_id, values=form.values(), **given)
    except Invalid as refusal:
        form.add_conflicts(refusal.fields)
        return False
    return True


def _look(request: HttpRequest, *, now: datetime) -> _Look:
    nodes = node_choices()
    form = LookForm({"at": request.GET.get("at") or nodes[0][0], "on": request.GET.get("on", "")}, nodes=nodes)
    if not form.is_valid():
        raise NotFound
    day = form.cleaned_data["on"]
    at = now if day is None else make_aware(datetime.combine(day, time(12)))
    return _Look(form, UUID(form.cleaned_data["at"]), at)


def _row(kind: type[RuleParameters], look: _Look) -> dict[str, Any]:
    in_force = rulebook.rule(kind, scope_id=look.node_id, at=look.at)
    return {
        "group": group_of(kind.rule_id),
        "rule_id": kind.rule_id,
        "title": gettext(kind.title),
        "values": [(each.label, each.shown(getattr(in_force.parameters, each.name))) for each in parameters_of(kind)],
        "version": in_force.reference.version,
        "url": reverse("admin:rule", args=[kind.rule_id]) + look.query,
    }


def _order(kind: type[RuleParameters]) -> tuple[str, int]:
    prefix, _dash, number = kind.rule_id.partition("-")
    return prefix, int("".join(filter(str.isdigit, number)) or 0)
