"""The table of docs/presets.md, out of the presets and samples.tsv; `python -m tests.intake.documented` renews it."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

from journey_app.intake.preset import Preset, presets

PAGE = Path(__file__).parents[2] / "docs" / "presets.md"
START, END = "<!-- table -->", "<!-- end of table -->"
SAMPLES = Path(__file__).with_name("samples.tsv")
# Published by somebody else; all others among the samples were written for tests.
REAL = (
    "datasets/",
    "samples/amplitude/amplitude_event_fivetran.csv",
    "samples/hubspot/contact_data.csv",
    "samples/hubspot/contact_property_history_data.csv",
    "samples/hubspot/deal_data.csv",
    "samples/hubspot/deal_stage_data.csv",
    "samples/hubspot/email_event_data.csv",
    "samples/mixpanel/mixpanel_event_fivetran.csv",
    "samples/segment/segment_pages.csv",
    "samples/snowplow/enriched_event.tsv",
    "samples/zendesk/ticket_comment_data.csv",
    "samples/zendesk/ticket_data.csv",
    "samples/zendesk/ticket_field_history_data.csv",
    "samples/zendesk/user_data.csv",
)


def checked() -> dict[str, list[str]]:
    """Preset → the files nobody here made that a test reads with it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    with SAMPLES.open(newline="", encoding="utf-8") as file:
        for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row and row[0].startswith(REAL) and Path(row[0]).name not in found[row[1]]:
                found[row[1]].append(Path(row[0]).name)
    return {key: names for key, names in found.items() if names}


def row(preset: Preset, files: list[str]) -> str:
    kept = " (kept as context)" if preset.context else " (refused)" if preset.refuse else ""
    what = preset.title + kept + (" (asks)" if preset.asks else "")
    yes = f"yes: {files[0]}" + (f" and {len(files) - 1} more" if len(files) > 1 else "") if files else "no"
    return f"| `{preset.key}` | {what} | {preset.shape} | {', '.join(preset.known_from)} | {yes} |"


def table() -> str:
    real = checked()
    head = [
        "| key | export | shape | known from | checked on a file nobody here made |",
        "|---|---|---|---|---|",
    ]
    found = sorted(presets(), key=lambda preset: preset.key)
    return "\n".join([*head, *(row(preset, real.get(preset.key, [])) for preset in found)])


def main() -> None:
    before, rest = PAGE.read_text("utf-8").split(START)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{START}\n{table()}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
