"""What every page must satisfy: nothing sideways, no errors, no English, something to read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from weakref import WeakKeyDictionary

from playwright.sync_api import ConsoleMessage, Page

from kuangan.library.telemetry.grammar import file_types

_errors: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()

QUANTITIES = {"CH", "CO", "ppm", "Pa", "kPa", "MPa", "mm", "kN", "kW", "kWh", "min", "GB", "KB", "MB"}
FORMATS = {
    "FZDY",
    "FZSS",
    "CDDY",
    "CDSS",
    "TJSJ",
    "YCBJ",
    "RYQY",
    "RYJZ",
    "RYXX",
    "RYSS",
    "JZSS",
    "CSV",
    "MN",
    "KG",
    "HTTP",
    "SSE",
    "UTF",
    "GBK",
    "SHA",
    "SM",
    "PDF",
    "PNG",
    "JPEG",
    "Excel",
    "TOTP",
    "docx",
    "txt",
    "EEMUA",
    "ISA",
    "MT",
    "AB",
}
KEYS = {"Enter", "Esc"}
COMMANDS = {"kuangan", "policy", "import"}
KNOWN_WORDS = QUANTITIES | FORMATS | KEYS | COMMANDS | set(file_types()) | {"KuangAn"}
CODES = re.compile(
    r"[\w.\-…/]*\.(?:txt|json|xlsx|csv|pdf|jpg)\b"  # file names
    r"|\b(?:gas|link|point|data|people|danger|tamper|video)\.[a-z_]+(?: v\d+)?"  # rules
    r"|\b(?:register|deadlines|alerts|datalink|duty|operations|rulebook|enforcement|campaign|selfcheck|responsibility)\.[a-z0-9_]+"  # checks
    r"|\b[A-Z]{2,3}\d*-[\w-]+"  # clauses and case numbers
    r"|\b[0-9a-f]{12,}\b"  # digests
    r"|…[\w-]{4}"  # the end of a token
    r"|\b\w*\d\w*(?:#[a-z_]+)?"  # anything with a digit, and which value of an instrument
)
VISIBLE = """() => {
  const seen = [document.body.innerText];
  for (const element of document.querySelectorAll('[placeholder],[title],[aria-label]')) {
    for (const name of ['placeholder', 'title', 'aria-label']) seen.push(element.getAttribute(name) ?? '');
  }
  return seen.join('\\n');
}"""
SIDEWAYS = """() => {
  const found = [];
  if (document.documentElement.scrollWidth > window.innerWidth) found.push('page ' + document.documentElement.scrollWidth);
  for (const element of document.querySelectorAll('main *')) {
    const style = getComputedStyle(element);
    if (/auto|scroll/.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
      found.push(`${element.tagName.toLowerCase()}.${element.className} ${element.scrollWidth} > ${element.clientWidth}`);
  }
  return found;
}"""


def watch(page: Page) -> None:
    """Keep what the page logs as an error, violations of its content policy among them."""
    errors: list[str] = []
    _errors[page] = errors

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", heard)
    page.on("pageerror", lambda error: errors.append(str(error)))


def errors_of(page: Page) -> list[str]:
    """What was logged since the last time this was asked."""
    found = list(_errors[page])
    _errors[page].clear()
    return found


def english_in(text: str, allowed: Iterable[str] = ()) -> list[str]:
    """Words of Latin letters that are neither codes nor on the list."""
    known = KNOWN_WORDS | set(allowed)
    return sorted({word for word in re.findall(r"[A-Za-z]{2,}", CODES.sub(" ", text)) if word not in known})


def faults(page: Page, allowed: Iterable[str] = ()) -> list[str]:
    """What is wrong with the page as it stands; nothing for a good one."""
    found = [f"sideways: {where}" for where in page.evaluate(SIDEWAYS)]
    text = page.evaluate(VISIBLE)
    found += [f"English: {word}" for word in english_in(text, allowed)]
    if len(page.locator("main").first.inner_text().strip()) < 20:
        found.append("empty")
    return found + [f"logged: {error}" for error in errors_of(page)]
