"""What each part promises: its words, its ties for screen readers, and that it escapes what people typed."""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from jiuyi.kernel.refusals import Invalid, NotFound, Reasons, Refusal
from jiuyi.kernel.text import gettext_noop
from jiuyi.kernel.words import Word
from jiuyi.kit.pieces import Day, Slot
from jiuyi.kit.qr import qr_svg
from jiuyi.kit.refusals import add_refusal, refusal_text

NASTY = '<script>alert("1")</script>'
START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def rendered(source, **context):
    with translation.override("zh-hans"):
        return Template("{% load kit %}" + source).render(Context(context))


class Visit(forms.Form):
    name = forms.CharField(
        label="姓名", help_text="和身份证上一样", widget=forms.TextInput(attrs={"autocomplete": "name", "inputmode": "text"})
    )
    who = forms.ChoiceField(label="谁来", choices=[("self", "我自己"), ("family", "家里人")], widget=forms.RadioSelect)
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    agree = forms.BooleanField(label="同意")


class TooLate(Refusal):
    code = "too_late"
    message = gettext_noop("请在 {until} 前办理。")


class Status(Word):
    BOOKED = "booked", gettext_noop("已预约")


NASTY_SOURCES: dict[str, str] = {
    "tag": "{% tag nasty %}",
    "key": "{% key nasty %}",
    "icon": '{% icon "check" label=nasty %}',
    "button": "{% button nasty name=nasty value=nasty href=nasty %}",
    "row": "{% row nasty nasty change=nasty %}",
    "choice": "{% choice nasty nasty meta=nasty trailing=nasty %}",
    "tab": "{% tab nasty nasty count=nasty %}",
    "figure": "{% figure nasty nasty %}",
    "banner": '{% banner "info" nasty %}{{ nasty }}{% endbanner %}',
    "panel": "{% panel nasty %}{% endpanel %}",
    "card": "{% card nasty %}{% endcard %}",
    "tile": "{% tile nasty nasty meta=nasty trailing=nasty %}{% endtile %}",
    "empty": "{% empty nasty %}{% endempty %}",
    "event": "{% event nasty nasty %}{% endevent %}",
    "table": "{% table nasty %}{% endtable %}",
    "back": "{% back nasty nasty %}",
    "steps": "{% steps 1 2 nasty %}",
    "confirm": "{% confirm nasty %}{% endconfirm %}",
    "phone_back": "{% phone_back nasty %}",
    "voucher": "{% voucher nasty title=nasty word=nasty %}{% endvoucher %}",
    "qr": "{% qr nasty title=nasty %}",
    "next_step": "{% next_step step %}",
    "wall_board": "{% wall_board rows %}",
    "field": "{% field form.name label=nasty hint=nasty %}",
    "refusal": "{% refusal refusal %}",
}


@pytest.mark.parametrize("source", NASTY_SOURCES.values(), ids=NASTY_SOURCES.keys())
def test_what_people_typed_is_escaped(source):
    html = rendered(
        source,
        nasty=NASTY,
        step=dict.fromkeys(("title", "where", "when", "prepare", "ahead", "url", "action"), NASTY),
        rows=[{"room": NASTY, "practitioner": NASTY, "label": NASTY, "name": NASTY, "next": [(NASTY, NASTY)]}],
        form=Visit({"name": NASTY}),
        refusal=TooLate(until=NASTY),
    )
    assert "<script" not in html
    # A quotation mark could leave an attribute; inside the title of a drawing it is only text.
    assert 'alert("1")' not in re.sub(r"<title>[^<]*</title>", "", html)


def test_a_field_ties_label_hint_and_error_together_and_keeps_what_was_typed():
    form = Visit({"name": "", "note": "别丢了"})
    html = rendered("{% field form.name %}", form=form)
    assert '<label for="id_name">姓名</label>' in html
    assert 'id="id_name_hint">和身份证上一样' in html
    assert 'id="id_name_error"' in html
    assert 'aria-describedby="id_name_hint id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'autocomplete="name"' in html
    assert 'inputmode="text"' in html
    assert "别丢了" in rendered("{% field form.note %}", form=form)


def test_only_optional_fields_say_so():
    form = Visit()
    assert "（选填）" in rendered("{% field form.note %}", form=form)
    assert "（选填）" not in rendered("{% field form.name %}{% field form.agree %}", form=form)


def test_radios_are_cards_in_a_named_group():
    html = rendered("{% field form.who hints=hints label_hidden=True %}", form=Visit({"who": "family"}), hints={"family": "要填证件号"})
    assert '<legend class="unseen">谁来' in html
    assert re.search(r'value="family" id="id_who_1" checked aria-describedby="id_who_1_hint"', html)
    assert "要填证件号" in html
    assert html.count('type="radio"') == 2


def test_a_scan_field_says_so_and_is_not_filled_by_the_browser():
    html = rendered("{% field form.name scan=True %}", form=Visit())
    assert "data-scan" in html


def test_the_error_summary_links_every_error_to_its_control():
    form = Visit({})
    html = rendered("{% error_summary form %}", form=form)
    assert 'href="#id_name"' in html
    assert 'href="#id_who_0"' in html
    assert 'href="#id_agree"' in html
    assert "#id_note" not in html
    assert rendered("{% error_summary form %}", form=Visit()).strip() == ""
    assert rendered("{% error_summary form %}").strip() == ""


def test_a_refusal_says_its_sentence_and_all_conflicts_at_once():
    html = rendered("{% refusal refusal %}", refusal=Invalid(fields={"name": "请填姓名", "phone": "请填手机号"}))
    assert "请改正下面标出的内容。" in html
    assert 'href="#id_name">请填姓名' in html
    assert 'href="#id_phone">请填手机号' in html
    assert rendered("{% refusal refusal %}", refusal=None).strip() == ""
    assert rendered("{{ refusal|said }}", refusal=TooLate(until="17:00")) == "请在 17:00 前办理。"
    assert refusal_text(TooLate()) == "请在 … 前办理。"


def test_reasons_words_and_days_in_a_refusal_are_shown_as_sentences_labels_and_days():
    class TooMany(Refusal):
        code = "too_many"
        message = "不能再约：{reasons}请选 {status} 或 {day}。"

    said = refusal_text(
        TooMany(reasons=Reasons(("一天最多 {per_day} 次。", "请换 {status}。")), per_day=3, status=Status.BOOKED, day=START.date())
    )
    assert said == "不能再约：一天最多 3 次。请换 已预约。请选 已预约 或 2026年11月24日。"


def test_a_refusal_goes_into_the_form_that_caused_it():
    form = Visit({"name": "王", "who": "self", "agree": "on"})
    assert form.is_valid()
    add_refusal(form, Invalid(fields={"name": "请填全名", "elsewhere": "别的"}))
    assert form.errors["name"] == ["请填全名"]
    assert not form.non_field_errors()
    other = Visit({"name": "王", "who": "self", "agree": "on"})
    add_refusal(other, NotFound())
    assert other.non_field_errors() == [NotFound.message]


def test_a_word_shows_its_label():
    assert rendered("{{ status|label }}", status=Status.BOOKED) == "已预约"
    assert rendered("{{ status|label }}", status=None) == ""


@pytest.mark.parametrize(
    ("_case", "source", "expected"),
    [
        ("submits", '{% button "好" %}', '<button class="button button-primary" type="submit">好</button>'),
        ("link", '{% button "好" href="/x" kind="secondary" %}', '<a class="button button-secondary" href="/x">好</a>'),
        ("a disabled link is a button that cannot be pressed", '{% button "好" href="/x" disabled=True %}', "disabled>好</button>"),
        ("elsewhere", '{% button "好" form="f" name="a" value="b" %}', 'name="a" value="b" form="f">好'),
        ("key", '{% button "好" key="F2" %}', 'data-key="F2">好 <kbd class="key">F2</kbd>'),
    ],
)
def test_buttons(_case, source, expected):
    assert expected in rendered(source)


@pytest.mark.parametrize("source", ['{% button "x" kind="big" %}', '{% tag "x" "pink" %}', '{% tile "1" level="pink" %}{% endtile %}'])
def test_an_unknown_kind_is_a_programming_error(source):
    with pytest.raises(ValueError, match="no such"):
        rendered(source)


class TestTheGridOfTimes:
    windows: ClassVar = [
        Slot(START, START + timedelta(minutes=15), 4, url="/first"),
        Slot(START + timedelta(minutes=15), START + timedelta(minutes=30), 0, url="/second"),
        {"start": START + timedelta(hours=5), "end": START + timedelta(hours=5, minutes=15), "free": 2, "value": "third"},
    ]

    def test_radios_under_the_half_days(self):
        html = rendered('{% slots windows name="window" selected="third" %}', windows=self.windows)
        assert html.index("上午") < html.index("09:00–09:15") < html.index("下午") < html.index("14:00–14:15")
        assert 'value="2026-11-24T01:00:00+00:00">' in html
        assert 'value="third" checked' in html
        assert html.count("checked") == 1
        assert html.count(" disabled") == 1
        assert "约满" in html
        assert "余 4" in html

    def test_links_when_it_has_no_name_and_a_full_window_is_none(self):
        html = rendered("{% slots windows %}", windows=self.windows)
        assert 'href="/first"' in html
        assert "/second" not in html
        assert "<input" not in html

    def test_the_elderly_read_whole_words(self):
        html = rendered('{% slots windows name="window" %}', windows=self.windows, mode="elderly")
        assert "剩 4 个" in html
        assert "已约满" in html

    def test_a_form_field_brings_name_choice_and_error(self):
        class Choice(forms.Form):
            window = forms.CharField(error_messages={"required": "请选择一个就诊时间"})

        wrong = rendered("{% slots windows bound=form.window %}", windows=self.windows, form=Choice({}))
        assert 'id="id_window_error"' in wrong
        assert "请选择一个就诊时间" in wrong
        assert 'id="id_window" ' in wrong
        chosen = rendered("{% slots windows bound=form.window %}", windows=self.windows, form=Choice({"window": "third"}))
        assert 'value="third" checked' in chosen

    def test_an_instant_chooses_its_window(self):
        html = rendered('{% slots windows name="window" selected=start %}', windows=self.windows, start=START)
        assert 'value="2026-11-24T01:00:00+00:00" checked' in html

    def test_days(self):
        days = [Day(date(2026, 11, 24), 12), Day(date(2026, 11, 25), 0), Day(date(2026, 11, 26), None)]
        html = rendered('{% day_strip days name="day" selected=chosen %}', days=days, chosen=date(2026, 11, 24))
        assert 'value="2026-11-24" checked' in html
        assert html.count(" disabled") == 2
        assert re.search("周二.*余 12.*周三.*约满.*周四.*不出诊", html, re.DOTALL)


def test_a_step_says_where_when_what_it_costs_and_how_many_are_ahead():
    step = SimpleNamespace(
        title="到 3 层抽血",
        where="采血室",
        when=START,
        prepare="空腹",
        cost_fen=2500,
        ahead=0,
        url_name="kit:gallery",
        url_args=(),
    )
    html = rendered("{% next_step step first=True %}", step=step)
    for words in ("现在请做", "到 3 层抽血", "采血室", "09:00", "空腹", "25.00 元", "还有 <b>0</b> 人", 'href="/kit/"'):
        assert words in html
    short = rendered("{% next_step step number=2 %}", step={"title": "回家"})
    assert "第 2 件" in short
    assert "<dl" not in short
    assert "<a " not in short


def test_a_row_names_what_its_link_changes():
    html = rendered('{% row "医生" "李敏" change="/x" %}')
    assert '<a href="/x">修改 <span class="unseen">医生</span></a>' in html


def test_banners_always_have_a_word():
    assert "请注意" in rendered('{% banner "warning" %}x{% endbanner %}')
    assert 'role="alert"' in rendered('{% banner "danger" live=True %}x{% endbanner %}')
    assert "role=" not in rendered('{% banner "info" %}x{% endbanner %}')


def test_pages_keep_the_rest_of_the_address():
    request = RequestFactory().get("/list/?name=wang&page=2")
    html = rendered("{% pagination page %}", page=Paginator(range(50), 10).page(2), request=request)
    assert "?name=wang&amp;page=1" in html
    assert "?name=wang&amp;page=3" in html
    assert rendered("{% pagination page %}", page=Paginator(range(5), 10).page(1)).strip() == ""


def test_the_countdown_says_the_hour_without_scripts():
    html = rendered("{% countdown until now %}", until=START + timedelta(minutes=15), now=START)
    assert "请在 <b>09:15</b> 前完成" in html
    assert 'data-countdown="900"' in html
    assert 'data-countdown="0"' in rendered("{% countdown until now %}", until=START, now=START + timedelta(minutes=1))


def test_reading_aloud_is_offered_in_elderly_mode_only():
    assert "读给我听" in rendered('{% speak "main" %}', mode="elderly")
    assert rendered('{% speak "main" %}', mode="normal").strip() == ""


def test_a_qr_code_has_no_inline_style_and_says_what_it_is():
    svg = qr_svg("JY7K2M3PQ4X9", title="签到 <码>")
    assert "style" not in svg
    assert "<title>签到 &lt;码&gt;</title>" in svg
    assert 'role="img"' in svg


def test_a_voucher_spells_its_code_in_groups():
    assert "JY7K 2M3P Q4X9" in rendered('{% voucher "JY7K2M3PQ4X9" %}{% endvoucher %}')


def test_htmx_is_told_what_it_may_not_do():
    html = rendered("{% htmx %}").replace("&quot;", '"')
    for rule in (
        '"allowEval":false',
        '"includeIndicatorStyles":false',
        '"historyCacheSize":0',
        '"disableInheritance":true',
        '{"code":"422","swap":true}',
    ):
        assert rule in html
