"""A prompt of 32,000 tokens in the panel of the context: the window thread's own time, drawn off screen."""

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator

TURNS, TOKENS = 80, 396  # and four marks of the template around each turn
FRAMES = 300
WORDS = ("the", "quick", "brown", "fox", "reads", "what", "a", "model", "is", "about", "to", "receive")


def rows() -> Iterator[tuple[str, float, str]]:
    """(name, value, unit)."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    from desktop.core.types import ContextPlan, PlannedPrompt, ShownToken
    from desktop.i18n import number
    from desktop.ui.manner import dress, speak
    from desktop.ui.prompt_view.finder import Finder
    from desktop.ui.prompt_view.prompt_canvas import PromptCanvas

    speak(app, "en")
    dress(app, "light")
    number(1)  # a window that stands has loaded its language's figures
    chance = random.Random(1)
    tokens = []
    for turn in range(1, TURNS + 1):
        tokens += [ShownToken(1, "<|im_start|>", "template"), ShownToken(2, "user\n", "template")]
        tokens += [
            ShownToken(chance.randrange(40_000), f" {chance.choice(WORDS)}", "history", turn)
            for _ in range(TOKENS)
        ]
        tokens += [ShownToken(3, "<|im_end|>", "template"), ShownToken(4, "\n", "template")]
    prompt = PlannedPrompt(
        ContextPlan(40_000, len(tokens), 1_000, cached_tokens=len(tokens) // 2), tuple(tokens)
    )
    canvas = PromptCanvas()
    canvas.resize(320, 700)
    canvas.show()
    app.processEvents()
    yield (
        "taking in another prompt",
        _ms(lambda: canvas.show_prompt(prompt, (), frozenset(), blanks=False)),
        "ms",
    )
    steps = []
    while not canvas.flow.done:
        steps.append(_ms(canvas._lay_out_more))
    yield "laying out, the longest turn of the event loop", max(steps), "ms"
    yield "rows", float(len(canvas.flow.rows)), ""
    bar = canvas.verticalScrollBar()
    frames = []
    for frame in range(FRAMES):
        by = canvas.row_px * 3
        bar.setValue(chance.randrange(bar.maximum()) if frame % 2 else min(bar.maximum(), bar.value() + by))
        frames.append(_ms(canvas.viewport().repaint))
    frames.sort()
    yield "painting a frame, median", statistics.median(frames), "ms"
    yield "painting a frame, 99 of 100", frames[round(FRAMES * 0.99) - 1], "ms"
    yield "painting a frame, the longest", frames[-1], "ms"
    finder = Finder()
    yield "reading it for a search", _ms(lambda: finder.read([token.text for token in tokens])), "ms"
    yield "finding a word in it", _ms(lambda: finder.find("receive")), "ms"
    canvas.close()


def _ms(work: Callable[[], object]) -> float:
    """The processor's time of this thread."""
    begun = time.thread_time()
    work()
    return (time.thread_time() - begun) * 1000
