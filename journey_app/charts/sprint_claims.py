"""What does a sprint, a goal or a review say in one sentence?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from journey_app.charts.claims import Claim
from journey_app.charts.sprint import Week
from journey_app.charts.text import NBSP, count, day, n, percent, rate_percent, rate_span, short_day
from journey_app.decide.goal import Pace
from journey_app.decide.phrase import about_gap, plural
from journey_app.decide.weekly import Course
from journey_app.vocabulary import Change, Goal, Rate, Sprint, Verdict, Word

NUMBERS = ("no", "one", "two", "three", "four")
# What is said of one change, and of several.
SAYS: dict[Word, tuple[str, str]] = {
    Word.IMPROVED: ("helped", "helped"),
    Word.LIKELY: ("likely helped", "likely helped"),
    Word.WORSE: ("did harm", "did harm"),
    Word.NO_CHANGE: ("made no difference worth having", "made no difference worth having"),
    Word.CANNOT_TELL: ("cannot be told yet", "cannot be told yet"),
    Word.RUNNING: ("is running", "are running"),
    Word.BLOCKED: ("cannot be judged", "cannot be judged"),
    Word.PLANNED: ("is planned", "are planned"),
}


def sprint_claim(sprint: Sprint, weeks: Sequence[tuple[Change, Verdict]]) -> Claim:
    """What the changes did, finished ones first: “One change helped, one is running.”"""
    found = Counter(verdict.word for _change, verdict in weeks)
    told = [(NUMBERS[found[word]], SAYS[word][found[word] > 1]) for word in SAYS if found[word]]
    rest = "Each change is judged on its own measure, once its week and that measure's window are over."
    if not told:
        start = day(sprint.starts)
        return Claim(f"Four empty weeks from {start}: plan one change for each.", rest)
    (number, says), *others = told
    noun = "change" if number == "one" else "changes"
    parts = [f"{number.capitalize()} {noun} {says}", *(f"{each} {does}" for each, does in others)]
    return Claim(f"{', '.join(parts)}.", rest)


def sprint_eyebrow(sprint: Sprint) -> str:
    """Which sprint, from when to when, against which goal."""
    last = sprint.starts + timedelta(days=27)
    name = sprint.sprint_id.replace("-", " ")
    return (
        f"{name} · {short_day(sprint.starts)} – {short_day(last)} · goal frozen at its start: "
        f"{percent(sprint.goal.start.share)} to {percent(sprint.goal.target_share)}"
    )


def goal_claim(goal: Goal, now: Rate | None, pace: Pace, waiting: int) -> Claim:
    """Where the goal stands against its plan. waiting: customers whose window is still open."""
    name = goal.measure.name
    still = f" {count(waiting)} people entered too recently to count." if waiting else ""
    if now is None:
        return Claim(f"{name} cannot be told yet.", f"{pace.reason}{still}")
    stands = f"{name} stands at {rate_percent(now)}"
    said = {
        "reached": f"{stands}: the goal is reached.",
        "ahead": f"{stands}, ahead of the {percent(pace.needed_today)} needed today.",
        "behind": f"{stands}; the plan asks for {percent(pace.needed_today)} today.",
        "too close to tell": f"{stands}; too close to tell whether that is enough.",
        "on pace": f"{stands}, on pace for {percent(goal.target_share)} by {short_day(goal.by)}.",
    }
    sentence = said.get(pace.state, f"{stands}; too early to say whether the pace is enough.")
    return Claim(
        sentence,
        f"Range {rate_span(now)}, {n(now.of)}: the last 28 days of entries with their window over.{still}",
    )


def as_weeks(course: Course) -> tuple[Week, ...]:
    """A course as the sprint chart draws it: a week without its rate says from when it can be told."""
    return tuple(
        Week(week.starts, week.rate, week.number, due=None if week.rate else week.result_on, gap=week.gap)
        for week in course.weeks
    )


def course_rows(course: Course) -> list[dict[str, object]]:
    """A course as a table: one row a week."""
    return [
        {
            "Measure": course.measure.name,
            "Week from": week.starts.isoformat(),
            "Sprint week": week.number,
            "Customers": week.rate.of if week.rate else None,
            "Converted": week.rate.count if week.rate else None,
            "Share": week.rate.share if week.rate else None,
            "Low": week.rate.low if week.rate else None,
            "High": week.rate.high if week.rate else None,
            "Tracked": "no" if week.gap else "not the whole window after it" if week.short else "yes",
            "Told from": week.result_on.isoformat(),
            "Target": course.target,
        }
        for week in course.weeks
    ]


def missing_said(course: Course, zone: str) -> str:
    """Why weeks have no number or a hollow one; empty where everything was tracked."""
    grey, hollow = sum(week.gap for week in course.weeks), sum(week.short for week in course.weeks)
    if not grey and not hollow:
        return ""
    longest = max(course.missing, key=lambda gap: gap.length)
    others = len(course.missing) - 1
    more = f", and {plural(others, 'shorter silence')}" if others else ""
    effects = []
    if grey:
        effects.append(f"{plural(grey, 'week')} with days missing {_have(grey)} no number")
    if hollow:
        window = plural(course.measure.within.days, "day")
        effects.append(
            f"{plural(hollow, 'week')} {_have(hollow)} a hollow one that reads too low, since a part of the "
            f"{window} after {'it' if hollow == 1 else 'them'} is missing"
        )
    return f"{about_gap(longest, zone)}{more}: {'; '.join(effects)}."


def _have(number: int) -> str:
    return "has" if number == 1 else "have"


def told(course: Course) -> bool:
    """Whether any of the sprint's weeks has its rate."""
    return any(week.number is not None and week.rate is not None for week in course.weeks)


def course_sentence(course: Course) -> str:
    """What the picture of a course shows, and from when it shows more."""
    measure = course.measure
    window = f"{measure.within.days} day{'' if measure.within.days == 1 else 's'}"
    words = (
        f"{measure.name}: of those who did “{measure.start}” that week, "
        f"the share that did “{measure.outcome}” within {window}."
    )
    waiting = [
        week for week in course.weeks if week.number is not None and week.rate is None and not week.gap
    ]
    if waiting:
        first = waiting[0]
        words += f" Week {first.number} can be told from {day(first.result_on)}."
    return words.replace(NBSP, " ")


def first_shown(courses: Mapping[str, Course]) -> str:
    """What to draw first: the goal, or until it can be told the first change that can."""
    return next((name for name, each in courses.items() if told(each)), next(iter(courses)))
