"""The doctor's room: my list, the visit on one screen, keyboard first."""
