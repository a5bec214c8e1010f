"""A file comes from the open web, and nobody is led into this network."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from journey_app.errors import BadChoice, BadFile, JourneyError
from journey_app.intake import fetching
from journey_app.intake.fetching import checked_address, fetch, is_public, shown

PUBLIC = "93.184.216.34"
ROWS = b"user_id,event,timestamp\nana,Paid,2026-03-01T10:00:00Z\n"

INSIDE = """
192.0.0.8 192.88.99.1 3fff::1 127.0.0.1 127.9.9.9 0.0.0.0 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1
255.255.255.255 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 2001:db8::1 ::ffff:127.0.0.1
::ffff:93.184.216.34 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::5db8:d822 64:ff9b:1::1 2002:7f00:1::
2002:5db8:d822::1 2001:0:5db8:d822::1 fe80::1%eth0 100::1 fec0::1 2001:10::1 localhost
0x7f000001 2130706433 127.1 0177.0.0.1
"""


@pytest.mark.parametrize("address", INSIDE.split())
def test_an_address_of_somebodys_own_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_an_address_of_the_web_is(address):
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        *((url, "begin with https://") for url in (
            "http://example.com/a.csv", "file:///etc/passwd", "ftp://example.com/a", "https:///a.csv",
            "example.com/a.csv", "gopher://x/", "",
        )),
        ("https://ana:secret@example.com/a", "user name or a password"),
        ("https://example.com:8443/a", "the usual port"), ("https://example.com:22/", "the usual port"),
        ("https://example.com:abc/", "no address"), ("https://[::1/", "no address"),
        ("https://exa mple.com/", "characters"), ("https://example.com/\r\nHost: x", "characters"),
        ("https://exämple.com/a", "characters"),
        ("https://example.com/?t=${HOME}", "may not be sent"),
        ("https://${JOURNEY_SOURCE_TOKEN}/a.csv", "name of the machine"),
    ],
)  # fmt: skip
def test_such_an_address_is_never_fetched(url, why):
    with pytest.raises(BadChoice, match=why):
        checked_address(url)


def test_a_spreadsheet_is_fetched_as_its_rows():
    assert checked_address("https://docs.google.com/spreadsheets/d/abc/edit?usp=sharing#gid=7") == (
        "https://docs.google.com/spreadsheets/d/abc/export?format=csv&gid=7"
    )
    assert checked_address("https://docs.google.com/spreadsheets/d/e/2PACX-x/pubhtml?gid=3&single=true") == (
        "https://docs.google.com/spreadsheets/d/e/2PACX-x/pub?output=csv&single=true&gid=3"
    )
    export = "https://docs.google.com/spreadsheets/d/e/2PACX-x/pub?output=csv"
    assert checked_address(export) == export


def test_what_people_see_of_an_address_holds_no_query():
    assert shown("https://example.com/a.csv?token=secret") == "example.com/a.csv"


# ---------------------------------------------------------------- against a server of one's own


class Site:
    """An https server on this machine that answers as example.com on a public address would."""

    def __init__(self, folder):
        self.answers = {"/a.csv": (200, {"ETag": '"1"', "Last-Modified": "Mon"}, ROWS)}
        self.asked = []
        self.drip, self.dripped = "", 0
        certificate, key = _certificate(folder)
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append((self.path, dict(self.headers)))
                if site.drip:
                    site.dripping(self.wfile)
                    return
                status, headers, body = site.answers.get(self.path, (404, {}, b""))
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304 and "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        own.load_cert_chain(certificate, key)
        self.server.socket = own.wrap_socket(self.server.socket, server_side=True)
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.dialled = []
        self.resolves = [PUBLIC]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def dripping(self, out):
        """Three seconds of an answer, a letter every twentieth of one."""
        start = b"HTTP/1.1 200 OK\r\nX-Slow: " if self.drip == "headers" else b"HTTP/1.1 200 OK\r\n\r\n"
        out.write(start)
        while self.dripped < 60:
            try:
                out.write(b"x")
                out.flush()
            except OSError:
                return
            self.dripped += 1
            time.sleep(0.05)

    def dial(self, address, port, seconds):
        self.dialled.append((address, port))
        return socket.create_connection(self.server.server_address, timeout=seconds)

    def fetch(self, target, url="https://example.com/a.csv", **more):
        more = {"most_mb": 1, "environment": {}} | more
        return fetch(
            url, target, resolve=lambda _host: self.resolves, dial=self.dial, trust=self.trust, **more
        )


def _certificate(folder):
    x509 = pytest.importorskip(
        "cryptography.x509", reason="the tests of https make a certificate of their own with cryptography"
    )
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "example.com")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("example.com")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "site.pem", folder / "site.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return certificate, private


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "fetched"


def test_a_file_comes_whole_from_the_address_that_was_checked(site, target):
    came = site.fetch(target)
    assert target.read_bytes() == ROWS
    assert (came.changed, came.etag, came.name) == (True, '"1"', "a.csv")
    assert site.dialled == [(PUBLIC, 443)]
    assert site.asked[0][1]["Host"] == "example.com"


def test_a_file_that_is_as_before_costs_nothing(site, target):
    came = site.fetch(target, etag='"1"', modified="Mon")
    assert not came.changed and not target.exists()
    assert site.asked[0][1]["If-Modified-Since"] == "Mon"


@pytest.mark.parametrize("addresses", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["::ffff:10.0.0.1"], []])
def test_a_name_that_stands_for_anything_inside_is_not_dialled(site, target, addresses):
    site.resolves = addresses
    with pytest.raises(BadChoice, match="not on the open web"):
        site.fetch(target)
    assert site.dialled == []


def test_a_name_that_changes_its_mind_is_asked_once(site, target):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    fetch(
        "https://example.com/a.csv", target, most_mb=1,
        resolve=lambda _host: next(answers), dial=site.dial, trust=site.trust,
    )  # fmt: skip
    assert site.dialled == [(PUBLIC, 443)]


def test_a_redirect_is_followed_and_checked_anew(site, target):
    site.answers["/r"] = (302, {"Location": "/a.csv"}, b"")
    assert site.fetch(target, "https://example.com/r").changed
    https, port = "begin with https://", "the usual port"
    refused = {
        "http://example.com/a.csv": https,
        "https://example.com:8443/a": port,
        "file:///etc/passwd": https,
    }
    for leads, why in refused.items():
        site.answers["/r"] = (307, {"Location": leads}, b"")
        with pytest.raises(BadChoice, match=why):
            site.fetch(target, "https://example.com/r")


def test_a_redirect_to_a_machine_inside_is_refused(site, target):
    site.answers["/r"] = (302, {"Location": "https://inside.example/secret"}, b"")
    resolve = {"example.com": [PUBLIC], "inside.example": ["169.254.169.254"]}
    with pytest.raises(BadChoice, match=r"inside\.example"):
        fetch(
            "https://example.com/r", target, most_mb=1, resolve=resolve.get, dial=site.dial, trust=site.trust
        )
    assert len(site.dialled) == 1


def test_redirects_without_end_end(site, target):
    site.answers["/r"] = (302, {"Location": "/r"}, b"")
    with pytest.raises(BadFile, match="without end"):
        site.fetch(target, "https://example.com/r")


def test_too_large_a_file_is_refused_by_what_it_says_and_by_what_comes(site, target):
    site.answers["/a.csv"] = (200, {"Content-Length": str(2**40)}, b"x")
    with pytest.raises(BadFile, match="larger than 1 MB"):
        site.fetch(target)
    site.answers["/a.csv"] = (200, {}, b"x" * (2**20 + 1))
    with pytest.raises(BadFile, match="larger than 1 MB"):
        site.fetch(target)


def test_a_file_that_breaks_off_is_no_file(site, target):
    site.answers["/a.csv"] = (200, {"Content-Length": "1000"}, ROWS)
    with pytest.raises(BadFile):
        site.fetch(target)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_what_the_server_says_no_with_is_passed_on(site, target, status):
    site.answers["/a.csv"] = (status, {}, b"")
    with pytest.raises(BadFile, match=str(status)):
        site.fetch(target)


def test_a_server_that_is_not_who_it_says_is_not_believed(site, target):
    site.trust = ssl.create_default_context()
    with pytest.raises(BadFile, match="does not prove who it is"):
        site.fetch(target)


def test_a_secret_is_filled_in_and_said_nowhere(site, target):
    name = "JOURNEY_SOURCE_TOKEN"
    url = f"https://example.com/${{{name}}}/a.csv?t=${{{name}}}"
    with pytest.raises(JourneyError, match=name):
        site.fetch(target, url)
    with pytest.raises(BadFile) as told:
        site.fetch(target, url, environment={name: "canary"})
    assert site.asked[-1][0] == "/canary/a.csv?t=canary"
    assert "canary" not in str(told.value)


def test_a_variable_goes_only_where_its_operator_says(site, target):
    url = "https://example.com/a.csv?t=${JOURNEY_SOURCE_TOKEN}"
    site.answers["/a.csv?t=s3cret"] = site.answers["/a.csv"]
    own = {"JOURNEY_SOURCE_TOKEN": "s3cret", "JOURNEY_SOURCE_TOKEN_HOST": "example.com"}
    assert site.fetch(target, url, environment=own).changed
    for elsewhere in (
        own | {"JOURNEY_SOURCE_TOKEN_HOST": "shop.example"},
        own | {"JOURNEY_SOURCE_TOKEN": "postgresql://u:p@db/x"},
    ):
        with pytest.raises(BadChoice) as refused:
            site.fetch(target, url, environment=elsewhere)
        assert "s3cret" not in str(refused.value) and "u:p" not in str(refused.value)


@pytest.mark.parametrize("drip", ["headers", "body"])
def test_a_server_that_sends_a_letter_at_a_time_is_hung_up_on(site, target, monkeypatch, drip):
    monkeypatch.setattr(fetching, "WHOLE_S", 0.5)
    site.drip = drip
    with pytest.raises(BadFile) as slow:
        site.fetch(target)
    assert "too slowly" in slow.value.what and site.dripped < 60


def test_every_tunnel_is_a_block_of_version_6():
    assert all(isinstance(block, ipaddress.IPv6Network) for block in fetching.TUNNELS)


@pytest.mark.parametrize("length", ["\xb2", "9" * 5000])
def test_a_length_that_is_no_number_is_not_believed(site, target, length):
    site.answers["/a.csv"] = (200, {"Content-Length": length}, ROWS)
    assert site.fetch(target).changed and target.read_bytes() == ROWS


def test_a_redirect_to_nothing_is_a_sentence(site, target):
    site.answers["/a.csv"] = (302, {"Location": "https://[::1"}, b"")
    with pytest.raises(JourneyError):
        site.fetch(target)
