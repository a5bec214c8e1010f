"""What is planted in the made-up company, and when?

Every number that the generator steers by stands here once; README.md tells the same story in words.
All times are UTC. Shares are 0 to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

TRIAL, PROJECT, INVITED = "Trial started", "Project created", "Teammate invited"
IMPORTED, INTEGRATED = "CSV imported", "Integration connected"
REPORT, TASK = "Report viewed", "Task completed"
PRICING, CHECKOUT, HELP, IMPORT_FAILED = (
    "Pricing viewed",
    "Checkout opened",
    "Help centre viewed",
    "Import failed",
)
FEATURES = (IMPORTED, INTEGRATED, REPORT, TASK, INVITED)

STANDARD_CUSTOMERS = 20_000
SHORTEST_DAYS = 100  # the oldest planted fact lies 72 days back and needs weeks before it
FEWEST_CUSTOMERS = 500  # below, a planted share is one or two people a week

PROJECT_SHARE = 0.80
MOBILE_SHARE = 0.38
INVITED_DESKTOP, INVITED_MOBILE, INVITED_MOBILE_AFTER = 0.54, 0.52, 0.28
# trial to paid within 14 days, by (three features or more in week one, teammate invited in week one)
PAID_SHARE = {(True, True): 0.285, (True, False): 0.235, (False, True): 0.105, (False, False): 0.083}
LATE_PAID_SHARE = 0.015
IMPORT_FAILED_SHARE, TICKET_AFTER_FAILURE_SHARE = 0.09, 0.20
UNKNOWN_REQUESTER_SHARE = 0.24
IN_CRM_SHARE = 0.97
ROLE_PAYER_SHARE, PRIVATE_PAYER_SHARE = 0.012, 0.006
WEEK_NOISE, SPRINT_NOISE = 0.025, 0.02

ROLE_MAILBOX = "billing@example.com"
INTERNAL_DOMAIN = "example.net"  # customers live at example.com and example.org
INTERNAL_EMAILS = tuple(f"test{number:02d}@{INTERNAL_DOMAIN}" for number in range(1, 13))


@dataclass(frozen=True)
class Feature:
    """How a feature is taken up.

    share: of a week's trials, those who use it within `days` of starting. late: of the rest who have
    a project, those who come to it later.
    """

    event: str
    share: float
    days: float
    late: float
    noise: float = WEEK_NOISE


FIRST_USES = (
    Feature(IMPORTED, 0.25, 2, 0.05, SPRINT_NOISE),
    Feature(INTEGRATED, 0.22, 3, 0.05, SPRINT_NOISE),
    Feature(REPORT, 0.20, 7, 0.06),
    Feature(TASK, 0.42, 7, 0.05),
)


@dataclass(frozen=True)
class Calendar:
    """The days on which things happen. `until` itself holds no data: the day before is the last."""

    until: date
    days: int

    @property
    def first_day(self) -> date:
        return self.until - timedelta(days=self.days)

    @property
    def release_day(self) -> date:
        return self.until - timedelta(days=45)

    @property
    def gap_starts_at(self) -> datetime:
        return datetime.combine(self.until - timedelta(days=72), time(14, 10))

    @property
    def gap_ends_at(self) -> datetime:
        return self.gap_starts_at + timedelta(hours=30)

    @property
    def sprint_start(self) -> date:
        """The last Monday that leaves two whole weeks and a three-day window before `until`."""
        latest = self.until - timedelta(days=17)
        return latest - timedelta(days=latest.weekday())


@dataclass(frozen=True)
class StepChange:
    """A sprint week: from `goes_live`, of those who do `start`, the share doing `outcome` `within`.

    lift: relative; 0 means the change does nothing.
    """

    goes_live: date
    start: str
    outcome: str
    within: timedelta
    base_share: float
    lift: float


@dataclass(frozen=True)
class DeviceDrop:
    """T1: from `release_day`, one device loses people at one step; the other device does not."""

    release_day: date
    start: str
    outcome: str
    within: timedelta
    device: str
    share_before: float
    share_after: float
    other_device: str
    other_share: float


@dataclass(frozen=True)
class FeatureCohort:
    """T2: customers with `needed` or more distinct `features` in week one pay about three times as often."""

    features: tuple[str, ...]
    needed: int
    features_within: timedelta
    paid_within: timedelta
    paid_share_with: float
    paid_share_without: float
    paid_share: float


@dataclass(frozen=True)
class NeverMerge:
    """T3: ids that look like one customer and are not.

    Two payers behind one browser, and one mailbox that `role_customers` Stripe customers share.
    """

    anonymous_id: str
    user_ids: tuple[str, str]
    emails: tuple[str, str]
    role_mailbox: str
    role_customers: int


@dataclass(frozen=True)
class TrackingGap:
    """T4: nothing at all in `file` from `starts_at` (included) to `ends_at` (excluded)."""

    file: str
    starts_at: datetime
    ends_at: datetime
    rows_lost: int


@dataclass(frozen=True)
class Matching:
    """T5: who is known where. Requesters are distinct e-mail addresses; payers distinct Stripe customers."""

    requesters: int
    unknown_requesters: int
    unknown_requester_share: float
    trial_users_in_crm_share: float
    payers: int
    payers_matched_share: float


@dataclass(frozen=True)
class Friction:
    """T7: of the `customers` who hit `event`, the share who write a ticket `within`."""

    event: str
    customers: int
    within: timedelta
    ticket_share: float


@dataclass(frozen=True)
class Dirt:
    """What an import should drop or leave out, counted in the files as written.

    duplicates, junk: rows by file name. Junk rows lack every id, their time or their event.
    """

    duplicates: Mapping[str, int]
    junk: Mapping[str, int]
    bot_rows: int
    internal_emails: tuple[str, ...]
    internal_domain: str


@dataclass(frozen=True)
class Truths:
    """Every planted fact. Shares are what the generator steers by; counts are of the files as written."""

    trials: int
    first_day: date
    last_day: date
    drop: DeviceDrop
    cohort: FeatureCohort
    never_merge: NeverMerge
    gap: TrackingGap
    matching: Matching
    sprint_start: date
    week_one: StepChange
    week_two: StepChange
    friction: Friction
    dirt: Dirt


# What the shares above come to over 180 days at full size, measured (README.md says how).
PAID_WITH, PAID_WITHOUT, PAID_OVERALL = 0.27, 0.09, 0.13


def device_drop(calendar: Calendar) -> DeviceDrop:
    return DeviceDrop(
        release_day=calendar.release_day,
        start=PROJECT,
        outcome=INVITED,
        within=timedelta(days=3),
        device="mobile",
        share_before=INVITED_MOBILE,
        share_after=INVITED_MOBILE_AFTER,
        other_device="desktop",
        other_share=INVITED_DESKTOP,
    )


def feature_cohort() -> FeatureCohort:
    return FeatureCohort(
        features=FEATURES,
        needed=3,
        features_within=timedelta(days=7),
        paid_within=timedelta(days=14),
        paid_share_with=PAID_WITH,
        paid_share_without=PAID_WITHOUT,
        paid_share=PAID_OVERALL,
    )


def sprint_weeks(calendar: Calendar) -> tuple[StepChange, StepChange]:
    """Week one works, week two does nothing."""
    start = calendar.sprint_start
    one = StepChange(start, TRIAL, IMPORTED, timedelta(days=2), FIRST_USES[0].share, lift=0.60)
    two = StepChange(
        start + timedelta(days=7), TRIAL, INTEGRATED, timedelta(days=3), FIRST_USES[1].share, lift=0.0
    )
    return one, two
