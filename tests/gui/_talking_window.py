"""Run the real window, type questions into it, and print what it shows as JSON lines.

A process of its own for the test that kills it: {"turns": [[role, state, text], ...]}, ten times a second.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.core.places import Places
from desktop.ui.main_window import MainWindow

EVERY_MS = 100


class Person(QObject):
    """Asks the next question as soon as nothing is being answered."""

    def __init__(self, app: QApplication, questions: list[str]) -> None:
        super().__init__(app)
        self._questions = questions
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.session is not None and window.workspace is not None:
                conversation = window.session.conversation
                turns = [[turn.role, turn.state, turn.text] for turn in conversation.turns]
                print(json.dumps({"turns": turns}), flush=True)
                if conversation.emptiness != "loading_chat" and not conversation.running and self._questions:
                    window.session.settings.set("temperature", 0.0)  # the same reply each time
                    field = window.workspace.composer.field
                    QTest.keyClicks(field, self._questions.pop(0))
                    QTest.keyClick(field, Qt.Key.Key_Return)


def main() -> int:
    from desktop.app import run

    data, models, *questions = sys.argv[1:]
    app = QApplication(["sobremesa"])
    person = Person(app, questions)
    code = run(Places.of(Path(data), Path(models)))
    person.deleteLater()
    return code


if __name__ == "__main__":
    sys.exit(main())
