"""What is said in the gallery's pictures, in both languages. Values only."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """One language's conversation pieces and titles."""

    chats: tuple[tuple[str, float], ...]  # title, age in hours; the first one is pinned
    question: str
    cited: str
    uncited: str
    follow_up: str
    cooking: str
    code_question: str
    code: str
    long_question: str
    long_answer: str
    half: str
    prompt: str
    search: str
    setting: str
    folder: str
    inner_folder: str
    looked_for: str


ENGLISH = Texts(
    chats=(
        ("Sourdough, day by day", 400),
        ("How much does a ticket cost?", 0.2),
        ("A quiet name for a café", 2),
        ("Rewrite the letter to the landlord so that it sounds less angry", 26),
        ("Binary search, explained twice", 30),
        ("What to plant in November", 120),
        ("Backups that I will actually make", 190),
    ),
    question="How much does a ticket cost, and when is it free?",
    cited=(
        "A ticket costs **seven euros**; students and people over 65 pay four [1]. Admission is free on the "
        "first Sunday of each month, and always for children under twelve [1, 2].\n\nThe museum opens "
        "from Tuesday "
        "to Sunday, from ten in the morning until seven in the evening [2]."
    ),
    uncited="That depends on the day, and on who is asking.",
    follow_up="And which bus takes me there?",
    cooking="Bus lines 3 and 14 stop in front of the main entrance, so either of them",
    code_question="Show me a binary search in Python, and how fast it is.",
    code=(
        "It halves the range with every step:\n\n```python\ndef find(values: list[int], wanted: int) "
        "-> int | None:\n"
        '    """Where `wanted` stands in sorted `values`."""\n    low, high = 0, len(values)\n'
        "    while low < high:\n        middle = (low + high) // 2\n        if values[middle] < wanted:\n"
        "            low = middle + 1\n        else:\n            high = middle\n"
        "    return low if low < len(values) and values[low] == wanted else None\n```\n\n"
        "| values | steps at most | one by one |\n|---:|---:|---:|\n| 16 | 4 | 16 |\n| 1,000 | 10 | 1,000 |\n"
        "| 1,000,000 | 20 | 1,000,000 |\n\n- The list must be **sorted**.\n- For a few dozen values "
        "a plain loop is "
        "as fast.\n\n> Programs must be written for people to read."
    ),
    long_question="Tell me about the habit of staying at the table after a meal.",
    long_answer=(
        "In Spain the meal does not end with the last plate. What follows has a word of its own, "
        "*sobremesa*: the "
        "time around the table when nobody is hungry any more and nobody wants to leave.\n\n### What "
        "happens\n\n"
        "Coffee arrives, then perhaps a small glass of something. The talk wanders from the news to "
        "family stories "
        "and back. Children fall asleep on laps. It may last twenty minutes on a Tuesday and four "
        "hours on a Sunday.\n\n"
        "### Why it lasts\n\n1. Lunch is the main meal, and it is late.\n2. Paying the bill is not a "
        "signal to go.\n"
        "3. To get up first would be a little rude, and nobody is in a hurry to be rude.\n\n"
        "There is no exact translation. “After-dinner conversation” names the activity but not the "
        "place it has in a "
        "day: an agreement, renewed at every meal, that what was said is worth more than what comes next.\n\n"
        "People who move away often say that it is what they miss most: not the food, but the hour after it."
    ),
    half="A ticket costs seven euros. Students and people over 65 pay four euros; children",
    prompt=(
        "You help the visitors of a small museum. Answer in two or three sentences, name the page "
        "you took it "
        "from, and say so when the documents do not tell."
    ),
    search="ticket",
    setting="memory",
    folder="Reading & writing",
    inner_folder="Letters that wait for an answer",
    looked_for="ticket",
)

SPANISH = Texts(
    chats=(
        ("Masa madre, día a día", 400),
        ("¿Cuánto cuesta la entrada?", 0.2),
        ("Un nombre tranquilo para una cafetería", 2),
        ("Reescribir la carta al casero para que suene menos enfadada", 26),
        ("La búsqueda binaria, explicada dos veces", 30),
        ("Qué plantar en noviembre", 120),
        ("Copias de seguridad que de verdad haré", 190),
    ),
    question="¿Cuánto cuesta la entrada y cuándo es gratis?",
    cited=(
        "La entrada cuesta **siete euros**; estudiantes y mayores de 65 pagan cuatro [1]. El primer "
        "domingo de cada "
        "mes es gratis, y siempre lo es para menores de doce años [1, 2].\n\nEl museo abre de martes a "
        "domingo, de diez "
        "de la mañana a siete de la tarde [2]."
    ),
    uncited="Depende del día y de quién pregunte.",
    follow_up="¿Y qué autobús me lleva hasta allí?",
    cooking="Las líneas 3 y 14 paran delante de la entrada principal, así que cualquiera de las dos",
    code_question="Enséñame una búsqueda binaria en Python y lo rápida que es.",
    code=ENGLISH.code.replace(
        "It halves the range with every step:", "Divide el intervalo en dos a cada paso:"
    )
    .replace("| values | steps at most | one by one |", "| valores | pasos como mucho | uno a uno |")
    .replace("The list must be **sorted**.", "La lista tiene que estar **ordenada**.")
    .replace(
        "For a few dozen values a plain loop is as fast.",
        "Con unas docenas de valores, un bucle tarda igual.",
    )
    .replace(
        "Programs must be written for people to read.", "Los programas se escriben para que los lea la gente."
    ),
    long_question="Háblame de la costumbre de quedarse a la mesa después de comer.",
    long_answer=(
        "En España la comida no termina con el último plato. Lo que sigue tiene su propia palabra, "
        "*sobremesa*: el "
        "rato alrededor de la mesa en que ya nadie tiene hambre y nadie quiere irse.\n\n### Qué pasa\n\n"
        "Llega el café, y luego quizá una copita. La charla va de las noticias a las historias de "
        "familia y vuelve. "
        "Los niños se duermen en brazos. Dura veinte minutos un martes y cuatro horas un domingo.\n\n"
        "### Por qué dura\n\n1. El almuerzo es la comida principal, y es tarde.\n2. Pagar la cuenta "
        "no es señal de "
        "marcharse.\n3. Levantarse el primero sería un poco descortés, y nadie tiene prisa por serlo.\n\n"
        "No tiene traducción exacta. “Conversación de después de comer” nombra la actividad, pero no "
        "el lugar que "
        "ocupa en el día: un acuerdo, renovado en cada comida, de que lo dicho vale más que lo que "
        "viene después.\n\n"
        "Quienes se van a vivir lejos suelen decir que es lo que más echan de menos: no la comida, "
        "sino la hora "
        "de después."
    ),
    half="La entrada cuesta siete euros. Estudiantes y mayores de 65 pagan cuatro euros; los menores",
    prompt=(
        "Ayudas a quienes visitan un museo pequeño. Responde en dos o tres frases, di de qué página "
        "lo tomas, y "
        "avisa cuando los documentos no lo digan."
    ),
    search="entrada",
    setting="memoria",
    folder="Lecturas y escritos",
    inner_folder="Cartas que esperan respuesta",
    looked_for="entrada",
)

TEXTS = {"en": ENGLISH, "es": SPANISH}
