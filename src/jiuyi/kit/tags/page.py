"""Parts of the frame around a page: back link, steps, navigation, the phone-back line, htmx."""

import json
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from jiuyi.kit.tags.reading import icon

register = template.Library()

# No evaluation and no inline styles (content security policy), nothing inherited by accident, no page kept for the next
# person at a shared desk, and a refused form (422) is shown like any other answer.
HTMX_CONFIG = {
    "disableInheritance": True,
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "historyCacheSize": 0,
    "selfRequestsOnly": True,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "422", "swap": True},
        {"code": "[45]..", "swap": False, "error": True},
    ],
}


@register.simple_tag
def back(href: str, text: str = "") -> SafeString:
    """The link above the heading: ``‹ 返回选医生``."""
    link = format_html('<a class="back" href="{}">{} {}</a>', href, icon("back"), text or gettext("返回"))
    return format_html('<nav aria-label="{}">{}</nav>', gettext("返回"), link)


@register.simple_tag
def steps(current: int, total: int, name: str = "") -> SafeString:
    """``预约挂号 · 第 3 步，共 4 步`` above the heading, with a bar that shows the same."""
    words = gettext("第 %(current)s 步，共 %(total)s 步") % {"current": current, "total": total}
    text = f"{name} · {words}" if name else words
    bar = SafeString('<i class="done"></i>') * current + SafeString("<i></i>") * (total - current)
    return format_html('<p class="steps">{}<span class="steps-bar" aria-hidden="true">{}</span></p>', text, SafeString(bar))


@register.simple_tag
def nav_item(href: str, text: str, current: object = False) -> SafeString:  # noqa: FBT002
    """One entry of the staff navigation, inside ``{% block nav %}``."""
    now = SafeString(' aria-current="page"') if current else ""
    return format_html('<li><a href="{}"{}>{}</a></li>', href, now, text)


@register.simple_tag
def phone_back(number: str) -> SafeString:
    """The number of somebody who books for those who cannot: ``不会操作？请拨 …，志愿者帮您约。``."""
    link = format_html('<a href="tel:{}" class="when">{}</a>', number.replace(" ", ""), number)
    words = format_html(gettext("不会操作？请拨 {phone}，志愿者帮您约。"), phone=link)
    return format_html('<p class="phone-back">{} <span>{}</span></p>', icon("phone"), words)


@register.simple_tag
def htmx() -> SafeString:
    """Loads the vendored htmx with our configuration; inside ``{% block head %}`` of pages that use it (staff pages already do)."""
    config = format_html('<meta name="htmx-config" content="{}">', json.dumps(HTMX_CONFIG, separators=(",", ":")))
    return format_html('{}<script src="{}" defer></script>', config, static("vendor/htmx-2.0.11/htmx.min.js"))


@register.inclusion_tag("kit/parts/mode_switch.html", takes_context=True)
def mode_switch(context: template.Context) -> dict[str, Any]:
    """长辈版 / 回到普通版 in the patient header; works without scripts."""
    return _switch_context(context)


@register.inclusion_tag("kit/parts/language_switch.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """English / 中文; works without scripts."""
    return _switch_context(context)


def _switch_context(context: template.Context) -> dict[str, Any]:
    request = context.get("request")
    return {
        "elderly": context.get("mode") == "elderly",
        "english": context.get("html_lang") == "en",
        "here": request.get_full_path() if request else "/",
        "csrf_token": context.get("csrf_token", ""),
    }
