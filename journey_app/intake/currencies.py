"""Which currencies are there, how are they written beside an amount, and into what do they divide?"""

from __future__ import annotations

# The codes in use by ISO 4217, of 2026, and those that prices were written in until a short time ago.
_CODES = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT
    LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD
    OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF
    XPF YER ZAR ZMW ZWG
"""
CODES = frozenset(_CODES.split())
# Written before or after an amount, with or without a point behind; letters that may also mean thousands,
# millions, pieces or minutes are none.
WORDS = (
    "Rs", "Fr", "SFr", "kr", "Ft", "Kč", "zł", "zl", "lei", "лв", "lv", "руб", "грн", "дин", "Rp", "RM", "TL",
    "Dhs", "Euro", "Euros",
)  # fmt: skip
SIGNS = (
    "US$", "A$", "AU$", "C$", "CA$", "NZ$", "HK$", "NT$", "S$", "R$", "MX$", "CN¥", "JP¥", "Bs", "S/", "円", "元", "원",
)  # fmt: skip

# Source: docs.stripe.com/currencies, “Zero-decimal currencies” and “Special cases”: ISK and UGX have no cents,
# yet their amounts go on being written in hundredths. The thousandths are those of ISO 4217.
WITHOUT_CENTS = (
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA",
    "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
)  # fmt: skip
IN_THOUSANDTHS = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")

# What a sign or word means alone. Others are of several countries and stay as they are written: $ and kr, Rs (India,
# Pakistan …), Dhs (the Emirates, Morocco), Bs (Bolivia, Venezuela), lei (Romania, Moldova), 元 (China, Taiwan …),
# руб (Russia, Belarus).
MEANS = {
    "€": "EUR", "EURO": "EUR", "EUROS": "EUR", "£": "GBP", "FR": "CHF", "SFR": "CHF", "KČ": "CZK", "ZŁ": "PLN",
    "ZL": "PLN", "FT": "HUF", "ЛВ": "BGN", "LV": "BGN", "₽": "RUB", "ГРН": "UAH", "₴": "UAH", "TL": "TRY",
    "₺": "TRY", "₪": "ILS", "R": "ZAR", "₦": "NGN", "₹": "INR", "RP": "IDR", "RM": "MYR", "฿": "THB",
    "₫": "VND", "₱": "PHP", "₩": "KRW", "원": "KRW", "円": "JPY", "JP¥": "JPY", "CN¥": "CNY", "US$": "USD",
    "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "S$": "SGD",
    "R$": "BRL", "MX$": "MXN", "S/": "PEN",
}  # fmt: skip
