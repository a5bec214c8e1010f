"""How do an empty week, the review and a week's evidence look?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from journey_app.charts.text import NBSP, day, percent, rate_percent, rate_span, relative, short_day
from journey_app.decide.review import Review
from journey_app.decide.sprint import Week
from journey_app.ui.cards import card_head
from journey_app.ui.markup import PillKind, pill, verdict_pill
from journey_app.ui.tags import EMPTY, Html, tag
from journey_app.vocabulary import Change, Goal, Verdict

STATES: dict[str, PillKind] = {
    "reached": "improved",
    "not reached": "worse",
    "too close to call": "cannot tell",
    "not yet": "planned",
}
ENOUGH = "The bar to freeze and carry on is 10% of the way."


def empty_card(week: Week, today: date) -> Html:
    """A week nothing is planned for yet."""
    when = "over" if week.last < today else "now" if week.first <= today else "free"
    return tag(
        "div",
        card_head(f"Week {week.number} · {short_day(week.first)}", when, "Nothing planned"),
        tag(
            "p",
            "One change with its own measure, live at local midnight and alone in its week.",
            cls="j-caption",
        ),
        cls="j-verdict",
    )


def review_head(review: Review, on: date) -> Html:
    """The review's day, at the left end of its band."""
    return tag(
        "div",
        tag("p", "Day-30 review", cls="j-eyebrow"),
        tag("h3", day(review.callable_on or on)),
        cls="j-card-head j-review-day",
    )


def review_words(review: Review, goal: Goal) -> Html:
    """The answer so far, the bar, what to do, and what the design cannot show."""
    lead, _, rest = review.reason.partition(": ") if review.progress else (review.reason, "", "")
    more = f": {rest}" if rest else ""
    bar = "" if review.progress else f" {ENOUGH}"
    cannot = review.cannot_show[-1:] or (
        "Without a control group, a season that lifts everything looks the same.",
    )
    asked = (
        "" if review.progress else f" Asked for: {percent(goal.start.share)} to {percent(goal.target_share)}."
    )
    return tag(
        "p",
        tag("b", lead),
        tag("span", f"{more}{asked}{bar} {review.do} {' '.join(cannot)}"),
        cls="j-review",
    )


def review_pill(review: Review) -> Html:
    """The review's word."""
    return pill(STATES[review.state], review.state.capitalize())


def week_line(change: Change, verdict: Verdict) -> Html:
    """A week in the review: its word, its change, what to do."""
    words = tag("span", tag("b", f"Week {change.week}: {change.title}."), f" {verdict.do}")
    return tag("div", verdict_pill(verdict.word), words, cls="j-weekline")


def evidence(change: Change, verdict: Verdict) -> list[dict[str, str]]:
    """What a week's verdict rests on, as rows of a table."""
    rows = [
        ("Measure", _measure(change)),
        ("Before", f"{rate_percent(verdict.before)} ({rate_span(verdict.before)}), {_n(verdict, 'before')}"),
        ("After", f"{rate_percent(verdict.after)} ({rate_span(verdict.after)}), {_n(verdict, 'after')}"),
        ("Target", percent(change.target_share)),
        ("Effect, relative", relative(verdict.effect)),
        ("Chance that it is above zero", percent(verdict.probability)),
        ("Weeks differ anyway by about", percent(verdict.noise)),
        ("Smallest gain that usually shows", percent(verdict.detectable, 0)),
        ("Baseline weeks", str(verdict.baseline_weeks) if verdict.baseline_weeks else "–"),
        ("Result", day(verdict.result_on)),
    ]
    return [{"What": name, "Value": value.replace(NBSP, " ")} for name, value in rows]


def _measure(change: Change) -> str:
    measure = change.measure
    only = "".join(f", only {each.field} = {' or '.join(each.values)}" for each in measure.where)
    days = measure.within.days
    return f"“{measure.start}” → “{measure.outcome}” within {days} day{'' if days == 1 else 's'}{only}"


def _n(verdict: Verdict, which: str) -> str:
    rate = verdict.before if which == "before" else verdict.after
    return f"{rate.count:,} of {rate.of:,}" if rate else "nobody yet"


def bullet_list(lines: Sequence[str]) -> Html:
    """Sentences below each other."""
    return tag("ul", *(tag("li", line) for line in lines), cls="j-caption") if lines else EMPTY
