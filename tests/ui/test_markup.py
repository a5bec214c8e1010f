"""Our own HTML: whatever people typed stays text, and every number is said to those who cannot see it."""

import ast
import re
from base64 import b64decode
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from journey_app.charts import intervals
from journey_app.stats.rates import rate
from journey_app.ui import cards, markup, tags
from journey_app.vocabulary import (
    Change,
    Finding,
    ImportReport,
    Interval,
    Measure,
    Reject,
    Verdict,
    Word,
)
from tests.charts.northwind import northwind_funnel

ROOT = Path(__file__).parents[2]
EVIL = """<img src=x onerror="alert(1)"> '"><script>alert(1)</script> & ünïcode"""
OURS = {"header", "p", "h1", "h2", "h3", "b", "i", "span", "div", "img", "ul", "li", "small"}


ATTRIBUTES = {"class", "style", "role", "aria-label", "aria-hidden", "alt", "src", "title"}


class Seen(HTMLParser):
    """What a browser makes of it: elements, their attributes, the words, and whether all is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, name, attributes):
        self.elements.append((name, dict(attributes)))
        if name != "img":
            self.open.append(name)

    def handle_endtag(self, name):
        assert self.open.pop() == name

    def handle_data(self, data):
        self.words += data


def change(**given) -> Change:
    about = {
        "week": 1,
        "title": "Ask for teammates",
        "owner": "Priya",
        "hypothesis": "They forget",
        "measure": Measure("Invite by day 3", "Trial", "Invite", timedelta(days=3)),
        "target_share": 0.38,
        "effort": "S",
        "goes_live": date(2026, 4, 27),
    }
    return Change(**about | given)


def finding(**given) -> Finding:
    about = {
        "kind": "worst_step",
        "place": "Bring the team",
        "claim": "Teams that invite nobody rarely pay.",
        "rate": rate(1548, 3312),
        "customers": 1764,
        "effect": Interval(0.011, 0.016, 0.024),
        "weeks": (0.52, None, 0.39),
    }
    return Finding(**about | given)


def goal(**given) -> markup.GoalStrip:
    about = {
        "name": "Trial to paid",
        "start": 0.12,
        "target": 0.18,
        "by": date(2026, 6, 30),
        "now": rate(735, 5484),
        "needed": 0.151,
        "pace": "behind",
        "pace_says": "Behind pace",
        "days_left": 41,
    }
    return markup.GoalStrip(**about | given)


EVIL_MEASURE = Measure(EVIL, "a", "b", timedelta(days=1))
EVERY_PIECE = {
    "page head": markup.page_head(EVIL, EVIL, EVIL),
    "pill": markup.pill("red", EVIL),
    "goal": markup.goal_strip(goal(name=EVIL, pace_says=EVIL)),
    "alert": markup.alert_banner(EVIL, EVIL),
    "question": markup.question_band(EVIL, EVIL),
    "tiles": markup.killer_tiles([markup.Tile("red", EVIL, EVIL, EVIL)]),
    "section": markup.section(EVIL, EVIL),
    "caption": markup.caption(EVIL),
    "rejects": markup.rejects([(EVIL, Reject(EVIL, 3, (1, 2)))]),
    "stamp": tags.tag("p", EVIL, title=EVIL),
    "image": tags.image("<svg/>", EVIL),
    "card head": cards.card_head(EVIL, EVIL, EVIL, EVIL),
    "range": cards.mini_range(intervals.track(Interval(0.1, 0.2, 0.3)), EVIL),
    "verdict": cards.verdict_card(
        change(title=EVIL, owner=EVIL, measure=EVIL_MEASURE), Verdict(Word.WORSE, EVIL, EVIL)
    ),
    "finding": cards.finding_row(finding(place=EVIL, claim=EVIL, evidence=EVIL), stage=1),
    "file": cards.file_card(ImportReport(EVIL, EVIL, 9, 8, 1, 0, None), title=EVIL, sure=0.9, note=EVIL),
}


@pytest.mark.parametrize("piece", EVERY_PIECE)
def test_typed_text_stays_text_in_every_piece(piece):
    seen = Seen(EVERY_PIECE[piece])
    assert {name for name, _ in seen.elements} <= OURS
    assert not seen.open
    for _name, attributes in seen.elements:
        assert not any(key.startswith("on") for key in attributes)
        assert set(attributes) <= {
            "class",
            "style",
            "role",
            "aria-label",
            "aria-hidden",
            "alt",
            "src",
            "title",
        }
    said = seen.words + "".join(str(a) for _n, attributes in seen.elements for a in attributes.values())
    assert EVIL in said


def test_only_markup_made_here_passes_unescaped():
    assert tags.tag("p", "<b>") == "<p>&lt;b&gt;</p>"
    assert tags.tag("p", tags.tag("b", "x")) == "<p><b>x</b></p>"
    assert tags.tag("p", tags.tag("b", "x") + "<i>") == "<p>&lt;b&gt;x&lt;/b&gt;&lt;i&gt;</p>"


def test_nothing_else_in_the_house_puts_html_on_the_page():
    sinks = []
    for file in [*(ROOT / "journey_app").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node) == "st.html":
                sinks.append(file.name)
            if isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html":
                sinks.append(file.name)
    assert set(sinks) == {"markup.py"}


def test_every_streamlit_part_the_style_leans_on_is_listed_and_no_other():
    style = markup.STYLE.read_text()
    assert set(re.findall(r'data-testid="(\w+)"', style)) == set(markup.TESTIDS)
    for file in (ROOT / "journey_app").rglob("*.py"):
        assert "data-testid" not in file.read_text().replace("named by data-testid", "")


def test_every_class_we_write_has_a_rule():
    style = markup.STYLE.read_text()
    used = {name for html in EVERY_PIECE.values() for name in re.findall(r"\bj-[a-z-]+", html)}
    used |= {f"j-{tone}" for _shape, tone in markup.PILLS.values()}
    plain = {"j-sentence", "j-weeks", "j-effect", "j-verdict", "j-goal-name"}  # rules on what is inside
    without = {name for name in used - plain if not re.search(rf"\.{name}(?![a-z-])", style)}
    assert without <= {"j-tile-line", "j-words"} and all(f".{name}" in style for name in plain)


@pytest.mark.parametrize("kind", markup.PILLS)
def test_a_pill_is_never_colour_alone(kind):
    seen = Seen(markup.pill(kind, "words"))
    assert seen.words.endswith("words")
    if kind not in {"measured", "reported", "opinion"}:
        assert len(seen.words) > len("words")


def test_verdicts_keep_their_shapes_and_likely_is_never_green():
    assert "▲" in markup.verdict_pill(Word.IMPROVED) and "j-green" in markup.verdict_pill(Word.IMPROVED)
    assert "△" in markup.verdict_pill(Word.LIKELY) and "j-green" not in markup.verdict_pill(Word.LIKELY)
    assert set(markup.WORDS) == set(Word)


def test_the_goal_strip_says_everything_twice_once_in_words():
    seen = Seen(markup.goal_strip(goal()))
    for word in (
        "Trial to paid",
        "18.0%",
        "30\u00a0Jun",
        "13.4%",
        "±0.9",
        "n\u00a05,484",
        "41\u00a0days left",
    ):
        assert word in seen.words
    labels = [attributes["aria-label"] for _n, attributes in seen.elements if "aria-label" in attributes]
    assert labels == ["From 12.0% to 18.0%; now 13.4% ±0.9, n 5,484; 15.1% needed today."]


def test_an_unmeasured_goal_is_a_dash_and_a_past_one_has_ended():
    seen = Seen(markup.goal_strip(goal(now=None, needed=None, days_left=-1)))
    assert "–" in seen.words and "ended" in seen.words and "needed" not in seen.words


def test_boxes_stay_inside_their_track():
    html = markup.goal_strip(goal()) + cards.verdict_card(
        change(), Verdict(Word.IMPROVED, "", "Keep.", rate(283, 913), rate(366, 958))
    )
    lefts = [float(x) for x in re.findall(r"left:([\d.-]+)%", html)]
    ends = [float(x) + float(w) for x, w in re.findall(r"left:([\d.-]+)%;width:([\d.-]+)%", html)]
    assert len(ends) >= 4
    assert min(lefts) >= 0 and max(*lefts, *ends) <= 100


def test_a_verdict_card_says_number_range_baseline_and_what_to_do():
    verdict = Verdict(Word.IMPROVED, "", "Keep.", rate(283, 913), rate(366, 958))
    words = Seen(cards.verdict_card(change(), verdict)).words
    for word in (
        "Week 1",
        "Priya",
        "31.0% → 38.0%",
        "38.2%",
        "35.2–41.3",
        "baseline 31.0%",
        "Improved",
        "Keep.",
    ):
        assert word in words


def test_a_running_week_has_no_number_yet_and_says_when():
    verdict = Verdict(Word.RUNNING, "", "Wait.", rate(283, 913), result_on=date(2026, 5, 26))
    words = Seen(cards.verdict_card(change(), verdict)).words
    assert "–" in words and "result 26\u00a0May" in words
    nothing = Seen(cards.verdict_card(change(), Verdict(Word.PLANNED, "", "Start."))).words
    assert "no baseline yet" in nothing and "0.0%" not in nothing


def test_names_under_a_range_keep_apart_and_inside():
    close = intervals.track(Interval(0.1, 0.5, 0.9), before=0.5, target=0.52)
    places = [float(x) for x in re.findall(r'<span style="left:([\d.]+)%">', cards.mini_range(close, ""))]
    assert places[1] - places[0] >= 20 - 1e-9
    edge = intervals.track(Interval(0.4, 0.5, 0.6), before=0.0, target=1.0)
    places = [float(x) for x in re.findall(r'<span style="left:([\d.]+)%">', cards.mini_range(edge, ""))]
    assert 5 < places[0] < places[1] < 95


def test_a_finding_has_its_four_cells_and_a_picture_with_words():
    seen = Seen(cards.finding_row(finding(), stage=2, shared=[Interval(-0.01, 0, 0.05)]))
    for word in ("46.7%", "45.0–48.4", "1,764", "52 → 39%", "+1.1 to +2.4", "points"):
        assert word in seen.words
    image = next(attributes for name, attributes in seen.elements if name == "img")
    assert image["alt"] == "3 weeks, oldest first: 52.0%, –, 39.0%"
    svg = b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode()
    assert svg.startswith("<svg") and "http" not in svg.replace("http://www.w3.org", "")


def test_what_a_finding_does_not_know_it_does_not_draw():
    words = Seen(cards.finding_row(finding(rate=None, effect=None, weeks=()), stage=0)).words
    assert "effect not known" in words and "1,764" in words and "–" in words


def test_a_few_dropped_rows_still_show_and_none_show_nothing():
    few = cards.file_card(ImportReport("a.csv", "x", 48210, 48168, 42, 0, None), title="A", sure=1)
    width = float(re.search(r'class="dropped" style="left:[\d.]+%;width:([\d.]+)%', few)[1])
    assert width >= 0.8
    none = cards.file_card(ImportReport("a.csv", "x", 10, 10, 0, 0, None), title="A", sure=1)
    assert "none dropped" in none and 'class="dropped"' not in none
    empty = cards.file_card(ImportReport("a.csv", "x", 0, 0, 0, 0, None), title="A", sure=0.5)
    assert "0</b> rows" in empty and "fairly sure" in empty


def test_rejects_stand_most_first_with_their_rows():
    said = Seen(
        markup.rejects([("HubSpot", Reject("no date", 3, (12,))), ("Stripe", Reject("spam", 58, ()))])
    )
    assert said.words.index("58") < said.words.index("no date")
    assert "row 12 …" in said.words


def test_tiles_are_worst_first_with_letters():
    tiles = [markup.Tile("green", "0.4%", "fine", "x"), markup.Tile("red", "27%", "bad", "y")]
    words = Seen(markup.killer_tiles(tiles)).words
    assert words.index("27%") < words.index("0.4%")
    assert words.startswith("R")


def test_a_frozen_report_says_when_and_until():
    words = Seen(markup.frozen_stamp(datetime(2026, 5, 20, 9, 12, tzinfo=UTC), date(2026, 6, 3))).words
    assert "20\u00a0May 2026, 09:12" in words and "read only" in words and "ends 3\u00a0Jun" in words


def test_the_phone_funnel_has_one_red_row_and_every_count():
    html = cards.phone_funnel(northwind_funnel())
    assert html.count("j-hot") == 1
    words = Seen(html).words
    for word in ("6,807", "60.4%", "1,764 lost", "1,323 people still have time"):
        assert word in words
