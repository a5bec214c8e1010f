"""A bucket brings what has changed and nothing else; what stands in the way is a sentence without a key."""

from __future__ import annotations

import logging
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from journey_app.errors import BadChoice, NotAllowed
from journey_app.intake import buckets
from journey_app.intake.fetching import checked_address
from journey_app.settings import Settings
from journey_app.workspace.freshness import freshness
from journey_app.workspace.home import open_workspace
from journey_app.workspace.sources import Source, save_source
from journey_app.workspace.syncing import sync

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
HEAD = "user_id,event,timestamp\n"
ROW = "zoe,Came,2026-11-20 09:00\n"
CANARY = "canary-5e1f-secret"


@pytest.fixture(scope="module")
def server():
    moto = pytest.importorskip("moto.server", reason="pip install -r requirements-dev.txt brings moto")
    running = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running.start()
    yield "http://{}:{}".format(*running.get_host_and_port())
    running.stop()


@pytest.fixture
def client(server, monkeypatch):
    import boto3

    made = boto3.client(
        "s3", endpoint_url=server, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    made.create_bucket(Bucket="exports")
    monkeypatch.setenv(buckets.KEY, "canary-key")
    monkeypatch.setenv(buckets.SECRET, CANARY)
    yield made
    for bucket in made.list_buckets()["Buckets"]:
        for each in made.list_objects_v2(Bucket=bucket["Name"]).get("Contents", []):
            made.delete_object(Bucket=bucket["Name"], Key=each["Key"])
        made.delete_bucket(Bucket=bucket["Name"])


def put(client, key, text):
    client.put_object(Bucket="exports", Key=key, Body=text.encode())


@pytest.fixture
def space(tmp_path, server):
    settings = Settings(home=tmp_path / "home", source_s3_endpoint=server, upload_limit_mb=1)
    return open_workspace("acme", settings, create=True, now=NOW)


def saved(space, where):
    return save_source(space, Source("shop", "s3", where), author="me", now=NOW)


@pytest.fixture
def fetched(monkeypatch):
    """The names of the objects whose content was asked for."""
    names = []
    really = buckets.download

    def noted(storage, bucket, stored, target, **more):
        names.append(stored.name)
        really(storage, bucket, stored, target, **more)

    monkeypatch.setattr(buckets, "download", noted)
    return names


def test_only_what_matches_and_has_changed_is_fetched(space, client, fetched):
    put(client, "shop/a.csv", HEAD + ROW)
    put(client, "shop/b.csv", HEAD + "bob,Came,2026-11-20 10:00\n")
    put(client, "shop/notes.txt", "not asked for")
    put(client, "shop/old/c.csv", HEAD + ROW)
    saved(space, "s3://exports/shop/*.csv")
    (first,) = sync(space, now=NOW)
    assert (first.ok, first.files, first.events, first.what) == (True, 2, 2, "")
    assert fetched == ["a.csv", "b.csv"]
    fetched.clear()
    assert sync(space, now=NOW)[0].files == 0 and fetched == []
    put(client, "shop/b.csv", HEAD + "bob,Came,2026-11-20 10:00\nbob,Left,2026-11-21 10:00\n")
    (third,) = sync(space, now=NOW)
    assert (third.files, third.events, fetched) == (1, 1, ["b.csv"])
    assert {b.body["report"]["file"] for b in space.batches()} == {"shop › a.csv", "shop › b.csv"}


def test_an_object_written_anew_with_the_same_content_is_fetched_once_and_not_imported(
    space, client, fetched, monkeypatch
):
    put(client, "a.csv", HEAD + ROW)
    saved(space, "s3://exports/a.csv")
    sync(space, now=NOW)
    really = buckets._stored

    def later(*args):
        one = really(*args)
        return buckets.Stored(one.key, one.name, one.size, one.version + "1")

    monkeypatch.setattr(buckets, "_stored", later)
    assert [sync(space, now=NOW)[0].files for _ in range(2)] == [0, 0]
    assert fetched == ["a.csv"] * 2 and len(space.batches()) == 1


def test_folders_with_wildcards_keep_files_of_the_same_name_apart(space, client):
    put(client, "log/day=1/part.csv", HEAD + ROW)
    put(client, "log/day=2/part.csv", HEAD + "bob,Came,2026-11-20 10:00\n")
    saved(space, "s3://exports/log/*/part.csv")
    assert [sync(space, now=NOW)[0].files for _ in range(2)] == [2, 0]


@pytest.mark.parametrize(
    ("key", "pattern", "matches"),
    [
        ("a/b.csv", "a/*.csv", True),
        ("a/x/b.csv", "a/*.csv", False),
        ("a/x/y/b.csv", "a/**/*.csv", True),
        ("a/b.csv", "a/**/*.csv", True),
        ("a/B.csv", "a/b.csv", False),
    ],
)
def test_a_star_stays_within_a_folder(key, pattern, matches):
    assert buckets._matches(key, pattern) is matches


def test_a_deleted_bucket_says_so_and_takes_nothing_away(space, client):
    put(client, "a.csv", HEAD + ROW)
    source = saved(space, "s3://exports")
    assert sync(space, now=NOW)[0].ok
    client.delete_object(Bucket="exports", Key="a.csv")
    assert "no file" in sync(space, now=NOW)[0].what
    client.delete_bucket(Bucket="exports")
    (done,) = sync(space, now=NOW)
    assert not done.ok and "no bucket “exports”" in done.what
    assert freshness(space, source, NOW).state == "failed" and len(space.batches()) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (f"AWS Error INVALID_ACCESS_KEY_ID during ListObjectsV2 operation: {CANARY}", "does not let"),
        (f"AWS Error SIGNATURE_DOES_NOT_MATCH during GetObject operation: {CANARY}", "does not let"),
        (
            "AWS Error UNKNOWN (HTTP status 403) during HeadObject operation: No response body.",
            "does not let",
        ),
        ("AWS Error UNKNOWN (HTTP status 301) during ListObjectsV2 operation", "another region"),
        (f"something new: {CANARY}", "broke off"),
    ],
)
def test_the_words_of_a_storage_are_not_repeated(words, sentence):
    said = buckets._in_words(OSError(words), buckets.checked_bucket("s3://exports"))
    assert sentence in said.what and CANARY not in said.what + said.do


def test_a_wrong_key_is_a_sentence(space, client, server):
    import urllib.request

    put(client, "a.csv", HEAD + ROW)
    saved(space, "s3://exports/*.csv")

    def checks_after(calls):
        asked = urllib.request.Request(
            f"{server}/moto-api/reset-auth", data=calls, headers={"Content-Type": "text/plain"}
        )
        urllib.request.urlopen(asked).close()

    checks_after(b"0")
    try:
        (done,) = sync(space, now=NOW)
    finally:
        checks_after(b"inf")
    assert not done.ok and "does not let" in done.what and CANARY not in done.what + done.do


def test_what_is_too_large_or_too_many_is_not_fetched(space, client, fetched, monkeypatch):
    put(client, "a.csv", "x" * (1024 * 1024 + 1))
    saved(space, "s3://exports/*.csv")
    assert "larger than 1 MB" in sync(space, now=NOW)[0].what
    put(client, "b.csv", HEAD)
    monkeypatch.setattr("journey_app.workspace.source_files.MOST_FILES", 1)
    assert "2 files" in sync(space, now=NOW)[0].what and not space.batches()
    assert fetched == ["a.csv"]


def test_a_storage_that_does_not_answer_is_a_sentence(tmp_path):
    settings = Settings(home=tmp_path, source_s3_endpoint="http://127.0.0.1:9")
    space = open_workspace("acme", settings, create=True, now=NOW)
    saved(space, "s3://exports/*.csv")
    assert "does not answer" in sync(space, now=NOW)[0].what


def test_the_key_is_nowhere(space, client, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    put(client, "a.csv", HEAD + ROW)
    saved(space, "s3://exports/a.csv")
    assert sync(space, now=NOW)[0].ok
    client.delete_object(Bucket="exports", Key="a.csv")
    said = repr(sync(space, now=NOW))
    files = [f.read_bytes() for f in space.folder.rglob("*") if f.is_file()]
    assert files and not any(CANARY.encode() in each for each in files)
    assert CANARY not in said + caplog.text + "".join(capfd.readouterr())


def test_no_address_of_the_web_is_sent_the_key():
    with pytest.raises(BadChoice, match="may not be sent"):
        checked_address(f"https://example.com/?a=${{{buckets.SECRET}}}")


@pytest.mark.parametrize(
    "where",
    ["s3://", "s3://A_B/x", "s3://b..c/x", "s3://bucket/../x", "https://bucket/x", "s3://u:p@bucket/x"],
)
def test_what_is_no_bucket_is_not_saved(tmp_path, where):
    space = open_workspace("acme", Settings(home=tmp_path), create=True, now=NOW)
    with pytest.raises(BadChoice, match="That is no address of a bucket"):
        saved(space, where)


@pytest.mark.parametrize("endpoint", ["storage:9000", "ftp://a", "https://u:p@a", "https://a/path"])
def test_an_endpoint_that_is_none_is_a_sentence(endpoint):
    with pytest.raises(BadChoice, match="JOURNEY_SOURCE_S3_ENDPOINT"):
        buckets.opened(endpoint, "", {})


def test_half_a_key_is_a_sentence():
    with pytest.raises(BadChoice, match=buckets.SECRET):
        buckets.opened("", "", {buckets.KEY: "k"})


def test_the_operator_can_switch_buckets_off(tmp_path):
    space = open_workspace("acme", Settings(home=tmp_path, sources="folder"), create=True, now=NOW)
    with pytest.raises(NotAllowed, match="JOURNEY_SOURCES=folder,s3"):
        saved(space, "s3://exports/*.csv")


def test_who_needs_no_bucket_loads_nothing_for_it():
    # pyarrow's readers of other files may load it too; this room does not
    asked = "import sys, journey_app.intake.buckets; print('pyarrow._s3fs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
