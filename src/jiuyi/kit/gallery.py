"""Made-up content for the gallery; it needs no database."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext as _

from jiuyi.kernel.clock import instant_at
from jiuyi.kit.pieces import Day, NavItem, Slot

SAMPLE_DAY = date(2026, 11, 24)
SAMPLE_NOW = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
VOUCHER_CODE = "JY7K2M3PQ4X9"
ICON_NAMES = (
    "check",
    "alert",
    "stop",
    "info",
    "back",
    "forward",
    "down",
    "sound",
    "clock",
    "place",
    "person",
    "people",
    "money",
    "list",
    "phone",
    "print",
    "calendar",
    "search",
    "scan",
    "empty",
    "dot",
    "hospital",
    "doctor",
    "card",
    "ticket",
    "lab",
    "pill",
    "home",
    "edit",
    "plus",
    "close",
    "refresh",
    "bell",
    "lock",
    "download",
    "bed",
    "exit",
    "heart",
    "ambulance",
)
_FREE = (0, 0, 1, 2, 4, 4, 3, 0, 4)
_FREE_AFTERNOON = (4, 4, 1)


def sample_form(*, wrong: bool) -> forms.Form:
    """A form with one field of each sort; with ``wrong`` it has been sent and refused."""

    class SampleForm(forms.Form):
        name = forms.CharField(label=_("姓名"), help_text=_("和身份证上一样"), widget=forms.TextInput(attrs={"autocomplete": "name"}))
        phone = forms.CharField(
            label=_("手机号"),
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        )
        who = forms.ChoiceField(label=_("谁来看病？"), choices=[("self", _("我自己")), ("family", _("家里人"))], widget=forms.RadioSelect)
        relation = forms.ChoiceField(label=_("关系"), choices=[("", _("请选择")), ("child", _("子女")), ("parent", _("父母"))])
        story = forms.CharField(label=_("哪里不舒服"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
        agree = forms.BooleanField(label=_("我已核对以上信息"))

    return SampleForm({"name": "", "who": "", "relation": ""}) if wrong else SampleForm(initial={"who": "self"}, auto_id="id_first_%s")


def sample_window_form() -> forms.Form:
    """The choice of a time, sent without one."""

    class WindowForm(forms.Form):
        window = forms.CharField(label=_("时间"), error_messages={"required": _("请选择一个就诊时间")})

    return WindowForm({})


def sample_days(url: str = "") -> list[Day]:
    """Five days; the third is full."""
    frees = ((0, 12), (1, 3), (2, 0), (3, 20), (6, 20))
    return [Day(SAMPLE_DAY + timedelta(days=offset), free, url) for offset, free in frees]


def sample_slots(url: str = "") -> list[Slot]:
    """A morning and the beginning of an afternoon in windows of 15 minutes."""
    found = []
    for first, frees in ((time(8), _FREE), (time(14), _FREE_AFTERNOON)):
        for number, free in enumerate(frees):
            start = instant_at(SAMPLE_DAY, first) + timedelta(minutes=15 * number)
            found.append(Slot(start, start + timedelta(minutes=15), free, url))
    return found


def sample_context() -> dict[str, Any]:
    """Everything that the gallery's templates name."""
    slots = sample_slots("#slots")
    return {
        "institution": _("清河县中医医院"),
        "desk_name": _("心内二科病区 · 床位"),
        "help_phone": "0531-0000 0120",
        "staff_name": _("韩冬"),
        "staff_role": _("护士"),
        "nav": [NavItem(_("床位"), "#main", current=True), NavItem(_("入出院"), "#main"), NavItem(_("医嘱执行"), "#main")],
        "now": SAMPLE_NOW,
        "until": SAMPLE_NOW + timedelta(minutes=15),
        "today": SAMPLE_DAY,
        "start": slots[4].start,
        "end": slots[4].end,
        "days": sample_days(),
        "day_links": sample_days("#days"),
        "slots": sample_slots(),
        "slot_links": slots,
        "voucher_code": VOUCHER_CODE,
        "hints": {"family": _("要填家里人的姓名和证件号")},
        "step": {
            "title": _("到 3 层抽血"),
            "where": _("门诊楼 3 层 采血室"),
            "when": SAMPLE_NOW + timedelta(minutes=20),
            "prepare": _("身份证或预约凭证，抽血前不吃东西"),
            "cost_fen": 2500,
            "ahead": 6,
            "url": "#next",
        },
        "later_step": {"title": _("回诊室给医生看结果"), "where": _("门诊楼 2 层 1 诊室")},
        "icon_names": ICON_NAMES,
        "page": Paginator(range(50), 10).page(2),
        "wall": sample_wall(),
        "beds": sample_beds(),
        "sample_form": sample_form(wrong=False),
        "wrong_form": sample_form(wrong=True),
        "window_form": sample_window_form(),
    }


def sample_wall() -> list[dict[str, Any]]:
    """Four rooms of a calling board."""
    people = (
        (_("李敏"), "A 017", "王*国", False, (("A 018", "张*"), ("A 019", "刘*兰"))),
        (_("赵志刚"), "B 009", "陈*强", False, (("B 010", "杨*梅"), ("B 011", "赵*福"))),
        (_("孙悦"), "C 003", "黄*华", True, (("C 004", "周*"), ("C 005", "吴*珍"))),
        (_("省专家 徐明"), "D 012", "徐*庆", False, (("D 013", "孙*芳"), ("D 014", "马*东"))),
    )
    return [
        {
            "room": _("%(number)s 诊室") % {"number": number},
            "practitioner": doctor,
            "label": label,
            "name": name,
            "passed": passed,
            "next": waiting,
        }
        for number, (doctor, label, name, passed, waiting) in enumerate(people, 1)
    ]


def sample_beds() -> list[dict[str, Any]]:
    """Thirty-six beds of a ward."""
    levels = (("green", _("三级")), ("blue", _("二级")), ("orange", _("一级")), ("red", _("特级")))
    names = (_("王建国"), _("李秀英"), _("张伟"), _("刘桂兰"), _("陈志强"), _("杨玉梅"))
    illnesses = (_("不稳定型心绞痛"), _("心力衰竭"), _("心房颤动"), _("高血压 3 级 极高危"))
    marks = (("danger", _("过敏")), ("success", _("今日出院")), ("warning", _("跌倒高危")), ("info", _("明日造影")))
    beds: list[dict[str, Any]] = []
    for number in range(36):
        level, word = levels[(number * 7) % 4]
        beds.append(
            {
                "number": f"{number + 1:02d}",
                "empty": number % 12 == 4,  # noqa: PLR2004
                "name": names[number % 6],
                "meta": _("男 %(age)s") % {"age": 53 + number % 30} if number % 2 else _("女 %(age)s") % {"age": 48 + number % 35},
                "level": level,
                "word": word,
                "illness": illnesses[number % 4],
                "stay": _("住院第 %(days)s 天 · 李敏") % {"days": 1 + number % 12},
                "marks": [marks[number % 4]] if number % 3 == 0 else [],
            },
        )
    return beds
