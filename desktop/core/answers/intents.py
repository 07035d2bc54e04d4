"""What kind of answer from documents a question asks for, told by its words, English or Spanish ones.

Cautious: what is not recognized is answered from the nearest passages, as every other question. Asks no
model.
"""

import re
import unicodedata

from rag.language import content_words

_PAGE = re.compile(
    r"\b(?:(?:on|in) )?(?:what|which) (?:pages?|pdf pages?)\b|\bpage numbers?\b"
    r"|\b(?:en )?(?:que|cual(?:es)?) (?:paginas?|hojas?)\b|\ben que pagina\b|\bnumeros? de pagina\b"
)
_EVERY = re.compile(
    r"\b(?:all|each|every|both)(?: one)?(?: of)?(?: the| my| these| those| your)?(?: \w+)?"
    r" (?:documents?|files?|papers?|pdfs?|reports?|contracts?|texts?)\b"
    r"|\b(?:summari[sz]e|compare|list) (?:the|my|these|those) (?:\w+ )?"
    r"(?:documents|files|papers|pdfs|reports|contracts)\b"
    r"|\b(?:which|how many) (?:of )?(?:the |my |these )?(?:documents|files|papers|pdfs|reports|contracts)\b"
    r"|\b(?:todos?|todas?|cada|ambos|ambas)(?: uno)?(?: de)?(?: los| las| mis| estos| estas| tus)?(?: \w+)?"
    r" (?:documentos?|archivos?|ficheros?|papeles|pdfs?|informes?|contratos?|textos?)\b"
    r"|\b(?:resume|resumir|compara|comparar|lista|enumera) (?:los|las|mis|estos|estas)"
    r" (?:documentos|archivos|ficheros|papeles|pdfs|informes|contratos)\b"
    r"|\b(?:que|cuales|cuantos) (?:de (?:los|mis|estos) )?"
    r"(?:documentos|archivos|ficheros|papeles|pdfs|informes|contratos)\b"
)
_SUMMARY = re.compile(
    r"\b(?:summar(?:y|ies|i[sz]e)|overview|what (?:is|are) .*\babout)\b"
    r"|\b(?:resum(?:e|en|ir|enes)|de que (?:trata|tratan|va|van))\b"
)
# what a question that leans on the chat has in it, or begins with
_LEANS = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|that|those|these|he|him|his|she|her|hers|there|then|one|ones"
    r"|the same|the other|the former|the latter|above|instead|also|too"
    r"|ello|ellos|ellas|eso|esto|esos|esas|ese|esa|este|estos|estas|aquel|aquello|alli|ahi|lo|le|les|su|sus"
    r"|suyo|suya|el mismo|la misma|lo mismo|el otro|la otra|entonces|tambien)\b"
)
_CONTINUES = re.compile(
    r"^(?:and|but|or|so|also|what about|how about|why|how so|since when|until when"
    r"|y|pero|o|entonces|ademas|tambien|por que|como asi|desde cuando|hasta cuando|cuanto|cuantos)\b"
)
_THIS = re.compile(r"\besta\b", re.IGNORECASE)  # not "está"
TELLING_WORDS = 2  # with fewer, a question says too little by itself


def asks_for_page(question: str) -> bool:
    """Whether it wants to know on which page something stands."""
    return _PAGE.search(_plain(question)) is not None


def asks_every_document(question: str) -> bool:
    """Whether every document is to be visited: a list, a comparison, a summary of all."""
    return _EVERY.search(_plain(question)) is not None


def asks_for_summary(question: str) -> bool:
    return _SUMMARY.search(_plain(question)) is not None


def leans_on_chat(question: str) -> bool:
    """Whether it may not be understood without what was said before."""
    plain = _plain(question)
    if len([word for word in content_words(question) if len(word) > 2]) < TELLING_WORDS:
        return True
    return bool(_CONTINUES.search(plain) or _LEANS.search(plain) or _THIS.search(question))


def _plain(text: str) -> str:
    """Lower case, without accents and signs, single blanks."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    letters = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", letters))
