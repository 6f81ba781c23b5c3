"""The gallery shows every part in four modes without a database; the switches work and lead nowhere else."""

import re

import pytest
from django.test import Client, override_settings

from jiuyi.kit.context import MODE_COOKIE

# No `django_db` mark: these pages must not ask the database anything.
PAGES = [
    "",
    "?mode=normal",
    "?mode=elderly",
    "?mode=dense",
    "?mode=wall",
    *(f"?page={page}" for page in ("slots", "slots-error", "done", "beds", "wall", "slip")),
]


@pytest.fixture
def client():
    return Client()


@pytest.mark.parametrize("query", PAGES)
def test_the_gallery_needs_no_database(client, query):
    response = client.get(f"/kit/{query}")
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count("<h1") == 1
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<main") == 1


@pytest.mark.parametrize(
    ("query", "mode"),
    [("?mode=normal", "normal"), ("?mode=elderly", "elderly"), ("?mode=dense", "dense"), ("?mode=wall", "wall"), ("?mode=other", "normal")],
)
def test_a_mode_is_a_class_of_the_body(client, query, mode):
    page = client.get(f"/kit/{query}").content.decode()
    assert f'<body class="{mode}">' in page
    assert f'class="{mode}-root"' in page


def test_the_switch_is_a_form_and_the_choice_is_remembered(client):
    page = client.get("/kit/?page=slots").content.decode()
    assert "长辈版" in page
    response = client.post("/kit/mode/", {"mode": "elderly", "next": "/kit/?page=slots"})
    assert (response.status_code, response["Location"]) == (302, "/kit/?page=slots")
    cookie = response.cookies[MODE_COOKIE]
    assert (cookie.value, cookie["samesite"], bool(cookie["httponly"])) == ("elderly", "Lax", True)
    elderly = client.get("/kit/?page=slots").content.decode()
    assert '<body class="elderly">' in elderly
    assert "回到普通版" in elderly
    assert "读给我听" in elderly
    client.post("/kit/mode/", {"mode": "normal"})
    assert '<body class="normal">' in client.get("/kit/?page=slots").content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_the_switch_leads_nowhere_else(client, target):
    response = client.post("/kit/mode/", {"mode": "elderly", "next": target})
    assert response["Location"] == "/"


def test_an_unknown_mode_is_the_normal_one(client):
    assert client.post("/kit/mode/", {"mode": "wall"}).cookies[MODE_COOKIE].value == "normal"
    client.cookies[MODE_COOKIE] = "<b>"
    assert '<body class="normal">' in client.get("/kit/").content.decode()


def test_the_mode_does_not_change_by_being_looked_at(client):
    assert client.get("/kit/mode/").status_code == 405


def test_the_switch_wants_a_token_from_our_own_page():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/kit/mode/", {"mode": "elderly"}).status_code == 403
    page = strict.get("/kit/?page=slots").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    assert strict.post("/kit/mode/", {"mode": "elderly", "csrfmiddlewaretoken": token}).status_code == 302


def test_the_language_switch(client):
    response = client.post("/kit/language/", {"language": "en", "next": "/kit/?page=done"})
    assert response["Location"] == "/kit/?page=done"
    page = client.get("/kit/?page=done").content.decode()
    assert '<html lang="en"' in page
    assert "Tue 24 Nov" in page


def test_an_error_page_says_so_at_the_top_at_the_field_and_in_the_title(client):
    page = client.get("/kit/?page=slots-error").content.decode()
    assert re.search(r"<title>还不能继续 · ", page)
    assert page.count("请选择一个就诊时间") == 2
    assert 'href="#id_window"' in page
    assert 'id="id_window"' in page
    assert page.index("data-errors") < page.index("<h1")


@override_settings(DEBUG=False)
def test_a_page_allows_itself_nothing_inline(client):
    policy = client.get("/kit/")["Content-Security-Policy"]
    assert "unsafe" not in policy
