"""From a component's native value to the scalar 0 to 100."""

import math


def rise(value: float, *, middle: float, width: float) -> int:
    """Map so that larger is better: 50 at ``middle``, 73 one ``width`` above it (a logistic curve)."""
    exponent = max(-60.0, min(60.0, (value - middle) / width))
    return round(100 / (1 + math.exp(-exponent)))


def fall(value: float, *, middle: float, width: float) -> int:
    """Map so that smaller is better: 50 at ``middle``, 27 one ``width`` above it."""
    return 100 - rise(value, middle=middle, width=width)


def clamp(value: float) -> int:
    """Round to a whole number within 0 to 100."""
    return max(0, min(100, round(value)))
