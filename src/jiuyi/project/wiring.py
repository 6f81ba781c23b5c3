"""Who implements which port, who listens to which event, which role may do what."""


def wire() -> None:
    """Join the floors once at start."""
