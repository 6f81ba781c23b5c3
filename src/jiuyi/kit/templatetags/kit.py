"""``{% load kit %}``: every part of the design system. The gallery at ``/kit/`` shows them all, in four modes.

Inside a sentence::

    {% icon "check" %}   {% icon "alert" label=_("危急") %}      {% tag _("约满") "full" %}      {% key "F2" %}
    {{ fen|money }}  {{ date|day }}  {{ date|full_day }}  {{ date|weekday }}  {{ date|short_day }}
    {{ instant|clock }}  {{ start|window:end }}  {{ instant|moment }}  {% when start end %} (never wraps)
    {{ status|label }} (a Word)      {{ refusal|said }}      {% qr code title=_("签到二维码") %}

A page (``{% extends "kit/page_patient.html" %}``): blocks title, back, kicker, heading, main, actions, scripts::

    {% block back %}{% back url _("返回选医生") %}{% endblock %}
    {% block kicker %}{% steps 3 4 _("预约挂号") %}{% endblock %}
    {% speak "main" %}   {% phone_back "0531-84230120" %}

A form (``<form method="post" novalidate>{% csrf_token %}``); the page shows ``form`` and ``refusal`` of its context at the top::

    {% field form.name %}   {% field form.code scan=True width="code" %}   {% field form.who label_hidden=True hints=hints %}
    {% error_summary form %}   {% refusal refusal %}
    {% button _("下一步：核对信息") %}   {% button _("打印") href=url kind="secondary" icon="print" %}
    {% actions %}{% button _("确认并支付") %}{% endactions %}
    {% confirm _("取消预约") %}…{% button _("确认取消") kind="danger" %}{% endconfirm %}
    {% day_strip days name="day" selected=day %}   {% slots windows name="window" selected=value %}   (no name: links by .url)
    {% countdown until now %}

Lists::

    {% summary %}{% row _("医生") name change=url %}{% endsummary %}
    {% choices %}{% choice url title meta=… trailing=… icon_name="people" disabled=… %}{% endchoices %}
    {% banner "warning" _("请注意") %}…{% endbanner %}   {% panel _("预约成功") %}…{% endpanel %}   {% card _("标题") %}…{% endcard %}
    {% table _("今日名单") %}<thead>…</thead><tbody>…</tbody>{% endtable %}
    {% tabs _("病历") %}{% tab url _("医嘱") current=True count=3 %}{% endtabs %}
    {% figures %}{% figure _("在院") 31 %}{% endfigures %}
    {% tiles %}{% tile "01" "王建国" meta="女 58" trailing=… level="red" %}…{% endtile %}{% endtiles %}
    {% empty _("还没有预约") %}…{% endempty %}   {% next_step step first=True %}   {% pagination page %}
    {% timeline %}{% event instant _("已签到") %}…{% endevent %}{% endtimeline %}
    {% voucher code %}{% summary %}…{% endsummary %}{% endvoucher %}   {% wall_board rows %}
"""

from django import template

from jiuyi.kit.tags import forms, lists, page, reading

register = template.Library()

for _part in (reading, forms, lists, page):
    register.tags.update(_part.register.tags)
    register.filters.update(_part.register.filters)
