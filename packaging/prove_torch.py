"""The add-on for sentence-transformers, proven: the installed program searches with models of that form.

The same texts are indexed twice, with the search model as it came along (ONNX) and with its folder for
sentence-transformers, and the same questions asked. A model that reads a search's order again is tried too.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing

from prove_day import PDFS
from prove_person import DATA, ROOT, Failed, Person, expect, last_json
from prove_root import HOME, USER_ID, RootFailed

# each with the file and the page that answer it
QUESTIONS = (
    ("How much is a ticket for adults?", "museum.pdf", 3),
    ("On which days is it closed?", "museum.pdf", 3),
    ("What colour were the sails?", "museum.pdf", 2),
    ("Where can I leave my bicycle?", "museum.pdf", 4),
    ("May I bring my dog?", "museum.pdf", 4),
    ("How long does the visit take?", "museum.pdf", 1),
    ("Who bought the warehouses?", "museum.pdf", 1),
    ("¿Cuánto vale la entrada?", "museo.pdf", 3),
    ("¿Qué días cierra?", "museo.pdf", 3),
    ("¿De qué color eran las velas?", "museo.pdf", 2),
    ("¿Qué aprenden los niños en el taller?", "museo.pdf", 2),
    ("¿Cómo se llama la barca mayor?", "museo.pdf", 2),
)
FORM_OF_ONNX = "onnx"


class AddOn(Person):
    """The program, its models and the add-on."""

    packages = ("sobremesa", "sobremesa-models", "sobremesa-sentence-transformers")

    def steps(self) -> tuple[Callable[[], None], ...]:
        return (
            self.install,
            self.search_with_the_model_that_came_along,
            self.search_with_a_folder_of_sentence_transformers,
            self.read_the_order_again,
            self.use_it_beside_the_portable_program,
            self.uninstall_the_add_on,
            self.account,
        )

    def search_with_the_model_that_came_along(self) -> None:
        for name in ("museum.pdf", "museo.pdf"):
            self.ask("index", self.give(PDFS / name))
        self._measure("the ONNX form")

    def search_with_a_folder_of_sentence_transformers(self) -> None:
        """The same model in the other form; all vectors are made anew by it."""
        folder = self.chosen.sentence_transformers.expanduser()
        target = self.home / "e5"
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns(FORM_OF_ONNX, "*.gguf"))
        subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", str(target)], check=True)
        self._set(embedder_path=f"{HOME}/e5")
        self.open_window()
        # until then, the one before answers
        self.until("the other search model", self._taken_over, 300)
        self._measure("sentence-transformers")
        self.screen.press("Escape")
        self.screen.picture("search-by-the-add-on")
        self.close_window()
        expect("sobremesa-torch" in self._programs("rag.embedder_worker"), "The add-on was not asked.")
        one, other = self.figures["the ONNX form"], self.figures["sentence-transformers"]
        expect(other >= one - 1, f"Of {len(QUESTIONS)} questions {other} are answered, not {one}.")

    def read_the_order_again(self) -> None:
        """A cross-encoder: one made up, whose scores mean nothing, must be asked all the same."""
        made = self.out / "cross-encoder"
        python = self.chosen.python
        code = "import sys; from pathlib import Path; from tests.fakes.cross_encoders import write_bert; "
        code += "write_bert(Path(sys.argv[1]))"
        subprocess.run([str(python), "-c", code, str(made)], cwd=ROOT, check=True)
        self._set(reranker_path=self.give(made))
        shutil.rmtree(made)
        hits = self.ask("search", QUESTIONS[0][0], "-k", "3")["results"]
        expect(len(hits) == 3, f"There are {len(hits)} hits.")
        expect("sobremesa-torch" in self._programs("rag.reranker_worker"), "The reranker was not asked.")
        self._set(reranker_path="")

    def use_it_beside_the_portable_program(self) -> None:
        """The two archives, unpacked as their words say."""
        portable = self.home / "portable"
        portable.mkdir()
        for name, into in (("sobremesa-[0-9]*", portable), ("sobremesa-sentence-transformers-*", None)):
            found = sorted(self.chosen.packages.glob(f"{name}.tar.gz"))
            expect(bool(found), f"There is no archive {name}.")
            inner = into or next(portable.iterdir())
            subprocess.run(["tar", "xzf", str(found[-1]), "-C", str(inner)], check=True)
        program = next(portable.glob("*/sobremesa"))
        inside = f"{HOME}/{program.relative_to(self.home)}"
        data = f"{HOME}/{DATA}-portable"
        variables = {"SOBREMESA_DATA": data}
        (self.home / f"{DATA}-portable").mkdir(parents=True)
        self._set(DATA + "-portable", embedder_path=f"{HOME}/e5")
        self.root.use(inside, "index", f"{HOME}/museum.pdf", "--json", variables=variables)
        told = self.root.use(inside, "search", QUESTIONS[0][0], "-k", "1", "--json", variables=variables)
        expect(last_json(told)["results"][0]["page"] == QUESTIONS[0][2], f"The search finds {told}")
        shutil.rmtree(portable)

    def uninstall_the_add_on(self) -> None:
        """Without it such a folder is refused, in words that say what to install."""
        self.root.inside("apt-get", "purge", "-y", "-q", "sobremesa-sentence-transformers")
        gone = self.root.folder / "usr/lib/sobremesa/sentence-transformers"
        expect(not gone.exists(), "The add-on is still there.")
        try:
            self.ask("search", QUESTIONS[0][0])
        except RootFailed as refused:
            expect("embedder_needs_add_on" in str(refused), str(refused))
        else:
            raise Failed("Something else reads that folder.")

    def _measure(self, name: str) -> None:
        """How many of the questions find the page that answers them first, and which do not."""
        missed = [question for question, *place in QUESTIONS if list(self.found(question)) != place]
        self.figures[name] = len(QUESTIONS) - len(missed)
        self.figures[f"{name}, missed"] = missed

    def _set(self, data: str = DATA, **values: str) -> None:
        """As the settings page writes them; no program runs meanwhile."""
        file = self.home / data / "settings.json"
        held = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.write_text(json.dumps(held | values), "utf-8")
        subprocess.run(["chown", "-R", f"{USER_ID}:{USER_ID}", str(file.parent)], check=True)
        file.chmod(0o600)

    def _taken_over(self) -> bool:
        """Whether the library's vectors are of the other model, as it remembers it itself."""
        self.found(QUESTIONS[0][0])  # by which it learns that another one was chosen
        file = self.home / DATA / "library" / "library.db"
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as library:
            row = library.execute("SELECT value FROM facts WHERE name = 'source'").fetchone()
        return row is not None and row[0] == f"{HOME}/e5"

    def _programs(self, worker: str) -> str:
        """The calls by which this worker was started, in all traces so far."""
        lines = [
            line
            for file in sorted((self.out / "traces").glob("*.trace"))
            for line in file.read_text("utf-8", "replace").splitlines()
        ]
        return "\n".join(line for line in lines if "execve(" in line and worker in line)
