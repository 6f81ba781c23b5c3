"""Who opened whose record, who was refused, who used a privilege: for the auditor, whose looking is witnessed as well."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import make_aware
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.desks.admin.frame import AUDIT, for_officers, frame
from jiuyi.foundation import access, clock
from jiuyi.foundation import audit as witnesses
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.audit import AuditKind
from jiuyi.kernel.text import gettext_noop

NEWEST = 2000
PER_PAGE = 50
KINDS = {
    AuditKind.OPENED: gettext_noop("查看资料"),
    AuditKind.REFUSED: gettext_noop("被拒绝"),
    AuditKind.PRIVILEGED: gettext_noop("特权操作"),
}


class FilterForm(forms.Form):
    """Which witnesses; everything may be left open."""

    person = forms.UUIDField(label=_("患者编号"), required=False, error_messages={"invalid": _("患者编号不完整，请整段复制。")})
    staff = forms.CharField(label=_("工号"), required=False, max_length=40)
    kind = forms.ChoiceField(label=_("种类"), required=False)
    act = forms.CharField(label=_("操作代码"), required=False, max_length=80)
    day = forms.DateField(label=_("日期"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = [("", gettext("全部")), *((kind.value, gettext(words)) for kind, words in KINDS.items())]

    def clean_staff(self) -> Any:
        """The account of the work number."""
        number = self.cleaned_data["staff"].strip()
        if not number:
            return None
        found = next((row for row in access.staff_users(number) if row.username == number), None)
        if found is None:
            raise forms.ValidationError(gettext("没有这个工号。"))
        return found.user_id


@for_officers(AUDIT)
def audit(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    """The newest witnesses that match."""
    access.require(actor, access.READ_AUDIT, None)
    now = clock.now()
    form = FilterForm(request.GET or None)
    is_readable = not form.is_bound or form.is_valid()
    wanted = form.cleaned_data if form.is_bound and is_readable else {}
    rows = _entries(wanted) if is_readable else []
    witnesses.privileged(actor, act="audit.read", person_id=wanted.get("person"), now=now)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    names = access.staff_names(row.actor_id for row in page if row.actor_id and row.actor_kind == ActorKind.STAFF)
    context = frame(request, actor, current="audit") | {
        "filter_form": form,
        "form": form if not is_readable else None,
        "page": page,
        "rows": [(row, gettext(KINDS[AuditKind(row.kind)]), _who(row, names)) for row in page],
        "is_cut": len(rows) == NEWEST,
        "newest": NEWEST,
    }
    return render(request, "admin/audit.html", context, status=200 if is_readable else 422)


def _entries(wanted: dict[str, Any]) -> list[witnesses.AuditRow]:
    begin = make_aware(datetime.combine(wanted["day"], time())) if wanted.get("day") else None
    return witnesses.entries(
        kind=AuditKind(wanted["kind"]) if wanted.get("kind") else None,
        act=wanted.get("act", "").strip() or None,
        actor_id=wanted.get("staff"),
        person_id=wanted.get("person"),
        since=begin,
        until=begin + timedelta(days=1) if begin else None,
        limit=NEWEST,
    )


def _who(row: witnesses.AuditRow, names: dict[Any, str]) -> str:
    words = {
        ActorKind.PATIENT.value: gettext("患者账号"),
        ActorKind.DEVICE.value: gettext("设备"),
        ActorKind.SYSTEM.value: gettext("系统"),
        "nobody": gettext("未登录"),
    }
    return (names.get(row.actor_id) if row.actor_id else None) or words.get(row.actor_kind, row.actor_kind)
