"""Formulas as outlines: nothing of them stands outside of what is reserved for it."""

import re

import pytest

from desktop.core.workers.formulas import SetFormula, outlines


@pytest.mark.parametrize(
    "source",
    [
        r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}",
        r"\sum_{n=1}^{\infty} \frac{1}{n^2}",
        r"\sqrt{\frac{a}{b}} \quad \begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    ],
)
@pytest.mark.parametrize("display", [False, True])
def test_every_outline_stands_between_ascent_and_descent(source: str, display: bool) -> None:
    made = outlines(SetFormula(1, source, display))
    assert made.fills
    for path in (*made.fills, *(path for path, _ in made.strokes)):
        heights = [float(one) for one in re.findall(r"-?\d*\.?\d+", path)[1::2]]
        assert -made.ascent - 1e-6 <= min(heights)
        assert max(heights) <= made.descent + 1e-6
