"""Verses in Spanish: quatrains with rhymes."""

from random import Random
from typing import Final

from desktop.core.training.samples.grammar import quatrain

POEMS: Final = 900

TITLES: Final = (
    "A la mesa",
    "Canción del puerto",
    "La cocina",
    "Nana",
    "Invierno",
    "Verano",
    "El huerto",
    "La tormenta",
    "Domingo",
    "La panadera",
    "El faro",
    "Carta",
    "Regreso",
    "Septiembre",
    "La plaza",
    "El tren de noche",
)

STARTS: Final = (
    "la luna blanca duerme",
    "el río va cantando",
    "mi abuela teje un sueño",
    "la tarde se recuesta",
    "un barco lento pasa",
    "la lluvia cae despacio",
    "el pan se dora al fuego",
    "los niños corren juntos",
    "la luz entra descalza",
    "un gato gris bosteza",
    "la calle queda sola",
    "mi padre cuenta historias",
    "la sopa humea y llama",
    "el viejo mira el cielo",
    "las hojas van bailando",
    "el viento trae noticias",
    "la nieve cubre el patio",
    "un perro ladra lejos",
    "mi hermana pinta estrellas",
    "el reloj anda despacio",
    "la radio suena bajo",
    "el limonero espera",
    "la noche abre su puerta",
    "tu voz me da la mano",
    "el mantel guarda migas",
    "la casa huele a menta",
    "un grillo afina el aire",
    "las olas peinan algas",
    "el sol se fue de viaje",
    "la fuente dice cosas",
    "mi amor dobla la ropa",
    "el humo escribe nombres",
    "el café despierta a todos",
    "la higuera da su sombra",
    "los peces cuentan piedras",
    "un niño busca el norte",
)

JOINTS: Final = (" ", ", ")

RHYMES: Final = (
    (
        "junto al mar",
        "al despertar",
        "sin descansar",
        "y vuelve a cantar",
        "y quiere volar",
        "y se echa a andar",
        "sin hablar",
        "en su lugar",
        "para regresar",
        "y empieza a nevar",
        "sin avisar",
        "y se deja llevar",
    ),
    (
        "al nacer el día",
        "con alegría",
        "en la lejanía",
        "con su compañía",
        "como una melodía",
        "como yo quería",
        "en la noche fría",
        "y es toda mía",
        "y se reía",
        "en la galería",
    ),
    (
        "con el viento",
        "sin un lamento",
        "a paso lento",
        "por un momento",
        "con mucho tiento",
        "como en un cuento",
        "y está contento",
        "sin argumento",
        "y toma asiento",
    ),
    (
        "con su calor",
        "como una flor",
        "sin temor",
        "en el mirador",
        "como un ruiseñor",
        "a mi alrededor",
        "de otro color",
        "lleno de amor",
        "en el corredor",
    ),
    (
        "por el camino",
        "junto al molino",
        "bajo el pino",
        "sin destino",
        "como el vino",
        "y llama al vecino",
        "como un peregrino",
        "con hilo fino",
    ),
    (
        "en la ventana",
        "por la mañana",
        "con la campana",
        "de buena gana",
        "hasta mañana",
        "sobre la lana",
        "como una hermana",
        "en la semana",
    ),
    (
        "de madera",
        "y nos espera",
        "en primavera",
        "a su manera",
        "por la escalera",
        "como si fuera",
        "en la ribera",
        "la noche entera",
    ),
    ("y se calla", "sobre la playa", "como una muralla", "y no se desmaya", "con su toalla", "donde vaya"),
)


def grow(random: Random) -> str:
    """Poems, each with its title and two or three quatrains."""
    poems = []
    for _ in range(POEMS):
        count = random.choice((2, 2, 3))
        stanzas = [quatrain(STARTS, RHYMES, JOINTS, random) for _ in range(count)]
        poems.append("\n\n".join([random.choice(TITLES), *stanzas]))
    return "\n\n\n".join(poems) + "\n"
