"""Which values does a field have, most customers first?"""

from __future__ import annotations

import ibis
from ibis import _

from journey_app.analysis.stages import check_field
from journey_app.engine.base import Events

MOST_VALUES = 50


def field_values(events: Events, field: str, limit: int = MOST_VALUES) -> tuple[str, ...]:
    """The values of `field` that are there, at most `limit`, those of most customers first.

    Raises UnknownName for a field that cannot be asked for.
    """
    check_field(field)
    counted = (
        events.table.select("customer_id", value=_[field].cast("string"))
        .filter(_.value.notnull() & (_.value != ""))
        .group_by("value")
        .aggregate(customers=_.customer_id.nunique())
        .order_by(ibis.desc("customers"), "value")
        .limit(limit)
    )
    return tuple(str(value) for value in events.run(counted)["value"].to_pylist())
