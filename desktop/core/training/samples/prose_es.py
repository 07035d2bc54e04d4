"""Prose in Spanish, in which one word often follows from the others: who does what, where and with what."""

from random import Random
from typing import Final

from desktop.core.training.samples.grammar import sentence

PARAGRAPHS: Final = 1500

# quién, qué hace, con qué, dónde y a qué hora llega la gente
WORKS: Final = (
    ("la panadera", "amasa el pan", "harina", "la panadería", "las seis de la mañana"),
    ("el pescador", "remienda las redes", "cuerda", "el puerto", "las cinco de la mañana"),
    ("la maestra", "escribe en la pizarra", "tiza", "la escuela", "las nueve de la mañana"),
    ("el médico", "escucha el corazón", "un fonendo", "el hospital", "las doce"),
    ("la jardinera", "riega las rosas", "una manguera", "el jardín", "las siete de la tarde"),
    ("el carpintero", "hace una mesa", "madera", "el taller", "las diez de la mañana"),
    ("la pintora", "pinta la pared", "una brocha", "la casa", "las tres de la tarde"),
    ("el músico", "toca una canción", "un violín", "el teatro", "las nueve de la noche"),
    ("la cocinera", "remueve la sopa", "una cuchara", "la cocina", "la una de la tarde"),
    ("el sastre", "cose un abrigo", "una aguja", "la tienda", "las cuatro de la tarde"),
    ("la bibliotecaria", "ordena los libros", "una lista", "la biblioteca", "las once de la mañana"),
    ("el granjero", "da de comer a las gallinas", "maíz", "la granja", "la salida del sol"),
)
ANIMALS: Final = (
    ("un gato", "el gato", "leche", "duerme en el sofá", "maúlla"),
    ("un perro", "el perro", "agua", "corre detrás de la pelota", "ladra"),
    ("una vaca", "la vaca", "agua", "está en el prado", "muge"),
    ("un pájaro", "el pájaro", "rocío", "se posa en el nido", "canta"),
    ("un caballo", "el caballo", "agua", "galopa por el campo", "relincha"),
    ("una gallina", "la gallina", "agua", "escarba en el corral", "cacarea"),
)
SEASONS: Final = (
    ("invierno", "frío", "cae la nieve", "un abrigo"),
    ("primavera", "buen tiempo", "se abren las flores", "una chaqueta"),
    ("verano", "calor", "quema el sol", "un sombrero"),
    ("otoño", "fresco", "caen las hojas", "una bufanda"),
)
NAMES: Final = ("Ana", "Luis", "Marta", "Pedro", "Julia", "Tomás", "Clara", "Hugo", "Nora", "Iván")
MEALS: Final = (
    ("desayunan", "por la mañana", "tostadas con mermelada", "desayunar"),
    ("comen", "al mediodía", "un plato de arroz", "comer"),
    ("cenan", "por la noche", "una sopa caliente", "cenar"),
    ("meriendan", "por la tarde", "una manzana", "merendar"),
)


def _work(random: Random) -> str:
    who, does, tool, where, when = random.choice(WORKS)
    name = random.choice(NAMES)
    more = (
        f"Todos los días {who} {does} en {where}.",
        f"{sentence(who)} trabaja en {where} y {does} con {tool}.",
        f"A {when} se abre {where}, y llega {who} con {tool}.",
        f"Cuando {name} necesita {tool}, va a {where} y pregunta: allí está {who}.",
    )
    return " ".join(random.sample(more, 2)).replace(" a el ", " al ").replace("A el ", "Al ")


def _animal(random: Random) -> str:
    one, the, drink, does, sound = random.choice(ANIMALS)
    name = random.choice(NAMES)
    more = (
        f"{name} tiene {one}: {the} {sound} y {does}.",
        f"{sentence(the)} bebe {drink} y {sound} por la noche.",
        f"En casa {the} {does} mientras {name} lee un libro.",
    )
    return " ".join(random.sample(more, 2))


def _season(random: Random) -> str:
    season, feels, happens, wears = random.choice(SEASONS)
    name = random.choice(NAMES)
    more = (
        f"En {season} hace {feels} y {happens}.",
        f"Es {season}: {happens} y {name} lleva {wears}.",
        f"A {name} le gusta el tiempo de {season}, porque {happens}.",
    )
    return " ".join(random.sample(more, 2))


def _meal(random: Random) -> str:
    eat, when, dish, to_eat = random.choice(MEALS)
    one, other = random.sample(NAMES, 2)
    more = (
        f"{one} y {other} {eat} {when}.",
        f"Para {to_eat} hay {dish}.",
        f"Después de {to_eat} {one} lava los platos y {other} seca los vasos.",
        f"{one} prepara {dish} {when} y {other} pone la mesa.",
    )
    return " ".join(random.sample(more, 2))


def grow(random: Random) -> str:
    """Paragraphs of a few sentences."""
    kinds = (_work, _work, _animal, _season, _meal)
    made = (" ".join(random.choice(kinds)(random) for _ in range(3)) for _ in range(PARAGRAPHS))
    return "\n\n".join(sentence(paragraph) for paragraph in made) + "\n"
