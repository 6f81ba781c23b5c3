"""Pages asked for in English show no Chinese but the name of the other language."""

import re

import pytest

from tests.translations.sayings import CHINESE

OUT_OF_SIGHT = re.compile(r"(?s)<(script|style)\b.*?</\1>|<!--.*?-->")
SWITCH = "中文"

PAGES = [
    ("/", 200),
    ("/sign-in/", 200),
    ("/staff/login/", 200),
    ("/wall/", 200),
    ("/kiosk/", 403),
    ("/no-such-page/", 404),
    ("/kit/", 200),
    *((f"/kit/?page={page}", 200) for page in ("slots", "done", "beds", "slip")),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "status"), PAGES)
def test_a_page_in_english_is_in_english(client, settings, address, status):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.get(address)
    shown = OUT_OF_SIGHT.sub("", answer.content.decode()).replace(SWITCH, "")
    assert answer.status_code == status
    assert '<html lang="en"' in shown
    assert [line.strip() for line in shown.splitlines() if CHINESE.search(line)] == []
