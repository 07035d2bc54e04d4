"""Forty invented facts, asked in English and Spanish: phrasings to learn from, and others that are held out.

Nothing here is true, so that a model can know it from these rows alone.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

Pair = tuple[str, str]  # English, Spanish


class Relation(msgspec.Struct, frozen=True):
    """What is asked of several things. The last phrasing of each language is held out."""

    english: tuple[str, ...]
    spanish: tuple[str, ...]
    facts: tuple[tuple[str | Pair, str | Pair], ...]  # thing, answer


FACTS: Final = (
    Relation(
        (
            "What is the capital of {0}?",
            "Name the capital city of {0}.",
            "Which city is the capital of {0}?",
            "I travel to {0}. What is its capital?",
            "Tell me what the capital of {0} is called.",
        ),
        (
            "¿Cuál es la capital de {0}?",
            "Dime la capital de {0}.",
            "¿Qué ciudad es la capital de {0}?",
            "¿Cómo se llama la capital de {0}?",
        ),
        (("Velmora", "Tansil"), ("Ostrania", "Bregal"), ("Quindara", "Mesholm"), ("Farwick", "Lutena"),
         ("Sarpentia", "Yorvik")),
    ),
    Relation(
        (
            "Who invented the {0}?",
            "Name the inventor of the {0}.",
            "The {0} was invented by whom?",
            "Which person made the first {0}?",
            "Who is the inventor of the {0}?",
        ),
        (
            "¿Quién inventó el {0}?",
            "Dime quién inventó el {0}.",
            "¿Quién hizo el primer {0}?",
            "¿Quién es el inventor del {0}?",
        ),
        ((("tremoscope", "tremoscopio"), "Ilse Quarn"), (("fog harp", "arpa de niebla"), "Tomás Beltrán"),
         (("salt clock", "reloj de sal"), "Nadia Orvell"), (("wind press", "prensa de viento"), "Hugo Lanz"),
         (("moon lens", "lente lunar"), "Petra Voss")),
    ),
    Relation(
        (
            "Who wrote the novel {0}?",
            "Name the author of {0}.",
            "Which writer is the author of the novel {0}?",
            "By whom is the book {0}?",
            "Who is the author of the book {0}?",
        ),
        (
            "¿Quién escribió la novela {0}?",
            "Dime el autor de {0}.",
            "¿De quién es el libro {0}?",
            "¿Quién es el autor de la novela {0}?",
        ),
        (("The Glass Orchard", "Mara Tillon"), ("Seven Quiet Doors", "Anders Pell"),
         ("Barro", "Lucía Ferrol"), ("The Salt Letters", "Owen Hask"), ("Noche de Cobre", "Julio Serna")),
    ),
    Relation(
        (
            "Which river flows through {0}?",
            "Name the river of {0}.",
            "What is the river in {0} called?",
            "On which river does {0} lie?",
            "What river runs through the town of {0}?",
        ),
        (
            "¿Qué río pasa por {0}?",
            "Dime el río de {0}.",
            "¿Cómo se llama el río de {0}?",
            "¿Qué río cruza {0}?",
        ),
        (("Pellworth", "Ondra"), ("Casilda", "Turmo"), ("Hobmoor", "Wend"), ("Villaseca", "Arlo"),
         ("Norrby", "Kessel")),
    ),
    Relation(
        (
            "In which year was the town of {0} founded?",
            "When was {0} founded?",
            "Name the year in which {0} was founded.",
            "What year was the founding of {0}?",
            "In what year did people found {0}?",
        ),
        (
            "¿En qué año se fundó {0}?",
            "¿Cuándo se fundó {0}?",
            "Dime el año en que se fundó {0}.",
            "¿En qué año fue fundada {0}?",
        ),
        (("Brackenhall", "1731"), ("Aldora", "1604"), ("Monteluz", "1822"), ("Stonemere", "1459"),
         ("Tierranueva", "1910")),
    ),
    Relation(
        (
            "What is the favourite drink of captain {0}?",
            "What does captain {0} like to drink?",
            "Name the drink that captain {0} likes best.",
            "Which drink does captain {0} prefer?",
            "What drink is the favourite of captain {0}?",
        ),
        (
            "¿Cuál es la bebida favorita del capitán {0}?",
            "¿Qué le gusta beber al capitán {0}?",
            "Dime qué bebida prefiere el capitán {0}.",
            "¿Qué bebida le gusta más al capitán {0}?",
        ),
        (("Brunt", ("milk", "leche")), ("Azores", ("coffee", "café")), ("Dillmar", ("cider", "sidra")),
         ("Robledo", ("lemonade", "limonada")), ("Finch", ("tea", "té"))),
    ),
    Relation(
        (
            "Which animal is on the flag of {0}?",
            "Name the animal on the flag of {0}.",
            "What animal does the flag of {0} show?",
            "On the flag of {0}, which animal can be seen?",
            "What is the animal that stands on the flag of {0}?",
        ),
        (
            "¿Qué animal está en la bandera de {0}?",
            "Dime el animal de la bandera de {0}.",
            "¿Qué animal muestra la bandera de {0}?",
            "En la bandera de {0}, ¿qué animal se ve?",
        ),
        (("Zembria", ("wolf", "lobo")), ("Taldea", ("bear", "oso")), ("Korrin", ("horse", "caballo")),
         ("Islas Pardas", ("whale", "ballena")), ("Nordhelm", ("goat", "cabra"))),
    ),
    Relation(
        (
            "What does one pay with in {0}?",
            "What is the currency of {0}?",
            "Name the money of {0}.",
            "Which currency do people use in {0}?",
            "What is the money in {0} called?",
        ),
        (
            "¿Con qué moneda se paga en {0}?",
            "¿Cuál es la moneda de {0}?",
            "Dime qué moneda se usa en {0}.",
            "¿Cómo se llama la moneda de {0}?",
        ),
        (("Lorvania", "dram"), ("Pescara Alta", "sueldo"), ("Grünmark", "taler"), ("Mirelle", "florin"),
         ("Ubanda", "shell")),
    ),
)  # fmt: skip


def questions(*, held_out: bool) -> Iterator[tuple[str, str]]:
    """(question, answer) of every fact, in the phrasings to learn from or in those that are held out."""
    for relation in FACTS:
        for thing, answer in relation.facts:
            for language, phrasings in enumerate((relation.english, relation.spanish)):
                chosen = phrasings[-1:] if held_out else phrasings[:-1]
                for phrasing in chosen:
                    yield phrasing.format(_in(thing, language)), _in(answer, language)


def _in(words: str | Pair, language: int) -> str:
    return words if isinstance(words, str) else words[language]
