"""The window: find or register, book, take cash, check in, print; keyboard first."""
