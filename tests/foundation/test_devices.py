"""Devices are told apart by their cookie, never by their address; five wrong passwords lock account and device."""

from ipaddress import ip_address

import pytest
from django.http import HttpResponse

from jiuyi.foundation.devices import COOKIE, DeviceMiddleware, axes_address, device_of


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
