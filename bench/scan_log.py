"""Writes a combined log as web servers do, the same bytes each time: pages that come again, some parameters, and a number
in one line of a thousand, plain, percent-encoded or within base64. Arguments: file, MiB."""

import base64
import random
import sys

PAGES = ["/", "/log-paa", "/aarsopgoerelse", "/kontakt", "/sag/oversigt", "/hjaelp", "/forskud", "/skat/beregn"]
FILES = ["/statisk/stil.css", "/statisk/app.js", "/billeder/logo.svg"]
AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148",
    "curl/8.4.0",
]
REFERRERS = ["-", "https://www.tastselv.test/", "https://www.tastselv.test/aarsopgoerelse"]
# Lines that differ; the log is made of them again and again, as a site's days are.
DIFFERENT = 500_000


def address(chance, at):
    if chance.random() >= 0.001:
        page = chance.choice(PAGES + FILES)
        parameters = f"?side={chance.randint(1, 40)}&sort={chance.choice(['dato', 'navn', 'belob'])}"
        return page + parameters if chance.random() < 0.3 else page
    # Of persons born in 2045: nobody's.
    number = f"010145{5000 + at % 4000}"
    written = [number, f"{number[:6]}%2D{number[6:]}", base64.b64encode(f"cpr={number}".encode()).decode()]
    return f"/sag?cpr={chance.choice(written)}"


def line(chance, at):
    when = f"{1 + at // 18_000:02}/Feb/2026:{at // 750 % 24:02}:{at // 12 % 60:02}:{at % 60:02} +0100"
    status, size = chance.choice([200, 200, 200, 304, 404]), chance.randint(100, 99_999)
    asked = f'"GET {address(chance, at)} HTTP/1.1" {status} {size} "{chance.choice(REFERRERS)}" "{chance.choice(AGENTS)}"'
    return f"192.0.2.{chance.randint(1, 250)} - - [{when}] {asked}\n"


def main(path, mebibytes):
    chance = random.Random(7)
    block = "".join(line(chance, at) for at in range(DIFFERENT)).encode()
    left = mebibytes << 20
    with open(path, "wb") as out:
        while left > 0:
            left -= out.write(block)


main(sys.argv[1], int(sys.argv[2]))
