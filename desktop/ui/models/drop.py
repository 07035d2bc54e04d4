"""Which of the files dragged over the window are models."""

from collections.abc import Sequence

from desktop.view_models.model_imports import looks_like_model


def parted(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Models, and everything else."""
    models = [path for path in paths if looks_like_model(path)]
    return models, [path for path in paths if not looks_like_model(path)]
