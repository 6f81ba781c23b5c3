"""What was sent to whom. In the demo everybody may read it: it is the telephone of every synthetic person."""

from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from jiuyi.desks.admin.frame import OUTBOX, for_officers, frame
from jiuyi.desks.requests import actor_of
from jiuyi.foundation import access, audit, clock, notices
from jiuyi.foundation.access import Actor, ActorKind
from jiuyi.foundation.notices import Channel, NoticeStatus
from jiuyi.kernel.words import Word

NEWEST = 500
PER_PAGE = 25


class SearchForm(forms.Form):
    """Words, channel, state; everything may be left open."""

    search = forms.CharField(label=_("查找内容或号码末四位"), required=False, max_length=80)
    channel = forms.ChoiceField(label=_("渠道"), required=False)
    status = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name, members in (("channel", Channel), ("status", NoticeStatus)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
            field.choices = [("", gettext("全部")), *_words(members)]


def _words(members: type[Word]) -> list[tuple[str, str]]:
    return [(member.value, gettext(member.label)) for member in members]


@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """The newest messages. Without sign-in only in the demo."""
    actor = actor_of(request)
    if settings.DEMO and not (actor is not None and actor.kind is ActorKind.STAFF and access.may_somewhere(actor, notices.READ_OUTBOX)):
        return _page(request, {"desk_name": gettext("消息发件箱（演示）"), "home_url": "/"}, may_call=False)
    return _for_readers(request)


@for_officers(OUTBOX)
def _for_readers(request: HttpRequest, *, actor: Actor) -> HttpResponse:
    return _page(request, frame(request, actor, current="outbox"), may_call=True)


@require_POST
@for_officers(OUTBOX)
def called(request: HttpRequest, *, actor: Actor, notice_id: UUID) -> HttpResponse:
    """A person of the phone-call list was told."""
    now = clock.now()
    if notices.mark_called(notice_id, now=now):
        audit.privileged(actor, act="notices.called", object_id=notice_id, now=now)
        messages.success(request, gettext("已记为打过电话。"))
    else:
        messages.info(request, gettext("这一条已经有人处理过了。"))
    return redirect("admin:outbox")


def _page(request: HttpRequest, context: dict[str, Any], *, may_call: bool) -> HttpResponse:
    form = SearchForm(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    rows = notices.outbox(
        NEWEST,
        wanted.get("search", ""),
        channel=Channel(wanted["channel"]) if wanted.get("channel") else None,
        status=NoticeStatus(wanted["status"]) if wanted.get("status") else None,
    )
    context |= {
        "search_form": form,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "counts": [(gettext(status.label), number) for status, number in notices.count_by_status().items()],
        "may_call": may_call,
        "is_demo": settings.DEMO,
        "CALL_LIST": Channel.CALL_LIST,
        "WAITING": NoticeStatus.WAITING,
    }
    return render(request, "admin/outbox.html", context)
