"""The scenes there are, by name. Plays none."""

from collections.abc import Callable

from tests.gui.stage import Stage

Scene = Callable[[Stage], None]
SCENES: dict[str, Scene] = {}


def scene(play: Scene) -> Scene:
    """Add a scene under its function's name."""
    SCENES[play.__name__.removeprefix("scene_").replace("_", "-")] = play
    return play
