"""How does a file come from an address on the web, without anybody being led into this network?

Whoever types an address could name this machine, a neighbour, or a cloud's own secrets. So: https on
its usual port only, every address the name stands for must be public, the connection goes to the very
address that was checked, and each redirect is checked anew. Source: OWASP, Server-Side Request Forgery
Prevention; docs/decisions/017-saved-sources.md.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import os
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from urllib.parse import SplitResult, parse_qs, unquote, urljoin, urlsplit

from journey_app.errors import BadChoice, BadFile

PORT = 443
MOST_REDIRECTS = 5
CONNECT_S, WHOLE_S = 10.0, 300.0
BLOCK = 256 * 1024
MEGABYTE = 1024 * 1024
VARIABLE = re.compile(r"\$\{([^}]*)\}")
PREFIX = "JOURNEY_SOURCE_"  # no other variable of the machine may be sent anywhere
STORAGE_PREFIX = PREFIX + "S3_"  # nor the keys of a storage, which open more than one file
# Addresses that look public and lead elsewhere: into NAT64, 6to4, Teredo, to an IPv4 address in disguise, or
# (fec0, given up in 2004) into a network of one's own.
TUNNELS = tuple(
    ipaddress.ip_network(block)
    for block in (
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "2001::/32",
        "::ffff:0:0/96",
        "::/96",
        "fec0::/10",
    )
)
# Kept for protocols and documents; Python knows them as global.
SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20")))
NOT_OPEN = "Only files that anybody on the web could open by their address can be fetched."
Resolve = Callable[[str], list[str]]
Dial = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True)
class Fetched:
    """What came. changed: False when the server says that it is as before, and nothing was written.

    etag, modified: what to send the next time, empty when the server gave none. name: of the file.
    """

    changed: bool
    etag: str
    modified: str
    name: str


def checked_address(url: str) -> str:
    """The address of the file that is meant. Raises BadChoice for one that is never fetched.

    A spreadsheet's address in the browser becomes the address of its export.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _no_address("That is no address of the web.") from None
    if parts.scheme != "https" or not parts.hostname:
        raise _no_address("Only addresses that begin with https:// are fetched.")
    if parts.username or parts.password:
        raise BadChoice(
            "The address holds a user name or a password, which would be stored as it is.",
            f"Put the secret part into a variable such as {PREFIX}TOKEN and write ${{{PREFIX}TOKEN}} in its place.",
        )
    if port not in (None, PORT):
        raise _no_address("Only the usual port of https is used.")
    if not url.isascii() or any(c.isspace() or not c.isprintable() for c in url.strip()):
        raise _no_address("The address holds characters that an address cannot have.")
    if VARIABLE.search(parts.netloc):
        raise BadChoice(
            "A variable stands where the name of the machine is.",
            "Use variables behind the name only, so that everybody sees where the address leads.",
        )
    for name in VARIABLE.findall(url):
        if not name.startswith(PREFIX) or name.startswith(STORAGE_PREFIX):
            raise BadChoice(
                f"“{name[:60]}” may not be sent to a web address.",
                f"Use a variable whose name begins with {PREFIX}, but not with {STORAGE_PREFIX}.",
            )
    return _spreadsheet(url.strip(), parts)


def _no_address(what: str) -> BadChoice:
    return BadChoice(what, "Give the address of a file, such as https://example.com/export.csv.")


def _spreadsheet(url: str, parts: SplitResult) -> str:
    """Google's sheets: from the page a person sees to its rows as CSV."""
    if parts.hostname != "docs.google.com":
        return url
    published = re.match(r"(/spreadsheets/d/e/[^/]+)/pub(html)?$", parts.path)
    if published:
        tab = parse_qs(parts.query).get("gid")
        return f"https://docs.google.com{published[1]}/pub?output=csv" + (
            f"&single=true&gid={tab[0]}" if tab else ""
        )
    shared = re.match(r"(/spreadsheets/d/[^/]+)/(edit|view)?", parts.path)
    if shared and shared[1] != "/spreadsheets/d/e":
        tab = parse_qs(parts.fragment).get("gid") or parse_qs(parts.query).get("gid")
        return f"https://docs.google.com{shared[1]}/export?format=csv" + (f"&gid={tab[0]}" if tab else "")
    return url


def shown(url: str) -> str:
    """The address without what may be a secret: its query."""
    parts = urlsplit(url)
    return f"{parts.hostname or ''}{parts.path}"[:120]


def is_public(address: str) -> bool:
    """Whether this is an address of the open web, and not of a machine or network that is somebody's own."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip in block for block in (*TUNNELS, *SPECIAL) if block.version == ip.version)


def resolved(host: str) -> list[str]:
    """Every address a name stands for."""
    try:
        found = socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BadFile(
            f"No machine is called “{host[:80]}”.", "Check the address, and the connection."
        ) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dialled(address: str, port: int, seconds: float) -> socket.socket:
    return socket.create_connection((address, port), timeout=seconds)


def fetch(
    url: str,
    target: Path,
    *,
    etag: str = "",
    modified: str = "",
    most_mb: int,
    environment: Mapping[str, str] = os.environ,
    resolve: Resolve = resolved,
    dial: Dial = dialled,
    trust: ssl.SSLContext | None = None,
) -> Fetched:
    """Write the file at an address to `target`, unless it is as before.

    etag, modified: from the last time. most_mb: a larger one is refused as soon as it is seen to be.
    Raises BadChoice for an address that is not fetched, BadFile for what went wrong on the way.
    """
    typed = shown(url)  # never what a variable was filled in with, nor where a redirect led
    url = _filled_in(checked_address(url), environment)
    told = {"etag": etag, "modified": modified}
    until = monotonic() + WHOLE_S
    for _ in range(MOST_REDIRECTS + 1):
        parts = urlsplit(checked_address(url))
        connection = _connected(parts.hostname or "", resolve, dial, trust or ssl.create_default_context())
        watchdog = threading.Timer(max(until - monotonic(), 0.0), _hang_up, [connection])
        watchdog.daemon = True
        watchdog.start()  # a server may send its headers a letter at a time
        try:
            answer = _asked(connection, parts, told)
            if answer.status in (301, 302, 303, 307, 308) and answer.getheader("Location"):
                url = urljoin(url, answer.getheader("Location") or "")
                continue
            return _taken(answer, target, typed, most_mb, until)
        except (
            OSError,
            http.client.HTTPException,
            ValueError,
        ) as error:  # ValueError: it leads to no address
            if monotonic() >= until:
                raise _too_slow(typed) from error
            raise BadFile(
                f"“{typed}” broke off: {type(error).__name__}.", "Try again later, or check the address."
            ) from error
        finally:
            watchdog.cancel()
            connection.close()
    raise BadFile(f"“{typed}” leads from one address to the next without end.", "Give the last one.")


def _hang_up(connection: http.client.HTTPSConnection) -> None:
    """Wake whoever waits for this server."""
    with contextlib.suppress(OSError, AttributeError):  # it has ended by itself
        connection.sock.shutdown(socket.SHUT_RDWR)


def _too_slow(label: str) -> BadFile:
    return BadFile(f"“{label}” comes too slowly: {WHOLE_S:.0f} s were not enough.", "Try again later.")


def _filled_in(url: str, environment: Mapping[str, str]) -> str:
    """The address with its variables; they are read now and stored nowhere.

    A variable goes to its own host alone where the operator names one (`…_HOST`), and the address of
    a database, which holds a password, goes nowhere.
    """
    host = urlsplit(url).hostname

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in environment:
            raise BadChoice(
                f"The variable {name} is not set.", "Set it where the app and its commands are started."
            )
        if environment.get(f"{name}_HOST", host) != host or "://" in environment[name]:
            raise BadChoice(
                f"The variable {name} is not for this address.",
                "Ask whoever runs the app which address it is for.",
            )
        return environment[name]

    return VARIABLE.sub(value, url)


def _connected(host: str, resolve: Resolve, dial: Dial, trust: ssl.SSLContext) -> http.client.HTTPSConnection:
    """A connection to an address that was checked, under the name that was asked for."""
    addresses = resolve(host)
    if not addresses or not all(map(is_public, addresses)):
        raise BadChoice(f"“{host[:80]}” is not on the open web.", NOT_OPEN)
    connection = http.client.HTTPSConnection(host, PORT, timeout=CONNECT_S, context=trust)
    trouble: OSError | None = None
    for address in addresses:
        try:
            plain = dial(address, PORT, CONNECT_S)
        except OSError as error:
            trouble = error
            continue
        try:
            connection.sock = trust.wrap_socket(plain, server_hostname=host)
        except OSError as error:
            plain.close()
            raise BadFile(
                f"“{host[:80]}” does not prove who it is ({type(error).__name__}).",
                "Check the address in a browser.",
            ) from error
        return connection
    raise BadFile(f"“{host[:80]}” does not answer.", "Try again later, or check the connection.") from trouble


def _asked(
    connection: http.client.HTTPSConnection, parts: SplitResult, told: Mapping[str, str]
) -> http.client.HTTPResponse:
    headers = {
        "User-Agent": "journey_app",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if told["etag"]:
        headers["If-None-Match"] = told["etag"]
    if told["modified"]:
        headers["If-Modified-Since"] = told["modified"]
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers=headers)
    return connection.getresponse()


def _taken(answer: http.client.HTTPResponse, target: Path, label: str, most_mb: int, until: float) -> Fetched:
    name = unquote(label.rsplit("/", 1)[-1])[:80] or label.strip("/")
    found = {"etag": answer.getheader("ETag") or "", "modified": answer.getheader("Last-Modified") or ""}
    if answer.status == 304:
        return Fetched(changed=False, name=name, **found)
    if answer.status != 200:
        raise BadFile(f"“{label}” answered {answer.status}.", _what_to_do(answer.status))
    declared = answer.getheader("Content-Length") or ""
    declared = declared if re.fullmatch(r"[0-9]{1,15}", declared) else ""
    size = int(declared or 0)
    with target.open("wb") as out:
        written = 0
        while size <= most_mb * MEGABYTE and (block := answer.read1(BLOCK)):
            written += len(block)
            size = max(size, written)
            out.write(block)
            if monotonic() >= until:
                break
    if monotonic() >= until:  # also where the connection was ended for it, which looks like an end of file
        raise _too_slow(label)
    if size > most_mb * MEGABYTE:
        raise BadFile(f"“{label}” is larger than {most_mb:,} MB.", "Export a shorter period.")
    if declared and written < int(declared):
        raise BadFile(f"“{label}” was cut off.", "Try again later.")
    return Fetched(changed=True, name=name, **found)


def _what_to_do(status: int) -> str:
    if status in (401, 403):
        return "Publish the file, or use an address that needs no sign-in."
    if status in (404, 410):
        return "Check the address; the file may have been moved or unpublished."
    return "Try again later."
