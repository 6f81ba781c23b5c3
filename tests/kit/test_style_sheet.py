"""The style sheet stays small, and falls apart in no browser of the floor (Chromium 86, Safari 14)."""

import gzip
import re
from pathlib import Path

import pytest

import jiuyi.kit

STATIC = Path(jiuyi.kit.__file__).parent / "static" / "kit"
SHEETS = sorted(STATIC.rglob("*.css"))
LIMIT_BYTES = 15 * 1024

BANNED = {
    "cascade layers": r"@layer",
    "nesting": r"(?m)^\s*&|\{[^{}]*\{[^{}]*\{[^{}]*\{",
    "color-mix": r"color-mix\(",
    "oklch": r"oklch\(|oklab\(",
    "light-dark": r"light-dark\(",
    ":has": r":has\(",
    ":is and :where": r":is\(|:where\(",
    "inset": r"[{;\s]inset\s*:",
    "logical shorthands": r"(margin|padding)-(inline|block)\s*:",
    "flex gap": r"display:\s*(inline-)?flex[^}]*[;\s]gap\s*:",
    "aspect-ratio": r"aspect-ratio\s*:",
    "container queries": r"@container",
    "dynamic viewport units": r"\d[dsl]v[hw]\b",
    "web fonts": r"@font-face",
    "imports": r"@import",
    "addresses": r"url\(",
    "weights other than 400 and 700": r"font-weight:\s*(?!400|700)\S|font:\s*(?!inherit|700|400)\S",
}


def css(path):
    return re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


def test_all_parts_together_are_small():
    assert len(gzip.compress((STATIC / "kit.css").read_bytes(), 9)) <= LIMIT_BYTES


@pytest.mark.parametrize("feature", BANNED)
@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_nothing_that_the_oldest_browser_does_not_know(path, feature):
    assert not re.search(BANNED[feature], css(path))


@pytest.mark.parametrize(
    ("feature", "planted"),
    [
        ("nesting", ".a { color: red; & b { color: blue } }".replace("; &", ";\n &")),
        ("flex gap", ".a { display: flex; gap: 1rem; }"),
        ("inset", ".a { inset: 0; }"),
        ("weights other than 400 and 700", ".a { font-weight: 600; }"),
        ("addresses", ".a { background: url(x.png); }"),
        (":has", ".a:has(b) { top: 0 }"),
    ],
)
def test_the_ban_sees_what_is_planted(feature, planted):
    assert re.search(BANNED[feature], planted)


def test_every_class_of_a_part_has_a_look():
    known = set(re.findall(r"\.([a-z][a-z0-9-]*)", "".join(css(path) for path in SHEETS)))
    for name in ("tag-full", "tag-few", "tag-info", "tag-success", "tag-warning", "tag-danger", "tag-solid"):
        assert name in known
    for kind in ("primary", "secondary", "danger", "quiet", "link", "wide", "small"):
        assert f"button-{kind}" in known


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _palette(selector):
    block = re.search(re.escape(selector) + r"\s*\{(.*?)\}", css(STATIC / "kit.css"), re.DOTALL).group(1)
    return {
        name: value if len(value) == 7 else "#" + "".join(2 * digit for digit in value[1:])
        for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block)
    }


@pytest.mark.parametrize("selector", [":root", ".wall"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "ground"),
        ("ink", "paper"),
        ("quiet", "ground"),
        ("quiet", "paper"),
        ("quiet", "mist"),
        ("teal", "ground"),
        ("teal", "paper"),
        ("red", "paper"),
        ("red", "ground"),
        ("red", "red-pale"),
        ("amber", "paper"),
        ("amber", "amber-pale"),
        ("blue", "blue-pale"),
        ("green", "green-pale"),
        ("on", "teal"),
        ("on", "red"),
        ("on", "teal-deep"),
        ("on", "red-deep"),
    ],
)
def test_text_can_be_read(selector, text, ground):
    colours = _palette(selector)
    lighter, darker = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_the_elderly_numbers():
    sheet = css(STATIC / "kit.css")
    root_percent = float(re.search(r"\.elderly-root \{ font-size: ([\d.]+)%", sheet).group(1))
    small_rem = float(re.search(r"\.elderly \{[^}]*--small: ([\d.]+)rem", sheet).group(1))
    assert 16 * root_percent / 100 * small_rem >= 18
    assert re.search(r"\.elderly \{[^}]*--control: max\([\d.]+rem, 60px\)", sheet)
    assert float(re.search(r"--leading: ([\d.]+)", sheet).group(1)) >= 1.3
    assert re.search(r"\.elderly-root \{[^}]*scroll-padding-bottom", sheet)


def test_the_number_on_the_wall_is_read_from_afar():
    sheet = css(STATIC / "kit.css")
    root_vw = float(re.search(r"\.wall-root \{ font-size: ([\d.]+)vw", sheet).group(1))
    number_rem = float(re.search(r"\.wall-number \{ font-size: ([\d.]+)rem", sheet).group(1))
    assert 1920 * root_vw / 100 * number_rem >= 72
