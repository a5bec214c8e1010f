"""Which answers of a person changed nothing about how this table is read, and why?

An answer may be meant for another file of the same upload, or rest on a mistake; either way the person
must not believe that it was obeyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from journey_app.intake import doctor
from journey_app.intake.contract import Answers
from journey_app.intake.lines import NONE
from journey_app.intake.plan import Plan
from journey_app.intake.raw import RawTable
from journey_app.vocabulary import Observation

KIND = "unused"
NO_ORDER = "no date of its first rows can be read in two orders"
NO_MARK = "no amount of its first rows needs it"
NO_NUMBER = "no time of its first rows is such a number"
NO_CLOCK = "no time of its first rows has a clock"
NO_LINES = "only the rows of a log that no export is known by are brought together so"
WITHOUT_PEOPLE = "a report without people is kept by the day"


def unused_answers(
    answers: Answers,
    plan: Plan,
    raw: RawTable,
    sample: Sequence[pa.Array],
    mapped: Mapping[str, int],
    about: Sequence[Observation],
) -> Iterator[Observation]:
    """A note for each answer without effect. about: what was said of times and amounts."""
    kinds = {seen.kind for seen in about}
    if answers.timezone and not any(seen.fix and seen.fix.answer == "timezone" for seen in about):
        yield _note("--timezone", _why_no_zone(plan, answers.timezone, kinds))
    if answers.dates and "dates" not in kinds:
        yield _note("--dates", NO_ORDER)
    if answers.decimal and "decimal" not in kinds:
        yield _note("--decimal", NO_MARK)
    if answers.epoch and not _counts(answers.epoch, kinds):
        yield _note("--epoch", NO_NUMBER)
    if answers.midnight_is_a_day and not kinds & {"zone", doctor.OWN_ZONE, "epoch", "serials"}:
        yield _note("--midnight-is-a-day", NO_CLOCK)
    if answers.drop_duplicates and any(not sample[place].null_count for place in plan.event_id):
        yield _note("--drop-duplicates", "its rows have ids of their own")
    if answers.one_per not in (None, NONE) and not plan.one_per:
        yield _note("--one-per", NO_LINES)
    if answers.amount_of and not (plan.one_per and plan.amount_columns):
        yield _note("--amount-of", "no amounts of several rows come together")
    read = {*plan.used, *plan.amount_columns}
    for ours, place in mapped.items():
        if not plan.missing and place not in read:
            yield _note(f"--map {ours}={raw.header[place]}", "its kind of table has no use for that column")


def unused_in_report(answers: Answers) -> Iterator[Observation]:
    """A note for each answer that a table of days without people has no use for."""
    told = {
        "--timezone": answers.timezone,
        "--decimal": answers.decimal,
        "--epoch": answers.epoch,
        "--midnight-is-a-day": answers.midnight_is_a_day,
        "--drop-duplicates": answers.drop_duplicates,
        "--one-per": answers.one_per not in (None, NONE),
        "--amount-of": answers.amount_of,
    }
    yield from (_note(option, WITHOUT_PEOPLE) for option, answer in told.items() if answer)


def unused_layout(answers: Answers, seen: Iterable[Observation]) -> Iterator[Observation]:
    """A note for a separator or a row of names that such a file does not have. seen: how it was found."""
    kinds = {each.kind for each in seen}
    if answers.delimiter is not None and "delimiter" not in kinds:
        yield _note("--delimiter", "such a file has no separators")
    if answers.header_row is not None and "header" not in kinds:
        yield _note("--header-row", "such a file names its columns itself")


def unused_kind(answers: Answers, key: str, title: str) -> Iterator[Observation]:
    """A note where a table was taken for another kind of export than the ones named."""
    if answers.read_as and key not in answers.read_as:
        yield _note("--as", f"it is “{title}”")


def unused_system(answers: Answers, title: str, system: str) -> Iterator[Observation]:
    """A note where the kind of system was said of an export that has one of its own."""
    if answers.system and answers.system != system:
        yield _note("--system", f"“{title}” always tells of {system}")


def unused_ids(answers: Answers, title: str) -> Iterator[Observation]:
    """A note where it was said whose numbers the customers of a known export have."""
    if answers.ids:
        yield _note("--ids", f"“{title}” says itself what its ids are")


def _note(option: str, why: str) -> Observation:
    return Observation(KIND, f"{option} was not used: {why}.", "note", f"{option.split()[0]} not used")


def _why_no_zone(plan: Plan, told: str, kinds: set[str]) -> str:
    known = sorted({reading.zone.key for reading in plan.readings.values()} - {told})
    if known:
        return f"its times are known to be {' and '.join(known)}"
    if "days" in kinds:
        return "it holds days without a time of day"
    return (
        "its times say their own zone"
        if doctor.OWN_ZONE in kinds
        else "its first rows hold no times without a zone"
    )


def _counts(epoch: str, kinds: set[str]) -> bool:
    return ("serials" if epoch.startswith("excel") else "epoch") in kinds
