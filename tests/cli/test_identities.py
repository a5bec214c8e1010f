"""Identities from the command line: who is who, cuts that hold and go, and matchings side by side."""

from __future__ import annotations

import pytest

LOG = """user_id,email,event,timestamp
u1,ana@example.com,visit,2026-03-02 09:00
u1,ana@example.com,pay,2026-03-02 10:00
u2,ana@example.com,visit,2026-03-03 09:00
,ana@example.com,visit,2026-03-04 09:00
u3,bob@example.com,visit,2026-03-05 09:00
"""


@pytest.fixture
def ana(cli, tmp_path):
    """A workspace in which one address makes u1 and u2 one customer; the command line of it."""
    (tmp_path / "log.csv").write_text(LOG)
    assert cli("import", str(tmp_path / "log.csv"), "--map", "email=email").code == 0
    return cli


def test_show_says_which_ids_from_where_and_why(ana):
    told = ana("identities", "ana@example.com", "--json").json
    assert told == ana("identities", "show", "email:ana@example.com", "--json").json
    assert (told["key"], told["events"]) == ("user_id:u1", 4)
    assert {each["raw_id"]: each["rows"] for each in told["ids"]} == {
        "email:ana@example.com": 4,
        "user_id:u1": 2,
        "user_id:u2": 1,
    }
    links = [(x["left"], x["right"], x["reason"], x["row"], x["rows"]) for x in told["links"]]
    assert links == [
        ("email:ana@example.com", "user_id:u1", "seen together", 2, 2),
        ("email:ana@example.com", "user_id:u2", "seen together", 4, 1),
    ]


def test_a_cut_is_shown_first_made_listed_and_taken_back(ana):
    looked = ana("identities", "cut", "ana@example.com", "u2", "--dry-run", "--json").json
    assert (looked["customers_before"], looked["customers_after"]) == (2, 3)
    assert ana("identities", "cuts", "--json").json == {"cuts": []}
    assert ana("identities", "cut", "u2", "ana@example.com", "--json").json["customers_after"] == 3
    assert ana("identities", "show", "u2", "--json").json["events"] == 1
    assert ana("identities", "show", "u1", "--json").json["events"] == 3
    assert [(c["left"], c["right"]) for c in ana("identities", "cuts", "--json").json["cuts"]] == [
        ("email:ana@example.com", "user_id:u2")
    ]
    assert ana("identities", "uncut", "u2", "ana@example.com", "--json").json["customers"] == 2
    assert ana("identities", "show", "u2", "--json").json["events"] == 4


def test_a_cut_says_into_how_many_and_with_how_many_events_each(ana):
    looked = ana("identities", "cut", "ana@example.com", "u2", "--dry-run").out.splitlines()
    assert looked == [
        "ana@example.com would become 2 customers (4 events):",
        "  ana@example.com: 3 events, email:ana@example.com, user_id:u1",
        "  u2: 1 event, user_id:u2",
        "Nothing was changed. Leave --dry-run out to do it.",
    ]
    done = ana("identities", "cut", "ana@example.com", "u2").out.splitlines()
    assert done[0] == "ana@example.com is now 2 customers (4 events):" and done[1:] == looked[1:3]


def test_two_ids_are_one_line_with_every_reason(ana, tmp_path):
    (tmp_path / "more.csv").write_text(
        "user_id,email,event,timestamp\nu1,ana@example.com,pay,2026-03-09 10:00\n"
    )
    assert ana("import", str(tmp_path / "more.csv"), "--source", "shop").code == 0
    said = ana("identities", "u1").out.splitlines()
    head = said.index("  email:ana@example.com – user_id:u1: 3 rows")
    assert [line.split(",")[1].strip() for line in said[head + 1 : head + 3]] == ["log", "shop"]
    assert sum("email:ana@example.com – user_id:u1" in line for line in said) == 1


def test_an_id_that_the_clean_up_leaves_out_says_by_which_rule(ana):
    assert ana("cleanup", "add", "ids", "u3", "--reason", "Testers").code == 0
    for words in (("show", "u3"), ("cut", "u3", "u1")):
        said = ana("identities", *words)
        assert said.code == 1 and "bob@example.com is left out by rule 1, “Testers”." in said.err
        assert "cleanup remove 1" in said.err
    found = ana("customers", "bob", "--json").json
    assert found["customers"] == [] and [each["label"] for each in found["left_out"]] == ["bob@example.com"]
    assert "left out by rule 1" in ana("customers", "bob").out


def test_a_cut_counts_the_customers_who_count(ana, tmp_path):
    bots = "".join(f"bot{n},visit,2026-03-06 09:00\n" for n in range(5))
    (tmp_path / "bots.csv").write_text("user_id,event,timestamp\n" + bots)
    assert ana("import", str(tmp_path / "bots.csv")).code == 0
    assert ana("cleanup", "add", "ids", "bot", "--pattern", "--reason", "Bots").code == 0
    cut = ("identities", "cut", "ana@example.com", "u2", "--json")
    looked = ana(*cut, "--dry-run").json
    assert (looked["customers_before"], looked["customers_after"]) == (2, 3)
    assert ana("cleanup", "hide", "visit").code == 0  # all that u2 and bob did
    looked = ana(*cut, "--dry-run").json
    assert (looked["customers_before"], looked["customers_after"]) == (1, 1)
    made = ana(*cut).json
    assert (made["customers_before"], made["customers_after"]) == (1, 1)


def test_what_cannot_be_cut_is_a_sentence(ana):
    apart = ana("identities", "cut", "u1", "u3")
    assert apart.code == 1 and "user_id:u1 and user_id:u3 are not one customer." in apart.err
    assert ana("identities", "cut", "u1", "u1").code == 1
    ana("identities", "cut", "u1", "u2")
    twice = ana("identities", "cut", "u1", "u2")
    assert twice.code == 1 and "already" in twice.err
    assert ana("identities", "uncut", "u1", "u3").code == 1
    nobody = ana("identities", "show", "u9")
    assert nobody.code == 1 and "No id is called “u9”" in nobody.err


def test_matchings_stand_side_by_side_and_one_can_be_adopted_and_left(ana):
    before = ana("identities", "what-if", "--json").json
    counts = {row["matching"]: (row["customers"], row["in_force"]) for row in before["matchings"]}
    assert counts == {"strict": (4, False), "normal": (2, True), "loose": (2, False)}
    assert ana("identities", "matching", "--json").json["matching"] == "normal"
    assert ana("identities", "matching", "strict", "--json").json["matching"] == "strict"
    assert ana("identities", "show", "u1", "--json").json["events"] == 2
    assert ana("identities", "matching", "normal", "--json").json["version"] == before["version"]


def test_refused_ids_are_named_with_their_reason(cli, tmp_path):
    rows = "".join(f"u{n},info@example.com,visit,2026-03-02 09:0{n}\n" for n in range(5))
    (tmp_path / "log.csv").write_text("user_id,email,event,timestamp\n" + rows)
    cli("import", str(tmp_path / "log.csv"), "--map", "email=email")
    told = cli("identities", "refused", "--json").json
    assert told["by_reason"] == {"role mailbox": 1}
    found = told["refused"][0]
    assert (found["raw_id"], found["would_join"], found["in_a_day"]) == ("email:info@example.com", 5, 5)
    assert "seen with 5, 5 of them within a day" in cli("identities", "refused").out


@pytest.mark.parametrize(("users", "told"), [(4, []), (5, [10]), (60, [120])])
def test_a_customer_chained_out_of_many_ids_is_named_and_not_refused(cli, tmp_path, users, told):
    chain = [f"u{n},a{n}@example.com" for n in range(users)]
    chain += [f"u{n},a{n + 1}@example.com" for n in range(users - 1)]
    rows = "".join(f"{ids},visit,2026-03-02 09:00\n" for ids in (*chain, "zoe,z@example.com"))
    (tmp_path / "log.csv").write_text("user_id,email,event,timestamp\n" + rows)
    cli("import", str(tmp_path / "log.csv"), "--map", "email=email")
    found = cli("identities", "chains", "--json").json
    assert [each["ids"] for each in found["chains"]] == told and found["more_than"] == 9
    assert cli("identities", "refused", "--json").json["refused"] == []
    assert (f"{told[0]} ids" if told else "No customer has more than 9") in cli("identities", "chains").out
