"""Spend and traffic from a shell: imported with exit 0, asked for beside the funnel."""

from __future__ import annotations

ADS = (
    'Campaign report\n"2 - 3 March 2026"\nDay,Campaign,Currency code,Cost,Impr.,Clicks\n'
    "2026-03-02,Brand,EUR,12.50,900,30\n2026-03-03,Brand,EUR,11.00,800,--\n"
)
LOG = "user_id,event,timestamp,channel\n" + "".join(
    f"u{n},{event},2026-03-{day:02d} {hour}:00,cpc\n"
    for n, day in ((1, 2), (2, 3), (3, 20))
    for event, hour in (("visit", "09"), ("pay", 10 + n))
    if n != 2 or event == "visit"
)


def put(cli, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    return cli("import", str(tmp_path / name), "--json")


def test_a_report_is_imported_and_says_that_it_holds_no_journeys(cli, tmp_path):
    said = put(cli, tmp_path, "ads.csv", ADS)
    file = said.json["files"][0]
    assert said.code == 0 and (file["events"], said.json["events"]) == (0, 0)
    assert file["kept"] == "Kept as spend: 2 days, 1 campaign, EUR 23.50, at least 30 clicks."
    assert any("nobody's steps" in note for note in file["notes"])
    (tmp_path / "more.csv").write_text(ADS.replace("Brand", "Other"))
    assert "a summary without people. Kept as spend" in cli("import", str(tmp_path / "more.csv")).out
    assert "Kept as spend" in cli("imports").out
    assert cli("undo", file["batch"]).code == 0


def test_what_was_spent_stands_beside_who_came(cli, tmp_path):
    put(cli, tmp_path, "ads.csv", ADS)
    put(cli, tmp_path, "log.csv", LOG)
    said = cli("context", "visit", "pay", "--window", "2d", "--json").json
    week = said["spans"][0]
    assert (week["starts"], week["entered"], week["converted"]) == ("2026-03-02", 2, 1)
    assert week["told"][0]["spend"] == 23.5 and week["told"][0]["sessions"] is None
    cost = said["costs"][0]
    assert (cost["days"], cost["entered"], cost["per_entry"], cost["per_conversion"]) == (2, 2, 11.75, 23.5)
    days = cli("context", "visit", "pay", "--by", "day", "--window", "none", "--json").json["spans"]
    assert [(day["starts"], day["told"][0]["clicks"]) for day in days] == [
        ("2026-03-02", 30),
        ("2026-03-03", None),
    ]
    shown = cli("context", "visit", "pay").out
    assert "does not show" in shown and "clicks at least 30 (not all of Brand is told)" in shown
    assert week["told"][0]["untold"] == {"clicks": ["Brand"]}


def test_without_a_goal_and_steps_the_reports_speak_alone(cli, tmp_path):
    put(cli, tmp_path, "ads.csv", ADS)
    assert cli("context", "--json").json["spans"][0]["entered"] is None


def test_one_day_is_one_day_and_no_row_tells_of_none(cli, tmp_path):
    put(cli, tmp_path, "ads.csv", ADS.replace("2026-03-03,Brand,EUR,11.00,800,--\n", ""))
    assert "google_ads.report, 1 day: 12.50 spent" in cli("context").out
    put(cli, tmp_path, "log.csv", LOG.replace("2026-03-", "2026-06-"))
    shown = cli("context", "visit", "pay").out
    assert "spend 12.50" in shown and "0 days" not in shown and "– spent" not in shown


def test_without_reports_it_says_what_to_import(cli, tmp_path):
    put(cli, tmp_path, "log.csv", LOG)
    said = cli("context")
    assert said.code == 1 and "Import one" in said.err
