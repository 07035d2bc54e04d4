"""What reaches a terminal, and what becomes of it when nobody takes it any more."""

import errno
import io

from desktop.cli.terminal import Terminal


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_no_text_steers_the_terminal() -> None:
    out, err = io.StringIO(), io.StringIO()
    terminal = Terminal(out, err)
    terminal.line("a \x1b]0;another title\x07 b\x9b31m\r\x08 ñ 😀\tc\nd")
    terminal.note("\x1b[2J note")
    assert out.getvalue() == "a ]0;another title b31m ñ 😀\tc\nd\n"
    assert err.getvalue() == "[2J note\n"


def test_output_that_fails_asks_once_for_the_work_to_stop() -> None:
    asked: list[bool] = []
    terminal = Terminal(Full(), io.StringIO(), lambda: asked.append(True))
    terminal.write("a")
    terminal.line("b")
    assert terminal.broken
    assert asked == [True]
