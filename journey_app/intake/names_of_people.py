"""Do the values of a column go with its customers, as their names do, or with what they did?"""

from __future__ import annotations

from collections import defaultdict

import pyarrow as pa

MOST_PER_CUSTOMER = 1.2  # values of a customer of several rows: some households and slips of the pen
SHARED_BY = 1.1  # customers per value, from which on values are shared as events are
SHARE_OF_NEW = 0.5  # values per customer: names become more with every customer
MOST_KINDS = 30  # different events that a column may hold whose name does not tell


def goes_with_customers(values: pa.Array, customers: pa.Array | None, *, unless_shown: bool) -> bool:
    """Whether the values belong to customers: one each, shared by none, or ever more of them.

    values, customers: cells of the same rows, null where empty; without customers each row is of another.
    unless_shown: the answer where no customer comes back, so that nothing shows it.
    """
    who = range(len(values)) if customers is None else customers.to_pylist()
    rows: dict[object, int] = defaultdict(int)
    said: dict[object, set[str]] = defaultdict(set)
    for customer, value in zip(who, values.to_pylist(), strict=True):
        if customer is not None and value is not None:
            one = customer.casefold() if isinstance(customer, str) else customer
            rows[one] += 1
            said[one].add(value.casefold())
    back = [one for one, often in rows.items() if often > 1]
    if not back:
        return unless_shown
    kinds = len(set().union(*said.values()))
    if kinds > MOST_KINDS and kinds >= SHARE_OF_NEW * len(said):
        return True
    pairs = sum(map(len, said.values()))
    each = sum(len(said[one]) for one in back) / len(back)
    return kinds > 1 and (each <= MOST_PER_CUSTOMER or pairs <= SHARED_BY * kinds)
