"""How people come in: a patient by the code on the phone, staff by password and the digits of the moment."""

import secrets
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser.installation import Installation

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody nobody knows yet, with a phone that cannot ring and a number of the unassigned area."""

    name: str
    phone: str
    number: str

    @property
    def last_four(self) -> str:
        """What the voucher's second factor is."""
        return self.number[-4:]


def stranger(name: str) -> Stranger:
    """A new person of this name, adult, born on some day of the last century."""
    body = (
        f"109900{secrets.randbelow(40) + 1950}{secrets.randbelow(12) + 1:02d}{secrets.randbelow(28) + 1:02d}{secrets.randbelow(1000):03d}"
    )
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return Stranger(name, f"100{secrets.randbelow(90_000_000) + 10_000_000:08d}", body + "10X98765432"[total % 11])


def sign_in_patient(page: Page, installation: Installation, phone: str) -> None:
    """Phone, code from the outbox, first screen."""
    page.goto(f"{installation.url}/sign-in/")
    page.get_by_label("手机号码").fill(phone)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("6 位验证码").fill(installation.code_sent_to(phone))
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).not_to_have_url(f"{installation.url}/sign-in/code/")


def sign_in_staff(page: Page, installation: Installation, username: str, *, half: bool = False) -> None:
    """Work number and password, then the second factor (``half``: not yet)."""
    password, digits = installation.login(username)
    page.goto(f"{installation.url}/staff/login/")
    page.get_by_label("工号").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="下一步").click()
    if half:
        return
    page.get_by_label("验证码").fill(digits)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
