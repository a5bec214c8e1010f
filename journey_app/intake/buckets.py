"""How do files come from a bucket of S3-style storage, only those that changed, without its keys being seen?

Which storage is asked is the operator's word and never that of whoever names a bucket; the keys are read
from the environment at the moment of asking and stand in no sentence, since the storage's own words
may quote them (docs/decisions/017-saved-sources.md).
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from journey_app.errors import BadChoice, BadFile
from journey_app.intake.fetching import CONNECT_S, MEGABYTE, STORAGE_PREFIX, WHOLE_S

KEY, SECRET, TOKEN = (STORAGE_PREFIX + name for name in ("KEY", "SECRET", "TOKEN"))
USUAL_REGION = "us-east-1"
ATTEMPTS = 2
READ_S = 30.0
BLOCK = 8 * MEGABYTE  # each block is a request of its own
_SCHEME = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z0-9-]{2,40}")
_CODE = re.compile(r"AWS Error ([A-Z0-9_]+)|HTTP status (\d{3})")
_WILD = re.compile(r"[*?\[]")
NO_BUCKET = ("There is no bucket “{bucket}” there.", "Check its name, and whether it was deleted or moved.")
REFUSED = (
    "The storage does not let the app read “{bucket}”.",
    f"Whoever runs the app can check {KEY} and {SECRET}, and what that key may list and read.",
)
ELSEWHERE = (
    "The bucket “{bucket}” lies in another region.",
    "Whoever runs the app can name it in JOURNEY_SOURCE_S3_REGION.",
)
SILENT = (
    "The storage that holds “{bucket}” does not answer.",
    "Try again later, or check the connection and JOURNEY_SOURCE_S3_ENDPOINT.",
)
BROKE_OFF = ("Reading “{bucket}” broke off.", "Try again later.")
_SENTENCES = {
    "NO_SUCH_BUCKET": NO_BUCKET,
    "RESOURCE_NOT_FOUND": NO_BUCKET,
    "404": NO_BUCKET,
    "ACCESS_DENIED": REFUSED,
    "INVALID_ACCESS_KEY_ID": REFUSED,
    "INVALID_CLIENT_TOKEN_ID": REFUSED,
    "SIGNATURE_DOES_NOT_MATCH": REFUSED,
    "INVALID_SIGNATURE": REFUSED,
    "EXPIRED_TOKEN": REFUSED,
    "401": REFUSED,
    "403": REFUSED,
    "301": ELSEWHERE,
    "NETWORK_CONNECTION": SILENT,
    "REQUEST_TIMEOUT": SILENT,
}


@dataclass(frozen=True)
class Bucket:
    """What is asked for. fixed: the part of the key before any wildcard. pattern: the whole key."""

    name: str
    fixed: str
    pattern: str


@dataclass(frozen=True)
class Stored:
    """An object. name: below what the pattern fixes. version: differs when the object was written anew."""

    key: str
    name: str
    size: int
    version: str


def checked_bucket(where: str) -> Bucket:
    """The bucket and the keys that are meant. Raises BadChoice for what is no address of a bucket."""
    name, _, key = where.strip().removeprefix(_SCHEME).partition("/")
    wrong = any(part in (".", "..", "") for part in key.removesuffix("/").split("/")) and key != ""
    if not where.strip().startswith(_SCHEME) or not _BUCKET.fullmatch(name) or ".." in name or wrong:
        raise BadChoice(
            "That is no address of a bucket.", "Give its name and a pattern, such as s3://exports/shop/*.csv."
        )
    if not key.isprintable():
        raise BadChoice("The address holds characters that cannot be seen.", "Type it again.")
    parts = key.removesuffix("/").split("/")
    fixed = []
    for part in parts:
        if _WILD.search(part):
            break
        fixed.append(part)
    return Bucket(name, "/".join(fixed), "/".join(parts))


def listed(storage: Any, bucket: Bucket) -> list[Stored]:
    """The objects that match, by key; a name without wildcards is an object or every one directly below it."""
    from pyarrow import fs

    at = f"{bucket.name}/{bucket.fixed}".rstrip("/")
    exact = bucket.fixed == bucket.pattern
    try:
        if exact and bucket.fixed:
            (one,) = storage.get_file_info([at])
            if one.type == fs.FileType.File:
                return [_stored(one, bucket, one.base_name)]
        deep = "/" in bucket.pattern.removeprefix(bucket.fixed).strip("/") or "**" in bucket.pattern
        below = fs.FileSelector(at, recursive=deep, allow_not_found=bool(bucket.fixed))
        infos = storage.get_file_info(below)
    except OSError as error:
        raise _in_words(error, bucket) from None
    found = []
    for info in infos:
        name = info.path.removeprefix(at).lstrip("/")
        key = info.path.removeprefix(f"{bucket.name}/")
        hidden = info.base_name.startswith(".")
        if info.type == fs.FileType.File and not hidden and (exact or _matches(key, bucket.pattern)):
            found.append(_stored(info, bucket, name))
    return sorted(found, key=lambda each: each.key)


def _stored(info: Any, bucket: Bucket, name: str) -> Stored:
    return Stored(
        info.path.removeprefix(f"{bucket.name}/"), name, int(info.size), f"{info.size}-{info.mtime_ns}"
    )


def _matches(key: str, pattern: str) -> bool:
    """As files are matched in folders: a star stays within one folder, two stars go through any number."""
    return _matches_parts(key.split("/"), pattern.split("/"))


def _matches_parts(parts: list[str], wanted: list[str]) -> bool:
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return _matches_parts(parts, wanted[1:]) or (bool(parts) and _matches_parts(parts[1:], wanted))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], wanted[0]) and _matches_parts(parts[1:], wanted[1:])


def download(storage: Any, bucket: Bucket, stored: Stored, target: Path, *, most_mb: int) -> None:
    """Write one object to `target`, a block at a time. Raises BadFile for what went wrong on the way."""
    if stored.size > most_mb * MEGABYTE:
        raise BadFile(f"“{stored.name}” is larger than {most_mb:,} MB.", "Export a shorter period.")
    until = monotonic() + WHOLE_S
    written = 0
    try:
        with storage.open_input_stream(f"{bucket.name}/{stored.key}") as coming, target.open("wb") as out:
            while written <= stored.size and (block := coming.read(BLOCK)):
                written += len(block)
                out.write(block)
                if monotonic() > until:
                    raise BadFile(
                        f"“{stored.name}” comes too slowly: {WHOLE_S:.0f} s were not enough.",
                        "Try again later.",
                    )
    except OSError as error:
        raise _in_words(error, bucket) from None
    if written != stored.size:
        raise BadFile(f"“{stored.name}” changed while it was read.", "Try again when it is complete.")


def opened(endpoint: str, region: str, environment: Mapping[str, str] = os.environ) -> Any:
    """The storage that the operator named. endpoint: its address, empty for Amazon's.

    Without keys in the environment it is asked as anybody could ask. Raises BadChoice for half a key
    or an endpoint that is none.
    """
    key, secret = environment.get(KEY, ""), environment.get(SECRET, "")
    if bool(key) != bool(secret):
        raise BadChoice(f"{KEY if secret else SECRET} is not set.", f"Set both {KEY} and {SECRET}, or none.")
    if region and not _REGION.fullmatch(region):
        raise BadChoice(
            "JOURNEY_SOURCE_S3_REGION is no region.", "Give one such as eu-central-1, or leave it empty."
        )
    where = _endpoint(endpoint)
    # else the library asks an address of the local network which region this machine is in
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    from pyarrow import fs  # it loads a large library, which most people never need

    fs.ensure_s3_initialized()  # logs nothing but what ends the process; pyarrow finalises it at exit
    keys = {"access_key": key, "secret_key": secret, "session_token": environment.get(TOKEN) or None}
    return fs.S3FileSystem(
        **(keys if key else {"anonymous": True}),
        **where,
        region=region or USUAL_REGION,
        connect_timeout=CONNECT_S,
        request_timeout=READ_S,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    )


def _endpoint(endpoint: str) -> dict[str, str]:
    if not endpoint:
        return {}
    try:
        parts = urlsplit(endpoint)
        named = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        named = False
    if not named or parts.path.strip("/") or parts.query:
        raise BadChoice(
            "JOURNEY_SOURCE_S3_ENDPOINT is no address of a storage.",
            "Give one such as https://storage.example.com:9000, without a path or a password.",
        )
    return {"scheme": parts.scheme, "endpoint_override": parts.netloc}


def _in_words(error: OSError, bucket: Bucket) -> BadFile:
    """A sentence of ours: the storage's own words can hold a key or a signature."""
    for code, status in _CODE.findall(str(error)):
        if sentence := _SENTENCES.get(code) or _SENTENCES.get(status):
            return _said(sentence, bucket)
    missing = isinstance(error, FileNotFoundError)
    return _said(NO_BUCKET if missing else BROKE_OFF, bucket)


def _said(sentence: tuple[str, str], bucket: Bucket) -> BadFile:
    return BadFile(sentence[0].format(bucket=bucket.name), sentence[1])
