"""One reply: read the prompt, then the loop that writes. Loads nothing, chooses no samplers."""

import time
from collections.abc import Sequence

from engine.details import Details
from engine.errors import ContextFull
from engine.llama import LAST, Sampler
from engine.open_model import OpenModel
from engine.protocol import Generate, Progress, Stats, StopReason, Token
from engine.reply_stream import Said
from engine.runtime import Emit, check_begins
from engine.speculation import MOST, Speculation
from engine.stop import StopFlag

TIMED_TOKENS = 64  # a prompt with fewer new ones tells little about how fast prompts are read


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
        self._costs, self._threads = loaded.costs, loaded.threads
        self._started_s = time.perf_counter()
        # read cold, a prompt is spelled as the tokenizer does it, and not as the cache may have it
        apart = request.job or request.cold
        prompt = loaded.prompt(request.messages, request.templating, job=apart, continues=request.continues)
        check_begins(request.begins, loaded.model.vocabulary_tokens)
        self._prompt = [*prompt.tokens, *request.begins]
        self._stream = loaded.stream(request, prompt)
        self._request, self._sampler, self._seed = request, sampler, seed
        self._emit, self._stop = emit, stop
        self._speculation: Speculation | None = None
        self._details = Details(sampler, loaded.model.piece)
        self._record = loaded.record(request, seed)
        self._reused = self._generated = 0
        self._first_s = self._read_s = self._started_s

    def write(self) -> Stats:
        """Read the prompt, then write. Raises ContextFull, DecodeFailed."""
        limit = self._context.size_tokens - 1  # a reply needs room for one token at least
        if len(self._prompt) > limit:
            raise ContextFull(needed_tokens=len(self._prompt), limit_tokens=limit)
        self._context.watch(self._stop)
        self._threads.begin()
        if not self._request.job:
            return self._stats(self._read_prompt() or self._write_tokens())
        with self._context.beside(len(self._prompt) + self._limit()):
            return self._stats(self._read_prompt() or self._write_tokens())

    def _limit(self) -> int:
        """How many tokens the reply may have."""
        room, most = self._context.size_tokens - len(self._prompt), self._request.max_tokens
        return room if most is None else min(room, most)

    def _read_prompt(self) -> StopReason | None:
        if self._request.cold:
            self._context.clear()
        self._reused = self._context.keep_prefix(self._prompt)
        new = self._prompt[self._reused :]
        done = 0
        for batch in self._context.batches(new):
            self._threads.settle(self._context)
            if self._stop or not self._context.evaluate(batch):
                return "cancelled"
            done += len(batch)
            self._emit(Progress("reading_prompt", done / len(new)))
        self._read_s = time.perf_counter()
        return None

    def _write_tokens(self) -> StopReason:
        limit = self._limit()
        if self._request.speculate and self._context.can_take_back:
            self._speculation = Speculation(self._costs, self._prompt)
        reason = self._begin() or self._loop(limit)
        if reason != "stop":
            self._tell(self._stream.finish())
            if rest := self._details.take():  # of a last token that adds no text
                self._emit(Token("", rest))
        return reason

    def _begin(self) -> StopReason | None:
        """Write what the reply was given to begin with; gives what ended it there."""
        for token in self._request.begins:
            if self._model.ends(token):
                return "end"
            self._sampler.accept(token)
            self._tell(self._stream.push(self._model.piece(token), self._model.control_name(token)))
            if self._stream.stopped:
                return "stop"
        return None

    def _loop(self, limit: int) -> StopReason:
        """Every turn draws the token after the last one, and after each token of a draft that it confirms."""
        context, stop = self._context, self._stop
        draft: Sequence[int] = ()
        began_s = self._read_s
        while self._generated < limit:
            if stop:
                return "cancelled"
            held = len(context.held)
            accepted = 0
            token = self._draw(0 if draft else LAST)
            ended_s = time.perf_counter()
            reason = self._take(token, limit)
            for place, guess in enumerate(draft, start=1):
                if reason or token != guess:
                    break
                accepted = place
                token = self._draw(place)
                reason = self._take(token, limit)
            self._learn(len(draft), accepted, ended_s - began_s)
            if len(draft) > accepted and not self._take_back(held - len(draft) + accepted):
                return "cancelled"
            if reason:
                return reason
            self._threads.settle(context)
            draft = self._guess(limit - self._generated - 1)
            began_s = time.perf_counter()
            if not context.evaluate((token, *draft), 1 + len(draft)):
                return "cancelled"
        return "length"

    def _draw(self, place: int) -> int:
        token = self._context.sample(self._sampler, place)
        if not self._generated:
            self._first_s = time.perf_counter()
        return token

    def _take(self, token: int, limit: int) -> StopReason | None:
        """Write a token; gives what ended the reply with it."""
        if self._model.ends(token):
            return "end"
        self._generated += 1
        self._details.note(token)
        if self._speculation is not None:
            self._speculation.push(token)
        self._tell(self._stream.push(self._model.piece(token), self._model.control_name(token)))
        if self._stream.stopped:
            return "stop"
        return "length" if self._generated >= limit else None

    # ── guessing ahead ───────────────────────────────────────────────────────────────────────────

    def _guess(self, most: int) -> Sequence[int]:
        if self._speculation is None:
            return ()
        return self._speculation.draft(min(most, MOST, self._context.batch_tokens - 1))

    def _learn(self, drafted: int, accepted: int, seconds: float) -> None:
        """What the last evaluation, of the last token and `drafted` guesses, cost and brought."""
        if self._speculation is None:
            return
        if drafted:
            self._speculation.learn(drafted, accepted)
        if self._generated > 1:
            self._costs.learn(1 + drafted, seconds)
        elif (new := len(self._prompt) - self._reused) >= TIMED_TOKENS:
            self._costs.learn_reading(new, self._first_s - self._started_s)

    def _take_back(self, length: int) -> bool:
        """Drop the guesses after the first `length` tokens. False when it was cancelled meanwhile."""
        kept = self._context.held[:length]
        if self._context.cut(length):
            return True
        # a cache of this kind refuses it: guess no more in this reply, and read anew what was lost
        self._speculation = None
        lost = kept[len(self._context.held) :]
        return all(self._context.evaluate(batch) for batch in self._context.batches(lost))

    def _tell(self, said: list[Said]) -> None:
        for event in said:
            # details of a thought's tokens stand with the answer's first ones
            self._emit(Token(event.text, self._details.take()) if isinstance(event, Token) else event)

    def _stats(self, reason: StopReason) -> Stats:
        ended_s = time.perf_counter()
        writing_s = ended_s - self._read_s
        first_s = self._first_s if self._generated else ended_s
        guesses = self._speculation
        return Stats(
            prompt_tokens=len(self._prompt),
            reused_tokens=self._reused,
            generated_tokens=self._generated,
            ttft_s=first_s - self._started_s,
            tokens_per_s=self._generated / writing_s if self._generated and writing_s > 0 else 0.0,
            stop_reason=reason,
            seed=self._seed,
            drafted_tokens=guesses.drafted if guesses is not None else 0,
            accepted_tokens=guesses.accepted if guesses is not None else 0,
            record=self._record,
            thought_tokens=self._stream.thought_tokens,
        )
