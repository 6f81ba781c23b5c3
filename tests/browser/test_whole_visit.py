"""One outpatient visit from the phone to the doctor and home, at every desk, with scripts and without."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.installation import Demo, Installation
from tests.browser.looking import DESK, PHONE, WALL
from tests.browser.visitors import Stranger, sign_in_patient, sign_in_staff, stranger

MOST_CLICKS_FOR_A_RETURN_VISIT = 3
CASH = "100"


class House:
    """The hospital as one visit sees it: a browser at each desk."""

    def __init__(self, browser: Browser, installation: Installation, *, scripts: bool) -> None:
        self.browser = browser
        self.installation = installation
        self.scripts = scripts
        self.clinic = installation.ask("clinic")
        self.complaints: list[str] = []
        self.visited: list[str] = []

    def sit_down(self, size: tuple[int, int]) -> Page:
        """A fresh browser."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="zh-CN", java_script_enabled=self.scripts, base_url=self.installation.url
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("framenavigated", lambda frame: self.visited.append(frame.url.removeprefix(self.installation.url)))
        page.on("response", lambda answer: self.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None)
        return page


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def house(browser: Browser, demo: Demo, request: pytest.FixtureRequest, pages_visited: Any) -> Iterator[House]:
    """A hospital of its own for each visit, so that one that went wrong does not stand in the way of the next."""
    with demo.copy("visit") as installation:
        made = House(browser, installation, scripts=request.param)
        yield made
        for path in made.visited:
            pages_visited(path)
        for context in browser.contexts:
            context.close()
        assert made.complaints == []


@pytest.mark.browser
@pytest.mark.catalogue("C21", part="orders are paid on the phone in the room and released at once")
@pytest.mark.catalogue("C7", part="the return visit is booked in the room in at most three clicks")
def test_from_the_phone_to_the_doctor_and_home(house: House) -> None:  # noqa: PLR0915  # one visit is one story
    with_phone, without_phone = stranger("程念安"), stranger("程念舟")
    phone, window, kiosk, wall, room = (house.sit_down(size) for size in (PHONE, DESK, PHONE, WALL, DESK))

    sign_in_patient(phone, house.installation, with_phone.phone)
    book(phone, house, with_phone)
    pay_at_cashier(phone)
    expect(phone.get_by_role("heading", name="预约成功")).to_be_visible()
    appointment_id = re.search(r"appointments/([0-9a-f-]{36})/", phone.url)[1]  # type: ignore[index]
    voucher = phone.locator(".voucher").inner_text()
    code = house.installation.ask("appointment", appointment_id)["voucher"]
    assert code in re.sub(r"\s", "", voucher)
    says(phone, "到院后请先签到")

    sign_in_staff(window, house.installation, "2001")
    verify_at_window(window, with_phone)
    other_id = register_and_book_at_window(window, house, without_phone)

    label = check_in_at_kiosk(kiosk, code, with_phone)
    says(phone, "请在候诊区等候叫号", label, "前面")
    wall.goto(f"/wall/{house.clinic['queue_id']}/")

    sign_in_staff(room, house.installation, "1001")
    call(room, house, label)
    shown_on(wall, house, label, "程*安")
    assert with_phone.name not in wall.content()
    says(phone, "轮到您了")
    expect(room.locator("#called")).to_contain_text(with_phone.name)
    expect(room.locator("#called")).to_contain_text(with_phone.last_four)
    room.get_by_role("button", name="是本人，开始接诊").click()
    says(phone, "正在就诊")

    ask_about_safety(room)
    diagnose(room, "急性上呼吸道感染")
    order_lab(room, "血常规")
    refuse_what_the_patient_is_allergic_to(room, "阿莫西林胶囊")
    prescribe(room, "布洛芬缓释胶囊")
    says(phone, "请支付检查费和药费")
    expect(room.locator("#order-lines")).to_contain_text("待付")

    phone.get_by_role("link", name="去支付").click()
    assert phone.get_by_text("血常规").count()
    phone.get_by_label("微信支付").check(force=True)
    phone.get_by_role("button", name="支付").click()
    pay_at_cashier(phone)
    if not house.scripts:
        room.reload()
    expect(room.locator("#order-lines")).not_to_contain_text("待付")
    says(phone, "请去做检验", "请去药房取药")

    write_and_sign(room)
    house.installation.ask("open_next_week")
    book_return_visit(room)
    room.get_by_role("button", name="结束就诊").click()
    expect(room.get_by_role("heading", name="候诊与接诊")).to_be_visible()
    summary_on_the_phone(phone, with_phone)
    phone.goto("/appointments/")
    assert phone.get_by_text(house.clinic["doctor"]).count() >= 2, "this visit and the return visit"

    facts = house.installation.ask("appointment", appointment_id)
    assert (facts["status"], [each["status"] for each in facts["charges"]]) == ("fulfilled", ["paid"])
    other = house.installation.ask("appointment", other_id)
    assert (other["status"], [each["status"] for each in other["charges"]]) == ("arrived", ["paid"])
    assert house.installation.ask("books") == {"ledger": 0, "ledger_difference": 0, "place_difference": 0}
    acts = house.installation.ask("witnessed", facts["person_id"])
    assert {"staff", "patient"} <= set(acts["opened_by"]), acts


def says(phone: Page, *words: str) -> None:
    """The first screen says the next step."""
    phone.goto("/")
    for word in words:
        expect(phone.locator("#steps")).to_contain_text(word)


def book(phone: Page, house: House, who: Stranger) -> None:
    """Who, safety, hospital, department, doctor, time, check, confirm."""
    phone.goto("/book/")
    phone.get_by_label("是您的什么人").select_option(label="本人")
    phone.get_by_label("姓名").fill(who.name)
    phone.get_by_label("证件号码").fill(who.number)
    phone.get_by_role("button", name="保存").click()
    phone.get_by_role("link", name=who.name).click()
    expect(phone.locator("main")).to_contain_text("胸痛")
    phone.get_by_role("button", name="都没有").click()
    for link in (house.clinic["hospital"], house.clinic["department"], house.clinic["doctor"]):
        phone.get_by_role("link", name=link).first.click()
    phone.locator("input[name=slot]:not([disabled])").first.check(force=True)
    phone.get_by_role("button", name="下一步").click()
    expect(phone.locator("main")).to_contain_text("收费依据")
    expect(phone.locator("main")).to_contain_text(who.name)
    phone.get_by_label("微信支付").check(force=True)
    phone.get_by_role("button", name="确认预约").click()


def pay_at_cashier(phone: Page) -> None:
    """The simulated channel takes the money and sends back."""
    expect(phone.get_by_role("heading", name="支付")).to_be_visible()
    phone.get_by_role("button", name="确认支付").click()
    expect(phone).not_to_have_url(re.compile("/cashier/"))


def find_at_window(window: Page, text: str) -> None:
    """Whatever identifies somebody goes into one field."""
    window.goto("/desk/clerk/")
    window.locator("[name=text]").fill(text)
    window.get_by_role("button", name="查找").click()


def verify_at_window(window: Page, who: Stranger) -> None:
    """The ID card is shown once; from then on the phone opens the record."""
    find_at_window(window, who.number)
    expect(window.locator("body")).to_contain_text(who.last_four)
    if "/people/" not in window.url:  # one hit may be opened at once
        window.get_by_role("link", name="打开").first.click()
    expect(window.get_by_role("heading", level=1)).to_contain_text(who.name)
    window.get_by_label("核对了什么证件").select_option(label="居民身份证")
    window.locator("[name=links]").check(force=True)
    window.get_by_role("button", name="证件与本人相符").click()
    expect(window.locator("aside")).to_contain_text("可查看档案")


def register_and_book_at_window(window: Page, house: House, who: Stranger) -> str:
    """No phone: registered, booked, cash, checked in, and the slip says the way."""
    find_at_window(window, who.number)
    window.get_by_role("button", name="登记新患者").click()
    window.get_by_label("姓名").fill(who.name)
    window.get_by_label("证件号码").fill(who.number)
    window.get_by_label("出示了什么").select_option(label="居民身份证")
    window.get_by_role("button", name="登记并去挂号").click()
    window.locator("#id_department").select_option(label=house.clinic["department_name"])
    window.get_by_role("button", name="看号源").click()
    window.locator("button[name=slot]").first.click()
    appointment_id = re.search(r"appointments/([0-9a-f-]{36})/", window.url)[1]  # type: ignore[index]
    window.get_by_label("实收").fill(CASH)
    window.get_by_role("button", name="收现金").click()
    expect(window.locator("main")).to_contain_text("找")
    window.get_by_label("费别").select_option(label="城乡居民医保")
    window.get_by_label("出示了什么").select_option(label="居民身份证")
    window.get_by_role("button", name="签到并打印小票").click()
    expect(window.locator(".paper")).to_contain_text("接下来")
    assert who.name not in window.locator(".paper").inner_text()
    return appointment_id


def check_in_at_kiosk(kiosk: Page, code: str, who: Stranger) -> str:
    """The voucher and its second factor, then the ticket."""
    kiosk.goto("/kiosk/")
    kiosk.get_by_role("button", name="演示").click()
    kiosk.get_by_role("link", name="预约凭证").click()
    kiosk.locator("[name=code]").fill(code)
    kiosk.get_by_role("button", name="下一步").click()
    kiosk.locator("[name=last_four]").fill(who.last_four)
    kiosk.get_by_role("button", name="下一步").click()
    payer = kiosk.locator("[name=payer_category]")
    if payer.first.evaluate("each => each.tagName") == "SELECT":
        payer.select_option(label="城乡居民医保")
    else:
        kiosk.get_by_label("城乡居民医保").check(force=True)
    kiosk.get_by_role("button", name="签到取号").click()
    panel = kiosk.locator(".panel")
    expect(panel).to_contain_text("您的号是")
    return re.search(r"[A-Z]+\d+", panel.inner_text())[0]  # type: ignore[index]


def call(room: Page, house: House, label: str) -> None:
    """Who comes first does not answer and is passed over; the others have given up; then it is this ticket's turn."""
    room.get_by_role("button", name="叫下一位").click()
    if room.locator(".called-number").inner_text() != label:
        room.get_by_role("button", name="没来，过号").click()
        house.installation.ask("others_leave", label)
        room.get_by_role("button", name="叫下一位").click()
    expect(room.locator(".called-number")).to_have_text(label)
    room.get_by_role("button", name="再叫一次").click()
    expect(room.locator("#called")).to_contain_text("已叫 2 次")


def shown_on(wall: Page, house: House, *words: str) -> None:
    """Live with scripts; without them the page loads itself again."""
    for word in words:
        expect(wall.locator("main")).to_contain_text(word, timeout=10_000 if house.scripts else 15_000)


def ask_about_safety(room: Page) -> None:
    """Allergy, pregnancy, implant: asked and answered."""
    expect(room.locator(".strip-safety")).to_contain_text("未询问")
    room.get_by_label("过敏史").select_option(label="有")
    room.get_by_label("过敏物质").select_option(label="青霉素类")
    room.get_by_label("反应").fill("皮疹")
    room.get_by_role("button", name="记录过敏史").click()
    expect(room.locator(".strip-safety")).to_contain_text("青霉素类")
    for _ in range(room.locator(".safety-flag").count()):
        unfold_safety(room)
        flag = room.locator(".safety-flag").nth(_)
        flag.get_by_role("button", name="无").click()
    expect(room.locator(".strip-safety")).not_to_contain_text("未询问")


def unfold_safety(room: Page) -> None:
    """The answers fold away once they are given."""
    fold = room.locator("#safety")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def search(room: Page, field: str, text: str) -> None:
    """Typed and sent; scripts show hits before."""
    room.locator(f"#id_{field}").fill(text)
    room.locator(f"button[name=search][value={field}]").click()


def diagnose(room: Page, text: str) -> None:
    """By name: an exact one is added at once, otherwise the first that fits."""
    search(room, "dx", text)
    if not room.locator(".diagnoses").count():
        room.locator("#dx-1").click()
    expect(room.locator(".diagnoses")).to_contain_text("主要")


def order_lab(room: Page, text: str) -> None:
    """One laboratory item."""
    search(room, "labs", text)
    room.locator("#labs-1").click()
    expect(room.locator("#order-lines")).to_contain_text(text)


def refuse_what_the_patient_is_allergic_to(room: Page, drug: str) -> None:
    """The house says why, orders nothing, and lets the doctor choose another."""
    search(room, "drugs", drug)
    room.locator("#drugs-1").click()
    room.get_by_role("button", name="开这个药").click()
    expect(room.locator("main")).to_contain_text("过敏")
    expect(room.get_by_label("仍要使用的理由")).to_be_visible()
    expect(room.locator("#order-lines")).not_to_contain_text(drug)
    room.get_by_role("button", name="不开了").click()


def prescribe(room: Page, drug: str) -> None:
    """One line with its usual dose."""
    search(room, "drugs", drug)
    room.locator("#drugs-1").click()
    room.get_by_label("天数").fill("3")
    room.get_by_label("数量").fill("1")
    room.get_by_role("button", name="开这个药").click()
    expect(room.locator("#order-lines")).to_contain_text(drug)


def write_and_sign(room: Page) -> None:
    """The note, signed; afterwards only an addendum."""
    for name, text in (
        ("complaint", "鼻塞、咽痛2天。"),
        ("history", "受凉后起病，无气促。"),
        ("exam", "咽部充血。"),
        ("plan", "多饮水，三天不好转来复诊。"),
    ):
        room.locator(f"[name={name}]").fill(text)
    room.get_by_role("button", name="签名").click()
    expect(room.locator("#note")).to_contain_text("不能再改")
    expect(room.get_by_label("补充记录")).to_be_visible()


def book_return_visit(room: Page) -> None:
    """From the visit to a booked place, counted."""
    clicks = 1
    room.get_by_role("button", name="复诊预约").click()
    expect(room.get_by_role("heading", level=1)).to_contain_text("复诊预约")
    days = room.get_by_role("list", name="日期").get_by_role("link")
    if days.last.get_attribute("aria-current") is None:
        clicks += 1
        days.last.click()
        expect(room.get_by_role("list", name="日期").get_by_role("link").last).to_have_attribute("aria-current", "true")
    clicks += 1
    room.locator("button[name=slot]:not([disabled])").first.click()
    expect(room.get_by_role("button", name="结束就诊")).to_be_visible()
    assert clicks <= MOST_CLICKS_FOR_A_RETURN_VISIT


def summary_on_the_phone(phone: Page, who: Stranger) -> None:
    """After the visit: readable, and in the timeline."""
    phone.goto("/people/")
    phone.get_by_role("link", name=who.name).click()
    phone.get_by_role("link", name="看就诊小结").first.click()
    main = phone.locator("main")
    for word in ("医生的诊断", "急性上呼吸道感染", "血常规", "布洛芬", "三天不好转来复诊"):
        expect(main).to_contain_text(word)
