"""A plan for people: what tonight would change, and whether it may be applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mpi.report.page import Page, visible
from mpi.report.quantities import count

_COUNTED = ("records", "persons", "links", "review", "quarantine")


def render_plan(page: Page, plan: Mapping[str, Any]) -> None:
    """Write a plan.

    Parameters
    ----------
    plan : as `commands.plan.plan_dict` gives it
    """
    effects = plan["effects"]
    page.heading(f"What snapshot {plan['snapshot']} would change")
    before, after = effects["counts_before"], effects["counts_after"]
    page.table(
        ("", "now", "then", "change"),
        [
            (name, count(before[name]), count(after[name]), f"{after[name] - before[name]:+,}")
            for name in _COUNTED
        ],
        numbers=("now", "then", "change"),
    )
    told = ", ".join(f"{count(n)} {kind}" for kind, n in effects["events"].items())
    page.line(f"Events: {told or 'none'}.")
    page.line(
        f"Persons that change: {count(effects['changed'])}, of them {count(effects['merged'])} "
        f"merged and {count(effects['split'])} split. Review queue: "
        f"{count(effects['queue_added'])} pairs come, {count(effects['queue_gone'])} go."
    )
    if plan["refit"]:
        page.line("The model is a new one, learnt from all records.")
    if effects["largest"]:
        page.heading("The largest effects")
        page.table(
            ("what", "records", "before", "after", "cause", "such as"),
            [
                (
                    effect["kind"],
                    count(effect["records"]),
                    _ids(effect["before"]),
                    _ids(effect["after"]),
                    effect["cause"],
                    visible(" ".join(effect["keys"])),
                )
                for effect in effects["largest"]
            ],
            numbers=("records",),
        )
    for text in plan["broken"]:
        page.line(f"Beyond a limit: {visible(text, 300)}.", style="bold")


def _ids(ids: list[str]) -> str:
    more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
    return " ".join(ids[:3]) + more
