"""Which measure will judge this? Chosen from the events that are there, measured while one chooses."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from journey_app.analysis.catalog import catalog
from journey_app.analysis.measure import latest
from journey_app.analysis.series import MeasureSeries, measured
from journey_app.analysis.values import field_values
from journey_app.charts.text import NBSP, count, n, rate_percent, rate_span, signed
from journey_app.decide.sprint import Outlook, outlook
from journey_app.ui.asking import ask
from journey_app.vocabulary import Filter, Measure, Rate
from journey_app.workspace.workspace import Workspace

FIELDS = ("device", "channel")


def pick_event(space: Workspace, label: str, usual: str | None, key: str) -> str:
    """One event of the workspace, with how many customers did it."""
    known = {each.event: each.customers for each in ask(catalog, space)}
    names = list(known)
    return str(
        st.selectbox(
            label,
            names,
            index=names.index(usual) if usual in known else 0,
            format_func=lambda name: f"{name} · {count(known[name])} customers",
            key=key,
        )
    )


def pick_where(space: Workspace, usual: tuple[Filter, ...], key: str) -> tuple[Filter, ...]:
    """Everybody, or only those who entered with one value of a field."""
    choices: dict[str, tuple[Filter, ...]] = {"Everybody": ()}
    for field in FIELDS:
        for value in ask(field_values, space, field=field):
            choices[f"Only {field} = {value}"] = (Filter(field, (value,)),)
    if usual and usual not in choices.values():
        words = " and ".join(f"{each.field} = {' or '.join(each.values)}" for each in usual)
        choices[f"Only {words}"] = usual
    names = list(choices)
    place = next((k for k, name in enumerate(names) if choices[name] == usual), 0)
    return choices[str(st.selectbox("Who counts", names, index=place, key=key))]


def measure_name(outcome: str, days: int, where: tuple[Filter, ...]) -> str:
    """What to call a measure unless somebody says otherwise."""
    only = f", {' and '.join('/'.join(each.values) for each in where)}" if where else ""
    return f"{outcome} by day {days}{only}"


def measured_now(space: Workspace, measure: Measure) -> tuple[MeasureSeries, Rate | None]:
    """The measure's days, and its rate over the last 28 entry days with their window over."""
    (series,) = ask(measured, space, measures=[measure], today=None)
    return series, latest(series.days, measure, series.today)


def stands_at(now: Rate | None) -> str:
    """A measure today, in words with its range and n."""
    if now is None:
        return "Cannot be measured yet: nobody's window is over."
    return f"Measured now: {rate_percent(now)} ({rate_span(now)}, {n(now.of)}), the last 28 days of entries."


def week_outlook(
    space: Workspace, series: MeasureSeries, target: float, before: date | None = None
) -> Outlook | None:
    """What one week of this measure could show; None before four clean weeks exist.

    before: a sprint's first day; its own weeks, moved by its changes, do not count as ordinary.
    """
    window = timedelta(days=days_of(series.measure.within))
    now = series.today if before is None else min(series.today, before + window)
    return outlook(series.measure, target, series.days, now, series.gaps, space.timezone)


def outlook_says(found: Outlook | None, target: float) -> str:
    """What one week can show, said before the week is lived."""
    if found is None:
        return (
            "What a week can show is not known: four clean weeks before are needed, "
            "with some customers who convert and some who do not."
        )
    words = (
        f"You get about {count(found.customers)} customers a week. In one week a gain of "
        f"{signed(found.points * 100)}{NBSP}points or more usually shows."
    )
    aimed = target - found.share
    if aimed <= 0 or aimed >= found.points:
        return words
    smaller = f" The target is {signed(aimed * 100)}{NBSP}points: smaller than that."
    if found.needed is None:
        return (
            f"{words}{smaller} No number of customers makes it show in one week; weeks here differ too much."
        )
    return f"{words}{smaller} It would need about {count(found.needed)} customers a week."


def days_of(within: timedelta) -> int:
    """A window in whole days, at least one."""
    return max(1, -(-within // timedelta(days=1)))
