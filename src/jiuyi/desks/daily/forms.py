"""What is typed about a change, and about a call."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuyi.domains.scheduling.words import ChangeChoice, ChangeKind
from jiuyi.journeys.deciding import Wish

AWAY = "away"
TOLD, NO_ANSWER = "told", "no_answer"


class ChangeForm(forms.Form):
    """Which change, and what it needs: a doctor, minutes or a room."""

    kind = forms.ChoiceField(label=_("怎么变"), widget=forms.RadioSelect, error_messages={"required": _("请选择怎么变。")})
    practitioner = forms.ChoiceField(label=_("替诊医生"), required=False)
    minutes = forms.IntegerField(
        label=_("延后多少分钟"),
        required=False,
        min_value=0,
        max_value=720,
        error_messages={"invalid": _("请填写分钟数。"), "min_value": _("请填写分钟数。"), "max_value": _("最多 720 分钟。")},
    )
    room = forms.ChoiceField(label=_("换到哪间"), required=False)
    reason = forms.CharField(label=_("原因"), max_length=120, error_messages={"required": _("请填写原因，本院留存，不发给患者。")})

    def __init__(self, *args: Any, doctors: list[tuple[UUID, str]], rooms: list[tuple[UUID, str]], away: bool, **extra: Any) -> None:
        super().__init__(*args, **extra)
        kinds = [
            (ChangeKind.DELAY.value, gettext("延诊（晚多少分钟）")),
            (AWAY, gettext("医生临时离开，何时回来未知")),
            (ChangeKind.SUBSTITUTE.value, gettext("替诊（换医生）")),
            (ChangeKind.ROOM.value, gettext("换诊室")),
            (ChangeKind.STOP.value, gettext("停诊")),
        ]
        self._set("kind", [each for each in kinds if each[0] != AWAY or not away])
        self._set("practitioner", [("", gettext("请选择")), *((str(id_), name) for id_, name in doctors)])
        self._set("room", [("", gettext("请选择")), *((str(id_), name) for id_, name in rooms)])

    def _set(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def kind_text(self) -> str:
        """The chosen kind in words; empty while nothing is chosen."""
        kinds = dict(self.fields["kind"].choices)  # type: ignore[attr-defined]
        return str(kinds.get(self.data.get("kind", ""), "")) if self.is_bound else ""

    def clean(self) -> dict[str, Any]:
        """Each kind asks for its own field."""
        data = super().clean() or self.cleaned_data
        needed = {
            ChangeKind.SUBSTITUTE.value: ("practitioner", gettext("请选择替诊医生。")),
            ChangeKind.DELAY.value: ("minutes", gettext("请填写延后多少分钟。")),
            ChangeKind.ROOM.value: ("room", gettext("请选择诊室。")),
        }.get(data.get("kind", ""))
        if needed and data.get(needed[0]) in {None, ""} and needed[0] not in self.errors:
            self.add_error(*needed)
        return data

    def wish(self) -> Wish:
        """What was typed, as the journey takes it."""
        data = self.cleaned_data
        kind = ChangeKind.DELAY if data["kind"] == AWAY else ChangeKind(data["kind"])
        return Wish(
            kind=kind,
            reason=data["reason"],
            practitioner_id=UUID(data["practitioner"]) if kind is ChangeKind.SUBSTITUTE else None,
            minutes=data["minutes"] if data["kind"] == ChangeKind.DELAY.value else None,
            room_id=UUID(data["room"]) if kind is ChangeKind.ROOM else None,
        )


class CallForm(forms.Form):
    """What came of a call."""

    result = forms.ChoiceField(label=_("通话结果"), widget=forms.RadioSelect, error_messages={"required": _("请选择通话结果。")})
    slot = forms.ChoiceField(label=_("改到"), required=False)

    def __init__(self, *args: Any, offered: tuple[ChangeChoice, ...], slots: list[tuple[str, str]], **extra: Any) -> None:
        super().__init__(*args, **extra)
        results = [(TOLD, gettext("已告知，本人还没决定")), *((each.value, gettext(each.label)) for each in offered)]
        self.fields["result"].choices = [*results, (NO_ANSWER, gettext("没人接，稍后再打"))]  # type: ignore[attr-defined]
        self.fields["slot"].choices = [("", gettext("请选择")), *slots]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A move names the new time."""
        data = super().clean() or self.cleaned_data
        if data.get("result") == ChangeChoice.MOVE.value and not data.get("slot"):
            self.add_error("slot", gettext("请选择改到什么时候。"))
        return data
