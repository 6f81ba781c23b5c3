"""What a secretary types: standing clinics, one-off sessions, days away, worked days."""

from datetime import date, time
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.organizations import queries as organizations
from jiuyi.domains.organizations.queries import DepartmentFacts
from jiuyi.domains.scheduling.words import ExceptionKind, HalfDay, NumberClass, SessionKind, WeekRhythm
from jiuyi.kernel.words import Word

WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
_BAD_DATE = {"invalid": _("请填写日期，例如 2026-03-02。"), "required": _("请填写日期。")}
_BAD_TIME = {"invalid": _("请填写时刻，例如 08:00。"), "required": _("请填写时刻。")}
_BAD_NUMBER = {"invalid": _("请填写整数。"), "required": _("请填写数字。")}


def _words(kind: type[Word]) -> list[tuple[str, str]]:
    return [(word.value, gettext(word.label)) for word in kind]


def _day(label: Any, **named: Any) -> forms.DateField:
    return forms.DateField(
        label=label, error_messages=_BAD_DATE, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **named
    )


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(label=label, error_messages=_BAD_TIME, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def _whole(label: Any, **named: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, error_messages=_BAD_NUMBER, widget=forms.TextInput(attrs={"inputmode": "numeric"}), **named)


def _one_of(label: Any, *, coerce: Any = UUID, required: bool = True) -> forms.TypedChoiceField:
    wrong = {"required": _("请选择。"), "invalid_choice": _("请从列表里选择。")}
    return forms.TypedChoiceField(label=label, coerce=coerce, empty_value=None, required=required, error_messages=wrong)


class _OfDepartment(forms.Form):
    """Offers the doctors and rooms of a department."""

    def __init__(self, *arguments: Any, here: DepartmentFacts, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.here = here
        self.own = [(str(each.id), f"{each.name} {gettext(each.title.label)}") for each in organizations.practitioners(here.id)]
        rooms = sorted(organizations.rooms(here.organization_id), key=lambda room: (room.department_id != here.id, room.number))
        self.room_choices = [("", gettext("没有诊室"))] + [(str(each.id), f"{each.name} {each.number}") for each in rooms]

    def offer(self, name: str, choices: list[Any]) -> None:
        """Fill a list."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = choices


class TemplateForm(_OfDepartment):
    """A standing clinic."""

    practitioner_id = _one_of(_("医生"))
    weekday = _one_of(_("星期"), coerce=int)
    rhythm = _one_of(_("单双周"), coerce=WeekRhythm)
    start_minute = _time(_("开始"))
    end_minute = _time(_("结束"))
    room_id = _one_of(_("诊室"), required=False)
    number_class = _one_of(_("号别"), coerce=NumberClass)
    per_window = _whole(_("每个时段放几个号"))
    slot_minutes = _whole(_("每个时段几分钟"), required=False, help_text=_("不填就按规则（15 分钟以内）。"))
    valid_from = _day(_("从哪天起"))
    last_day = _day(_("到哪天止"), required=False, help_text=_("不填就一直有效。"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.offer("practitioner_id", self.own)
        self.offer("weekday", [(str(number), name) for number, name in enumerate(WEEKDAYS)])
        self.offer("rhythm", _words(WeekRhythm))
        self.offer("room_id", self.room_choices)
        self.offer("number_class", _words(NumberClass))


class OneOffForm(_OfDepartment):
    """A session outside of the timetable, also of a visiting expert."""

    practitioner_id = _one_of(_("医生"))
    day = _day(_("日期"))
    starts_at = _time(_("开始"))
    ends_at = _time(_("结束"))
    room_id = _one_of(_("诊室"), required=False)
    number_class = _one_of(_("号别"), coerce=NumberClass)
    per_window = _whole(_("每个时段放几个号"))
    kind = _one_of(_("类别"), coerce=SessionKind)
    contact = forms.CharField(label=_("咨询电话或联系人"), max_length=60, required=False, help_text=_("外院专家坐诊必填。"))
    how_to_book = forms.CharField(label=_("怎样预约"), max_length=120, required=False, help_text=_("外院专家坐诊必填。"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        own = {value for value, _name in self.own}
        others = [(str(each.id), f"{each.name} {each.home_organization_name}") for each in organizations.practitioners()]
        elsewhere = [each for each in others if each[0] not in own]
        self.offer("practitioner_id", [(gettext("本科医生"), self.own), (gettext("其他医生"), elsewhere)])
        self.offer("room_id", self.room_choices)
        self.offer("number_class", _words(NumberClass))
        self.offer("kind", _words(SessionKind))


class AwayForm(_OfDepartment):
    """Days without the standing timetable."""

    practitioner_id = _one_of(_("谁不出诊"), required=False)
    first_day = _day(_("第一天"))
    last_day = _day(_("最后一天"))
    half_day = _one_of(_("哪个半天"), coerce=HalfDay, required=False)
    kind = _one_of(_("原因"), coerce=ExceptionKind)
    reason = forms.CharField(label=_("说明"), max_length=120, required=False)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.offer("practitioner_id", [("", gettext("全科室")), *self.own])
        self.offer("half_day", [("", gettext("全天")), *_words(HalfDay)])
        self.offer("kind", _words(ExceptionKind))


class DayForm(forms.Form):
    """Whether a day is worked."""

    day = _day(_("日期"))
    decision = forms.ChoiceField(label=_("怎样安排"), error_messages={"required": _("请选择。")})
    note = forms.CharField(label=_("依据"), max_length=60, required=False, help_text=_("例如放假通知的文号。"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["decision"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # narrows the type
        field.choices = [("working", gettext("上班")), ("off", gettext("休息")), ("announced", gettext("按公布的日历"))]

    def working(self) -> bool | None:
        """True, False, or None for what was announced."""
        return {"working": True, "off": False}.get(self.cleaned_data["decision"])


class DetailsForm(forms.Form):
    """Contact and way to book of a visiting session."""

    contact = forms.CharField(label=_("咨询电话或联系人"), max_length=60, error_messages={"required": _("请填写联系人或咨询电话。")})
    how_to_book = forms.CharField(label=_("怎样预约"), max_length=120, error_messages={"required": _("请填写怎样预约。")})


class UntilForm(forms.Form):
    """Up to which day sessions are generated."""

    until = _day(_("生成到哪天"))


def minute_of(at: time) -> int:
    """Minutes from midnight."""
    return at.hour * 60 + at.minute


def time_of(minute: int) -> time:
    """The clock's time of a minute of the day; 24:00 is shown as the last minute."""
    return time(23, 59) if minute >= 24 * 60 else time(minute // 60, minute % 60)


def day_or(text: str, default: date) -> date:
    """A day typed into an address, or the default for anything that is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default
