"""The elementwise parts of a Transformer in NumPy, each function with its gradient beside it.

Arrays are (tokens, width) unless a docstring says otherwise. Everything is written into arrays that the
caller owns. A gradient takes `d_out`, the loss's derivative by the part's output, and may use it up.
`engine.train.compiled` has the same functions as loops, for where numba is at hand.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Ints = NDArray[np.integer]

GELU_A: Final = 0.7978845608028654  # sqrt(2 / pi)
GELU_B: Final = 0.044715
LEAST: Final = 1e-9  # a share that is as good as none


# ── norms ─────────────────────────────────────────────────────────────────────────────────────────


def rms_norm(x: Array, gain: Array, epsilon: float, out: Array, scale: Array) -> None:
    """out = gain * x * scale, with scale = 1 / sqrt(mean(x²) + epsilon): (tokens,). arXiv:1910.07467"""
    np.einsum("tw,tw->t", x, x, out=scale)
    scale /= x.shape[1]
    scale += epsilon
    np.sqrt(scale, out=scale)
    np.reciprocal(scale, out=scale)
    np.multiply(x, scale[:, None], out=out)
    out *= gain


def rms_norm_gradient(
    d_out: Array, x: Array, gain: Array, scale: Array, d_x: Array, d_gain: Array | None
) -> None:
    """Adds to `d_x`; writes `d_gain`: (width,)."""
    if d_gain is not None:
        np.einsum("tw,tw,t->w", d_out, x, scale, out=d_gain)
    d_out *= gain
    # what goes along x only changes its length, which the norm takes back out
    along = np.einsum("tw,tw->t", d_out, x)
    along *= scale**3 / x.shape[1]
    d_out *= scale[:, None]
    d_x += d_out
    np.multiply(x, along[:, None], out=d_out)
    d_x -= d_out


def layer_norm(
    x: Array, gain: Array, bias: Array, epsilon: float, out: Array, mean: Array, scale: Array
) -> None:
    """out = gain * (x - mean) * scale + bias, scale = 1 / sqrt(variance + epsilon). arXiv:1607.06450"""
    np.mean(x, axis=1, out=mean)
    np.subtract(x, mean[:, None], out=out)
    np.einsum("tw,tw->t", out, out, out=scale)
    scale /= x.shape[1]
    scale += epsilon
    np.sqrt(scale, out=scale)
    np.reciprocal(scale, out=scale)
    out *= scale[:, None]
    out *= gain
    out += bias


def layer_norm_gradient(
    d_out: Array,
    x: Array,
    gain: Array,
    mean: Array,
    scale: Array,
    d_x: Array,
    d_gain: Array | None,
    d_bias: Array | None,
) -> None:
    """Adds to `d_x`; writes `d_gain` and `d_bias`: (width,)."""
    unit = (x - mean[:, None]) * scale[:, None]
    if d_gain is not None:
        np.einsum("tw,tw->w", d_out, unit, out=d_gain)
    if d_bias is not None:
        np.sum(d_out, axis=0, out=d_bias)
    d_out *= gain
    along = np.einsum("tw,tw->t", d_out, unit) / x.shape[1]
    d_out -= np.mean(d_out, axis=1, keepdims=True)
    unit *= along[:, None]
    d_out -= unit
    d_out *= scale[:, None]
    d_x += d_out


# ── positions ─────────────────────────────────────────────────────────────────────────────────────


def rotation(positions: int, head_width: int, base: float) -> tuple[Array, Array]:
    """Cosines and sines of rotary positions, (positions, head_width / 2) each. arXiv:2104.09864"""
    speeds = base ** (-np.arange(0, head_width, 2) / head_width)
    angles = np.outer(np.arange(positions), speeds)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def rotate(heads: Array, cos: Array, sin: Array) -> None:
    """Turn each pair (i, i + half) of every head by its position's angle, in place.

    `heads`: (batch, time, heads, head_width). The gradient is the turn back: `rotate` with -sin.
    """
    half = heads.shape[-1] // 2
    first, second = heads[..., :half], heads[..., half:]
    cos, sin = cos[:, None, :], sin[:, None, :]
    turned = first * cos
    turned -= second * sin
    second *= cos
    second += first * sin
    first[...] = turned


# ── attention's weights ───────────────────────────────────────────────────────────────────────────


def softmax(scores: Array, scale: float, first: Ints, last: Ints) -> None:
    """Each row of scores becomes probabilities over the keys that its query sees; 0 elsewhere. In place.

    `scores`: (batch, key heads, group, queries, keys). A query sees the keys from `first` up to, not
    including, `last`, (batch, queries) each; one that sees none gets zeros.
    """
    keys = np.arange(scores.shape[-1])
    seen = (keys >= first[..., None]) & (keys < last[..., None])  # (batch, queries, keys)
    seen = seen[:, None, None]
    scores *= scale
    np.copyto(scores, -np.inf, where=~seen)
    highest = scores.max(axis=-1, keepdims=True)
    np.copyto(highest, 0, where=np.isinf(highest))
    scores -= highest
    np.exp(scores, out=scores)
    total = scores.sum(axis=-1, keepdims=True)
    np.copyto(total, 1, where=total == 0)
    scores /= total


def softmax_gradient(d_out: Array, probabilities: Array, scale: float, _first: Ints, _last: Ints) -> None:
    """Write the scores' derivative over the probabilities. Shapes as in `softmax`."""
    inner = np.einsum("bkgqs,bkgqs->bkgq", d_out, probabilities)
    d_out -= inner[..., None]
    probabilities *= d_out
    probabilities *= scale


# ── activations ───────────────────────────────────────────────────────────────────────────────────


def swiglu(gate_up: Array, out: Array) -> None:
    """out = silu(gate) * up, with `gate_up`: (tokens, 2 * inner), the gate first. arXiv:2002.05202"""
    inner = out.shape[1]
    gate, up = gate_up[:, :inner], gate_up[:, inner:]
    np.negative(gate, out=out)
    np.exp(out, out=out)
    out += 1
    np.divide(gate, out, out=out)
    out *= up


def swiglu_gradient(d_out: Array, gate_up: Array) -> None:
    """Write the derivatives of gate and up over them."""
    inner = d_out.shape[1]
    gate, up = gate_up[:, :inner], gate_up[:, inner:]
    open_ = 1 / (1 + np.exp(-gate))  # the sigmoid
    silu = gate * open_
    slope = open_ + silu * (1 - open_)
    np.multiply(slope, up, out=gate)
    gate *= d_out
    np.multiply(silu, d_out, out=up)


def gelu(x: Array, out: Array) -> None:
    """out = x * Phi(x), by GPT-2's formula with tanh. arXiv:1606.08415"""
    np.multiply(x, x, out=out)
    out *= GELU_B
    out += 1
    out *= x
    out *= GELU_A
    np.tanh(out, out=out)
    out += 1
    out *= x
    out *= 0.5


def gelu_gradient(d_out: Array, x: Array) -> None:
    """Write the derivative over x."""
    square = x * x
    bend = np.tanh(GELU_A * x * (1 + GELU_B * square))
    slope = 0.5 * (1 + bend) + 0.5 * x * (1 - bend * bend) * GELU_A * (1 + 3 * GELU_B * square)
    np.multiply(slope, d_out, out=x)


# ── tokens in, tokens out ─────────────────────────────────────────────────────────────────────────


def embed(table: Array, tokens: Ints, out: Array) -> None:
    """out[t] = table[tokens[t]]; `tokens`: (tokens,)."""
    np.take(table, tokens, axis=0, out=out, mode="clip")


def embed_gradient(d_out: Array, tokens: Ints, d_table: Array) -> None:
    """Adds each token's row to its row of the table."""
    np.add.at(d_table, tokens, d_out)


def cross_entropy(logits: Array, targets: Ints, weights: Array, losses: Array) -> None:
    """losses[t] = -log softmax(logits[t])[targets[t]], in nats; logits become the derivative of
    sum(weights * losses). `logits`: (tokens, vocab); the others: (tokens,).
    """
    rows = np.arange(len(targets))
    logits -= logits.max(axis=1, keepdims=True)
    losses[...] = -logits[rows, targets]
    np.exp(logits, out=logits)
    total = logits.sum(axis=1)
    losses += np.log(total)
    logits *= (weights / total)[:, None]
    logits[rows, targets] -= weights


def stay_near(logits: Array, kept: Ints, shares: Array, weights: Array, losses: Array) -> None:
    """losses[t] = how far softmax(logits[t]) is from the shares that the tokens `kept` had, and all others
    together (Kullback-Leibler, in nats); logits become the derivative of sum(weights * losses),
    and the shares are used up.

    `kept`, `shares`: (tokens, likeliest); the others as in `cross_entropy`. arXiv:1503.02531
    """
    rows = np.arange(len(kept))[:, None]
    logits -= logits.max(axis=1, keepdims=True)
    np.exp(logits, out=logits)
    logits /= logits.sum(axis=1, keepdims=True)
    said = np.maximum(logits[rows, kept], LEAST)
    rest = np.maximum(1 - shares.sum(axis=1), LEAST)
    said_rest = np.maximum(1 - said.sum(axis=1), LEAST)
    losses[...] = (shares * np.log(np.maximum(shares, LEAST) / said)).sum(axis=1)
    losses += rest * np.log(rest / said_rest)
    # of the others each had its part of what they had together
    logits *= (1 - rest / said_rest)[:, None]
    logits[rows, kept] = said - shares
    logits *= weights[:, None]


# ── sums and the optimizer ────────────────────────────────────────────────────────────────────────

BLOCK: Final = 1 << 15  # numbers at a time: what an optimizer's step touches of them stays in the cache


def add(total: Array, more: Array) -> None:
    """total += more, of any one shape."""
    total += more


def add_bias(x: Array, bias: Array) -> None:
    x += bias


def adamw(
    parameters: Array,
    gradient: Array,
    mean: Array,
    square: Array,
    rate: float,
    decay: float,
    beta_mean: float,
    beta_square: float,
    step: int,
    clip: float,
) -> None:
    """One step of AdamW over flat arrays, in place; `clip` multiplies the gradient. arXiv:1711.05101

    `mean` and `square` are the running averages of the gradient and its square; `step` counts from 1.
    """
    mean_share, square_share = 1 - beta_mean**step, 1 - beta_square**step
    for start in range(0, len(parameters), BLOCK):
        part = slice(start, start + BLOCK)
        p, m, s = parameters[part], mean[part], square[part]
        g = gradient[part] * clip
        m *= beta_mean
        m += (1 - beta_mean) * g
        g *= g
        s *= beta_square
        s += (1 - beta_square) * g
        np.divide(s, square_share, out=g)
        np.sqrt(g, out=g)
        g += 1e-8
        np.divide(m, g, out=g)
        p *= 1 - rate * decay
        g *= rate / mean_share
        p -= g
