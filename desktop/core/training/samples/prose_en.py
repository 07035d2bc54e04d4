"""Prose in English, in which one word often follows from the others: who does what, where and with what."""

from random import Random
from typing import Final

from desktop.core.training.samples.grammar import english, sentence

PARAGRAPHS: Final = 1500

# who, does what, with what, where, and when people come
WORKS: Final = (
    ("baker", "bakes the bread", "flour", "bakery", "six in the morning"),
    ("fisherman", "mends the nets", "rope", "harbour", "five in the morning"),
    ("teacher", "writes on the board", "chalk", "school", "nine in the morning"),
    ("doctor", "listens to the heart", "a stethoscope", "hospital", "noon"),
    ("gardener", "waters the roses", "a hose", "garden", "seven in the evening"),
    ("carpenter", "builds a table", "wood", "workshop", "ten in the morning"),
    ("painter", "paints the wall", "a brush", "house", "three in the afternoon"),
    ("musician", "plays a song", "a violin", "theatre", "nine in the evening"),
    ("cook", "stirs the soup", "a spoon", "kitchen", "one in the afternoon"),
    ("tailor", "sews a coat", "a needle", "shop", "four in the afternoon"),
    ("librarian", "sorts the books", "a list", "library", "eleven in the morning"),
    ("farmer", "feeds the hens", "corn", "farm", "sunrise"),
)
ANIMALS: Final = (
    ("cat", "milk", "sleeps on the sofa", "meows"),
    ("dog", "water", "runs after the ball", "barks"),
    ("cow", "water", "stands in the meadow", "moos"),
    ("bird", "rain", "sits in the nest", "sings"),
    ("horse", "water", "gallops over the field", "neighs"),
    ("hen", "water", "scratches in the yard", "clucks"),
)
SEASONS: Final = (
    ("winter", "cold", "snow falls", "a coat"),
    ("spring", "mild", "the flowers open", "a jacket"),
    ("summer", "hot", "the sun burns", "a hat"),
    ("autumn", "cool", "the leaves fall", "a scarf"),
)
NAMES: Final = ("Ana", "Luis", "Marta", "Pedro", "Julia", "Tomas", "Clara", "Hugo", "Nora", "Ivan")
MEALS: Final = (
    ("breakfast", "in the morning", "toast with jam"),
    ("lunch", "at noon", "a bowl of rice"),
    ("dinner", "in the evening", "a warm soup"),
    ("a snack", "in the afternoon", "an apple"),
)


def _work(random: Random) -> str:
    who, does, tool, where, when = random.choice(WORKS)
    name = random.choice(NAMES)
    more = (
        f"{name} is a {who}. Every day the {who} {does} in the {where}.",
        f"The {who} works in the {where} and {does} with {tool}.",
        f"The {where} opens at {when}, and the {who} comes with {tool}.",
        f"When {name} needs {tool}, {name} goes to the {where} and asks the {who}.",
    )
    return " ".join(random.sample(more, 2))


def _animal(random: Random) -> str:
    animal, drink, does, sound = random.choice(ANIMALS)
    name = random.choice(NAMES)
    more = (
        f"{name} has a {animal}. The {animal} {sound} and {does}.",
        f"The {animal} drinks {drink} and {sound} at night.",
        f"At home the {animal} {does} while {name} reads a book.",
    )
    return " ".join(random.sample(more, 2))


def _season(random: Random) -> str:
    season, feels, happens, wears = random.choice(SEASONS)
    name = random.choice(NAMES)
    more = (
        f"In {season} it is {feels} and {happens}.",
        f"It is {season}: {happens} and {name} wears {wears}.",
        f"{name} likes the {season}, because {happens}.",
    )
    return " ".join(random.sample(more, 2))


def _meal(random: Random) -> str:
    meal, when, dish = random.choice(MEALS)
    one, other = random.sample(NAMES, 2)
    more = (
        f"{one} and {other} have {meal} {when}.",
        f"For {meal} there is {dish}.",
        f"After {meal} {one} washes the plates and {other} dries the glasses.",
        f"{one} makes {dish} {when} and {other} sets the table.",
    )
    return " ".join(random.sample(more, 2))


def grow(random: Random) -> str:
    """Paragraphs of a few sentences."""
    kinds = (_work, _work, _animal, _season, _meal)
    made = (" ".join(random.choice(kinds)(random) for _ in range(3)) for _ in range(PARAGRAPHS))
    return "\n\n".join(english(sentence(paragraph)) for paragraph in made) + "\n"
