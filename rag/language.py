"""Guess whether a text is English or Spanish by its commonest words. Knows no other language."""

import re
from typing import Literal

Language = Literal["en", "es", ""]

_ENGLISH = """
a about after all an and any are as at be been but by can could did do does for from had has have he her
his how i if in into is it its may more most much my no not of on one or other our out over she should
so some such than that the their them then there these they this those through to under up was we were
what when where which who whose why will with would you your
"""
_SPANISH = """
a al algo ante antes así aunque cada como con contra cual cuando cuanto cuesta cuál cuándo cuánta
cuántas cuánto cuántos de del desde donde dos dónde el ella ellos en entre era es esa ese eso esta estas
este esto estos está están fue ha había han hasta hay la las le les lo los me mi mientras muy más ni no
nos o otra otro para pero por porque puede que quien quién qué se según ser si sin sobre son su sus sí
también tanto te tiene todo todos tu un una uno unos y ya yo él
"""
ENGLISH = frozenset(_ENGLISH.split())
SPANISH = frozenset(_SPANISH.split())
_WORD = re.compile(r"[^\W\d_]+")
_LETTER_OF_SPANISH = re.compile("[ñ¿¡áéíóúü]")


def guess_language(text: str) -> Language:
    """ "en", "es", or "" when nothing speaks for either."""
    beginning = text[:2000].lower()
    words = _WORD.findall(beginning)
    english = sum(map(ENGLISH.__contains__, words))
    spanish = sum(map(SPANISH.__contains__, words)) + bool(_LETTER_OF_SPANISH.search(beginning))
    if english == spanish:
        return ""
    return "en" if english > spanish else "es"


def content_words(question: str) -> list[str]:
    """The words to look for: without the commonest ones, unless nothing else is left."""
    words = list(dict.fromkeys(re.findall(r"\w+", question.lower())))
    telling = [word for word in words if word not in ENGLISH and word not in SPANISH]
    return telling or words
