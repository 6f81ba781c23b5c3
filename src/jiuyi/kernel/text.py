"""Marking words for translation without importing a web framework."""


def gettext_noop(message: str) -> str:
    """Return ``message`` unchanged; ``makemessages`` finds it, and the page that shows it translates it."""
    return message
