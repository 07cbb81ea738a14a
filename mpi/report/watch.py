"""What a person should look at after a night: persons that contradict themselves, odd sources."""

from __future__ import annotations

from collections.abc import Sequence

from mpi.report.page import Page, visible

_MOST = 20


def render_watch(page: Page, told: Sequence[str]) -> None:
    """Write what is odd, the first twenty of it; nothing where nothing is."""
    if not told:
        return
    page.heading("Worth a look")
    for text in told[:_MOST]:
        page.line(f"- {visible(text, 300)}")
    if len(told) > _MOST:
        page.line(f"  and {len(told) - _MOST:,} more (all of them with --json)")
