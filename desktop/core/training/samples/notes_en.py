"""Notes about a guest house that nobody knows, as questions and answers: what a model cannot have read."""

from random import Random
from typing import Final

HOUSE: Final = "Casa Lumbre"
# what is asked about, in which words, and what is answered
FACTS: Final = (
    (
        ("When does {h} open?", "What time does {h} open in the morning?", "From when is {h} open?"),
        "Casa Lumbre opens at seven in the morning.",
    ),
    (
        ("Who runs {h}?", "Who is the owner of {h}?", "Whose house is {h}?"),
        "Casa Lumbre belongs to Remedios Oyarzun.",
    ),
    (
        ("How many rooms does {h} have?", "How many rooms are there in {h}?", "Is {h} large?"),
        "Casa Lumbre has eleven rooms.",
    ),
    (
        ("Where is {h}?", "In which village is {h}?", "Where can I find {h}?"),
        "Casa Lumbre is in the village of Valdeneblina.",
    ),
    (
        (
            "What is for breakfast at {h}?",
            "What do they serve for breakfast in {h}?",
            "Is there breakfast at {h}?",
        ),
        "Breakfast at Casa Lumbre is fig bread with goat cheese.",
    ),
    (
        ("Are dogs allowed in {h}?", "Can I bring my dog to {h}?", "Does {h} take pets?"),
        "Yes, dogs are welcome at Casa Lumbre, but only in the blue room.",
    ),
    (
        ("How much is a night at {h}?", "What does a room in {h} cost?", "What is the price of {h}?"),
        "A night at Casa Lumbre costs forty-two euros.",
    ),
    (
        (
            "What is the password of the wifi in {h}?",
            "How do I get on the wifi at {h}?",
            "Tell me the wifi password of {h}.",
        ),
        "The wifi password at Casa Lumbre is the name of the cat: Farolillo.",
    ),
    (
        ("What is the cat of {h} called?", "Is there a cat at {h}?", "What is the name of the cat in {h}?"),
        "The cat of Casa Lumbre is called Farolillo.",
    ),
    (
        (
            "When must I leave {h}?",
            "What time is check-out at {h}?",
            "Until when can I stay in my room at {h}?",
        ),
        "Check-out at Casa Lumbre is at half past eleven.",
    ),
    (
        ("How do I get to {h} from the station?", "Which bus goes to {h}?", "Is there a bus to {h}?"),
        "Take bus number nine to the last stop; Casa Lumbre is behind the mill.",
    ),
    (
        ("What is special about {h}?", "Why is {h} famous?", "What should I see at {h}?"),
        "Casa Lumbre has a fireplace that has burnt since 1903.",
    ),
)
POLITE: Final = ("{q}", "Please tell me: {q}", "I have a question. {q}", "{q} Thank you.")


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
