"""QR codes as inline SVG without inline styles, so that they live under the content security policy and print sharply."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe

QUIET_ZONE_MODULES = 4


def qr_svg(text: str, *, title: str) -> SafeString:
    """An SVG drawing of ``text`` (error correction M) with a spoken title; its size comes from the style sheet."""
    buffer = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(
        buffer,
        kind="svg",
        border=QUIET_ZONE_MODULES,
        dark="#000",
        light="#fff",
        xmldecl=False,
        svgns=True,
        svgclass="qr-code",
        lineclass=None,
        omitsize=True,
        nl=False,
        title=title,
    )
    drawing = buffer.getvalue().decode()
    # segno escapes the title; everything else it writes is numbers.
    return mark_safe(drawing.replace("<svg ", '<svg role="img" ', 1))  # noqa: S308
