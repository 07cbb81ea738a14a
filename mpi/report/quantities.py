"""Numbers as a person reads them."""

from __future__ import annotations


def count(value: int) -> str:
    """A whole number with its thousands marked.

    >>> count(1234567)
    '1,234,567'
    """
    return f"{value:,}"


def size(value: float) -> str:
    """Bytes, in powers of 1000.

    >>> size(512), size(3_400_000), size(2_147_000_000)
    ('512 B', '3.4 MB', '2.1 GB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def plural(number: int, noun: str) -> str:
    """A count of things.

    >>> plural(1, "person"), plural(4010, "person")
    ('1 person', '4,010 persons')
    """
    return f"{count(number)} {noun}" if number == 1 else f"{count(number)} {noun}s"


def duration(seconds: float) -> str:
    """Seconds, with as many digits as matter.

    >>> duration(0.0312), duration(7.26), duration(59.99), duration(754), duration(9000)
    ('31 ms', '7.3 s', '1 min 00 s', '12 min 34 s', '2 h 30 min')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def share(part: float, whole: float) -> str:
    """A part of a whole; 100 % and 0 % are said only where they are exact.

    >>> share(1, 3), share(0, 5), share(99_999, 100_000), share(1, 100_000), share(0, 0)
    ('33.3 %', '0 %', '> 99.9 %', '< 0.1 %', '-')
    """
    if whole == 0:
        return "-"
    percent = 100 * part / whole
    if percent in (0, 100):
        return f"{percent:.0f} %"
    if percent > 99.9:
        return "> 99.9 %"
    if percent < 0.1:
        return "< 0.1 %"
    return f"{percent:.1f} %"


def probability(value: float) -> str:
    """A probability; 0 and 1 are said only where they are exact.

    >>> probability(0.93214), probability(0.9999996), probability(2e-9)
    ('0.932', '> 0.9999', '< 0.0001')
    """
    if value in (0.0, 1.0):
        return f"{value:.0f}"
    if value > 0.9999:
        return "> 0.9999"
    if value < 0.0001:
        return "< 0.0001"
    return f"{value:.3f}" if 0.001 <= value <= 0.999 else f"{value:.4f}"
