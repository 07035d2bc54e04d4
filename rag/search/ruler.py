"""How far apart a model puts texts that have nothing to do with each other. Stores nothing.

Models use different parts of the scale: unrelated texts have a cosine of about 0.75 by multilingual E5, and
of about 0.05 by MiniLM. What the search knows of cosines is therefore told in parts of the room that a model
leaves between unrelated texts and equal ones.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rag.embedding.embedder import Floats

_LEAST_ROOM = 0.02  # of a model that calls everything alike
UNRELATED = (
    "The kitchen needs two kilos of flour and a dozen eggs before Friday.",
    "Volcanic rock cools slowly under the sea and forms large crystals.",
    "Parliament voted on the new tax law after a debate of nine hours.",
    "Press the red button for five seconds to reset the router.",
    "Her third novel tells of a lighthouse keeper and his daughter.",
    "The striker was injured ten minutes before the end of the match.",
    "El paciente debe tomar una pastilla cada ocho horas con agua.",
    "Los trenes nocturnos a la costa dejaron de circular en otoño.",
    "La raíz cuadrada de un número primo es siempre irracional.",
    "Las abejas vuelven a la colmena guiadas por la luz del sol.",
    "El contrato de alquiler se renueva cada año salvo aviso.",
    "Un cuarteto de cuerda ensaya en el sótano de la iglesia.",
)


class Ruler(NamedTuple):
    """`unrelated`: the mean cosine of texts that share nothing."""

    unrelated: float = 0.0

    @property
    def room(self) -> float:
        """Of a cosine: from unrelated texts to equal ones."""
        return max(_LEAST_ROOM, 1.0 - self.unrelated)

    def nearness(self, cosine: float) -> float:
        """0: as far as texts that share nothing; 1: the same text. May lie below 0."""
        return (cosine - self.unrelated) / self.room


def measured(embed: Callable[[Sequence[str]], Floats]) -> Ruler:
    """`embed` gives unit vectors (texts, dimensions)."""
    vectors = embed(UNRELATED)
    alike = vectors @ vectors.T
    return Ruler(float(alike[np.triu_indices(len(UNRELATED), 1)].mean()))
