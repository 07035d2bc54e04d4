"""One reply: read the prompt, then the loop that writes. Loads nothing, chooses no samplers."""

import time

from engine.errors import ContextFull
from engine.llama import Sampler
from engine.open_model import OpenModel
from engine.protocol import Generate, Progress, Stats, StopReason, Token
from engine.runtime import Emit
from engine.stop import StopFlag
from engine.text_stream import TextStream


class Reply:
    """One reply in the making."""

    def __init__(
        self,
        loaded: OpenModel,
        request: Generate,
        sampler: Sampler,
        seed: int,
        emit: Emit,
        stop: StopFlag,
    ) -> None:
        self._model, self._context = loaded.model, loaded.context
        self._started_s = time.perf_counter()
        self._prompt = loaded.tokens(request.messages)
        self._request, self._sampler, self._seed = request, sampler, seed
        self._emit, self._stop = emit, stop
        self._reused = self._generated = 0
        self._first_s = self._read_s = self._started_s

    def write(self) -> Stats:
        """Read the prompt, then write. Raises ContextFull, DecodeFailed."""
        limit = self._context.size_tokens - 1  # a reply needs room for one token at least
        if len(self._prompt) > limit:
            raise ContextFull(needed_tokens=len(self._prompt), limit_tokens=limit)
        self._context.watch(self._stop)
        reason = self._read_prompt() or self._write_tokens()
        return self._stats(reason)

    def _read_prompt(self) -> StopReason | None:
        self._reused = self._context.keep_prefix(self._prompt)
        new = self._prompt[self._reused :]
        done = 0
        for batch in self._context.batches(new):
            if self._stop or not self._context.evaluate(batch):
                return "cancelled"
            done += len(batch)
            self._emit(Progress("reading_prompt", done / len(new)))
        self._read_s = time.perf_counter()
        return None

    def _write_tokens(self) -> StopReason:
        stream = TextStream(self._request.stop)
        room = self._context.size_tokens - len(self._prompt)
        limit = room if self._request.max_tokens is None else min(room, self._request.max_tokens)
        reason = self._loop(stream, limit)
        if reason != "stop":
            self._tell(stream.finish())
        return reason

    def _loop(self, stream: TextStream, limit: int) -> StopReason:
        context, model, sampler, stop = self._context, self._model, self._sampler, self._stop
        while self._generated < limit:
            if stop:
                return "cancelled"
            token = context.sample(sampler)
            if not self._generated:
                self._first_s = time.perf_counter()
            if model.ends(token):
                return "end"
            self._generated += 1
            self._tell(stream.push(model.piece(token)))
            if stream.stopped:
                return "stop"
            if self._generated < limit and not context.evaluate((token,)):
                return "cancelled"
        return "length"

    def _tell(self, text: str) -> None:
        if text:
            self._emit(Token(text))

    def _stats(self, reason: StopReason) -> Stats:
        ended_s = time.perf_counter()
        writing_s = ended_s - self._read_s
        first_s = self._first_s if self._generated else ended_s
        return Stats(
            prompt_tokens=len(self._prompt),
            reused_tokens=self._reused,
            generated_tokens=self._generated,
            ttft_s=first_s - self._started_s,
            tokens_per_s=self._generated / writing_s if self._generated and writing_s > 0 else 0.0,
            stop_reason=reason,
            seed=self._seed,
        )
