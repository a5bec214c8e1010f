"""The nouns that cross rooms: what an event is, and what people decide about it.

One noun for one thing, on every floor. Shares are 0 to 1 until `charts/text.py`
writes them; durations are timedelta; moments are UTC and end in `_at`; days are
local to the workspace; unknown is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

# ---------------------------------------------------------------- events

# One row per event, as `intake` hands it on and `batches/` keeps it (the truth).
NORMALISED = {
    "event_id": "the source's own id, else a hash of (source, content, how-manieth equal row)",
    "event": "what happened, as people call it",
    "occurred_at": "when, UTC, without zone",
    "day_only": "true when the source knows the day but not the time",
    "source": "which preset read it, such as segment.tracks",
    "system": "which kind of system: product, crm, support, billing, email, survey, ads, other",
    "channel": "how the customer came",
    "device": "what they used",
    "amount": "money, in major units",
    "currency": "ISO 4217, upper case; a sign of several countries, such as $, as it is written",
    "text": "what the customer wrote or what it was about",
    "session_id": "the source's own session",
    "account_id": "the company a customer belongs to",
    "properties": "everything else, as JSON",
    "raw_ids": "typed ids as found, 'type:value' — user_id, email, phone, anonymous_id, or a tool's own",
    "ordinal": "order among equal times: source rank, row number, place in the preset",
    "batch_id": "which import brought it",
}

# What stitching and the snapshot add; questions see these and the columns above.
STITCHED = {
    "customer_id": "small number, belongs to one snapshot only",
    "local_date": "the day in the workspace's zone",
    "local_week": "the first day of its week in the workspace's zone",
    "position": "running number in (customer, time, ordinal) order: later means greater",
    "next_event": "what this customer did next, or null",
    "next_at": "and when",
    "next_position": "and its position",
}

SYSTEMS = ("product", "crm", "support", "billing", "email", "survey", "ads", "other")


# Why ids are one customer: a row of events names both, or a file says so outright. Only an alias or
# a merge may join two anonymous ids.
TOGETHER, IDENTIFY, ALIAS, MERGE = "seen together", "identify", "alias", "merge"

# What exports write where there is no id (compared without case): not one customer but everybody without one.
NOBODY = (
    "0", "-", "-1", "--", "–", "—", "n/a", "#n/a", "na", "nan", "nil", "none", "null", "<na>", "undefined",
    "unknown", "anonymous", "anon", "guest", "(none)", "(not set)", "not set", "[object object]", "true", "false",
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip


# ---------------------------------------------------------------- numbers that travel


@dataclass(frozen=True)
class Rate:
    """A share with its counts and its 95 % interval; never made when nobody was there."""

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.count / self.of


@dataclass(frozen=True)
class Interval:
    """A number with the range the data leaves open (95 % unless said otherwise)."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Filter:
    """Only events where a field has one of these values, such as device = mobile."""

    field: str
    values: tuple[str, ...]


# ---------------------------------------------------------------- what people decide


@dataclass(frozen=True)
class Measure:
    """A rate with a fixed window: of those who did `start`, the share that did `outcome` within it.

    A customer enters once, at their first `start`; only customers whose window
    is over count. `where` keeps only entries (not outcomes) with these values.
    """

    name: str
    start: str
    outcome: str
    within: timedelta
    where: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class Goal:
    """From X to Y by Date: one per workspace.

    measure: the rate. steps: the way from start to outcome, both included, for funnel
    and findings. start_share: X as measured when the goal was set, with its counts.
    """

    measure: Measure
    steps: tuple[str, ...]
    start: Rate
    target_share: float
    by: date
    set_on: date


@dataclass(frozen=True)
class Telling:
    """Which events tell of a place: those that match every one of these lists that is not empty.

    of: an event whose customers should all pass here; empty when nobody has to.
    """

    events: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    of: str = ""

    def __bool__(self) -> bool:
        return bool(self.events or self.sources or self.channels)


@dataclass(frozen=True)
class Grade:
    """What a person says of a touchpoint, beside what is measured. grade: "R", "A", "G" or None.

    telling: what in the data tells of it, where a person said so: a place that people added is
    measured by this, and a standard one by this beside what is known anyway. not_ours: the company
    has no such place; only of standard touchpoints.
    """

    touchpoint: str
    grade: str | None
    owner: str = ""
    note: str = ""
    telling: Telling = Telling()
    not_ours: bool = False


class Word(StrEnum):
    """What a week of a sprint is called; the words and their rules are docs/decisions/006."""

    PLANNED = "planned"
    RUNNING = "running"
    BLOCKED = "blocked"
    IMPROVED = "improved"
    LIKELY = "likely improved"
    CANNOT_TELL = "cannot tell yet"
    NO_CHANGE = "no change worth having"
    WORSE = "worse"


@dataclass(frozen=True)
class Change:
    """One week of a sprint: what is changed, by whom, and the measure that will judge it.

    week: 1 to 4. goes_live: local day; the week judged is the 7 days from its midnight.
    """

    week: int
    title: str
    owner: str
    hypothesis: str
    measure: Measure
    target_share: float
    effort: str  # "S", "M" or "L"
    goes_live: date
    roll_back: str = ""
    rolled_back: bool = False
    log: str = ""


@dataclass(frozen=True)
class Sprint:
    """Four weeks, one change a week, against a goal frozen at the start."""

    sprint_id: str
    starts: date
    goal: Goal
    changes: tuple[Change, ...] = ()
    worth: float = 0.05  # the smallest relative effect worth having


@dataclass(frozen=True)
class Verdict:
    """What a change did to its own measure, and how sure one can be.

    effect: relative change, −1 to ∞, with its 95 % interval. probability: that it is above zero.
    noise: ordinary week-to-week noise, relative. detectable: the smallest relative gain that would
    usually show. more_weeks: how many weeks would settle it, None when this design cannot.
    """

    word: Word
    reason: str
    do: str
    before: Rate | None = None
    after: Rate | None = None
    effect: Interval | None = None
    probability: float | None = None
    noise: float | None = None
    detectable: float | None = None
    baseline_weeks: int = 0
    more_weeks: int | None = None
    result_on: date | None = None
    cannot_show: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One remarkable thing on the way to the goal, ranked by its effect on the goal.

    kind: worst_step, widest_gap or red_data. place: the step or touchpoint. claim: one sentence
    with its count. rate: the number it rests on. customers: how many are affected.
    effect: points of the goal's share (−1 to 1) that mending it could be worth, None when unknown.
    measure: what a change here would be judged by, None for data findings. weeks: share per
    week, oldest first, None where nobody was there.
    """

    kind: str
    place: str
    claim: str
    rate: Rate | None
    customers: int
    effect: Interval | None
    measure: Measure | None = None
    weeks: tuple[float | None, ...] = field(default=())
    evidence: str = "measured"


# ---------------------------------------------------------------- what people decide about the data

# How far ids are followed: only a person's own ids, as docs/decisions/003 says, or further.
MATCHINGS = ("strict", "normal", "loose")


@dataclass(frozen=True)
class Cut:
    """Two ids that a person says are not one customer, whatever rows name both.

    left, right: raw ids, 'type:value', in text order.
    """

    left: str
    right: str


# How programs that are not people call themselves, as parts of a user agent (patterns, any case).
BOT_AGENTS = (
    r"(?:^|[^u])bot\b", "crawler", "spider", "slurp", "headlesschrome", "phantomjs", "lighthouse", "pingdom",
    "uptimerobot", "statuscake", "datadogsynthetics", "gtmetrix", "puppeteer", "playwright", "selenium",
    "facebookexternalhit", "bytespider", "ia_archiver", "bingpreview", "google-inspectiontool", "mediapartners",
    "python-requests", "python-urllib", "aiohttp", r"\bcurl/", r"\bwget/", "libwww-perl", "scrapy", "go-http-client",
)  # fmt: skip


@dataclass(frozen=True)
class LeaveOut:
    """Events that do not count: a bot's, a colleague's, a test account's.

    what: “ids”, “event”, a field of an event, “property:NAME”, “bot” (what user agents say; needs no
    `matches`), “busy” or “fast” (customers with more than `matches` events in one day, in one minute).
    matches: a pattern for the value, case does not matter. reason: what a person reads.
    whole_customer: every event of such a customer goes; “busy” and “fast” are always so.
    """

    what: str
    matches: str
    reason: str
    whole_customer: bool = True


@dataclass(frozen=True)
class CleanUp:
    """What is made of the events before any question sees them.

    names: event → what it is called instead; several may become one. hidden: events (by their new
    name) that no question sees.
    """

    leave_out: tuple[LeaveOut, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shaping:
    """Everything people decided that makes other snapshots of the same batches."""

    cuts: tuple[Cut, ...] = ()
    clean_up: CleanUp = CleanUp()
    matching: str = "normal"


# ---------------------------------------------------------------- imports

# What a mapping may name (ours = theirs), on the page and with --map.
OURS = (
    "customer",
    "event",
    "time",
    "anonymous_id",
    "email",
    "channel",
    "device",
    "amount",
    "currency",
    "text",
    "session",
    "account",
)


# What plain numbers in a time column may count: since 1970, or days as Excel counts them.
EPOCHS = ("s", "ms", "us", "ns", "excel1900", "excel1904")


@dataclass(frozen=True)
class Answers:
    """What a person told us about a file; empty means: read it as recognised.

    map: ours = theirs, ours one of customer event time anonymous_id email channel device amount
    currency text session account. timezone: the clock of times without a zone. dates: dmy, mdy or ymd.
    source: what to call it. system: one of SYSTEMS, of a log that nobody described. ids: whose numbers
    its customers have, where they are numbers: “user”, “own”, or the name of a source. read_as: which
    kinds of export it is, so that nothing is asked about that. one_per: the column with the id of the order
    whose rows are one event, with “@time” behind it those at one time, “none” where every row is. amount_of:
    whether an amount is that of the row or of the order.
    """

    map: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    dates: str | None = None
    source: str | None = None
    system: str | None = None
    ids: str | None = None
    read_as: tuple[str, ...] = ()
    header_row: int | None = None
    delimiter: str | None = None
    decimal: str | None = None
    epoch: str | None = None
    drop_duplicates: bool = False
    midnight_is_a_day: bool = False
    one_per: str | None = None
    amount_of: str | None = None


@dataclass(frozen=True)
class Fix:
    """How a reading of a file is changed: one click on the page, one option of `import`.

    answer: the field of `Answers`. option: what the command line calls it. choices: what it
    accepts, each with what it means here; empty where anything may be said. now: what holds now.
    """

    answer: str
    option: str
    choices: Mapping[str, str] = field(default_factory=dict)
    now: str | None = None


# fine: as it should be. note: worth knowing. ask: an answer is needed. fault: something is wrong.
SEVERITIES = ("fine", "note", "ask", "fault")


@dataclass(frozen=True)
class Observation:
    """One thing the check-up of a file saw. kind: encoding, delimiter, header, zone, ties …

    says: plain words, with their counts. severity: one of SEVERITIES. brief: a few words for a line
    that sums the check-up up, empty where it is not worth them. examples: rows or cells as they are.
    """

    kind: str
    says: str
    severity: str = "fine"
    brief: str = ""
    count: int = 0
    examples: tuple[str, ...] = ()
    fix: Fix | None = None


@dataclass(frozen=True)
class Reject:
    """Rows that could not be read as events, by reason, with the first row numbers."""

    reason: str
    rows: int
    first_rows: tuple[int, ...]


@dataclass(frozen=True)
class ImportReport:
    """One file (or sheet, or member of a zip): what came in and what became of it.

    kept: of a report without people, the sentence of what is kept of it; empty for all others.
    """

    file: str
    recognised_as: str
    rows: int
    events: int
    rejected: int
    already_there: int
    batch: str | None
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
    kept: str = ""
    title: str = ""  # what it was recognised as, in words; older imports do not say
    checkup: tuple[Observation, ...] = ()


@dataclass(frozen=True)
class Imported:
    """A whole import: each file's report and what the workspace holds now."""

    files: tuple[ImportReport, ...]
    customers: int
    events: int
    version: str


@dataclass(frozen=True)
class Standing:
    """Where a goal stood. last_day: the last day of which its data speak."""

    rate: Rate
    last_day: date


@dataclass(frozen=True)
class GoalMoved:
    """What an import did to the goal, counted when it was stored and kept as numbers.

    goal_version, measure: the goal as it was then. before, after: None where it could not be told from
    the data without the import, or with it. files: how many were stored together with it, itself counted.
    """

    goal_version: int
    measure: Measure
    before: Standing | None
    after: Standing | None
    files: int


@dataclass(frozen=True)
class MatchRate:
    """Of the customers that `system` knows by id, how many another system knows too."""

    system: str
    other: str
    customers: int
    matched: int


@dataclass(frozen=True)
class Moment:
    """A stored decision with its place in history."""

    version: int
    author: str
    saved_at: datetime
