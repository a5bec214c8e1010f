"""Are the rows of a log that nobody described lines of orders, and is an amount the line's or the order's?

Rows are lines where a column called after orders repeats its ids within one customer, one event and one time.
Where it does only that, the rows of one order are one event, and the check-up says so; where it mostly does,
it is asked.
Source: docs/decisions/029-lines-of-one-order.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journey_app.errors import BadChoice, Question, UnknownName
from journey_app.intake import cells, numbers
from journey_app.intake.clues import key_of
from journey_app.intake.contract import Answers
from journey_app.intake.plan import Columns, Plan
from journey_app.intake.raw import RawChunk, RawTable
from journey_app.intake.watch import hashed
from journey_app.vocabulary import Fix, Observation

NONE = "none"  # the answer that every row is an event
AND_TIME = "@time"  # after a column's name: its numbers are used again, so an order is a number and a time
CALLED_AN_ORDER = re.compile(
    r"(?:.*_)?(?:order|basket|cart|checkout|invoice|receipt|purchase|transaction|bestell(?:ung|ungs)?|"
    r"rechnungs?|belegs?|auftrags?|bon|commande|facture|pedido|factura|ordine|fattura)"
    r"(?:_?(?:id|no|nr|num|number|nummer|numero|key|code|ref))?$"
)
MOST_ROWS, MOST_CELLS = 1_000_000, 20_000_000  # looked at; of larger files whole orders, chosen by their ids
MOST_ROUNDED = 0.2  # of a sample of ids; with more, they tell orders apart no more
ENOUGH = 10  # orders with several equal amounts from which that is no chance
SELDOM, OFTEN = 0.01, 0.2  # shares of orders whose amounts differ
NAMED = 4


@dataclass(frozen=True)
class Evidence:
    """What the rows of some orders show, all of them where not `partly`.

    without: rows of a customer and time that name no order; rounded: those of them whose order's id was
    rounded by a spreadsheet, such as damaged. orders: of one customer and one kind of event
    each. lines: rows beyond the first of each order, at its time and not exactly alike; apart: orders'
    further times. crossing: ids that several customers have. differing: properties, by their columns, that
    are not the same in all rows of an order. amounts: “row”, “order”, empty where it cannot be told, None
    without any that come together.
    """

    rows: int = 0
    without: int = 0
    rounded: int = 0
    damaged: str = ""
    orders: int = 0
    lines: int = 0
    apart: int = 0
    crossing: int = 0
    differing: Columns = ()
    amounts: str | None = None
    partly: bool = False

    @property
    def beyond_doubt(self) -> bool:
        return not self.apart and not self.crossing

    @property
    def mostly_lines(self) -> bool:
        return self.lines > 0 and self.lines >= self.apart


def with_lines(
    plan: Plan, raw: RawTable, sample: Sequence[pa.Array], answers: Answers
) -> tuple[Plan, Question | None, tuple[Observation, ...]]:
    """The plan of a log with its orders decided, the question that remains, and what was seen.

    sample: the first cells of each column, null where empty. Raises UnknownName and BadChoice for a column.
    """
    place = (
        _told(plan, raw, answers) if answers.one_per not in (None, NONE) else _called_so(plan, raw, sample)
    )
    if place is None:
        return plan, None, ()
    name, told = raw.header[place], answers.one_per
    and_time = told is not None and _names_time(told, raw)
    found = _look(plan, raw, place, and_time)
    if told is None and found.mostly_lines and not found.beyond_doubt:
        question = _ask_lines(name, found)
        return plan, question, (_asked(question, "one_per", "are rows lines of orders?"),)
    if told == NONE or (told is None and not found.beyond_doubt):
        said = (_about_rows(name, found, told, and_time),) if found.lines else ()
        return plan, None, said
    merged = found.orders < found.rows and (told is not None or found.lines > 0)
    if told is None and not merged and found.orders < found.rows:
        return plan, None, ()  # rows exactly alike are no lines
    differing = found.differing if merged else ()
    one = replace(plan, one_per=(place,), at_once=told is None or and_time, of_lines=differing)
    if not merged:
        return one, None, ()
    amounts = answers.amount_of or found.amounts
    if amounts == "" and plan.amount_columns:
        question = _ask_amounts(raw.header[plan.amount_columns[0]], name)
        return (
            one,
            question,
            (_asked(question, "amount_of", "whose amount is it?"), _about_rows(name, found, told, and_time)),
        )
    about = (_about_rows(name, found, told, and_time), *_about_amounts(raw, plan, name, amounts, answers))
    return replace(one, adds_up=amounts != "order"), None, (*about, *_not_kept(raw, found))


def _told(plan: Plan, raw: RawTable, answers: Answers) -> int:
    """The column that a person named."""
    wanted = answers.one_per or ""
    wanted = wanted.removesuffix(AND_TIME) if _names_time(wanted, raw) else wanted
    places = {cells.normal_name(name): at for at, name in reversed(list(enumerate(raw.header)))}
    if cells.normal_name(wanted) not in places:
        raise UnknownName("column", wanted, raw.header)
    place = raw.header.index(wanted) if wanted in raw.header else places[cells.normal_name(wanted)]
    main = {plan.ids[0].columns[0], *plan.time_columns, *(c for e in plan.events for c in e.name_columns)}
    if place in main:
        raise BadChoice(
            f"“{wanted}” says the customer, event or time already, so it cannot say which rows are one order.",
            f"Name the column with the id of an order, or say --one-per {NONE}.",
        )
    return place


def _names_time(told: str, raw: RawTable) -> bool:
    """Whether an answer tells the orders of one number apart by their times, and is no column's name."""
    return told.endswith(AND_TIME) and told not in raw.header


def _called_so(plan: Plan, raw: RawTable, sample: Sequence[pa.Array]) -> int | None:
    """The first property that is called after orders and whose ids no spreadsheet has rounded."""
    for place in sorted(place for _, place in plan.properties):
        called = CALLED_AN_ORDER.fullmatch(key_of(raw.header[place]))
        if called and cells.share_matching(sample[place], cells.EXCEL_DAMAGE) <= MOST_ROUNDED:
            return place
    return None


# ---------------------------------------------------------------- looking at all of it


@dataclass
class _Kept:
    """What is kept of the rows of some orders: those whose ids' hashes end in `bits` zeros."""

    most: int
    bits: int = 0
    columns: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, rows: dict[str, np.ndarray]) -> None:
        chosen = self._chosen(rows["order"])
        for name, values in rows.items():
            self.columns.setdefault(name, []).append(values[chosen])
        while sum(map(len, self.columns["order"])) > self.most:
            self.bits += 1
            chosen_parts = [self._chosen(part) for part in self.columns["order"]]
            self.columns = {
                name: [part[chosen] for part, chosen in zip(parts, chosen_parts, strict=True)]
                for name, parts in self.columns.items()
            }

    def _chosen(self, orders: np.ndarray) -> np.ndarray:
        return (orders & np.uint64((1 << self.bits) - 1)) == 0

    def whole(self) -> dict[str, np.ndarray]:
        return {name: np.concatenate(parts) for name, parts in self.columns.items()}


def _look(plan: Plan, raw: RawTable, place: int, and_time: bool) -> Evidence:
    """What the rows show. and_time: orders are told apart by their times, too."""
    kept = _Kept(max(1, min(MOST_ROWS, MOST_CELLS // max(1, len(plan.properties)))))
    without, rounded, damaged = 0, 0, ""
    for chunk in raw.chunks():
        hashes, nameless = _hashes(plan, chunk, place)
        kept.add(hashes)
        without += len(nameless)
        broken = nameless.filter(pc.match_substring_regex(nameless, cells.EXCEL_DAMAGE))
        rounded += len(broken)
        damaged = damaged or (broken[0].as_py() if len(broken) else "")
    rows = kept.whole() if kept.columns else {}
    if not rows or not len(rows["order"]):
        return Evidence()
    return replace(
        _weighed(plan, rows, "time" if and_time else "key"),
        without=without,
        rounded=rounded,
        damaged=damaged,
        partly=kept.bits > 0,
    )


def _hashes(plan: Plan, chunk: RawChunk, place: int) -> tuple[dict[str, np.ndarray], pa.Array]:
    """Hashes of what the rows that name an order, a customer and a time say, and their amounts.

    Beside them, what stands for the order in those that name none, null where nothing does.
    """
    count = len(chunk.rows)

    def first(places: Sequence[int]) -> pa.Array:
        return cells.first_told((cells.present(chunk.columns[at]) for at in places), count)

    written = cells.present(chunk.columns[place])
    order = cells.order_ids(written)
    who = first([at for rule in plan.ids for at in rule.columns])
    when = first(plan.time_columns)
    of_somebody = pc.and_(pc.is_valid(who), pc.is_valid(when))
    here = pc.and_(pc.is_valid(order), of_somebody)
    nameless = written.filter(pc.and_(pc.is_null(order), of_somebody))

    def hash_of(values: pa.Array) -> np.ndarray:
        return hashed(pc.fill_null(values.filter(here), ""))

    what = [at for event in plan.events for at in event.name_columns]
    ids, people = hash_of(order), hash_of(who)
    key = _mixed(_mixed(ids, people), hash_of(first(what)) if what else np.zeros_like(ids))
    found = {"order": ids, "who": _mixed(ids, people), "key": key, "time": _mixed(key, hash_of(when))}
    row = found["time"]
    for _, at in plan.properties:
        cell = hash_of(chunk.columns[at])
        row = _mixed(row, cell)
        found[f"column {at}"] = cell.astype(np.uint32)
    if plan.amount_columns:
        amount = first(plan.amount_columns)
        row = _mixed(row, hash_of(amount))
        mark = plan.marks.get(plan.amount_columns[0], ".")
        found["amount"] = numbers.amounts(amount.filter(here), mark).to_numpy(zero_copy_only=False)
    return {**found, "row": row}, nameless


def _mixed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    mixed = (one ^ (one >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15) + other
    return mixed ^ (mixed >> np.uint64(29))


def _weighed(plan: Plan, rows: dict[str, np.ndarray], key: str) -> Evidence:
    """key: what one order is told from another by."""
    by_order = np.argsort(rows[key], kind="stable")
    keys = rows[key][by_order]
    same = keys[1:] == keys[:-1]
    count, orders = len(keys), int(len(keys) - same.sum())
    times = len(np.unique(rows["time"]))
    differing = []
    for _, place in plan.properties:
        cell = rows[f"column {place}"][by_order]
        if (same & (cell[1:] != cell[:-1])).any():
            differing.append(place)
    return Evidence(
        rows=count,
        orders=orders,
        lines=len(np.unique(rows["row"])) - times,
        apart=times - orders,
        crossing=len(np.unique(rows["who"])) - len(np.unique(rows["order"])),
        differing=tuple(differing),
        amounts=_whose(rows["amount"][by_order], np.concatenate([[0], np.cumsum(~same)]))
        if plan.amount_columns
        else None,
    )


def _whose(amounts: np.ndarray, nth: np.ndarray) -> str | None:
    """Whose the amounts are; empty where it cannot be told. nth: the order of each, counted from 0."""
    told = ~np.isnan(amounts)
    each = np.bincount(nth[told], minlength=nth[-1] + 1)
    rows = np.bincount(nth)
    high, low = np.full(len(each), -np.inf), np.full(len(each), np.inf)
    np.maximum.at(high, nth[told], amounts[told])
    np.minimum.at(low, nth[told], amounts[told])
    several, once = each > 1, (rows > 1) & (each == 1)
    if not several.any():
        return "order" if once.sum() >= ENOUGH else "" if once.any() else None
    differ = float((high[several] != low[several]).mean())
    if differ >= OFTEN:
        return "row"
    values = len(np.unique(high[several]))
    return "order" if differ <= SELDOM and several.sum() >= ENOUGH and values > 1 else ""


# ---------------------------------------------------------------- in words


def _choices(name: str) -> dict[str, str]:
    return {
        name: f"one event per “{name}”",
        f"{name}{AND_TIME}": f"per “{name}” and time",
        NONE: "one event per row",
    }


def _rows_hold(name: str, found: Evidence) -> str:
    of_all = " (those looked at)" if found.partly else ""
    return f"{found.rows:,} rows{of_all} hold {found.orders:,} different “{name}”"


def _nameless(found: Evidence) -> str:
    """The rows that name no order, those apart whose id was rounded."""
    says, empty = "", found.without - found.rounded
    if empty:
        one = "row names none and is an event of its own"
        says = f" {empty:,} {one if empty == 1 else 'rows name none and are events of their own'}."
    if found.rounded:
        one = "row holds one that a spreadsheet rounded, {}, and is an event of its own"
        many = "rows hold one that a spreadsheet rounded, such as {}, and are events of their own"
        says += (
            f" {found.rounded:,} {(one if found.rounded == 1 else many).format(found.damaged)}: to mend it, "
        )
        says += "export the file again and do not save it in a spreadsheet on the way."
    return says


def _about_rows(name: str, found: Evidence, told: str | None, and_time: bool) -> Observation:
    """What the rows of one order become, and the click that changes it."""
    if told == NONE:
        says, now = f"{_rows_hold(name, found)}, and every row is an event, since you said so.", NONE
    elif and_time:
        says = f"{_rows_hold(name, found)} and times; the rows of one are one event, since you said so."
        now = f"{name}{AND_TIME}"
    elif told is not None:
        says = f"{_rows_hold(name, found)}; the rows of one are one event, since you said so, at the time of the first."
        now = name
    elif found.beyond_doubt:
        says = (
            f"{_rows_hold(name, found)}, each of one customer and one time, so the rows of one are one event."
        )
        now = name
    else:
        says, now = f"{_rows_hold(name, found)}, at different times, so every row is an event.", NONE
    says += _nameless(found) if now != NONE else ""
    brief = f"one event per {name}" if now != NONE else "one event per row"
    fix = Fix("one_per", "--one-per", _choices(name), now)
    return Observation("orders", says, "note", brief, found.rows - found.orders, fix=fix)


def _about_amounts(
    raw: RawTable, plan: Plan, name: str, amounts: str | None, answers: Answers
) -> Iterator[Observation]:
    if not plan.amount_columns or amounts is None:
        return
    column = raw.header[plan.amount_columns[0]]
    why = "since you said so" if answers.amount_of else "as it differs from row to row"
    says = f"“{column}” is added up over the rows of one “{name}”, {why}; if one of them has none, it is unknown."
    if amounts == "order":
        why = "since you said so" if answers.amount_of else "as all its rows say the same"
        says = f"“{column}” is taken once for each “{name}”, {why}."
    fix = Fix("amount_of", "--amount-of", _whose_choices(name), amounts)
    yield Observation("order amounts", says, "note", "amounts added up" if amounts == "row" else "", fix=fix)


def _whose_choices(name: str) -> dict[str, str]:
    return {"row": "of its row: add them up", "order": f"of the whole “{name}”: take it once"}


def _not_kept(raw: RawTable, found: Evidence) -> Iterator[Observation]:
    if not found.differing:
        return
    names = [f"“{raw.header[place]}”" for place in found.differing]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    says = f"Not kept, as they differ from row to row: {', '.join(names[:NAMED])}{more}."
    yield Observation("of lines", says, "note", "", len(names))


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _ask_lines(name: str, found: Evidence) -> Question:
    lie = [f"{_times(found.apart)} at another time" if found.apart else ""]
    lie += [f"{_times(found.crossing)} with another customer" if found.crossing else ""]
    return Question(
        f"Are the rows with one “{name}” one event? {_rows_hold(name, found)}, mostly of one customer and one time, "
        f"but {' and '.join(filter(None, lie))}.",
        f"Say which: --one-per {_quoted(name)}, --one-per {_quoted(name + AND_TIME)} (its numbers are used again) or "
        f"--one-per {NONE}.",
        "--one-per",
        _choices(name),
    )


def _ask_amounts(column: str, name: str) -> Question:
    return Question(
        f"Is “{column}” the amount of its row, or of the whole “{name}”? Too few rows tell.",
        "Say which: --amount-of row or --amount-of order.",
        "--amount-of",
        _whose_choices(name),
    )


def _quoted(name: str) -> str:
    return f"'{name}'" if re.search(r"[^\w@-]", name) else name


def _asked(question: Question, answer: str, brief: str) -> Observation:
    fix = Fix(answer, question.option, question.answers)
    return Observation("orders", question.what, "ask", brief, fix=fix)
