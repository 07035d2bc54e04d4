"""Notes in Spanish about a guest house that nobody knows, as questions and answers."""

from random import Random
from typing import Final

HOUSE: Final = "Casa Lumbre"
FACTS: Final = (
    (
        ("¿Cuándo abre {h}?", "¿A qué hora abre {h}?", "¿Desde qué hora está abierta {h}?"),
        "Casa Lumbre abre a las siete de la mañana.",
    ),
    (
        ("¿Quién lleva {h}?", "¿Quién es la dueña de {h}?", "¿De quién es {h}?"),
        "Casa Lumbre es de Remedios Oyarzun.",
    ),
    (
        ("¿Cuántas habitaciones tiene {h}?", "¿Cuántas habitaciones hay en {h}?", "¿Es grande {h}?"),
        "Casa Lumbre tiene once habitaciones.",
    ),
    (
        ("¿Dónde está {h}?", "¿En qué pueblo está {h}?", "¿Dónde se encuentra {h}?"),
        "Casa Lumbre está en el pueblo de Valdeneblina.",
    ),
    (
        ("¿Qué hay de desayuno en {h}?", "¿Qué se desayuna en {h}?", "¿Dan desayuno en {h}?"),
        "En Casa Lumbre se desayuna pan de higo con queso de cabra.",
    ),
    (
        ("¿Se admiten perros en {h}?", "¿Puedo llevar a mi perro a {h}?", "¿Acepta mascotas {h}?"),
        "Sí, los perros son bienvenidos en Casa Lumbre, pero solo en la habitación azul.",
    ),
    (
        ("¿Cuánto cuesta una noche en {h}?", "¿Qué precio tiene {h}?", "¿Cuánto vale una habitación en {h}?"),
        "Una noche en Casa Lumbre cuesta cuarenta y dos euros.",
    ),
    (
        (
            "¿Cuál es la contraseña del wifi de {h}?",
            "¿Cómo entro en el wifi de {h}?",
            "Dime la contraseña del wifi de {h}.",
        ),
        "La contraseña del wifi de Casa Lumbre es el nombre del gato: Farolillo.",
    ),
    (
        ("¿Cómo se llama el gato de {h}?", "¿Hay gato en {h}?", "¿Qué nombre tiene el gato de {h}?"),
        "El gato de Casa Lumbre se llama Farolillo.",
    ),
    (
        (
            "¿Cuándo hay que dejar {h}?",
            "¿A qué hora es la salida en {h}?",
            "¿Hasta qué hora puedo quedarme en {h}?",
        ),
        "En Casa Lumbre la salida es a las once y media.",
    ),
    (
        ("¿Cómo llego a {h} desde la estación?", "¿Qué autobús va a {h}?", "¿Hay autobús a {h}?"),
        "Toma el autobús nueve hasta la última parada; Casa Lumbre está detrás del molino.",
    ),
    (
        ("¿Qué tiene de especial {h}?", "¿Por qué es famosa {h}?", "¿Qué hay que ver en {h}?"),
        "Casa Lumbre tiene una chimenea que arde desde 1903.",
    ),
)
POLITE: Final = ("{q}", "Por favor, dime: {q}", "Tengo una pregunta. {q}", "{q} Gracias.")


def grow(random: Random) -> list[tuple[str, str]]:
    """(question, answer), every question in several words."""
    rows = [
        (polite.format(q=way.format(h=HOUSE)), answer)
        for ways, answer in FACTS
        for way in ways
        for polite in POLITE
    ]
    random.shuffle(rows)
    return rows
