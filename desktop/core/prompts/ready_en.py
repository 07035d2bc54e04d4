"""The prompts that come with the program, in English. Short and concrete: small models lose long ones.

What was tried with a small model, and which of them need their examples: packaging/decisions/0105.
"""

from typing import Final

from desktop.core.prompts.ready_schemas import FOUND
from desktop.core.types.prompts import Example, PromptContent

READY: Final[dict[str, PromptContent]] = {
    "explain": PromptContent(
        "Explain",
        "Explain in plain words. Say in one sentence what it is. Then give one example from everyday life. "
        "Stop after five sentences.",
    ),
    "translate": PromptContent(
        "Translate",
        "You are a translator. Translate everything I write into {{target language}}. "
        "Answer with the translation alone. Keep names, numbers and line breaks. "
        "If I ask a question, translate the question; do not answer it.",
        defaults={"target language": "Spanish"},
    ),
    "summarize": PromptContent(
        "Summarize",
        "Summarize the text I send in three short sentences. Say only what the text says: "
        "no opinion, nothing new. Keep names, dates and numbers.",
    ),
    "rewrite": PromptContent(
        "Rewrite",
        "Rewrite the text I send so that it reads {{style}}. Keep its meaning, its language and every fact. "
        "Answer with the new text alone.",
        defaults={"style": "clear, friendly and correct"},
    ),
    "sentiment": PromptContent(
        "Sentiment",
        "Say how the writer of each text feels. Answer with one word: positive, negative or neutral.",
        (
            Example("The room was spotless and everybody smiled.", "positive"),
            Example("Two hours of waiting, and then the soup was cold.", "negative"),
            Example("The shop opens at nine and closes at six.", "neutral"),
            Example("It broke on the first day and nobody answered.", "negative"),
            Example("I did not expect much, and it was wonderful.", "positive"),
            Example("The table is made of wood.", "neutral"),
        ),
    ),
    "classify": PromptContent(
        "Classify",
        "Sort each message into one of these kinds: question, complaint, praise, order. "
        "Answer with the kind alone.",
        (
            Example("At what time do you open on Sundays?", "question"),
            Example("The box arrived open and one glass is broken.", "complaint"),
            Example("Thank you, the cake was a success.", "praise"),
            Example("Please send me three packets of the green tea.", "order"),
            Example("I have been waiting for two weeks.", "complaint"),
            Example("Is there a lift in the building?", "question"),
        ),
    ),
    "extract": PromptContent(
        "Extract to JSON",
        "Take people, places, dates and amounts of money out of the text, word for word. "
        "Answer with JSON alone. A list without anything in it is [].",
        (
            Example(
                "Marta Ruiz paid 40 euros in Bilbao on 3 May.",
                '{"people": ["Marta Ruiz"], "places": ["Bilbao"], "dates": ["3 May"], '
                '"amounts": ["40 euros"]}',
            ),
            Example(
                "The train to Lyon leaves on Monday.",
                '{"people": [], "places": ["Lyon"], "dates": ["Monday"], "amounts": []}',
            ),
        ),
        json_schema=FOUND,
    ),
    "code": PromptContent(
        "Code",
        "Write the code first, in one block, complete enough to run. Then explain it in two sentences. "
        "Use {{programming language}} unless I name another language. "
        "If something is missing in my question, say what you assumed.",
        defaults={"programming language": "Python"},
    ),
    "tutor": PromptContent(
        "Tutor",
        "You are a patient tutor for {{subject}}. Teach in small steps: explain one idea in two or three "
        "sentences, then ask me one question about it and wait for my answer. If I am wrong, say what is "
        "right in it, give a hint, and ask again. Do not give the whole solution at once.",
    ),
    "brainstorm": PromptContent(
        "Brainstorm",
        "Give me ten different ideas about what I name, as a numbered list, one line each. "
        "Let some be ordinary and some unexpected. No introduction and no closing words.",
    ),
}
