"""What is read out at the review, and what stands behind each week's word?"""

from __future__ import annotations

import streamlit as st

from journey_app.decide.judging import Judged
from journey_app.decide.review import NOT_REACHED
from journey_app.ui.explaining import self_explaining
from journey_app.ui.markup import section, show, verdict_pill
from journey_app.ui.sprint_cards import bullet_list, evidence, review_pill, week_line
from journey_app.ui.tags import join, tag
from journey_app.vocabulary import Change, Verdict

RETROSPECTIVE = (
    "Which change reached the fewest people it was meant for, and why?",
    "Which assumption behind a hypothesis did the week disprove?",
    "What else happened in these weeks: campaigns, holidays, prices, outages?",
    "Where on the way to the goal are most people lost now? Choose that as the next focus.",
)


@st.dialog("Day-30 review", width="large")
@self_explaining
def open_review(answer: Judged, total: Verdict) -> None:
    """The review as one reads it out: the answer, the weeks, the sprint as a whole, what it cannot show."""
    review = answer.review
    show(join(tag("p", review_pill(review)), tag("p", tag("b", review.reason), f" {review.do}", cls="j-do")))
    show(section("The four weeks"))
    show(join(*(week_line(change, verdict) for change, verdict in answer.weeks)))
    show(section("All changes together, on the goal"))
    show(tag("p", verdict_pill(total.word), f" {total.reason} {total.do}", cls="j-do"))
    if review.state == NOT_REACHED:
        show(section("Before the next sprint"))
        show(bullet_list(RETROSPECTIVE))
    cannot = dict.fromkeys((*review.cannot_show, *total.cannot_show))
    if cannot:
        show(section("What this design cannot show"))
        show(bullet_list(list(cannot)))


def week_details(change: Change, verdict: Verdict) -> None:
    """Reason, advice, the numbers behind the word, and what they cannot show."""
    show(tag("p", verdict.reason, " ", tag("b", verdict.do), cls="j-do"))
    left, right = st.columns([3, 2])
    left.dataframe(
        evidence(change, verdict),
        hide_index=True,
        width="stretch",
        column_config={"What": st.column_config.TextColumn(width="small")},
    )
    with right:
        if verdict.cannot_show:
            show(section("What this cannot show"))
            show(bullet_list(verdict.cannot_show))
        show(section("The plan"))
        plan = [f"Hypothesis: {change.hypothesis}", f"Effort {change.effort}, owner {change.owner}"]
        plan += [f"Roll-back: {change.roll_back}"] if change.roll_back.strip() else []
        plan += ["Rolled back."] if change.rolled_back else []
        plan += [f"Log: {change.log}"] if change.log.strip() else []
        show(bullet_list(plan))
