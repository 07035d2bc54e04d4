"""A small text with a pattern that a small model can learn."""

import numpy as np

from engine.train.prepare import Prepared, prepare

NAMES = ("Ana", "Luis", "Eva", "Óscar", "Inés", "Hugo")
PLACES = ("Cádiz", "Lugo", "Soria", "Jaén")


def story(sentences: int, seed: int = 0) -> str:
    random = np.random.default_rng(seed)
    said = []
    for _ in range(sentences):
        name, place = NAMES[random.integers(len(NAMES))], PLACES[random.integers(len(PLACES))]
        said.append(f"{name} vive en {place} y come pan.")
    return "\n".join(said) + "\n"


def prepared(folder, sentences: int = 600) -> Prepared:  # type: ignore[no-untyped-def]
    """A prepared folder below `folder`, of characters."""
    source = folder / "story.txt"
    source.write_text(story(sentences))
    prepare([source], folder / "data", characters=True)
    return Prepared(folder / "data")
