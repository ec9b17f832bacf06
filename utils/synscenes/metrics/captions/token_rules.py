"""What counts as one token of a caption: a name, a pattern, and what must follow.

The patterns are our own, fitted to what PTBTokenizer (Stanford CoreNLP 3.4.1) answers. Repeats are bounded where a long
caption could otherwise take quadratic time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

# Tokens that are spelled anew.
SPELLED = {
    "…": "...", "“": "``", "‘": "`", "«": "``", "‹": "`", "’": "'", "”": "''", "»": "''", "›": "'", '"': "''",
    "–": "--", "—": "--", "―": "--", "---": "--", "----": "--", "€": "$", "₠": "$", "¤": "$", "£": "#", "¢": "cents",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3",
    "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "''", "&apos;": "'",
}  # fmt: skip

# Words that are cut in two, when they stand alone.
CUT_IN_TWO = {
    "cannot": ["can", "not"], "gonna": ["gon", "na"], "gotta": ["got", "ta"], "gimme": ["gim", "me"],
    "lemme": ["lem", "me"], "wanna": ["wan", "na"],
}  # fmt: skip

# Abbreviations that keep their full stop: in any case, capitalised only, and in front of a number.
ABBREVIATIONS = """
    adj adm adv al ala alex apr ariz assn assoc asst atty aug ave bancorp bhd bldg blvd bros calif capt cf cie cmdr co
    col colo comdr conn corp cos cpl ct dak dec dept dr elec esq est etc ext feb fla fri ft ga gen gov hon inc ind insp
    intl jan jos jr jul jun kan kans ky lt ltd maj mar md messrs mfg mich minn mlle mme mo mon mont mr mrs ms mt mtg
    natl neb nev nov oct okla penn ph plc pres prof pty pvt rd rep rev rt sen sep sept seq sgt spc sq sr st ste supt
    tel tenn thu thurs treas tue tues univ va vs vt wed wis wisc wm wyo
""".split()  # noqa: SIM905
STATES = "Ark Az Del Ill La Mass Miss Ore Pa Tex Wash".split()  # noqa: SIM905
_NUMBERED = "art ca fig figs no nos op pp prop".split()  # noqa: SIM905
# After one initial ("plan B. The dog") these words begin a new sentence.
_STARTERS = """
    A About According Additionally After An As At But Earlier He Her Here However If In It Last Many Now Once One Other
    Our She Since Some Such That The Their Then There These They This We What When While Yet You
""".split()  # noqa: SIM905

# Java reads characters of 16 bits by the Unicode of its day: letters with their marks, digits, and these symbols.
# Whatever else stands in a caption, emoji among it, vanishes.
_MARKS = (
    "\u00ad\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065e\u0670\u06d6-\u06ed\u0900-\u0903\u093c\u093e-\u094e"
    "\u0981-\u09cd\u0a01-\u0a4d\u0a81-\u0acd\u0b82-\u0bcd\u0c01-\u0c56\u0d3e-\u0d48\u0e31-\u0e3a\u0e47-\u0e4e"
)
_SYMBOLS = (
    "!-/:-@\\[-`{-~\u00a1\u00a5-\u00a9\u00ac\u00ae-\u00b4\u00b6-\u00b9\u00bf\u00d7\u00f7\u0589\u060c\u061b\u061f\u066a"
    "\u06d4\u0964\u0965\u2016\u2017\u201a\u201e-\u2023\u2030-\u2038\u203b-\u2044\u2070-\u208e\u20a4\u2100-\u2144"
    "\u214a-\u214f\u2155-\u215e\u2190-\u2bff\u3001\u3002\u3012\u30fb\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_NO_LETTERS = "²³¹¼½¾⁰-₉⅐-↉①-⓿❶-➓\U00010000-\U0010ffff"
_LETTER = f"(?:[^\\W\\d_{_NO_LETTERS}]|[{_MARKS}])"
_SIGN = f"(?:[^\\W_{_NO_LETTERS}]|[{_MARKS}])"  # a letter or a digit
_Q = "['’]"
_PREFIXED = f"(?:[dol]{_Q}{_SIGN})?{_SIGN}+"  # d'Artagnan, O'Hare, l'eau


def _any(words: Iterable[str]) -> str:
    return "|".join(words)


_WRITTEN = [
    ("word", f"{_PREFIXED}(?:[-_‐‑]{_PREFIXED})*", ""),
    ("word with dots", f"{_LETTER}{_SIGN}*(?:[.!?]{_LETTER}{_SIGN}*)*", ""),
    ("word with hyphens", "[a-z0-9][a-z0-9.,]{0,99}(?:-(?:[a-z](?:\\.[a-z])+\\.|[a-z0-9]+))+", ""),
    ("this/that", "[a-z0-9]+(?:-[a-z]+){0,2}(?:\\\\?/[a-z0-9]+(?:-[a-z]+){0,2}){1,2}", ""),
    ("number", "[-+]?(?:\\d*(?:[.:,]\\d+)+|\\d+)", ""),
    ("fraction", "(?:\\d{1,4}[- \xa0])?\\d{1,4}\\\\?/\\d{1,4}", ""),
    ("date", "\\d{1,2}[-/]\\d{1,2}[-/]\\d{2,4}", ""),
    ("telephone", "(?:\\(\\d{2,3}\\)[ \t\xa0]?|(?:\\+\\+?)?(?:\\d{2,4}[- \t\xa0])?\\d{2,4}[- \t\xa0])"
                  "\\d{3,4}[- \t\xa0]?\\d{3,5}|(?:\\+\\+?)?\\d{2,4}\\.\\d{3,4}\\.\\d{3,5}", ""),
    ("is of isn't", f"{_LETTER}+?", f"n{_Q}t"),
    ("n't", f"n{_Q}t{_LETTER}*", ""),
    ("'s", f"{_Q}(?:[msd]|re|ve|ll)", f"(?!{_LETTER})"),
    ("'t of 'tis", f"{_Q}t", "(?:is|was)"),
    ("'n and '97", f"{_Q}(?:n|\\d\\d)", "(?=\\s|$)"),
    ("short form", f"{_Q}(?:n{_Q}|em|til|cause|\\d\\ds)|(?:[ldj]|dunkin|somethin|ol){_Q}"
                   f"|o{_Q}clock|ma{_Q}am|(?:n?e|o){_Q}er|d{_Q}ye|c{_Q}mon", ""),
    ("y' of y'all", f"y{_Q}", f"{_LETTER}"),
    ("Hawai'i", f"[A-Za-z]+[aeiouy]{_Q}[aeiouA-Z][A-Za-z]*", ""),
    ("prefix", "(?:anti|pro)-", ""),
    ("acronym", "[a-z](?:\\.[a-z])+\\.|ph\\.d\\.", ""),
    ("language", "c\\+\\+|[cf]#", ""),
    ("initials", "[A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+", ""),
    ("letter at a sentence's end", "[A-Za-z]", f"\\.\\s+(?:{_any(_STARTERS)})\\s"),
    ("letter", "[a-z]\\.", ""),
    ("abbreviation", f"(?:{_any(ABBREVIATIONS)})\\.", ""),
    ("state", f"(?:{_any(STATES + [each.upper() for each in STATES])})\\.", ""),
    ("abbreviation of a number", f"(?:{_any(_NUMBERED)})\\.", "\\s?\\d"),
    ("full stop and comma", f"{_SIGN}+(?:[-_]{_SIGN}+)*\\.", "[,;:]"),
    ("address", "https?://[^\\s\"<>|(){}]+[^\\s\"<>|.!?(){},-]", ""),
    ("site", "(?:www\\.(?:[^\\s\"<>|.!?(){},]{1,99}\\.)+[a-z]{2,4}"
             "|(?:[^\\s\"`'<>|.!?(){},_$-]{1,99}\\.)+(?:com|net|org|edu))"
             "(?:/[^\\s\"<>|()]+[^\\s\"<>|.!?(){},-])?", f"(?!{_SIGN})"),
    ("e-mail", "[a-z0-9][^\\s\"<>|(){}@]{0,99}@(?:[^\\s\"<>|(){}.]{1,99}\\.)*[^\\s\"<>|(){}.]+", ""),
    ("tag", f"@[a-z_][a-z_0-9]*|#{_LETTER}+", ""),
    ("mark-up", "<[!?][a-z-][^>\r\n]{0,999}>|</?[a-z][a-z0-9:.-]*(?: +(?:[a-z][^<>\r\n]{0,999})?)?/?>", ""),
    ("dollars", "[A-Z]*\\$", ""),
    ("smiley", "[<>]?[:;=][-o*']?[()DPdpO\\\\{@|\\[\\]]", "(?![A-Za-z0-9])"),
    ("face", "[-^x=~<>']_[-^x=~<>']", ""),
    ("run of signs", "\\.\\.\\.|-{5,}|---?-?|[!?]+|\\*+|_+|#+|''|``", ""),
    ("symbol", f"{_any(map(re.escape, SPELLED))}|[{_SYMBOLS}]", ""),
]  # fmt: skip
_CASE_MATTERS = {"letter at a sentence's end", "initials", "state", "dollars", "Hawai'i"}

# Each pattern's first group is the token; the rest is looked at only.
RULES = [
    re.compile(f"({token}){ahead}", 0 if name in _CASE_MATTERS else re.IGNORECASE) for name, token, ahead in _WRITTEN
]
