"""Parts one reads: summaries, choices, cards, tables, figures, timelines, banners, the voucher."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from jiuyi.kit import formats
from jiuyi.kit.qr import qr_svg
from jiuyi.kit.tags.reading import icon, when

register = template.Library()

# Kind → (icon, the word that is said when no title is given). Titles are translated when shown.
BANNERS = {"info": "info", "success": "check", "warning": "alert", "danger": "stop"}
LEVELS = frozenset({"", "red", "orange", "blue", "green", "grey"})


def _banner_word(kind: str) -> str:
    words = {"info": gettext("提示"), "success": gettext("办好了"), "warning": gettext("请注意"), "danger": gettext("紧急")}
    return words[kind]


@register.simple_block_tag
def banner(content: str, kind: str = "info", title: str = "", *, live: bool = False) -> SafeString:
    """A notice: info, success, warning or danger, always with its icon and a word. ``live`` reads it out when it appears."""
    role = format_html(' role="{}"', "alert" if kind == "danger" else "status") if live else ""
    head = format_html('<p class="banner-title">{} {}</p>', icon(BANNERS[kind]), title or _banner_word(kind))
    return format_html('<div class="banner banner-{}"{}>{}<div class="banner-body">{}</div></div>', kind, role, head, content)


@register.simple_block_tag
def panel(content: str, title: str) -> SafeString:
    """The large green "done" of a confirmation page."""
    return format_html('<div class="panel"><p class="panel-title">{} {}</p>{}</div>', icon("check"), title, content)


@register.simple_block_tag
def card(content: str, title: str = "", *, level: int = 2) -> SafeString:
    """A white box, with a heading if ``title`` is given."""
    head = format_html("<h{0}>{1}</h{0}>", level, title) if title else ""
    return format_html('<section class="card">{}{}</section>', head, content)


@register.simple_block_tag
def summary(content: str) -> SafeString:
    """A list of question and answer; holds ``{% row %}``."""
    return format_html('<dl class="summary">{}</dl>', content)


@register.simple_tag
def row(term: str, value: object, change: str = "", change_text: str = "") -> SafeString:
    """One line of a summary; ``change`` is the address of its 修改 link."""
    link: str = ""
    if change:
        spoken = format_html('<span class="unseen">{}</span>', term)
        link = format_html('<dd class="summary-change"><a href="{}">{} {}</a></dd>', change, change_text or gettext("修改"), spoken)
    return format_html('<div class="summary-row"><dt>{}</dt><dd class="summary-value">{}</dd>{}</div>', term, value, link)


@register.simple_block_tag
def choices(content: str) -> SafeString:
    """A list of big rows to choose from; holds ``{% choice %}``."""
    return format_html('<ul class="choices">{}</ul>', content)


@register.simple_tag
def choice(
    href: str,
    title: str,
    meta: object = "",
    trailing: object = "",
    icon_name: str = "",
    *,
    disabled: bool = False,
    current: bool = False,
) -> SafeString:
    """One big row: a link with a title, a second line and something at the end (a tag, a price). Disabled rows are no links."""
    picture = icon(icon_name) if icon_name else ""
    words = format_html('<span class="choice-title">{}</span>', title)
    if meta:
        words = format_html('{}<span class="choice-meta">{}</span>', words, meta)
    inner = format_html('{}<span class="choice-words">{}</span>', picture, words)
    if trailing:
        inner = format_html('{}<span class="choice-trailing">{}</span>', inner, trailing)
    if disabled or not href:
        return format_html('<li><span class="choice choice-off">{}</span></li>', inner)
    now = SafeString(' aria-current="true"') if current else ""
    return format_html('<li><a class="choice" href="{}"{}>{}{}</a></li>', href, now, inner, icon("forward"))


@register.simple_block_tag
def table(content: str, caption: str, *, caption_hidden: bool = False) -> SafeString:
    """A data table that scrolls inside itself when it is too wide; the content is thead and tbody."""
    unseen = SafeString(' class="unseen"') if caption_hidden else ""
    body = format_html('<table class="table"><caption{}>{}</caption>{}</table>', unseen, caption, content)
    return format_html('<div class="table-frame" role="region" tabindex="0" aria-label="{}">{}</div>', caption, body)


@register.simple_block_tag
def tabs(content: str, label: str) -> SafeString:
    """A row of links to sister pages; holds ``{% tab %}``."""
    return format_html('<nav class="tabs" aria-label="{}"><ul>{}</ul></nav>', label, content)


@register.simple_tag
def tab(href: str, text: str, current: object = False, count: object = "") -> SafeString:  # noqa: FBT002
    """One tab; ``current`` marks the page one is on, ``count`` stands behind the word."""
    now = SafeString(' aria-current="page"') if current else ""
    number = format_html(' <span class="count">{}</span>', count) if count not in {None, ""} else ""
    return format_html('<li><a href="{}"{}>{}{}</a></li>', href, now, text, number)


@register.simple_block_tag
def figures(content: str) -> SafeString:
    """A row of figures; holds ``{% figure %}``."""
    return format_html('<dl class="figures">{}</dl>', content)


@register.simple_tag
def figure(name: str, value: object, kind: str = "") -> SafeString:
    """One figure: its name above, the number below."""
    return format_html('<div class="figure{}"><dt>{}</dt><dd>{}</dd></div>', f" figure-{kind}" if kind else "", name, value)


@register.simple_block_tag
def tiles(content: str) -> SafeString:
    """A board of equal tiles; holds ``{% tile %}``."""
    return format_html('<ul class="tiles">{}</ul>', content)


@register.simple_block_tag
def tile(content: str, number: str, title: str = "", *, meta: str = "", trailing: object = "", level: str = "") -> SafeString:
    """One tile of a board (a bed, a room): number, name, small print, a word at the end and a coloured edge that the word explains."""
    if level not in LEVELS:
        message = f"no such tile level: {level}"
        raise ValueError(message)
    head = format_html('<b class="tile-number">{}</b> <b>{}</b> <span class="tile-meta">{}</span>', number, title, meta)
    if trailing:
        head = format_html('{} <span class="tile-trailing">{}</span>', head, trailing)
    return format_html('<li class="tile tile-{}"><p class="tile-head">{}</p>{}</li>', level or "grey", head, content)


@register.simple_block_tag
def empty(content: str, text: str, icon_name: str = "empty") -> SafeString:
    """What stands where a list would be: why it is empty and what to do."""
    return format_html('<div class="empty">{}<p>{}</p>{}</div>', icon(icon_name), text, content)


@register.simple_block_tag
def timeline(content: str) -> SafeString:
    """What happened, in order; holds ``{% event %}…{% endevent %}``."""
    return format_html('<ol class="timeline">{}</ol>', content)


@register.simple_block_tag
def event(content: str, at: Any, title: str, icon_name: str = "dot") -> SafeString:
    """One entry of a timeline: when, what, and more in the content."""
    stamp = when(at) if hasattr(at, "isoformat") else at
    return format_html('<li>{}<div class="event"><p class="event-title">{}</p>{}{}</div></li>', icon(icon_name), title, stamp, content)


@register.simple_block_tag
def voucher(content: str, code: str, title: str = "", *, word: str = "") -> SafeString:
    """The booking voucher: QR, the code in groups of four, and a summary as content; fit for one screenshot."""
    drawing = qr_svg(code, title=title or gettext("预约凭证二维码"))
    groups = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
    head = format_html('<p class="voucher-word">{}</p>', word) if word else ""
    return format_html(
        '<section class="voucher"><div class="voucher-code">{}<p class="code">{}</p>{}</div><div class="voucher-body">{}</div></section>',
        drawing,
        groups,
        head,
        content,
    )


@register.inclusion_tag("kit/parts/next_step.html")
def next_step(step: Any, *, first: bool = False, number: int = 0, level: int = 2) -> dict[str, Any]:
    """A card of the worklist: what to do next, where, when, what to prepare, what it costs, how many are ahead.

    ``step`` has title, where, when, prepare, cost_fen, ahead, and url or url_name + url_args; each may be empty. ``first``
    is the step to take now; ``number`` counts the others.
    """
    parts = {name: _part(step, name) for name in ("title", "where", "when", "prepare", "cost_fen", "ahead", "action")}
    return parts | {"url": _url_of(step), "first": first, "number": number, "level": level, "when": _when_of(parts["when"])}


def _when_of(moment: Any) -> object:
    return when(moment) if hasattr(moment, "isoformat") else moment


def _url_of(step: Any) -> str:
    if url := _part(step, "url"):
        return str(url)
    name = _part(step, "url_name")
    if not name:
        return ""
    arguments = _part(step, "url_args") or ()
    try:
        if isinstance(arguments, Mapping):
            return reverse(name, kwargs=dict(arguments))
        return reverse(name, args=list(arguments) if isinstance(arguments, list | tuple) else [arguments])
    except NoReverseMatch:
        return ""


@register.inclusion_tag("kit/parts/pagination.html", takes_context=True)
def pagination(context: template.Context, page: Page[Any], name: str = "page") -> dict[str, Any]:
    """Earlier and later pages of a Django ``Page``; keeps the other parts of the address. Nothing for a single page."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    addresses = {}
    for direction, wanted in (("earlier", page.number - 1), ("later", page.number + 1)):
        query[name] = str(wanted)
        addresses[direction] = f"?{query.urlencode()}"
    return {"page": page, **addresses}


@register.inclusion_tag("kit/parts/countdown.html")
def countdown(until: datetime, now: datetime, text: str = "") -> dict[str, Any]:
    """``请在 09:32 前完成``; with scripts also the time that is left, and a warning in the last minute."""
    return {"until": until, "seconds": max(0, int((until - now).total_seconds())), "text": text, "clock": formats.clock_text(until)}


@register.inclusion_tag("kit/parts/wall_board.html")
def wall_board(rows: Iterable[Any]) -> dict[str, Any]:
    """The calling board. A row has room, practitioner, label, name (masked), passed (bool) and next: list of (label, name)."""
    names = ("room", "practitioner", "label", "name", "passed", "next")
    return {"rows": [{name: _part(each, name) for name in names} for each in rows]}


def _part(item: Any, name: str) -> Any:
    """A named part of an object or a mapping; None where it has none."""
    return item.get(name) if isinstance(item, Mapping) else getattr(item, name, None)
