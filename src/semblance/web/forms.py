"""What a form's fields say."""


def read_number(text: str) -> int | None:
    """Return the whole number that a field holds, or None where it holds none that could be meant."""
    # no list here has a thousand million entries, and int() refuses what is thousands of digits long
    return int(text) if text.isdecimal() and len(text) < 10 else None
