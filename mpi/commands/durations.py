"""Durations as people write them on the command line."""

from __future__ import annotations

import re

from mpi.errors import UsageError

_SECONDS = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "min": 60.0, "s": 1.0}
_PART = r"(\d+(?:\.\d+)?)\s*(min|[dhms])"


def parse_duration(text: str, option: str) -> float:
    """Seconds of a duration such as 4h, 90m or 1h30m.

    Raises
    ------
    UsageError
        It is no duration.

    Examples
    --------
    >>> [parse_duration(text, "--within") for text in ("4h", "90 min", "1h30m", "45s")]
    [14400.0, 5400.0, 5400.0, 45.0]
    """
    seconds = 0.0
    if re.fullmatch(rf"\s*(?:{_PART}\s*)+", text, re.IGNORECASE):
        found = re.findall(_PART, text, re.IGNORECASE)
        seconds = sum(float(number) * _SECONDS[unit.lower()] for number, unit in found)
    if seconds <= 0.0:
        raise UsageError(f"{option} {text!r} is no duration; write it as 4h, 90m or 45s")
    return seconds
