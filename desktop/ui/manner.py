"""The language and the look of the whole application, as the settings have them."""

import os
from typing import cast

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from desktop import i18n
from desktop.ui.theme import Choice, choose_theme, set_text_percent

_TRANSLATOR = "qtbase translator"


def speak(app: QApplication, choice: str) -> bool:
    """Speak a language from now on, Qt's own texts included. True when it is another than before."""
    before = i18n.language()
    code = i18n.set_language(choice)
    QLocale.setDefault(_locale(code))
    for old in app.findChildren(QTranslator, _TRANSLATOR):
        app.removeTranslator(old)
        old.setParent(None)
        old.deleteLater()
    translator = QTranslator(app)
    translator.setObjectName(_TRANSLATOR)
    # English is what Qt's texts are written in: there is no file for it
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if code != "en" and translator.load(f"qtbase_{code}", folder):
        app.installTranslator(translator)
    else:
        translator.deleteLater()
    return code != before


def _locale(code: str) -> QLocale:
    """The system's own country where it speaks this language: numbers differ between countries."""
    system = QLocale.system()
    return system if system.name().split("_")[0] == code else QLocale(code)


def dress(app: QApplication, choice: str, text_percent: int | None = None) -> None:
    """Wear a theme: "system" follows the system's from now on. `text_percent` None: text as it is."""
    # Qt shares every fill of some height out among threads; waking them takes longer than filling.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    choose_theme(app, cast("Choice", choice), text_percent)


def scale_text(app: QApplication, text_percent: int) -> None:
    """Have all text in this size from now on."""
    set_text_percent(app, text_percent)
