"""A patient's way through the pages, from the first view to giving the place back; each step is a page somebody waits for."""

import re
import secrets
import time
from collections.abc import Callable

import psycopg

from bench.browser import Browser, Page

Measure = Callable[[str, Page], None]
CODE_SECONDS = 10.0


def sign_in(browser: Browser, database_url: str, measure: Measure, views: int) -> None:
    """By the code that was "sent" to a phone no network can ring; each page is looked at ``views`` times."""
    phone = f"100{secrets.randbelow(90_000_000) + 10_000_000:08d}"
    page = _look(browser, "/sign-in/", views, "sign_in", measure)
    browser.post(page.form(having="phone"), phone=phone)
    page = _look(browser, "/sign-in/code/", views, "code", measure)
    page = browser.post(page.form(having="code"), code=_code(database_url, phone))
    if "/sign-in/" in page.url:
        message = "the code was not taken"
        raise LookupError(message)


def add_self(browser: Browser, measure: Measure, views: int) -> None:
    """Somebody nobody knows yet, with a number of the unassigned area."""
    page = _look(browser, "/people/add/", views, "add_person", measure)
    form = page.form(having="number")
    page = browser.post(form, name="测试甲", relation="self", id_type="01", number=_id_number())
    measure("people", browser.get("/people/"))


def book(browser: Browser, turn: int, measure: Measure) -> str:
    """Choose and book, paying at the hospital; returns the address of the booking. ``turn`` spreads visits over doctors."""
    page = browser.get("/book/")
    measure("book_who", page)
    page = browser.get(page.link(r"/book/[0-9a-f-]+/safety/"))
    measure("book_safety", page)
    page = browser.post(page.form(having="answer"), answer="none")
    measure("book_hospital", page)
    page = browser.get(page.link(r"/at/"))
    measure("book_department", page)
    departments = _each(page, r"/book/[0-9a-f-]+/in/[0-9a-f-]+/$")
    for offset in range(len(departments)):
        doctors = browser.get(departments[(turn + offset) % len(departments)])
        measure("book_doctor", doctors)
        for link in _each(doctors, r"/with/"):
            times = browser.get(link)
            measure("book_time", times)
            slots = [slot for form in times.forms for slot in form.choices.get("slot", [])]
            if slots:
                check = browser.post(times.form(having="slot"), slot=slots[turn % len(slots)])
                measure("book_check", check)
                booked = browser.post(check.form(having="how"), how="at_hospital")
                if re.search(r"/appointments/[0-9a-f-]+/", booked.url):
                    measure("appointment", booked)
                    return booked.url
    message = "no free place in the whole hospital"
    raise LookupError(message)


def look_around(browser: Browser, booking: str, measure: Measure) -> None:
    """What a patient looks at between booking and visit."""
    measure("home", browser.get("/"))
    measure("steps", browser.get("/now/"))
    measure("appointments", browser.get("/appointments/"))
    measure("appointment", browser.get(booking))
    measure("people", browser.get("/people/"))


def pay_and_cancel(browser: Browser, booking: str, measure: Measure) -> None:
    """The page that asks how to pay, then giving the place back."""
    measure("pay_appointment", browser.get(f"{booking}pay/"))
    page = browser.get(f"{booking}cancel/")
    measure("cancel", page)
    form = page.form(having="reason")
    measure("appointment_cancelled", browser.post(form, reason=form.choices["reason"][0]))


def _look(browser: Browser, url: str, views: int, name: str, measure: Measure) -> Page:
    for _ in range(views):
        page = browser.get(url)
        measure(name, page)
    return page


def _each(page: Page, pattern: str) -> list[str]:
    found = [link for link in dict.fromkeys(page.links) if re.search(pattern, link)]
    if not found:
        page.link(pattern)  # says what there is instead
    return found


def _code(database_url: str, phone: str) -> str:
    """What the demo's outbox page shows; read from its table, because that page belongs to staff."""
    query = "SELECT text FROM foundation_notice WHERE secret AND address_hint LIKE %s ORDER BY posted_at DESC LIMIT 1"
    deadline = time.monotonic() + CODE_SECONDS
    with psycopg.connect(database_url, autocommit=True) as connection:
        while time.monotonic() < deadline:
            row = connection.execute(query, [f"%{phone[-4:]}"]).fetchone()
            found = re.search(r"\d{6}", row[0]) if row else None
            if found:
                return found[0]
            time.sleep(0.05)
    message = "no code was posted"
    raise LookupError(message)


def _id_number() -> str:
    body = (
        f"109900{secrets.randbelow(40) + 1950}{secrets.randbelow(12) + 1:02d}{secrets.randbelow(28) + 1:02d}{secrets.randbelow(1000):03d}"
    )
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]
