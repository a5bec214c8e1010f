"""What is a source called whose rows come from files of this name, and which kind of place does that say?

Source: docs/decisions/026-which-source-an-unknown-log-is.md
"""

from __future__ import annotations

import re
import unicodedata

from journey_app.intake.periods import month_named

UNNAMED = "Event log"  # where the file's name says nothing
LONGEST = 60
INSIDE = " › "  # stands between a file and what lies in it

_ENDING = re.compile(
    r"(?i)(\.(csv|tsv|txt|tab|log|json|jsonl|ndjson|xlsx?|xlsm|parquet|gz|zip|bz2|xz|zst))+$"
)
_BETWEEN = re.compile(r"[\s_\-.,;()\[\]{}+]+")
_SAYS_WHEN_OR_NOTHING = frozenset(
    {
        "first", "second", "third", "fourth", "part", "one", "two", "three", "four", "next", "later", "more", "again",
        "old", "older", "newer", "last", "rest", "all", "sheet", "tabelle", "feuil", "hoja", "data", "export",
        "download", "copy", "final", "new", "kw", "week", "woche", "semaine", "semana", "quarter", "quartal", "month",
        "monat", "mois", "mes", "year", "jahr",
    }
)  # fmt: skip
_MONTHS_CUT_SHORT = frozenset(
    {"jan", "feb", "fev", "mar", "mär", "mrz", "apr", "avr", "abr", "mai", "may", "jun", "jul", "aug", "sep", "okt",
     "oct", "out", "nov", "dez", "dec", "déc", "fév"}
)  # fmt: skip
_SAYS_PLACE = {
    "support": "ticket tickets support helpdesk anfragen supportanfragen",
    "billing": "payment payments invoice invoices order orders purchases zahlungen rechnungen bestellung bestellungen "
    "paiements factures commande commandes pagos facturas pedidos ordini fatture",
    "email": "newsletter mailing mailings",
    "survey": "survey surveys umfrage umfragen nps csat sondage enquête encuesta",
    "crm": "deals opportunities leads",
}
# Behind what the rows are: “ticket list”, “new orders full export”.
_SAYS_THAT_ROWS_FOLLOW = frozenset(
    {
        "export", "exports", "list", "lists", "liste", "listen", "lista", "log", "logs", "data", "daten", "report",
        "reports", "bericht", "table", "records", "history", "full", "complete", "dump", "extract",
    }
)  # fmt: skip
_SOLD_TOO = frozenset({"ticket", "tickets"})
_FOLDER = re.compile(r"[/\\]")


def name_of(label: str) -> str:
    """What to call the source of a file: its folders and its name without numbers, dates and endings.

    “calls_2026-03 (1).csv” is “calls”, “shop/2026-03/calls.csv” is “shop/calls”; what says nothing, or may
    name a person, is `UNNAMED`.
    """
    for whole in (label.rpartition(INSIDE)[2], label.partition(INSIDE)[0]):
        parts = filter(None, map(_told, _FOLDER.split(_ENDING.sub("", whole))))
        if "@" not in whole and (told := "/".join(parts)):
            return told[:LONGEST].rstrip()
    return UNNAMED


def name_before_folders(label: str) -> str:
    """What a source was called when months in the names of folders were still part of it."""
    for part in (label.rpartition(INSIDE)[2], label.partition(INSIDE)[0]):
        told = _told(_ENDING.sub("", part))
        if "@" not in part and told:
            return told[:LONGEST].rstrip()
    return UNNAMED


def system_said(name: str, *, amounts: bool) -> str | None:
    """The kind of place that a source's name says it tells of, one of SYSTEMS; None where it says none.

    Its last word says what the rows are, those before only which: “ticket sales” are sales, “order page views” are
    views. amounts: whether the rows hold amounts of money: tickets that cost something are sold at a box office.
    """
    words = map(_word, re.findall(r"\w+", folded(name).replace("_", " ")))
    kinds = [word for word in words if word and word not in _SAYS_THAT_ROWS_FOLLOW]
    if not kinds or (amounts and kinds[-1] in _SOLD_TOO):
        return None
    return next((system for system, said in _SAYS_PLACE.items() if kinds[-1] in said.split()), None)


def folded(name: str) -> str:
    """What two names share that differ in capitals, or in how a system writes accents."""
    return unicodedata.normalize("NFC", name).casefold()


def _told(part: str) -> str:
    """The words of a name that say more than when; empty where none does."""
    told = [word for word in map(_word, _BETWEEN.split(part)) if word]
    return " ".join(told) if any(c.isalpha() for c in "".join(told)) else ""


def _word(written: str) -> str:
    """A word of a file's name without the numbers around it; empty for one that says when, or nothing."""
    word = written.strip("0123456789")
    says_nothing = len(word) == 1 and word.isascii()  # such as a, q1, v2
    short = word.casefold()
    a_month = (len(short) > 3 or short in _MONTHS_CUT_SHORT) and month_named(short) is not None
    return "" if says_nothing or a_month or short in _SAYS_WHEN_OR_NOTHING else word
