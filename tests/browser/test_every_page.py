"""Every page known to the resolver, looked at by axe on each kind of screen; a page that nobody visits fails.

What an address answers decides how it is looked at: a patient's page in both modes on a phone, with large letters and at 320 px;
a desk at 1366 x 768 and on a phone; a wall at 1920 x 1080. Addresses that are no pages prove it by their answer: 405 to a GET, a piece
of a page for htmx, a file. Only those that send away need a reason here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser, BrowserContext, Page

from jiuyi.foundation import rulebook
from tests.browser import looking
from tests.browser.installation import Installation
from tests.browser.looking import DESK, FINGER, LARGE_TEXT, OLD_FINGER, OLD_TEXT, PHONE, SMALL_PHONE, WALL
from tests.browser.visitors import sign_in_patient, sign_in_staff, stranger
from tests.browser.visits import ACTS, ARGUMENTS, NOT_ALLOWED_HERE, PROGRAMMES, QUERIES, SENT_AWAY, SHOWN_AT_KIOSK, STATES, VISITORS

PATIENCE_MILLISECONDS = 8_000
NOBODY = "00000000-0000-0000-0000-000000000000"
CHINESE = re.compile(r"[\u3400-\u9fff]+")
MASKED_NAME = re.compile(r"[\u3400-\u9fff]?\*+[\u3400-\u9fff]?")


@dataclass(frozen=True, slots=True)
class View:
    """One thing to look at."""

    title: str
    name: str
    visitor: str
    arguments: tuple[tuple[str, str], ...] = ()
    query: str = ""


def names() -> dict[str, tuple[str, ...]]:
    """Every name in the resolver with the names of its arguments."""

    def walk(resolver: URLResolver, prefix: str, before: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        for each in resolver.url_patterns:
            arguments = before + tuple(each.pattern.converters)
            if isinstance(each, URLResolver):
                yield from walk(each, prefix + (f"{each.namespace}:" if each.namespace else ""), arguments)
            elif isinstance(each, URLPattern):
                assert each.name, f"{each.pattern} has no name: nobody could visit it"
                yield prefix + each.name, arguments

    return dict(walk(get_resolver(), "", ()))


def visitor_of(name: str) -> str:
    """Who can see it."""
    return next(visitor for start, visitor in VISITORS.items() if name.startswith(start))


def views() -> list[View]:
    """All names once, then the further states."""
    plain = [View(name, name, visitor_of(name), tuple(ARGUMENTS.get(name, {}).items()), QUERIES.get(name, "")) for name in sorted(names())]
    return plain + [View(title, name, visitor, tuple(other.items()), query) for title, name, visitor, other, query in STATES]


class Visitors:
    """A signed-in browser for each kind of visitor, made when first needed."""

    def __init__(self, browser: Browser, installation: Installation) -> None:
        self.browser = browser
        self.installation = installation
        self.scene = installation.ask("scene")
        self.pages: dict[str, Page] = {}
        self.complaints: list[str] = []
        self.refused: set[str] = set()
        self.no_pages: set[str] = set()

    def page(self, visitor: str) -> Page:
        """Their page, in Chinese and in the normal mode."""
        if visitor not in self.pages:
            assert visitor not in self.refused, f"{visitor} did not get in"
            context = self.browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, locale="zh-CN")
            context.set_default_timeout(PATIENCE_MILLISECONDS)
            page = context.new_page()
            self.refused.add(visitor)
            self._sign_in(page, visitor)
            self.refused.remove(visitor)
            page.on("console", lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            self.pages[visitor] = page
        page = self.pages[visitor]
        self.say(page.context, mode="normal", language="zh-hans")
        self.complaints.clear()
        return page

    def say(self, context: BrowserContext, **cookies: str) -> None:
        """Choose mode and language as the switches in the header do."""
        context.add_cookies([{"name": name, "value": value, "url": self.installation.url} for name, value in cookies.items()])

    def address(self, view: View) -> str:
        """The address with the scene's ids in it."""
        other = dict(view.arguments)
        # An address that only takes a POST says so whatever the id; a page with an id that nobody knows is not found, and fails.
        path = reverse(view.name, kwargs={each: self.scene.get(other.get(each, each), NOBODY) for each in names()[view.name]})
        query = view.query.format(**self.scene)
        return f"{self.installation.url}{path}{'?' if query else ''}{query}"

    def _sign_in(self, page: Page, visitor: str) -> None:
        if visitor == "patient":
            sign_in_patient(page, self.installation, self.installation.ask("demo_phone"))
            page.goto(f"{self.installation.url}{reverse('patient:book_safety', args=[self.scene['person_id']])}")
            page.get_by_role("button", name="都没有").click()
        elif visitor == "waiting for a code":
            page.goto(f"{self.installation.url}{reverse('patient:sign_in')}")
            page.get_by_label("手机号码").fill(stranger("等码人").phone)
            page.get_by_role("button", name="获取验证码").click()
        elif visitor == "half signed in":
            sign_in_staff(page, self.installation, "6501", half=True)
        elif visitor == "kiosk":
            page.goto(f"{self.installation.url}{reverse('kiosk:start')}")
            page.get_by_role("button", name="演示").click()
        elif visitor == "with a key":
            sign_in_staff(page, self.installation, "9002")
            self._prove_again(page, "9002")
            self.scene["pk"] = self.installation.ask("add_security_key", "9002")
        elif visitor != "nobody":
            sign_in_staff(page, self.installation, visitor)
            if visitor == "9003":
                self._prove_again(page, visitor)
                page.goto(f"{self.installation.url}{reverse('mfa_generate_recovery_codes')}")
                page.locator("main form").first.get_by_role("button").first.click()

    def _prove_again(self, page: Page, visitor: str) -> None:
        """Some pages ask for the password once more."""
        page.goto(f"{self.installation.url}{reverse('account_reauthenticate')}")
        page.get_by_label("密码").fill(self.installation.login(visitor)[0])
        page.locator("main form").first.get_by_role("button").first.click()

    def at_kiosk(self, page: Page, whose: str) -> None:
        """Show a voucher, and the last four if it is somebody's; or a card, for somebody who walks in without a booking."""
        if whose.startswith("walker"):
            self._walks_in(page, whose)
            return
        page.goto(f"{self.installation.url}{reverse('kiosk:voucher')}")
        page.locator("[name=code]").fill(self.scene[f"{whose or 'paid'}_voucher"])
        page.get_by_role("button", name="下一步").click()
        if whose:
            page.locator("[name=last_four]").fill(self.scene[f"{whose}_last_four"])
            page.get_by_role("button", name="下一步").click()

    def _walks_in(self, page: Page, whose: str) -> None:
        page.goto(f"{self.installation.url}{reverse('kiosk:book')}")
        page.locator("[name=number]").fill(self.scene["walkers"].pop())
        page.get_by_role("button", name="下一步").click()
        if whose != "walker":
            page.goto(f"{self.installation.url}{reverse('kiosk:book_time', args=[self.scene['clinic_department_id']])}")
            page.locator("button[name=slot]").first.click()
        if whose == "walker with a place":
            page.locator("main form button").last.click()


@pytest.fixture(scope="module")
def visitors(browser: Browser, installation: Installation) -> Visitors:
    return Visitors(browser, installation)


@pytest.fixture(scope="module")
def data(installation: Installation) -> frozenset[str]:
    """Every Chinese word that stands in the database: data is not translated."""
    columns = installation.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('text', 'character varying')"
        " AND table_name ~ '^(organizations|identity|queueing|encounters|scheduling|billing|foundation)_'"
    )
    words: set[str] = set()
    for table, column in columns:
        for (text,) in installation.rows(f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" ~ \'[一-鿿]\''):
            words.add(text)
            words.update(CHINESE.findall(text))
    for pack in rulebook.packs().values():  # so is what a rule's parameter says: names of a hospital's own departments
        for value in pack().as_json().values():
            words.update(CHINESE.findall(value) if isinstance(value, str) else ())
    return frozenset(words)


@pytest.mark.browser
@pytest.mark.parametrize("view", views(), ids=lambda view: view.title)
def test_page(visitors: Visitors, view: View, pages_visited: Any) -> None:
    page = visitors.page(view.visitor)
    address = visitors.address(view)
    if not is_page(visitors, page, view, address):
        return
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.goto(address)
    pages_visited(address.removeprefix(visitors.installation.url))
    look = page.evaluate("document.body.className.split(' ')[0]")
    if page.locator("body.slip, body.sheet, .paper").count():
        look = "paper"
    problems = {"normal": patient_page, "elderly": elderly_page, "dense": desk, "wall": wall}.get(look, paper)(page)
    if look == "normal":
        visitors.say(page.context, mode="elderly")
        page.reload()
        problems += elderly_page(page)
    problems += [] if view.title in NOT_ALLOWED_HERE else visitors.complaints
    assert not problems, "\n".join(problems)


@pytest.mark.browser
@pytest.mark.parametrize("view", views(), ids=lambda view: view.title)
def test_in_english_nothing_is_chinese_but_data(visitors: Visitors, data: frozenset[str], view: View) -> None:
    page = visitors.page(view.visitor)
    address = visitors.address(view)
    if not is_page(visitors, page, view, address):
        return
    visitors.say(page.context, language="en")
    page.goto(address)
    assert [text for text in page.evaluate(looking.TEXTS) if not is_data(text, data)] == []


def test_every_reason_is_needed() -> None:
    listed = {*SENT_AWAY, *sent_back(), *ARGUMENTS, *QUERIES, *(name for _, name, *_ in STATES)}
    assert listed - set(names()) == set()


def is_page(visitors: Visitors, page: Page, view: View, address: str) -> bool:
    """Whether the address shows a page of its own; whatever is none proves it here."""
    if view.title in visitors.no_pages:
        return False
    shown = SHOWN_AT_KIOSK.get(view.title)
    if shown is not None:
        visitors.at_kiosk(page, shown)
    proved = shows_page(visitors, page, view, address)
    if not proved:
        visitors.no_pages.add(view.title)
    return proved


def shows_page(visitors: Visitors, page: Page, view: View, address: str) -> bool:
    """Ask for it as a browser does, but do not follow where it sends."""
    answer = page.request.get(address, max_redirects=0)
    if view.name.startswith(PROGRAMMES):
        assert answer.status < 500  # whatever it is, it is an answer
        return False
    if answer.status in {204, 405}:
        return False
    if view.name in sent_back():
        page_of_act = names()[sent_back()[view.name]]
        shown_at = reverse(sent_back()[view.name], kwargs={each: visitors.scene[each] for each in page_of_act})
        assert (answer.status, answer.headers.get("location")) == (302, shown_at)
        return False
    if view.name in SENT_AWAY:
        assert answer.status != 200 or "html" not in answer.headers["content-type"], f"{view.name} shows a page: visit it"
        return False
    expected = NOT_ALLOWED_HERE.get(view.title, 200)
    assert answer.status == expected, f"{view.title}: {answer.status} {answer.headers.get('location', '')} for {view.visitor}"
    if "html" not in answer.headers["content-type"]:
        return False
    assert visitors.installation.url in answer.url
    return answer.text().lstrip()[:9].lower() == "<!doctype"


def sent_back() -> dict[str, str]:
    """The page that each act belongs to."""
    return {f"doctor:{name}": page for page, listed in ACTS.items() for name in listed.split()}


def patient_page(page: Page) -> list[str]:
    """A phone, a small one, large letters."""
    problems = seen(page, PHONE) + [f"small control: {each}" for each in page.evaluate(looking.CONTROLS, FINGER)]
    problems += seen(page, SMALL_PHONE)
    problems += seen(page, PHONE, LARGE_TEXT)
    return problems + seen(page, SMALL_PHONE, LARGE_TEXT, axe=False)


def elderly_page(page: Page) -> list[str]:
    """Large letters and large controls; the same screens as above."""
    assert page.locator("body.elderly").count() == 1
    problems = [f"small text: {each}" for each in page.evaluate(looking.SMALL_TEXT, OLD_TEXT)]
    looking.resize(page, PHONE)
    problems += [f"small control: {each}" for each in page.evaluate(looking.CONTROLS, OLD_FINGER)]
    problems += seen(page, PHONE) + seen(page, SMALL_PHONE, axe=False)
    return [f"elderly {each}" for each in problems + seen(page, SMALL_PHONE, LARGE_TEXT)]


def desk(page: Page) -> list[str]:
    """The screen it is made for, and what is left of it on a phone and with large letters."""
    problems = seen(page, DESK)
    for size, text in ((PHONE, 1), (SMALL_PHONE, 1), (DESK, LARGE_TEXT)):  # a wide table may be pushed sideways there
        problems += seen(page, size, text, may_scroll=True)
    return problems


def wall(page: Page) -> list[str]:
    """One screen, nothing to scroll."""
    looking.resize(page, WALL)
    height = page.evaluate("document.documentElement.scrollHeight")
    return seen(page, WALL) + ([f"higher than a wall: {height}"] if height > WALL[1] else [])


def paper(page: Page) -> list[str]:
    """A page to print."""
    return seen(page, DESK) + seen(page, SMALL_PHONE, axe=False)


def seen(page: Page, size: tuple[int, int], text: float = 1, *, axe: bool = True, may_scroll: bool = False) -> list[str]:
    """What is wrong at one size."""
    looking.resize(page, size, text)
    wide = [] if may_scroll else looking.scrolls_sideways(page, size)
    problems = [f"at {size[0]} px, text {text:g}: {each}" for each in wide]
    return problems + ([f"at {size[0]} px, text {text:g}: {rule} {html}" for rule, html in looking.axe(page)] if axe else [])


def is_data(text: str, data: frozenset[str]) -> bool:
    """Whether everything Chinese in a text is made of whole words from the database."""
    return text in data or all(is_made_of(run, data) for run in CHINESE.findall(MASKED_NAME.sub("", text)))


def is_made_of(run: str, data: frozenset[str]) -> bool:
    """Whether a run of characters is a chain of whole words."""
    reached = {0}
    for end in range(1, len(run) + 1):
        if any(run[start:end] in data for start in reached):
            reached.add(end)
    return len(run) in reached
