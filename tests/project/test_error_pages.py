"""Whatever goes wrong, a person reads what to do next, and never a stack trace."""

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from jiuyi.project import urls

SECRET = "a password in a local variable"


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


urlpatterns = [*urls.urlpatterns, path("broken/", broken)]


@pytest.fixture
def client() -> Iterator[Client]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Client(raise_request_exception=False, headers={"accept-language": "zh-CN"})


@pytest.mark.django_db
def test_an_unknown_address_gets_a_page_with_a_way_on(client: Client) -> None:
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()


def test_a_mistake_of_ours_gets_a_page_that_needs_nothing_that_may_be_broken(client: Client) -> None:
    answer = client.get("/broken/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert "不要重复付款" in text
    assert "120" in text
    assert SECRET not in text
    assert "Traceback" not in text


@pytest.mark.django_db
def test_a_form_that_waited_too_long_says_so() -> None:
    answer = Client(enforce_csrf_checks=True, headers={"accept-language": "zh-CN"}).post("/i18n/", {"language": "en"})
    assert answer.status_code == 403
    assert "请返回上一页，刷新后再提交" in answer.content.decode()


@pytest.mark.django_db
def test_the_health_check_says_whether_the_database_answers(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
