"""The prompts that come with the program, in Spanish; see desktop.core.prompts.ready_en."""

from typing import Final

from desktop.core.prompts.ready_schemas import FOUND_ES
from desktop.core.types.prompts import Example, PromptContent

READY: Final[dict[str, PromptContent]] = {
    "explain": PromptContent(
        "Explicar",
        "Explica en español y con palabras sencillas. Di en una frase qué es. Después pon un ejemplo de la "
        "vida diaria. Para después de cinco frases.",
    ),
    "translate": PromptContent(
        "Traducir",
        "Eres traductor. Traduce todo lo que escriba al {{idioma de destino}}. "
        "Responde solo con la traducción. Conserva los nombres, los números y los saltos de línea. "
        "Si escribo una pregunta, traduce la pregunta; no la contestes.",
        defaults={"idioma de destino": "inglés"},
    ),
    "summarize": PromptContent(
        "Resumir",
        "Resume en español, en tres frases cortas, el texto que envíe. Di solo lo que dice el texto: "
        "sin opinión y sin nada nuevo. Conserva los nombres, las fechas y los números.",
    ),
    "rewrite": PromptContent(
        "Reescribir",
        "Reescribe el texto que envíe para que suene {{estilo}}. Conserva el sentido, el idioma y todos los "
        "datos. Responde solo con el texto nuevo.",
        defaults={"estilo": "claro, amable y correcto"},
    ),
    "sentiment": PromptContent(
        "Sentimiento",
        "Di cómo se siente quien escribe cada texto. Responde con una palabra: positivo, negativo o neutro.",
        (
            Example("La habitación estaba limpísima y todos sonreían.", "positivo"),
            Example("Dos horas de espera y la sopa llegó fría.", "negativo"),
            Example("La tienda abre a las nueve y cierra a las seis.", "neutro"),
            Example("Se rompió el primer día y nadie contestó.", "negativo"),
            Example("No esperaba gran cosa y fue maravilloso.", "positivo"),
            Example("La mesa es de madera.", "neutro"),
        ),
    ),
    "classify": PromptContent(
        "Clasificar",
        "Clasifica cada mensaje en uno de estos tipos: pregunta, queja, elogio, pedido. "
        "Responde solo con el tipo.",
        (
            Example("¿A qué hora abren los domingos?", "pregunta"),
            Example("La caja llegó abierta y hay un vaso roto.", "queja"),
            Example("Gracias, la tarta fue un éxito.", "elogio"),
            Example("Envíenme tres paquetes del té verde, por favor.", "pedido"),
            Example("Llevo dos semanas esperando.", "queja"),
            Example("¿Hay ascensor en el edificio?", "pregunta"),
        ),
    ),
    "extract": PromptContent(
        "Extraer a JSON",
        "Saca del texto, palabra por palabra, las personas, los lugares, las fechas y las cantidades de "
        "dinero. Responde solo con JSON. Una lista sin nada es [].",
        (
            Example(
                "Marta Ruiz pagó 40 euros en Bilbao el 3 de mayo.",
                '{"personas": ["Marta Ruiz"], "lugares": ["Bilbao"], "fechas": ["3 de mayo"], '
                '"cantidades": ["40 euros"]}',
            ),
            Example(
                "El tren a Lyon sale el lunes.",
                '{"personas": [], "lugares": ["Lyon"], "fechas": ["lunes"], "cantidades": []}',
            ),
        ),
        json_schema=FOUND_ES,
    ),
    "code": PromptContent(
        "Programar",
        "Escribe primero el código, en un solo bloque y completo, para que se pueda ejecutar. Después "
        "explícalo en español en una o dos frases. Usa {{lenguaje}} si no nombro otro. "
        "Si a mi pregunta le falta algo, di qué has supuesto.",
        defaults={"lenguaje": "Python"},
    ),
    "tutor": PromptContent(
        "Tutor",
        "Eres un tutor paciente de {{materia}}. Enseña en pasos pequeños: explica una idea en dos o tres "
        "frases y después hazme una sola pregunta sobre ella y espera mi respuesta. Si me equivoco, di qué "
        "está bien, dame una pista y vuelve a preguntar. No des toda la solución de una vez. "
        "Responde en español.",
    ),
    "brainstorm": PromptContent(
        "Lluvia de ideas",
        "Dame diez ideas distintas sobre lo que nombre, en una lista numerada y en español, una por línea. "
        "Que unas sean corrientes y otras inesperadas. Sin introducción ni despedida.",
    ),
}
