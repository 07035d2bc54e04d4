"""A program that ends with a message on the clipboard ends well, in a process of its own."""

import subprocess
import sys

import pytest

ENDS = """
from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QApplication
from desktop.ui.clipboard import leave_clipboard

app = QApplication(["test", "-platform", "offscreen"])
mime = QMimeData()
mime.setText("text")
mime.setHtml("<b>text</b>")
QApplication.clipboard().setMimeData(mime)
{before}
leave_clipboard()
print("end", flush=True)
"""


@pytest.mark.parametrize("before", ["", "del mime", "app.shutdown(); app = QApplication(['test'])"])
def test_what_was_copied_takes_no_process_down_with_it(before: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDS.format(before=before)], capture_output=True, text=True, timeout=60
    )
    assert (ended.stdout.strip(), ended.returncode) == ("end", 0), ended.stderr
