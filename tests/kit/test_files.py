"""Files that reach a browser: vendored ones are what they claim, none calls outside, no template writes inline code."""

import hashlib
import re
from pathlib import Path

import pytest

import jiuyi
from jiuyi.kit.gallery import ICON_NAMES

PACKAGE = Path(jiuyi.__file__).parent
VENDOR = PACKAGE / "kit" / "static" / "vendor"
TEMPLATES = sorted(path for path in PACKAGE.rglob("templates/**/*") if path.suffix in {".html", ".svg", ".xml"})
STATIC_FILES = sorted(
    path
    for path in PACKAGE.rglob("static/**/*")
    if path.suffix in {".css", ".js", ".mjs", ".svg", ".html", ".json"} and "vendor" not in path.parts
)
# A namespace is a name, not an address that a browser opens.
NAMESPACES = re.compile(r"http://www\.w3\.org/(2000/svg|1999/xlink|1999/xhtml)")
OUTSIDE = re.compile(r"(?i)(?:https?:)?//(?!\s)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
INLINE = {
    "a style attribute": re.compile(r"(?i)<[^>]*\sstyle\s*="),
    "a style element": re.compile(r"(?i)<style\b"),
    "a handler attribute": re.compile(r"(?i)<[^>]*\son[a-z]+\s*="),
    "an htmx handler": re.compile(r"(?i)\shx-on\b|\shx-on:|\shx-vals\s*=\s*[\"']?js:|\shx-(?:vals|headers)\s*=\s*[\"']?javascript:"),
    "a script of its own": re.compile(r"(?i)<script\b(?![^>]*\bsrc\s*=)(?![^>]*type=\"application/json\")"),
    "a script address": re.compile(r"(?i)(?:href|src|action)\s*=\s*[\"']?javascript:"),
}
# Empty and ticked boxes (2610-2612) are in the text fonts that paper is printed with.
EMOJI = re.compile("[\U0001f300-\U0001faff\u2600-\u260f\u2613-\u27bf\ufe0f]")
# Written for the PDF writer, which has no policy and loads no style sheet of ours; no browser ever gets them.
PAPER_ONLY = {"journeys/templates/journeys/paper_list.html"}


def html(path):
    return re.sub(r"\{#.*?#\}", "", path.read_text())


def listed():
    rows = re.findall(r"^\| (\S+) \| (\S+) \| (\S+) \| `([^`]+)` \| `([0-9a-f]{64})` \|$", (VENDOR / "VENDOR.md").read_text(), re.MULTILINE)
    return {file: (name, version, licence, digest) for name, version, licence, file, digest in rows}


def test_every_vendored_file_is_listed_and_unchanged():
    present = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file() and path.name != "VENDOR.md"}
    assert present == set(listed())
    for file, (name, version, licence, digest) in listed().items():
        assert file.startswith(f"{name}-{version}/")
        assert licence
        assert hashlib.sha256((VENDOR / file).read_bytes()).hexdigest() == digest, file


def test_the_vendored_htmx_is_the_pinned_one():
    assert listed()["htmx-2.0.11/htmx.min.js"][1] == "2.0.11"
    assert 'version:"2.0.11"' in (VENDOR / "htmx-2.0.11" / "htmx.min.js").read_text()


@pytest.mark.parametrize("path", TEMPLATES + STATIC_FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_is_fetched_from_outside(path):
    assert not OUTSIDE.search(NAMESPACES.sub("", html(path)))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_template_writes_inline_code(path):
    allowed = {"a style element"} if str(path.relative_to(PACKAGE)) in PAPER_ONLY else set()
    found = [what for what, pattern in INLINE.items() if what not in allowed and pattern.search(html(path))]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES + STATIC_FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_emoji_because_many_machines_show_boxes(path):
    assert not EMOJI.search(html(path))


@pytest.mark.parametrize(
    ("_case", "planted", "seen"),
    [
        ("style", '<p class="a" style="top:0">', True),
        ("style element", "<style>", True),
        ("handler", '<a href="#" onclick="x()">', True),
        ("htmx handler", '<a hx-on:click="x()">', True),
        ("script", "<script>x()</script>", True),
        ("script address", '<a href="javascript:x()">', True),
        ("our own script", '<script type="module" src="/static/kit/js/kit.js"></script>', False),
        ("data for a script", '<script type="application/json">{}</script>', False),
        ("words", "<p>style = one</p>", False),
    ],
)
def test_the_walk_sees_what_is_planted(_case, planted, seen):
    assert any(pattern.search(planted) for pattern in INLINE.values()) is seen


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        ("https://cdn.example.com/x.js", True),
        ('src="//cdn.example.com/x.js"', True),
        ("// a comment of a script", False),
        ("/static/kit/kit.css", False),
    ],
)
def test_the_search_for_addresses_sees_what_is_planted(planted, seen):
    assert bool(OUTSIDE.search(planted)) is seen


def test_every_icon_that_is_asked_for_is_drawn():
    drawn = re.findall(r'<symbol id="([^"]+)"', (PACKAGE / "kit" / "static" / "kit" / "icons.svg").read_text())
    assert tuple(drawn) == ICON_NAMES
    asked = set()
    for path in TEMPLATES:
        asked |= set(re.findall(r'\{% icon "([^"]+)"|\bicon(?:_name)?="([^"]+)"', html(path)))
    assert {first or second for first, second in asked} <= set(drawn)
