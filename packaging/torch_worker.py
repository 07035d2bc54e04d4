"""The entry of the add-on for sentence-transformers: `sobremesa-torch --worker MODULE ...`, nothing else."""

import runpy
import sys

WORKERS = ("rag.embedder_worker", "rag.reranker_worker")

if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] != ["--worker"] or words[1:2] == [] or words[1] not in WORKERS:
        sys.stderr.write("This is a part of Sobremesa, which starts it when a search model needs it.\n")
        sys.exit(2)
    sys.argv = words[1:]
    runpy.run_module(words[1], run_name="__main__", alter_sys=True)
