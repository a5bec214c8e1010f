"""How do customers walk, drawn as ribbons whose width is people?

One row a ribbon; the browser makes the curves ("flat"). Ribbons take the colour of where they go,
exits are grey at the bottom of each column, Other is named. Selections: `link` gives
{"step", "source", "target"}, `node` gives {"column", "event"}: what a funnel can be opened with.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from journey_app.analysis.paths import CAME, LEFT, OTHER, Link, Paths
from journey_app.charts.canvas import Canvas, across, down
from journey_app.charts.paths_layout import LEAST_GAP, NODE_WIDTH, SMALLEST_SLOT, Layout, Node, Ribbon, layout
from journey_app.charts.text import count
from journey_app.charts.theme import SCREEN, Palette

HEADER = 24.0
USUAL_HEIGHT = 400.0
TWO_LINES = 30.0  # a node at least this high carries its count on a line of its own
AT_REST, AT_REST_GREY, IN_FOCUS = 0.26, 0.55, 0.9
READABLE = {LEFT: "Left", CAME: "Started here", OTHER: "Other"}


def paths_chart(
    paths: Paths,
    *,
    focus: tuple[int, str, str] | None = None,
    stage_of: Mapping[str, int] | None = None,
    height: float = USUAL_HEIGHT,
    colours: Palette = SCREEN,
) -> alt.LayerChart:
    """The step chart of `paths`.

    focus: (step, source, target) of the ribbon to bring forward, red when it leaves. stage_of:
    which stage (from 0) an event belongs to, for its colour; None gives the largest events one
    colour each. height: pixels for the ribbons; grows when a column has too many rows for it.
    """
    room = max(height, _least_height(paths))
    laid = layout(paths, room)
    colour = _colours(paths, stage_of, colours)
    canvas = Canvas(HEADER + room + 4, colours)
    _headers(canvas, laid, paths)
    canvas.add(_ribbons(laid, colour, focus, colours, canvas.height))
    canvas.add(_nodes(laid, colour, canvas.height))
    _labels(canvas, laid)
    return canvas.done()


def readable(event: str) -> str:
    """An event's name, or the words for the ends and for Other."""
    return READABLE.get(event, event)


def _least_height(paths: Paths) -> float:
    rows: dict[int, set[str]] = {}
    for link in paths.links:
        rows.setdefault(link.step + 1, set()).add(link.target)
    most = max((len(names) for names in rows.values()), default=1)
    return most * (SMALLEST_SLOT + LEAST_GAP) + 60


def _colours(paths: Paths, stage_of: Mapping[str, int] | None, colours: Palette) -> dict[str, str]:
    """A colour for every event: its stage's, or one each by size; the ends and Other are grey."""
    sizes = {paths.anchor: paths.customers + 1}
    for link in paths.links:
        sizes[link.target] = sizes.get(link.target, 0) + link.customers
    named = sorted((name for name in sizes if name not in READABLE), key=lambda name: (-sizes[name], name))
    by_size = {name: k for k, name in enumerate(named[: len(colours.stages)])}
    known = by_size if stage_of is None else stage_of
    hues = {name: colours.stage(known[name]) if name in known else colours.accent for name in named}
    return hues | {LEFT: colours.muted, CAME: colours.muted, OTHER: colours.ghost}


def _headers(canvas: Canvas, laid: Layout, paths: Paths) -> None:
    places = {node.column: node.x for node in laid.nodes}
    first, sign = ("START", "") if paths.forward else ("END", "−")
    heads = [
        {"x": x, "y": 8, "text": first if column == 0 else f"STEP {sign}{column}"}
        for column, x in places.items()
    ]
    canvas.words(heads, canvas.colours.muted, fontSize=11, fontWeight=600)


def _ribbon_row(
    ribbon: Ribbon, paint: Mapping[str, str], focus: tuple[int, str, str] | None, colours: Palette
) -> dict:
    link = ribbon.link
    leaves = link.target in (LEFT, CAME)
    focused = focus == (link.step, link.source, link.target)
    grey = leaves or link.target == OTHER
    rest = colours.ghost if grey else paint[link.target]
    return {
        "id": f"{link.step}:{link.source}→{link.target}",
        "step": link.step,
        "source": link.source,
        "target": link.target,
        "x0": round(ribbon.x0, 2),
        "x1": round(ribbon.x1, 2),
        "y0": round(HEADER + ribbon.y0, 2),
        "y1": round(HEADER + ribbon.y1, 2),
        "thick": round(ribbon.thickness, 3),
        "color": (colours.red if leaves else paint[link.target]) if focused else rest,
        "opacity": IN_FOCUS if focused else AT_REST_GREY if grey else AT_REST,
        "focused": focused,
        "says": _link_says(link),
    }


def _link_says(link: Link) -> str:
    return f"{readable(link.source)} → {readable(link.target)}: {count(link.customers)} customers"


def _ribbons(
    laid: Layout,
    paint: Mapping[str, str],
    focus: tuple[int, str, str] | None,
    colours: Palette,
    height: float,
) -> alt.Chart:
    rows = [_ribbon_row(ribbon, paint, focus, colours) for ribbon in laid.ribbons]
    rows.sort(key=lambda row: row["focused"])  # later rows are painted over earlier ones
    chosen = alt.selection_point(
        name="link", fields=["step", "source", "target"], on="click", clear="dblclick"
    )
    return (
        alt.Chart(alt.InlineData(values=rows))
        .transform_calculate(t="sequence(0, 1.0001, 0.05)")
        .transform_flatten(["t"])
        .transform_calculate(e="datum.t*datum.t*(3-2*datum.t)")
        .transform_calculate(
            x="datum.x0+(datum.x1-datum.x0)*datum.t", y="datum.y0+(datum.y1-datum.y0)*datum.e"
        )
        .transform_calculate(y2="datum.y+datum.thick")
        .mark_area(line=False, cursor="pointer")
        .encode(
            x=across(),
            y=down(height),
            y2="y2:Q",
            detail=["id:N", "step:Q", "source:N", "target:N"],
            color=alt.Color("color:N", scale=None),
            opacity=alt.Opacity("opacity:Q", scale=None, legend=None),
            tooltip=alt.Tooltip("says:N"),
        )
        .add_params(chosen)
    )


def _nodes(laid: Layout, paint: Mapping[str, str], height: float) -> alt.Chart:
    rows = [
        {
            "x": node.x,
            "x2": node.x + NODE_WIDTH,
            "y": HEADER + node.top,
            "y2": HEADER + node.top + max(node.height, 1.0),
            "color": paint[node.event],
            "column": node.column,
            "event": node.event,
            "says": f"{readable(node.event)}: {count(node.customers)} customers",
        }
        for node in laid.nodes
    ]
    chosen = alt.selection_point(name="node", fields=["column", "event"], on="click", clear="dblclick")
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_rect(cursor="pointer", cornerRadius=1)
        .encode(
            x=across(),
            y=down(height),
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color("color:N", scale=None),
            tooltip=alt.Tooltip("says:N"),
        )
        .add_params(chosen)
    )


def _labels(canvas: Canvas, laid: Layout) -> None:
    """Large nodes carry name over count, small ones both on one line."""
    room = laid.pitch - NODE_WIDTH - 7
    large = [node for node in laid.nodes if node.height >= TWO_LINES]
    small = [node for node in laid.nodes if node.height < TWO_LINES]
    names = [_label(node, readable(node.event), -8) for node in large]
    counts = [_label(node, count(node.customers), 8) for node in large]
    both = [_label(node, f"{_fitting(node, room)} {count(node.customers)}", 0) for node in small]
    ink = canvas.colours.ink
    canvas.words(names, ink, halo=True, fontSize=13, fontWeight=600, limit=room)
    canvas.words(counts, ink, halo=True, fontSize=12)
    canvas.words(both, ink, halo=True, fontSize=12)


def _fitting(node: Node, room: float) -> str:
    """The name cut so that the count still stands behind it: about 5.7 px a character."""
    name, spare = readable(node.event), int(room / 5.7) - len(count(node.customers)) - 1
    return name if len(name) <= spare else name[: max(3, spare - 1)].rstrip() + "…"


def _label(node: Node, text: str, lower: float) -> dict:
    return {"x": node.x + NODE_WIDTH + 5, "y": HEADER + node.middle + lower, "text": text}


def describe(paths: Paths, most: int = 8) -> str:
    """The widest ribbons in words, with their counts."""
    direction = "from" if paths.forward else "to"
    widest = sorted(paths.links, key=lambda link: (-link.customers, link.step, link.source, link.target))
    said = "; ".join(f"step {link.step + 1}, {_link_says(link)}" for link in widest[:most])
    rest = len(widest) - most
    more = f"; and {count(rest)} smaller ribbons" if rest > 0 else ""
    return f"Paths {direction} {paths.anchor}, {count(paths.customers)} customers. {said}{more}."


def other_says(paths: Paths, column: int, most: int = 5) -> str:
    """What stands behind Other in one column, most first."""
    events = paths.other.get(column, {})
    shown = [f"{name} {count(customers)}" for name, customers in list(events.items())[:most]]
    rest = len(events) - len(shown)
    return ", ".join(shown) + (f" and {count(rest)} more" if rest > 0 else "")
