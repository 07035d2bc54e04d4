"""A person's first day with the package: what they do with mouse and keyboard, in its order."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

from prove_person import DATA, PROGRAM, ROOT, Person, expect, listing
from prove_root import HOME
from prove_scan import without_text

PDFS = ROOT / "tests" / "data"
PDF = PDFS / "museum.pdf"
# the starter model answers freely: that it answers is asked for, not what
QUESTION = "What is the capital of France?"
ABOUT_THE_PDF = "How much does a ticket cost?"
ABOUT_THE_SCAN = "¿De qué color eran las velas de los barcos?"
STEPS = 10
# llama.cpp leaves drivers in software out unless they are named
SOFTWARE_CARD = {"GGML_VK_VISIBLE_DEVICES": "0"}


class Day(Person):
    """From the package to what it leaves behind."""

    def steps(self) -> tuple[Callable[[], None], ...]:
        return (
            self.install_it,
            self.start,
            self.chat,
            self.bring_in_a_document,
            self.ask_about_it,
            self.follow_the_citation,
            self.read_a_scan,
            self.train_ten_steps_by_clicks,
            self.open_a_model_by_double_click,
            self.close,
            self.start_again,
            self.find_everything,
            self.answer_on_a_graphics_card,
            self.start_with_another_qt,
            self.uninstall,
            self.account,
        )

    # ── the package ──

    def install_it(self) -> None:
        self.install()
        share = self.root.folder / "usr/share"
        for place in (
            "applications/sobremesa.desktop",
            "man/man1/sobremesa.1.gz",
            "mime/packages/sobremesa.xml",
        ):
            expect((share / place).is_file(), f"{place} is missing.")
        entry = (share / "applications/sobremesa.desktop").read_text("utf-8")
        expect("Exec=sobremesa %F\nMimeType=application/x-gguf;" in entry, "It opens no model files.")
        kinds = (share / "mime/globs2").read_text("utf-8")
        expect("application/x-gguf:*.gguf" in kinds, "The system does not know model files.")
        self.give(PDF)

    # ── the window ──

    def start(self) -> None:
        """Until it stands on the screen, and takes what is typed."""
        self.open_window()
        self.screen.click("Skip the introduction", 60)
        self.screen.see("New chat")
        self.screen.picture("first-start")

    def chat(self) -> None:
        """A question typed, an answer on the screen and in the store."""
        self.screen.press("ctrl+l")
        self.screen.write(QUESTION)
        self.screen.press("Return")
        self.wait_for_reply(QUESTION)
        self.screen.see(QUESTION, 30)
        self.screen.picture("chat")

    def bring_in_a_document(self) -> None:
        """Through the palette and the file dialog, as a person without a mouse would."""
        self.screen.press("ctrl+n")
        self.screen.press("ctrl+shift+d")
        self.screen.see("Documents")
        self.screen.press("ctrl+k")
        self.screen.write("Add documents")
        time.sleep(0.5)
        self.screen.press("Return")
        self.until("the dialog", lambda: self.screen.windows() > 1, 30)
        self.screen.write(f"{HOME}/{PDF.name}")
        self.screen.press("Return")
        self.until("the document", lambda: any(PDF.name in str(one) for one in self.documents()), 120)
        # only then is it switched on for the chat in front
        self.screen.see("8 passages", 60)
        time.sleep(2)
        self.screen.picture("document")

    def ask_about_it(self) -> None:
        """The answer names its source."""
        self.screen.press("ctrl+l")
        self.screen.write(ABOUT_THE_PDF)
        self.screen.press("Return")
        self.wait_for_reply(ABOUT_THE_PDF)
        self.screen.see(f"{PDF.name}, p. 3", 30)
        self.screen.picture("answer")

    def follow_the_citation(self) -> None:
        """A click on it opens the document at that page, the passage marked."""
        self.screen.click(f"{PDF.name}, p. 3", last=True)
        self.screen.see("3 of 4", 60)  # the page of the document, beside the conversation
        self.screen.see("Opening hours", 60)
        self.screen.picture("citation")

    def read_a_scan(self) -> None:
        """Pages that are pictures, in Spanish: read by the Tesseract that came along, and found."""
        scan = self.out / "escaneado.pdf"
        without_text(PDFS / "museo.pdf", scan)
        self.ask("index", self.give(scan))
        self.until("the scan", lambda: self.found(ABOUT_THE_SCAN) == (scan.name, 2), 120)
        self.figures["a scan's page is found"] = ABOUT_THE_SCAN
        scan.unlink()

    def train_ten_steps_by_clicks(self) -> None:
        """A model that starts from nothing, in the workshop."""
        self.screen.press("ctrl+shift+w")
        self.screen.see("Workshop")
        self.screen.picture("workshop")
        self.screen.click("Try it")
        goal = self.screen.see("Goal", 60)[0]
        margin = goal.left - 43, goal.top + 300  # between the list of chats and the cards
        time.sleep(3)  # what it is to learn from comes in beside it
        label = self.screen.scroll_to("Rows in a step", *margin)[0]
        steps = next(word for word in self.screen.see("Steps") if abs(word.top - label.top) < label.height)
        self.screen.click_at(steps.left + 20, steps.top + 3 * steps.height)
        self.screen.press("ctrl+a")
        self.screen.write(f"{STEPS}")
        self.screen.press("Tab")
        self.screen.picture("ten-steps")
        more = self.screen.scroll_to("More settings", *margin)[0]
        # the button for it: white words on a colour, which cannot be read here
        self.screen.click_at(more.left + 412, more.top + 91)
        self.screen.see("has learnt", 240)
        self.screen.picture("trained")
        runs = [
            json.loads(path.read_text("utf-8")) for path in (self.home / DATA).glob("training/*/about.json")
        ]
        taken = [(run["state"], run["step"]) for run in runs]
        expect(taken == [("finished", STEPS)], f"Of one run with {STEPS} steps there is: {taken}")
        self.figures["steps by clicks"] = STEPS

    def open_a_model_by_double_click(self) -> None:
        """What a desktop does with a model file: the window that is open takes it. A bad one is told."""
        good = self.give(self.root.folder / "usr/share/sobremesa/models" / self.model, "Downloads/mine.gguf")
        (self.home / "Downloads/recipe.gguf").write_text("Flour, water, salt.\n", "utf-8")
        for file, told in ((good, "mine.gguf"), (f"{HOME}/Downloads/recipe.gguf", "recipe.gguf")):
            self.root.use(PROGRAM, file)
            self.screen.see(told, 60)
        self.screen.see("is not a model that Sobremesa can run", 30)
        self.screen.picture("opened-by-double-click")

    @property
    def model(self) -> str:
        return next((self.root.folder / "usr/share/sobremesa/models").glob("*.gguf")).name

    # ── the end, and again ──

    def close(self) -> None:
        self.close_window()

    def start_again(self) -> None:
        """What stood on the screen comes back."""
        self.open_window()
        self.until("the second start", lambda: len(self.ask("chats")["chats"]) >= 2, 60)
        self.screen.press("ctrl+l")
        self.screen.see(ABOUT_THE_PDF, 60)
        self.screen.picture("second-start")

    def find_everything(self) -> None:
        """Chats, documents and model, asked of the open window and looked at."""
        chats = self.ask("chats")["chats"]
        expect(len(chats) == 2, f"Of two chats there are: {chats}")
        names = {PDF.name, "escaneado.pdf"}
        expect(
            all(any(name in str(one) for one in self.documents()) for name in names), "A document is gone."
        )
        found = json.dumps(self.ask("search", ABOUT_THE_PDF, "-k", "1"))
        expect("seven euros" in found, f"The search finds {found}")
        expect(len(list((self.home / DATA).glob("training/*/about.json"))) == 1, "The trained model is gone.")
        self.close_window()

    def answer_on_a_graphics_card(self) -> None:
        """With a driver in the system, the runtime for Vulkan that came along is chosen, and answers."""
        self.root.inside("apt-get", "install", "-y", "-q", "--no-install-recommends", "mesa-vulkan-drivers")
        told = self.ask("chat", QUESTION, **SOFTWARE_CARD)
        record = told["stats"]["record"]
        expect("vulkan" in record["runtime"], f"{record['runtime']} answered.")
        expect(record["gpu_layers"] > 0, "No layer lies on the card.")
        self.figures["on a card in software"] = [record["runtime"], record["gpu_layers"]]
        self.root.inside("apt-get", "purge", "-y", "-q", "--autoremove", "mesa-vulkan-drivers")

    def start_with_another_qt(self) -> None:
        """Qt may be replaced: the program starts with changed libraries in the place of its own. They must be
        of the same release, whose name PySide asks for."""
        own = self.root.folder / "usr/lib/sobremesa/_internal/PySide6/Qt/lib"
        replaced = sorted(own.glob("libQt6*.so.6"))
        expect(len(replaced) > 4, f"Of Qt's libraries only {replaced} are separate files.")
        for path in replaced:
            other = (self.chosen.qt or own) / path.name
            content = other.read_bytes() + b"changed by the person who uses it"
            path.unlink()  # a new file, not new bytes in one that may be mapped
            path.write_bytes(content)
        self.open_window()
        self.screen.see("New chat", 60)
        self.screen.picture("another-qt")
        self.close_window()
        self.figures["Qt libraries replaced"] = len(replaced)

    def uninstall(self) -> None:
        """The program goes, what the person made stays."""
        data = self.home / DATA
        before = listing(data)
        self.root.inside("apt-get", "purge", "-y", "-q", "sobremesa", "sobremesa-models")
        for gone in ("usr/bin/sobremesa", "usr/lib/sobremesa", "usr/share/sobremesa"):
            expect(not os.path.lexists(self.root.folder / gone), f"{gone} is still there.")
        expect(listing(data) == before and (data / "chats.sqlite3").is_file(), "The person's data is gone.")
