"""Reading a picture back: its marks with the rows behind them, its words, what can be selected."""

import altair as alt


def marks(chart: alt.LayerChart, kind: str) -> list[tuple[dict, dict]]:
    """(mark, row) for every row behind a mark of this kind."""
    spec = chart.to_dict()
    found = []
    for layer in spec["layer"]:
        if layer["mark"]["type"] == kind:
            values = layer["data"].get("values") or spec["datasets"][layer["data"]["name"]]
            found += [(layer["mark"], row) for row in values]
    return found


def texts(chart: alt.LayerChart) -> list[str]:
    """Every word on the picture, halos left out."""
    return [row["text"] for mark, row in marks(chart, "text") if "strokeWidth" not in mark]


def selections(chart: alt.LayerChart) -> dict[str, list[str]]:
    """Name → fields of everything that can be chosen."""
    return {
        param["name"]: param["select"]["fields"]
        for param in chart.to_dict().get("params", [])
        if "select" in param
    }
