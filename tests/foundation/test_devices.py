"""Devices are told apart by their cookie, never by their address; five wrong passwords lock account and device."""

from ipaddress import ip_address

import pytest
from django.contrib.auth import authenticate
from django.http import HttpResponse

from jiuyi.foundation import access
from jiuyi.foundation.access import SYSTEM
from jiuyi.foundation.devices import COOKIE, DeviceMiddleware, axes_address, axes_username, device_of


def test_a_known_device_keeps_its_code(rf):
    request = rf.get("/")
    request.COOKIES[COOKIE] = "K7"
    response = DeviceMiddleware(lambda _: HttpResponse(device_of(request)))(request)
    assert response.content == b"K7"
    assert COOKIE not in response.cookies


def test_a_new_device_gets_a_cookie_when_it_is_asked(rf):
    request = rf.get("/")
    response = DeviceMiddleware(lambda asked: HttpResponse(device_of(asked) + " " + device_of(asked)))(request)
    first, second = response.content.decode().split()
    assert first == second == response.cookies[COOKIE].value
    assert response.cookies[COOKIE]["httponly"]


def test_nobody_gets_a_cookie_unasked(rf):
    assert COOKIE not in DeviceMiddleware(lambda _: HttpResponse())(rf.get("/")).cookies


@pytest.mark.parametrize("code", ["K7", "x" * 500, "', DROP", "设备"])
def test_the_address_for_counting_is_private_and_stable(rf, code):
    requests = [rf.post("/", REMOTE_ADDR="192.0.2.1"), rf.post("/", REMOTE_ADDR="192.0.2.2")]
    for request in requests:
        request.COOKIES[COOKIE] = code
    addresses = {axes_address(request) for request in requests}
    assert len(addresses) == 1
    assert ip_address(addresses.pop()).is_private


def test_two_devices_behind_one_address_are_two(rf):
    assert axes_address(rf.post("/")) != axes_address(rf.post("/"))


@pytest.mark.parametrize(
    ("_case", "credentials", "form", "username"),
    [
        ("as Django calls it", {"username": "W001"}, {}, "w001"),
        ("as allauth's form calls it", None, {"login": " w001 "}, "w001"),
        ("the credentials win", {"username": "w001"}, {"login": "w002"}, "w001"),
        ("a passkey names nobody", None, {}, None),
    ],
)
def test_the_work_number_that_is_tried(rf, _case, credentials, form, username):
    assert axes_username(rf.post("/", form), credentials) == username


class TestLock:
    """With ``AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]``, our user name and our address."""

    @pytest.fixture(autouse=True)
    def _locks(self, db, now, settings):
        settings.AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
        settings.AXES_CLIENT_IP_CALLABLE = "jiuyi.foundation.devices.axes_address"
        settings.AXES_USERNAME_CALLABLE = "jiuyi.foundation.devices.axes_username"
        settings.AXES_FAILURE_LIMIT = 5
        settings.AUTHENTICATION_BACKENDS = [
            "axes.backends.AxesStandaloneBackend",
            "django.contrib.auth.backends.ModelBackend",
        ]
        settings.AUTH_PASSWORD_VALIDATORS = []
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the lock is tried here, not the hash
        for username in ("w001", "w002"):
            access.create_staff_user(actor=SYSTEM, now=now, username=username, display_name="李四", password="right")

    def sign_in(self, rf, *, username, password, device) -> bool:
        request = rf.post("/", REMOTE_ADDR="192.0.2.1")
        request.COOKIES[COOKIE] = device
        return authenticate(request, username=username, password=password) is not None

    @pytest.mark.parametrize(
        ("_case", "failures", "username", "device", "allowed"),
        [
            ("four failures are forgiven", 4, "w001", "A", True),
            ("five lock the account", 5, "w001", "A", False),
            ("on every device", 5, "w001", "B", False),
            ("five lock the device for other accounts", 5, "w002", "A", False),
            ("nobody else behind the same address", 5, "w002", "B", True),
        ],
    )
    def test_five_failures(self, rf, _case, failures, username, device, allowed):
        for _ in range(failures):
            assert not self.sign_in(rf, username="w001", password="wrong", device="A")
        assert self.sign_in(rf, username=username, password="right", device=device) is allowed
