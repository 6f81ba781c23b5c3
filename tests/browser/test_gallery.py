"""The gallery in a real browser: what only looking and measuring can find."""

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, expect

from tests.browser.looking import CONTROLS, DESK, ENLARGE, LARGE_TEXT, PHONE, SMALL_PHONE, SMALL_TEXT, WALL, axe

SIGHTS = [
    ("normal", "?mode=normal", PHONE, 1),
    ("normal 320", "?mode=normal", SMALL_PHONE, 1),
    ("normal 160 %", "?mode=normal", SMALL_PHONE, LARGE_TEXT),
    ("elderly", "?mode=elderly", PHONE, 1),
    ("elderly 320", "?mode=elderly", SMALL_PHONE, 1),
    ("elderly 160 %", "?mode=elderly", SMALL_PHONE, LARGE_TEXT),
    ("dense", "?mode=dense", DESK, 1),
    ("dense 320", "?mode=dense", SMALL_PHONE, 1),
    ("wall", "?mode=wall", WALL, 1),
    ("slots", "?page=slots", PHONE, 1),
    ("slots elderly", "?page=slots&mode=elderly", SMALL_PHONE, LARGE_TEXT),
    ("slots error", "?page=slots-error", PHONE, 1),
    ("done", "?page=done", PHONE, 1),
    ("beds", "?page=beds", DESK, 1),
    ("calling board", "?page=wall", WALL, 1),
    ("slip", "?page=slip", SMALL_PHONE, 1),
]

BOXES = """[...document.querySelectorAll(".cell, .option")]
  .map(each => each.getBoundingClientRect()).map(box => [box.width, box.height])"""
BROKEN = """[...document.querySelectorAll(".when, .cell b")]
  .filter(each => each.offsetParent && each.getClientRects().length > 1).map(each => each.textContent)"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    assert not thread.error
    yield f"http://127.0.0.1:{thread.port}/kit/"
    thread.terminate()


@pytest.fixture
def look(browser, address):
    """Open a page of the gallery at a size; every complaint of the browser (a policy broken, a file missing) fails the test."""
    contexts, complaints = [], []

    def open_page(query: str, size=PHONE, text: float = 1, **options) -> Page:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(address + query, wait_until="load")
        if text != 1:
            page.evaluate(ENLARGE, text)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.mark.parametrize(("query", "size", "text"), [sight[1:] for sight in SIGHTS], ids=[sight[0] for sight in SIGHTS])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(look, query, size, text):
    page = look(query, size, text)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert axe(page) == []


@pytest.mark.parametrize(("mode", "least"), [("normal", 44), ("elderly", 60)])
@pytest.mark.parametrize("page_name", ["", "slots", "slots-error", "done"])
def test_fingers_can_hit_every_control(look, mode, least, page_name):
    page = look(f"?mode={mode}&page={page_name}")
    assert page.evaluate(CONTROLS, least) == []


@pytest.mark.parametrize("page_name", ["", "slots", "slots-error", "done"])
def test_elderly_text_is_large(look, page_name):
    page = look(f"?mode=elderly&page={page_name}")
    assert page.evaluate(SMALL_TEXT, 18) == []
    assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 18
    assert float(page.evaluate("(s => parseFloat(s.lineHeight) / parseFloat(s.fontSize))(getComputedStyle(document.body))")) >= 1.3


@pytest.mark.parametrize("mode", ["normal", "elderly", "dense"])
def test_choosing_moves_nothing(look, mode):
    page = look(f"?mode={mode}", DESK if mode == "dense" else PHONE)
    before = page.evaluate(BOXES)
    for each in page.locator(".cell input:not([disabled]), .option input").all():
        each.check(force=True)
    assert page.evaluate(BOXES) == before


@pytest.mark.parametrize("mode", ["normal", "elderly"])
def test_the_bar_of_buttons_never_hides_the_focus(look, mode):
    page = look(f"?page=slots&mode={mode}", (390, 700))
    bar = page.locator(".actions")
    for each in page.locator(".cell input:not([disabled]), main p a").all():
        each.focus()
        page.wait_for_timeout(30)
        focused, over = each.bounding_box(), bar.bounding_box()
        assert focused
        assert over
        assert focused["y"] + focused["height"] <= over["y"] + 1 or focused["y"] >= over["y"] + over["height"] - 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_high_contrast_keeps_the_selection(look, scheme):
    page = look("?page=slots", forced_colors="active", color_scheme=scheme)
    width = "selector => getComputedStyle(document.querySelector(selector)).outlineWidth"
    assert page.evaluate(width, ".cell input:checked + label") == "4px"
    assert page.evaluate(width, ".cell input:not(:checked) + label") in {"0px", "3px"}
    style = "selector => getComputedStyle(document.querySelector(selector)).outlineStyle"
    assert page.evaluate(style, ".cell input:checked + label") == "solid"
    assert page.evaluate(style, ".cell input:not(:checked) + label") == "none"


def test_full_and_free_differ_by_more_than_colour(look):
    page = look("?page=slots")
    border = "selector => getComputedStyle(document.querySelector(selector)).borderTopStyle"
    assert page.evaluate(border, ".off label") == "dashed"
    assert page.evaluate(border, ".cell:not(.off) label") == "solid"
    assert "约满" in page.locator(".off").first.inner_text()


def test_days_and_times_never_break_in_the_middle(look):
    page = look("?mode=elderly", SMALL_PHONE, LARGE_TEXT)
    assert page.evaluate(BROKEN) == []


def test_numbers_on_the_wall_are_at_least_72_pixels_and_fit_without_scrolling(look):
    page = look("?page=wall", WALL)
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.wall-number')).fontSize)") >= 72
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080


def test_thirty_six_beds_fit_a_desk_with_one_small_scroll(look):
    page = look("?page=beds", DESK)
    assert page.locator(".tile").count() == 36
    assert page.evaluate("document.documentElement.scrollHeight") <= 768 * 1.25


def test_everything_works_without_scripts(look):
    page = look("?page=slots", java_script_enabled=False)
    page.get_by_role("button", name="长辈版").click()
    assert page.locator("body.elderly").count() == 1
    page.get_by_role("button", name="回到普通版").click()
    assert page.locator("body.normal").count() == 1
    page = look("?page=done", java_script_enabled=False)
    page.get_by_text("取消这次预约").click()
    assert page.get_by_role("button", name="确认取消").is_visible()


def test_after_a_refusal_the_errors_have_the_focus_and_lead_to_the_field(look):
    page = look("?page=slots-error")
    expect(page.locator("[data-errors]")).to_be_focused()
    page.get_by_role("link", name="请选择一个就诊时间").click()
    assert page.evaluate("document.activeElement.id") == "id_window"


def test_a_question_takes_the_focus_and_escape_closes_it(look):
    page = look("?page=done")
    page.get_by_text("取消这次预约").click()
    expect(page.get_by_role("button", name="确认取消")).to_be_focused()
    page.keyboard.press("Escape")
    assert not page.get_by_role("button", name="确认取消").is_visible()


def test_the_time_that_is_left_counts_down(look):
    page = look("?mode=normal")
    expect(page.locator("[data-countdown]").first).to_contain_text("还剩 14 分")


def test_htmx_runs_with_our_configuration_on_staff_pages(look):
    page = look("?page=beds", DESK)
    config = "(({ allowEval, disableInheritance, historyCacheSize, includeIndicatorStyles }) => "
    config += "[htmx.version, allowEval, disableInheritance, historyCacheSize, includeIndicatorStyles])(htmx.config)"
    assert page.evaluate(config) == ["2.0.11", False, True, 0, False]


def test_a_wall_says_that_it_is_stale_and_recovers(look, address):
    page = look("?page=wall", WALL)
    page.evaluate(
        """async address => {
          const main = document.querySelector("main");
          main.dataset.live = address; main.dataset.every = "0.2";
          window.answer = { ok: false };
          window.fetch = async () => ({ ok: window.answer.ok, status: 503, redirected: false, text: async () => "<p id=fresh>A018</p>" });
          const live = await import(document.querySelector("script[type=module]").src.replace("kit.js", "live.js"));
          live.enhance(main);
        }""",
        address,
    )
    page.wait_for_selector("[data-stale]:not([hidden])")
    assert page.locator(".wall-number").count() == 4
    page.evaluate("window.answer.ok = true")
    page.wait_for_selector("#fresh")
    page.wait_for_selector("[data-stale]", state="hidden")
