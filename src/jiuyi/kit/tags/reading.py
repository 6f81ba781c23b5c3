"""Small things read inside a sentence: icons, tags, days, times, money, keys."""

from datetime import date, datetime, time
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from jiuyi.kernel.refusals import Refusal
from jiuyi.kit import formats
from jiuyi.kit.qr import qr_svg
from jiuyi.kit.refusals import refusal_text

register = template.Library()

TAG_KINDS = frozenset({"plain", "full", "few", "info", "success", "warning", "danger", "solid"})


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing of the sprite. Silent for screen readers unless ``label`` says what it means."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="icon" {}><use href="{}#{}"></use></svg>', spoken, static("kit/icons.svg"), name)


@register.simple_tag
def tag(text: object, kind: str = "plain") -> SafeString:
    """A small coloured word: plain, full, few, info, success, warning, danger or solid. The word carries the meaning."""
    if kind not in TAG_KINDS:
        message = f"no such tag kind: {kind}"
        raise ValueError(message)
    return format_html('<span class="tag tag-{}">{}</span>', kind, text)


@register.simple_tag
def when(start: date | datetime, end: datetime | None = None) -> SafeString:
    """A day, an instant or a window: ``11月24日 周二 09:00–09:15``. Neither the day nor the time ever breaks in the middle."""
    day_part = formats.day_text(start)
    if not isinstance(start, datetime):
        return format_html('<time class="when" datetime="{}">{}</time>', start.isoformat(), day_part)
    time_part = formats.clock_text(start) if end is None else formats.window_text(start, end)
    parts = '<time datetime="{}"><span class="when">{}</span> <span class="when">{}</span></time>'
    return format_html(parts, start.isoformat(), day_part, time_part)


@register.simple_tag
def key(name: str) -> SafeString:
    """A key of the keyboard, drawn as a key."""
    return format_html('<kbd class="key">{}</kbd>', name)


@register.simple_tag
def qr(text: str, title: str = "") -> SafeString:
    """A QR code as SVG; ``title`` is what a screen reader says (default 二维码)."""
    return qr_svg(text, title=title or gettext("二维码"))


@register.filter
def money(fen: int | str | None) -> str:
    """``1500`` → ``15.00 元`` / ``CNY 15.00``; nothing for None."""
    return "" if fen is None or fen == "" else formats.money_text(int(fen))


@register.filter
def day(moment: date | datetime | None) -> str:
    """``11月24日 周二`` / ``Tue 24 Nov``; an instant counts by its local day."""
    return formats.day_text(moment) if moment else ""


@register.filter
def full_day(moment: date | datetime | None) -> str:
    """``2026年11月24日`` / ``24 Nov 2026``."""
    return formats.full_day_text(moment) if moment else ""


@register.filter
def weekday(moment: date | datetime | None) -> str:
    """``周二`` / ``Tue``."""
    return formats.weekday_text(moment) if moment else ""


@register.filter
def short_day(moment: date | datetime | None) -> str:
    """``11-24`` / ``24 Nov``."""
    return formats.short_day_text(moment) if moment else ""


@register.filter
def clock(moment: datetime | time | None) -> str:
    """``09:00`` on the hospital's wall clock."""
    return formats.clock_text(moment) if moment else ""


@register.filter
def window(start: datetime | time | None, end: datetime | time) -> str:
    """``09:00–09:15``: ``{{ start|window:end }}``."""
    return formats.window_text(start, end) if start else ""


@register.filter
def moment(instant: datetime | None) -> str:
    """``11月24日 周二 09:00`` / ``Tue 24 Nov 09:00``."""
    return formats.moment_text(instant) if instant else ""


@register.filter
def label(word: Any) -> str:
    """The label of a vocabulary word in the active language: ``{{ appointment.status|label }}``."""
    return gettext(word.label) if word else ""


@register.filter
def said(refusal: Refusal) -> str:
    """The sentence of a refusal in the active language."""
    return refusal_text(refusal)
