"""The way in: two factors, locks that count accounts and devices, and no detour."""

import re
import time
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client

from jiuyi.foundation import access, audit
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.audit import AuditKind
from jiuyi.kernel.ids import new_id
from tests.desks.signed_in import sign_in_by_password_alone, sign_in_staff
from tests.factories.institutions import NOW, build_county

pytestmark = pytest.mark.django_db

PASSWORD = "qinghe-2026-staff"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _nothing_counted(settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def officer() -> UUID:
    """An administrator without a second factor."""
    county = build_county()
    user_id = access.create_staff_user(actor=SYSTEM, now=NOW, username="g900", display_name="高海涛", password=PASSWORD)
    access.assign_role(actor=SYSTEM, now=NOW, user_id=user_id, role="admin", node_id=county.root_id)
    return user_id


@pytest.fixture
def officer_with_app(officer: UUID) -> UUID:
    """The same with an authenticator app."""
    from allauth.mfa.totp.internal.auth import TOTP

    TOTP.activate(get_user_model().objects.get(pk=officer), SECRET)
    return officer


def digits(secret: str = SECRET) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def give_password(client: Client, *, username: str = "g900", password: str = PASSWORD, **more: str):
    return client.post("/staff/login/", {"login": username, "password": password, **more})


def test_password_then_code_opens_the_desks_of_the_role(client: Client, officer_with_app: UUID) -> None:
    assert give_password(client).headers["Location"] == "/staff/2fa/authenticate/"
    assert client.get("/desk/admin/rules/").status_code == 302
    answer = client.post("/staff/2fa/authenticate/", {"code": digits()})
    assert answer.headers["Location"] == "/staff/"
    doors = client.get("/staff/").content.decode()
    assert "/desk/admin/" in doors
    assert "/desk/secretary/" in doors
    assert "/desk/clerk/" not in doors
    assert client.get("/desk/admin/rules/").status_code == 200


def test_wrong_code_stays_outside(client: Client, officer_with_app: UUID) -> None:
    give_password(client)
    answer = client.post("/staff/2fa/authenticate/", {"code": "000000" if digits() != "000000" else "111111"})
    assert "验证码不正确" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_password_alone_opens_nothing_but_the_set_up(client: Client, officer: UUID) -> None:
    give_password(client)
    assert client.get("/staff/").headers["Location"] == "/staff/second-factor/"
    for closed in ("/desk/admin/rules/", "/desk/admin/accounts/", "/desk/doctor/"):
        assert client.get(closed).headers["Location"].startswith("/staff/login/")
        assert client.get("/staff/login/", {"next": closed}).headers["Location"] == "/staff/"  # and not round in circles
    for closed in ("/staff/password/", "/staff/2fa/", "/staff/2fa/codes/"):
        assert client.get(closed).headers["Location"] == "/staff/second-factor/"


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_desk_and_changes_the_session_key(client: Client, officer: UUID) -> None:
    give_password(client)
    page = client.get("/staff/2fa/app/activate/").content.decode()
    found = re.search(r'<dd class="summary-value">([A-Z2-7]+)</dd>', page)
    assert found
    before = client.session.session_key
    answer = client.post("/staff/2fa/app/activate/", {"code": digits(found[1])})
    assert answer.headers["Location"] == "/staff/2fa/codes/"
    assert client.session.session_key != before
    assert "还剩 10 个" in client.get("/staff/2fa/codes/").content.decode()
    assert client.get("/desk/admin/rules/").status_code == 200


def test_old_password_session_ends_once_the_owner_has_a_second_factor(client: Client, officer_with_app: UUID) -> None:
    for page in ("/staff/", "/staff/2fa/app/activate/", "/staff/2fa/keys/add/", "/staff/2fa/app/deactivate/", "/staff/reauthenticate/"):
        sign_in_by_password_alone(client, officer_with_app)
        assert client.get(page).headers["Location"] == "/staff/login/"
        assert "_auth_user_id" not in client.session


def test_stale_session_confirms_itself_before_it_changes_the_way_in(client: Client, officer_with_app: UUID) -> None:
    sign_in_staff(client, officer_with_app)
    session = client.session
    session["account_authentication_methods"] = [each | {"at": time.time() - 3600} for each in session["account_authentication_methods"]]
    session.save()
    assert client.get("/desk/admin/rules/").status_code == 200
    assert client.get("/staff/2fa/keys/add/").headers["Location"].startswith("/staff/reauthenticate/")
    assert "密码不正确" in client.post("/staff/reauthenticate/", {"password": "wrong"}).content.decode()
    assert (
        client.post("/staff/reauthenticate/?next=/staff/2fa/keys/add/", {"password": PASSWORD}).headers["Location"]
        == "/staff/2fa/keys/add/"
    )


def test_last_second_factor_cannot_be_removed(client: Client, officer_with_app: UUID) -> None:
    from allauth.mfa.models import Authenticator

    sign_in_staff(client, officer_with_app)
    assert "唯一的第二验证方式" in client.post("/staff/2fa/app/deactivate/").content.decode()
    Authenticator.objects.update(type="webauthn", data={"name": "钥匙 1", "credential": {}})
    key = Authenticator.objects.get()
    assert client.post(f"/staff/2fa/keys/{key.pk}/remove/").headers["Location"] == "/staff/2fa/"
    assert Authenticator.objects.count() == 1


def test_secret_of_the_app_is_sealed(officer_with_app: UUID) -> None:
    from allauth.mfa.models import Authenticator

    stored = Authenticator.objects.get()
    assert SECRET not in str(stored.data)
    assert stored.wrap().validate_code(digits())


def test_wrong_password_and_unknown_number_get_one_answer(client: Client, officer: UUID) -> None:
    def said(username: str) -> str:
        body = Client().post("/staff/login/", {"login": username, "password": "wrong"}).content.decode()
        return re.sub(r'value="[^"]*"', "", body)

    assert "工号或密码不正确" in said("g900")
    assert said("g900") == said("nobody")


def test_five_failures_lock_the_account_everywhere(officer_with_app: UUID) -> None:
    answers = [give_password(Client(), password="wrong") for _ in range(5)]
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    locked = give_password(Client())
    assert locked.status_code == 429
    assert "登录已锁定" in locked.content.decode()
    assert "g900" not in locked.content.decode()


def test_five_failures_lock_the_device_and_no_other(officer_with_app: UUID) -> None:
    here, elsewhere = Client(), Client()
    here.get("/staff/login/")
    for number in range(6):
        answer = give_password(here, username=f"other{number}", password="wrong")
    assert answer.status_code == 429
    assert give_password(here).status_code == 429
    assert give_password(elsewhere).headers["Location"] == "/staff/2fa/authenticate/"


def test_session_key_changes_at_sign_in(client: Client, officer_with_app: UUID) -> None:
    give_password(client)
    before = client.session.session_key
    client.post("/staff/2fa/authenticate/", {"code": digits()})
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "http:///evil.example", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(client: Client, officer_with_app: UUID, target: str) -> None:
    give_password(client, next=target)
    answer = client.post("/staff/2fa/authenticate/", {"code": digits()})
    assert answer.headers["Location"] == "/staff/"


def test_sign_in_leads_back_to_where_one_was(client: Client, officer_with_app: UUID) -> None:
    give_password(client, next="/desk/admin/rules/")
    answer = client.post("/staff/2fa/authenticate/", {"code": digits()})
    assert answer.headers["Location"] == "/desk/admin/rules/"


def test_closed_account_stays_outside(client: Client, officer_with_app: UUID) -> None:
    sign_in_staff(client, officer_with_app)
    get_user_model().objects.update(is_active=False)
    assert client.get("/desk/admin/rules/").headers["Location"].startswith("/staff/login/")
    assert (
        "工号或密码不正确" in give_password(Client()).content.decode() or give_password(Client()).headers["Location"] == "/staff/inactive/"
    )


def test_nobody_signs_up_or_resets_by_mail(client: Client) -> None:
    for closed in ("/staff/signup/", "/staff/password/reset/", "/staff/email/", "/staff/2fa/keys/signup/"):
        assert client.get(closed).status_code == 404
    assert "请找本院系统管理员重置" in client.get("/staff/login/").content.decode()


def test_account_without_roles_is_told_whom_to_ask(client: Client) -> None:
    user_id = access.create_staff_user(actor=SYSTEM, now=NOW, username="g901", display_name="新同事", password=PASSWORD)
    sign_in_staff(client, user_id)
    assert "请联系本院安全管理员" in client.get("/staff/").content.decode()


def test_set_password_ends_every_session_and_needs_the_right(client: Client, officer: UUID) -> None:
    from jiuyi.kernel.refusals import Invalid, NotAllowed, NotFound
    from tests.factories.institutions import staff_actor

    sign_in_staff(client, officer)
    root = access.roles_of(officer)[0].node_id
    admin, clerk = staff_actor("admin", root), staff_actor("clerk", root)
    with pytest.raises(NotAllowed):
        access.set_password(actor=clerk, user_id=officer, password="a-new-long-one-7", now=NOW)
    with pytest.raises(Invalid):
        access.set_password(actor=admin, user_id=officer, password="123", now=NOW)
    with pytest.raises(NotFound):
        access.set_password(actor=admin, user_id=new_id(), password="a-new-long-one-7", now=NOW)
    assert client.get("/desk/admin/rules/").status_code == 200
    access.set_password(actor=admin, user_id=officer, password="a-new-long-one-7", now=NOW)
    assert client.get("/desk/admin/rules/").status_code == 302
    assert audit.entries(kind=AuditKind.PRIVILEGED, act="access.set_password", object_id=officer)
