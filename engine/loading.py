"""Load a model as it was placed and, where that fails, with less. Chooses no placement, reads no header."""

from collections.abc import Callable, Sequence

import msgspec

from engine.devices import Device
from engine.errors import Cancelled, ModelLoadFailed
from engine.fit import SMALLEST_CONTEXT_TOKENS, Placement
from engine.llama import Context, Library, Model
from engine.protocol import LoadModel, SteppedDown
from engine.runtime import default_threads
from engine.stop import StopFlag


class Loading:
    """One load: half the context, then half of the GPU layers, until it works or nothing is left.

    What the person chose is not lowered.
    """

    def __init__(
        self, library: Library, request: LoadModel, report: Callable[[float], None], stop: StopFlag
    ) -> None:
        self._library, self._request = library, request
        self._report, self._stop = report, stop
        self._lowered: set[SteppedDown] = set()
        self.placement = Placement(0)
        self._gpus: tuple[str, ...] = ()

    @property
    def stepped_down(self) -> tuple[SteppedDown, ...]:
        return tuple(sorted(self._lowered))

    def down_from(self, placement: Placement, devices: Sequence[Device]) -> tuple[Model, Context]:
        """`devices` are those the placement was chosen for.

        Raises Cancelled, and ModelLoadFailed with what the last try failed with.
        """
        self.placement = placement
        self._gpus = tuple(device.name for device in devices if device.kind != "cpu")
        if self._request.context_tokens is not None:
            self.placement = msgspec.structs.replace(placement, context_tokens=self._request.context_tokens)
        while True:
            try:
                return self._load()
            except ModelLoadFailed:
                if not self._fewer_layers():
                    raise

    def _load(self) -> tuple[Model, Context]:
        layers = self.placement.gpu_layers
        # without layers of its own a GPU would still be lent those of the host for long prompts
        gpus = self._gpus if layers else ()
        model = Model(self._library, self._request.path, layers, self._report, self._stop, gpus)
        try:
            return model, self._context(model)
        except BaseException:
            model.close()
            raise

    def _context(self, model: Model) -> Context:
        threads = self._request.threads or default_threads()
        while True:
            if self._stop:  # heard too late for the weights, and a window takes its time as well
                raise Cancelled
            try:
                return Context(self._library, model, self._request.path, self.placement, threads)
            except ModelLoadFailed:
                if not self._shorter():
                    raise

    def _shorter(self) -> bool:
        tokens = self.placement.context_tokens
        if self._request.context_tokens is not None or tokens <= SMALLEST_CONTEXT_TOKENS:
            return False
        less = max(SMALLEST_CONTEXT_TOKENS, tokens // 2)
        self.placement = msgspec.structs.replace(self.placement, context_tokens=less)
        self._lowered.add("context_tokens")
        return True

    def _fewer_layers(self) -> bool:
        layers = self.placement.gpu_layers
        if self._request.gpu_layers >= 0 or layers == 0:
            return False
        self.placement = msgspec.structs.replace(self.placement, gpu_layers=layers // 2)
        self._lowered.add("gpu_layers")
        return True
