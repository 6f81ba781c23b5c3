"""A browser without scripts: reads the forms of a page and sends what stands in them when a button is pressed."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client


@dataclass
class Form:
    """One form: where it goes and what stands in its fields."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.open: dict[str, Any] | None = None  # a textarea, select or button being read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(given.get("action", ""))
            self.forms.append(self.form)
        elif self.form is None:
            return
        elif tag == "input" and given.get("name") and (given.get("type") not in {"radio", "checkbox"} or "checked" in given):
            self.form.fields[given["name"]] = given.get("value", "")
        elif tag in {"textarea", "button"}:
            self.open = {"tag": tag, "text": "", **given}
        elif tag == "select":
            self.open = {"tag": tag, "value": None, **given}
        elif tag == "option" and self.open and ("selected" in given or self.open["value"] is None):
            self.open["value"] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.open and "text" in self.open:
            self.open["text"] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        if not self.open or self.open["tag"] != tag or self.form is None:
            return
        if tag == "button":
            self.form.buttons.append({**self.open, "text": " ".join(self.open["text"].split())})
        else:
            text = self.open["text"].removeprefix("\n") if tag == "textarea" else self.open["value"] or ""
            self.form.fields[self.open["name"]] = text
        self.open = None


def forms(response: HttpResponse) -> list[Form]:
    """All forms of a page."""
    reader = _Reader()
    reader.feed(response.content.decode())
    return reader.forms


class Browser:
    """One tab: the page it shows, what is typed, what is pressed."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.response = HttpResponse()
        self.here = ""

    @property
    def text(self) -> str:
        """The page as sent."""
        return self.response.content.decode()

    @property
    def status(self) -> int:
        """Of the last answer."""
        return self.response.status_code

    def open(self, address: str) -> "Browser":
        """Go to an address, following redirects."""
        self.response = self.client.get(address, follow=True)
        self.here = self.response.redirect_chain[-1][0] if self.response.redirect_chain else address
        return self

    def field(self, name: str) -> str:
        """What stands in a field of the page."""
        return next(form.fields[name] for form in forms(self.response) if name in form.fields)

    def has_button(self, text: str) -> bool:
        """Whether a button says so."""
        return any(text in button["text"] for form in forms(self.response) for button in form.buttons)

    def press(self, text: str, **typed: str) -> "Browser":
        """Type, then press the first button that begins so, or else says so: its form goes out whole."""
        ready = [(form, button) for form in forms(self.response) for button in form.buttons if "disabled" not in button]
        found = [pair for pair in ready if pair[1]["text"].startswith(text)] or [pair for pair in ready if text in pair[1]["text"]]
        assert found, f"no button says {text}"
        form, button = found[0]
        pressed = {button["name"]: button.get("value", "")} if button.get("name") else {}
        return self._send(button.get("formaction") or form.action or self.here, form.fields | typed | pressed)

    def enter(self, **typed: str) -> "Browser":
        """Type into the visit's form and press Enter: its first button acts."""
        form = next(form for form in forms(self.response) if set(typed) <= set(form.fields))
        return self._send(form.buttons[0].get("formaction") or form.action, form.fields | typed)

    def _send(self, address: str, fields: dict[str, str]) -> "Browser":
        self.response = self.client.post(address.partition("#")[0], fields, follow=True)
        self.here = self.response.redirect_chain[-1][0] if self.response.redirect_chain else address
        return self
