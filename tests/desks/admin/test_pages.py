"""Who may enter which page, and what each page does."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from jiuyi.desks.admin.rule_labels import LABELS
from jiuyi.domains.scheduling.words import HoldTime
from jiuyi.foundation import access, audit, clock, notices, rulebook
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.audit import AuditKind
from jiuyi.foundation.models import Notice
from jiuyi.foundation.notices import Channel, NoticeStatus
from tests.desks.signed_in import sign_in_staff
from tests.factories.institutions import NOW, County, build_county

pytestmark = pytest.mark.django_db

RULE = f"/desk/admin/rules/{HoldTime.rule_id}/"


@dataclass
class House:
    """A county with one account per officer."""

    county: County
    people: dict[str, UUID]

    def client(self, role: str) -> Client:
        client = Client()
        if role != "nobody":
            sign_in_staff(client, self.people[role])
        return client


@pytest.fixture(autouse=True)
def _quick_hashes(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def house() -> House:
    cache.clear()
    county = build_county()
    people = {}
    for number, role in enumerate(("admin", "security", "auditor", "clerk", "township_admin")):
        people[role] = access.create_staff_user(actor=SYSTEM, now=NOW, username=f"g{number}", display_name=role)
        node_id = county.township_id if role == "township_admin" else county.root_id
        access.assign_role(actor=SYSTEM, now=NOW, user_id=people[role], role=role.removeprefix("township_"), node_id=node_id)
    return House(county, people)


PAGES = {
    "/desk/admin/rules/": {"admin", "township_admin", "auditor"},
    RULE: {"admin", "township_admin", "auditor"},
    "/desk/admin/accounts/": {"admin", "township_admin", "security"},
    "/desk/admin/accounts/new/": {"admin", "township_admin"},
    "/desk/admin/audit/": {"auditor"},
    "/desk/admin/operations/": {"admin", "township_admin", "security", "auditor"},
}


@pytest.mark.parametrize("role", ["admin", "security", "auditor", "clerk", "township_admin", "nobody"])
@pytest.mark.parametrize("page", PAGES)
def test_each_page_lets_in_its_officers_only(house: House, page: str, role: str) -> None:
    answer = house.client(role).get(page)
    if role == "nobody":
        assert answer.headers["Location"].startswith("/staff/login/?next=")
    elif role in PAGES[page]:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
    else:
        assert answer.status_code == 403
        (row,) = audit.entries(kind=AuditKind.REFUSED, actor_id=house.people[role])
        assert (row.code, row.act.split(":")[0]) == ("not_allowed", "admin")


def test_every_parameter_has_a_name_on_the_page() -> None:
    import msgspec

    packs = rulebook.packs()
    ours = {
        f"{rule_id}.{field.name}"
        for rule_id, kind in packs.items()
        if kind.__module__.startswith("jiuyi.")
        for field in msgspec.structs.fields(kind)
    }
    assert ours <= set(LABELS)


def change(client: Client, node_id: UUID, **changed: str):
    given = {"value_hold_minutes": "20", "valid_from": "", "reason": "试行", "source": "院办〔2026〕3号"} | changed
    return client.post(f"{RULE}?at={node_id}", given)


def test_administrator_changes_a_rule_and_the_page_says_who_and_why(house: House) -> None:
    client = house.client("admin")
    answer = change(client, house.county.hospital_id)
    assert answer.status_code == 302
    in_force = rulebook.rule(HoldTime, scope_id=house.county.medicine_id, at=clock.now())
    assert in_force.parameters.hold_minutes == 20
    page = client.get(answer.headers["Location"]).content.decode()
    for words in ("试行", "院办〔2026〕3号", "admin（g0）", "20 分钟", "青禾县人民医院"):
        assert words in page
    elsewhere = rulebook.rule(HoldTime, scope_id=house.county.township_id, at=clock.now())
    assert elsewhere.parameters.hold_minutes == 15


@pytest.mark.parametrize(
    ("_case", "changed", "words"),
    [
        (
            "all wrong at once",
            {"value_hold_minutes": "4", "reason": "", "source": " ", "valid_from": "2020-01-01T08:00"},
            ["不在允许的范围", "修改的原因", "写明依据", "不能早于现在"],
        ),
        ("no number", {"value_hold_minutes": "很久"}, ["不在允许的范围"]),
        ("empty", {"value_hold_minutes": ""}, ["请填写"]),
        ("no time and above the limit", {"valid_from": "明天", "value_hold_minutes": "121"}, ["请填写日期和时间", "不在允许的范围"]),
    ],
)
def test_refused_change_keeps_what_was_typed_and_changes_nothing(
    house: House, _case: str, changed: dict[str, str], words: list[str]
) -> None:
    answer = change(house.client("admin"), house.county.hospital_id, **changed)
    page = answer.content.decode()
    assert answer.status_code == 422
    for each in words:
        assert each in page
    for typed in changed.values():
        assert not typed.strip() or typed in page
    assert rulebook.history(HoldTime.rule_id) == []


@pytest.mark.parametrize(("role", "node"), [("township_admin", "hospital_id"), ("township_admin", "root_id"), ("auditor", "hospital_id")])
def test_rule_is_changed_only_where_one_may(house: House, role: str, node: str) -> None:
    client = house.client(role)
    node_id = getattr(house.county, node)
    assert "没有修改规则的权限" in client.get(f"{RULE}?at={node_id}").content.decode()
    assert change(client, node_id).status_code == 403
    assert rulebook.history(HoldTime.rule_id) == []
    assert audit.entries(kind=AuditKind.REFUSED, actor_id=house.people[role])


def test_planned_change_shows_on_its_day_only(house: House) -> None:
    begin = clock.now() + timedelta(days=3)
    client = house.client("admin")
    change(client, house.county.root_id, valid_from=begin.strftime("%Y-%m-%dT%H:%M"))
    assert "<b>15 分钟</b>" in client.get(RULE).content.decode()
    assert "<b>20 分钟</b>" in client.get(RULE, {"on": (begin + timedelta(days=2)).date().isoformat()}).content.decode()


def test_unknown_rule_or_node_is_not_found(house: House) -> None:
    client = house.client("admin")
    assert client.get("/desk/admin/rules/XX-1/").status_code == 404
    assert client.get(f"{RULE}?at={house.people['admin']}").status_code == 404


def post_notice(key: str, *, channel: Channel = Channel.SMS, secret: bool = False, text: str = "明天 9:00 就诊") -> UUID:
    found = notices.post(
        channel=channel,
        template="test",
        text=text,
        address=None,
        address_hint="138****0001",
        person_id=None,
        dedupe_key=key,
        now=NOW,
        secret=secret,
    )
    assert found is not None
    return found


def test_outbox_of_the_demo_is_everybodys_telephone(house: House, settings) -> None:
    settings.DEMO = True
    post_notice("a", secret=True, text="验证码 123456")
    page = Client().get("/desk/admin/outbox/").content.decode()
    assert "验证码 123456" in page
    assert "这是演示" in page
    assert "138****0001" in page


def test_outbox_outside_the_demo_is_the_administrators_and_hides_codes(house: House, settings) -> None:
    settings.DEMO = False
    post_notice("a", secret=True, text="验证码 123456")
    assert Client().get("/desk/admin/outbox/").headers["Location"].startswith("/staff/login/")
    for role in ("clerk", "auditor", "security"):
        assert house.client(role).get("/desk/admin/outbox/").status_code == 403
    admin = house.client("admin")
    assert "123456" not in admin.get("/desk/admin/outbox/").content.decode()
    assert "没有符合的消息" in admin.get("/desk/admin/outbox/", {"search": "123456"}).content.decode()


def test_outbox_is_searched_by_words_channel_and_state(house: House) -> None:
    post_notice("a", text="甲的消息")
    post_notice("b", text="乙的消息", channel=Channel.CALL_LIST)
    client = house.client("admin")
    for query, seen, unseen in (
        ({"search": "甲的"}, "甲的消息", "乙的消息"),
        ({"channel": "call_list"}, "乙的消息", "甲的消息"),
        ({"status": "waiting", "channel": "sms"}, "甲的消息", "乙的消息"),
    ):
        page = client.get("/desk/admin/outbox/", query).content.decode()
        assert seen in page
        assert unseen not in page


def test_call_list_entry_is_noted_once(house: House) -> None:
    notice_id = post_notice("a", channel=Channel.CALL_LIST)
    address = f"/desk/admin/outbox/{notice_id}/called/"
    assert Client().post(address).headers["Location"].startswith("/staff/login/")
    assert house.client("clerk").post(address).status_code == 403
    assert Notice.objects.get().status == NoticeStatus.WAITING
    client = house.client("admin")
    assert "已打电话" in client.get("/desk/admin/outbox/").content.decode()
    assert client.post(address).status_code == 302
    assert Notice.objects.get().status == NoticeStatus.SENT
    assert "已经有人处理过了" in client.post(address, follow=True).content.decode()
    assert len(audit.entries(act="notices.called", object_id=notice_id)) == 1


def test_auditor_filters_and_is_witnessed(house: House) -> None:
    house.client("clerk").get("/desk/admin/rules/")
    client = house.client("auditor")
    page = client.get("/desk/admin/audit/", {"staff": "g3", "kind": "refused"}).content.decode()
    assert "admin:rules" in page
    assert "clerk（g3）" in page
    assert "access.create_staff" not in page
    assert "没有符合的审计记录" in client.get("/desk/admin/audit/", {"day": "2001-01-01"}).content.decode()
    assert len(audit.entries(act="audit.read", actor_id=house.people["auditor"])) == 2


@pytest.mark.parametrize(
    ("_case", "query", "words"), [("half an id", {"person": "0192"}, "不完整"), ("nobody's number", {"staff": "x9"}, "没有这个工号")]
)
def test_unreadable_filter_says_so_and_keeps_it(house: House, _case: str, query: dict[str, str], words: str) -> None:
    answer = house.client("auditor").get("/desk/admin/audit/", query)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert f'value="{next(iter(query.values()))}"' in answer.content.decode()


def test_figures_say_what_they_count(house: House) -> None:
    page = house.client("admin").get("/desk/admin/operations/").content.decode()
    for words in ("事件积压", "放弃重试", "账目差额", "号源差额", "分区外的行", "纸质名单", "应为 0"):
        assert words in page


def new_account(client: Client, node_id: UUID, **changed: str):
    given = {"username": "g77", "display_name": "新同事", "password": "a-long-first-word-9", "node": str(node_id)} | changed
    return client.post("/desk/admin/accounts/new/", given)


def test_administrator_opens_an_account_which_opens_nothing_yet(house: House) -> None:
    answer = new_account(house.client("admin"), house.county.hospital_id)
    assert answer.status_code == 302
    (row,) = access.staff_users("g77")
    assert access.roles_of(row.user_id) == []


@pytest.mark.parametrize(
    ("_case", "changed", "words"),
    [
        ("empty", {"username": "", "display_name": "", "password": ""}, ["请填写工号", "请填写姓名", "请填写初始密码"]),
        ("weak", {"password": "12345"}, ["密码太简单"]),
        ("taken", {"username": "g0"}, ["已经有账号"]),
        ("no place", {"node": ""}, ["在哪里工作"]),
    ],
)
def test_refused_account_keeps_what_was_typed(house: House, _case: str, changed: dict[str, str], words: list[str]) -> None:
    before = len(access.staff_users())
    answer = new_account(house.client("admin"), house.county.hospital_id, **({"username": "g78", "display_name": "某某"} | changed))
    assert answer.status_code == 422
    for each in words:
        assert each in answer.content.decode()
    if changed.get("display_name") is None:
        assert 'value="某某"' in answer.content.decode()
    assert len(access.staff_users()) == before


def test_township_administrator_opens_no_account_elsewhere(house: House) -> None:
    assert new_account(house.client("township_admin"), house.county.hospital_id).status_code == 422
    assert access.staff_users("g77") == []


def test_security_officer_gives_and_takes_a_role(house: House) -> None:
    client, clerk = house.client("security"), house.people["clerk"]
    address = f"/desk/admin/accounts/{clerk}/"
    assert client.post(f"{address}roles/", {"role": "nurse", "node": str(house.county.hospital_id)}).status_code == 302
    nurse = next(row for row in access.roles_of(clerk) if row.role == "nurse")
    assert "护士" in client.get(address).content.decode()
    assert client.post(f"{address}roles/{nurse.assignment_id}/end/").status_code == 302
    assert [row.role for row in access.roles_of(clerk)] == ["clerk"]


def test_an_officer_gets_no_second_role_and_nobody_gives_one_to_oneself(house: House) -> None:
    given = {"role": "auditor", "node": str(house.county.root_id)}
    client = house.client("security")
    answer = client.post(f"/desk/admin/accounts/{house.people['admin']}/roles/", given)
    assert answer.status_code == 422
    assert "不再兼任其他角色" in answer.content.decode()
    assert client.post(f"/desk/admin/accounts/{house.people['security']}/roles/", given).status_code == 403
    for name in ("admin", "security"):
        assert [row.role for row in access.roles_of(house.people[name])] == [name]


@pytest.mark.parametrize(("_case", "role", "node"), [("no such role", "king", "hospital_id"), ("no place", "nurse", "")])
def test_refused_role_changes_nothing(house: House, _case: str, role: str, node: str) -> None:
    clerk = house.people["clerk"]
    given = {"role": role, "node": str(getattr(house.county, node)) if node else ""}
    assert house.client("security").post(f"/desk/admin/accounts/{clerk}/roles/", given).status_code == 422
    assert [row.role for row in access.roles_of(clerk)] == ["clerk"]


def test_each_officer_keeps_to_their_half(house: House) -> None:
    clerk = house.people["clerk"]
    address = f"/desk/admin/accounts/{clerk}/"
    assignment = access.roles_of(clerk)[0].assignment_id
    admin, security = house.client("admin"), house.client("security")
    assert admin.post(f"{address}roles/", {"role": "nurse", "node": str(house.county.hospital_id)}).status_code == 403
    assert admin.post(f"{address}roles/{assignment}/end/").status_code == 403
    assert admin.post(f"{address}second-factor/clear/").status_code == 403
    assert security.post(f"{address}password/", {"password": "a-new-long-one-7"}).status_code == 403
    assert security.get("/desk/admin/accounts/new/").status_code == 403
    assert security.post(f"/desk/admin/accounts/{house.people['security']}/second-factor/clear/").status_code == 403


def test_weak_new_password_is_refused_and_a_good_one_taken(house: House) -> None:
    address = f"/desk/admin/accounts/{house.people['clerk']}/password/"
    refused = house.client("admin").post(address, {"password": "12345"})
    assert refused.status_code == 422
    assert "密码太简单" in refused.content.decode()
    clerk = house.client("clerk")
    assert clerk.get("/staff/?stay").status_code in {200, 302}
    assert house.client("admin").post(address, {"password": "a-new-long-one-7"}).status_code == 302
    assert clerk.get("/staff/").headers["Location"] == "/staff/login/"


def test_lost_second_factor_is_cleared_by_the_security_officer(house: House) -> None:
    from allauth.mfa.models import Authenticator

    clerk = house.people["clerk"]
    Authenticator.objects.create(user_id=clerk, type="totp", data={"secret": ""})
    answer = house.client("security").post(f"/desk/admin/accounts/{clerk}/second-factor/clear/")
    assert answer.status_code == 302
    assert not Authenticator.objects.filter(user_id=clerk).exists()
    assert audit.entries(act="second_factor.clear", object_id=clerk)
