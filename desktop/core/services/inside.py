"""The core's methods about the inside of models, described in `desktop.core.contract.inside.InsideCore`."""

from collections.abc import Callable

from desktop.core.operations import Operation, start
from desktop.core.training.inside import Inside, source_of
from engine.train.looks import Neighbourhood, TextSeen
from engine.train.protocol import LookAround, Looked, LookedAround, LookInside


class InsideServices:
    """What `Services` inherits."""

    _inside: Inside
    _model_path: Callable[[str], str]

    def look_inside(self, model: str, text: str, layer: int = 0, place: int = -1) -> Operation[TextSeen]:
        def work(operation: Operation[TextSeen]) -> TextSeen:
            request = LookInside(self._model_path(model), text, layer, place)
            return self._inside.look(request, Looked, operation).seen

        return start(work, "look inside")

    def look_around(self, model: str, text: str, search: str = "") -> Operation[Neighbourhood]:
        def work(operation: Operation[Neighbourhood]) -> Neighbourhood:
            request = LookAround(self._model_path(model), text, search)
            return self._inside.look(request, LookedAround, operation).seen

        return start(work, "look around")

    def source_of(self, function: str) -> Operation[str]:
        return start(lambda _: source_of(function), "source of")
