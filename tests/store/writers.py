"""What the other processes do: edit without pause, and note each edit once it is acknowledged."""

import hashlib
import itertools
import json
import multiprocessing
import os
import random
from datetime import UTC, datetime

from journey_app.errors import StaleEdit
from journey_app.store import database
from journey_app.store.documents import open_store
from journey_app.store.trouble import StoreTrouble

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
# Fresh processes, which have loaded this module once: quick to start, and nothing is inherited.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.store.writers"])


def digest(body):
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def count_up(file, edits, start):
    """`edits` times: read the newest counter, save it plus one, again when somebody was faster."""
    start.wait()
    store = open_store(file)
    done = 0
    while done < edits:
        head = store.get("counter", "c")
        version, n = (head.version, head.body["n"]) if head else (0, 0)
        try:
            store.put("counter", "c", {"n": n + 1}, based_on=version, author=f"p{os.getpid()}", now=NOW)
            done += 1
        except (StaleEdit, StoreTrouble):
            continue


def save_until_killed(file, notes, seed, journal):
    """Edit four documents; write `name version digest` to `notes` after each acknowledgement."""
    database.journal_mode = lambda version: journal
    store = open_store(file)
    rng = random.Random(seed)
    handle = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in itertools.count():
        name = f"doc{rng.randrange(4)}"
        body = {"by": seed, "number": number, "text": "x" * rng.randrange(200, 6000)}
        head = store.get("note", name)
        based_on = head.version if head else 0
        try:
            saved = store.put("note", name, body, based_on=based_on, author="w", now=NOW)
        except (StaleEdit, StoreTrouble):
            continue  # refused, so nothing is owed: on a busy machine one writer may starve the other
        os.write(handle, f"{name} {saved.version} {digest(body)}\n".encode())


def open_and_put(file, name, start):
    """Open a database that may not exist yet, at the same moment as others, and save once."""
    start.wait()
    open_store(file).put("note", name, {}, based_on=0, author="w", now=NOW)


def fill_until_refused(file, limit_bytes, answer):
    """Save until the disk refuses, then tell what was acknowledged, what was said, and what works after."""
    import resource

    store = open_store(file)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
    acknowledged = 0
    try:
        while True:
            store.put("note", "n", {"t": "x" * 5000}, based_on=acknowledged, author="w", now=NOW)
            acknowledged += 1
    except Exception as error:
        said = (type(error).__name__, str(error))
    kept = [d.version for d in store.history("note", "n")]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    after = store.put("note", "n", {"t": "room again"}, based_on=acknowledged, author="w", now=NOW)
    answer.send((acknowledged, said, kept, after.version))
