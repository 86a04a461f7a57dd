"""What stops the set-up, in one sentence for the person at the terminal."""


class SetupProblemError(Exception):
    """Something is missing or in the way; the message says what, and what to do about it."""
