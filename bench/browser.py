"""A small browser: cookies, redirects, forms, gzip; it notes what each page cost the server and the line."""

import gzip
import http.client
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 6


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes and what it holds so far."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. ``app_ms`` and ``database_ms`` from ``Server-Timing``; ``transferred`` counts the compressed body and the head."""

    url: str
    status: int
    html: str
    app_ms: float
    database_ms: float
    statements: int
    transferred: int
    forms: list[Form]
    links: list[str]
    assets: list[str]

    def link(self, pattern: str) -> str:
        """The first link whose path matches; ``LookupError`` with what there is otherwise."""
        for link in self.links:
            if re.search(pattern, link):
                return link
        message = f"{self.url}: no link like {pattern}; there are {self.links}"
        raise LookupError(message)

    def form(self, *, having: str | None = None, action: str | None = None) -> Form:
        """The first form with a field of this name, or with an action like this."""
        for form in self.forms:
            if having is not None and (having in form.fields or having in form.choices):
                return form
            if action is not None and re.search(action, form.action):
                return form
        message = f"{self.url}: no form with {having or action}; there are {self.forms}"
        raise LookupError(message)


class Browser:
    """One visitor at one address; keeps one connection open."""

    def __init__(self, url: str, cookies: dict[str, str] | None = None) -> None:
        self.base = url
        self.cookies: dict[str, str] = dict(cookies or {})
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=30)

    def get(self, url: str) -> Page:
        """Open a page, following redirects; the returned page is the last one."""
        return self._follow("GET", url, None)

    def post(self, form: Form, **values: str) -> Page:
        """Send a form with some fields filled in, following redirects."""
        fields = {**form.fields, **values}
        if form.method == "get":
            return self.get(f"{form.action.split('?')[0]}?{urlencode(fields)}")
        return self._follow("POST", form.action, urlencode(fields))

    def weight(self, url: str) -> int:
        """Bytes on the line for a static file, compressed if the server can."""
        return self._send("GET", url, None)[3]

    def answer(self, method: str, url: str, body: str | None = None) -> Page:
        """One answer, redirects not followed."""
        return self._page(url, *self._send(method, url, body))

    def _follow(self, method: str, url: str, body: str | None) -> Page:
        for _ in range(MOST_REDIRECTS):
            status, headers, content, size = self._send(method, url, body)
            if status not in REDIRECTS:
                return self._page(url, status, headers, content, size)
            url, method, body = urljoin(url, headers["location"]), "GET", None
        message = f"{url}: redirected without end"
        raise LookupError(message)

    def _send(self, method: str, url: str, body: str | None) -> tuple[int, dict[str, str], bytes, int]:
        parts = urlsplit(urljoin(self.base, url))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept-Encoding": "gzip", "Accept": "text/html,*/*", "Referer": self.base}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body=body, headers=headers)
        response = self._connection.getresponse()
        raw = response.read()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key.strip()] = rest.split(";")[0]
        head = sum(len(name) + len(value) + 4 for name, value in response.getheaders())
        received = {name.lower(): value for name, value in response.getheaders()}
        content = gzip.decompress(raw) if received.get("content-encoding") == "gzip" else raw
        return response.status, received, content, len(raw) + head

    def _page(self, url: str, status: int, headers: dict[str, str], content: bytes, size: int) -> Page:
        reader = _Reader(urljoin(self.base, url))
        html = content.decode("utf-8", "replace")
        if "html" in headers.get("content-type", ""):
            reader.feed(html)
        timing = headers.get("server-timing", "")
        return Page(
            url=url,
            status=status,
            html=html,
            app_ms=_milliseconds(r"app;dur=([\d.]+)", timing),
            database_ms=_milliseconds(r"db;dur=([\d.]+)", timing),
            statements=int(_milliseconds(r'desc="(\d+) statements', timing)),
            transferred=size,
            forms=reader.forms,
            links=reader.links,
            assets=reader.assets,
        )


class _Reader(HTMLParser):
    """Takes links, forms and what a first view loads besides pictures."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.assets: list[str] = []
        self._form: Form | None = None
        self._select: str | None = None
        self._outside: dict[str, Form] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href"):
            self.links.append(urljoin(self.url, given["href"]))
        elif tag == "link" and given.get("rel", "") in {"stylesheet", "manifest", "preload"}:
            self.assets.append(urljoin(self.url, given["href"]))
        elif tag == "script" and given.get("src"):
            self.assets.append(urljoin(self.url, given["src"]))
        elif tag == "form":
            self._form = Form(urljoin(self.url, given.get("action") or self.url), given.get("method", "get").lower())
            self.forms.append(self._form)
            if given.get("id"):
                self._outside[given["id"]] = self._form
        elif tag in {"input", "button", "select", "option", "textarea"}:
            self._field(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form = self._outside.get(given.get("form", "")) or self._form
        if form is None or "disabled" in given:
            return
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given:
                form.fields[self._select] = given.get("value", "")
        elif name and given.get("type") in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(given.get("value", "on"))
            if "checked" in given:
                form.fields[name] = given.get("value", "on")
        elif name and tag == "button":
            form.choices.setdefault(name, []).append(given.get("value", ""))
        elif name:
            form.fields[name] = given.get("value", "")


def _milliseconds(pattern: str, text: str) -> float:
    found = re.search(pattern, text)
    return float(found[1]) if found else 0.0
