"""The functions of `engine.train.parts` as loops that numba compiles: one pass over memory instead of many.

What each computes, and from which paper, stands there; tests hold both to the same numbers. Allocates
nothing. Every loop lets go of the GIL, so that Python's threads run it side by side.
"""

import math
from typing import Any

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic, overload

from engine.train.parts import GELU_A, GELU_B, LEAST, rotation

__all__ = ["rotation"]  # computed once a run: NumPy's is the one there is

# "fastmath": sums may be taken in any order, which is what lets the compiler use wide registers.
# No infinities and NaN are assumed away: a diverging loss must show.
_compiled = numba.njit(
    nogil=True, cache=True, fastmath={"reassoc", "contract", "arcp", "nsz"}, error_model="numpy"
)


@intrinsic
def _power_of_two(typing, exponent):  # noqa: ARG001  numba's form
    """2**exponent for an int32 within a float's range, by writing its bits."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        bits = builder.shl(
            builder.add(arguments[0], context.get_constant(types.int32, 127)),
            context.get_constant(types.int32, 23),
        )
        return builder.bitcast(bits, context.get_value_type(types.float32))

    return types.float32(types.int32), code


def _exp(x):
    """e**x; a polynomial for float32, as the compiler knows no wide form of the library's."""
    return math.exp(x)


@overload(_exp, inline="always")
def _exp_by_type(x):
    if x != types.float32:
        return lambda x: math.exp(x)

    def polynomial(x):
        # e**x = 2**n * e**r with |r| <= ln(2)/2, by the coefficients of Cephes' expf: two units in the
        # last place at most
        x = min(max(x, np.float32(-87.0)), np.float32(88.0))
        n = np.floor(x * np.float32(1.44269504) + np.float32(0.5))
        r = x - n * np.float32(0.693359375)
        r = r - n * np.float32(-2.12194440e-4)
        y = np.float32(1.9875691500e-4)
        y = y * r + np.float32(1.3981999507e-3)
        y = y * r + np.float32(8.3334519073e-3)
        y = y * r + np.float32(4.1665795894e-2)
        y = y * r + np.float32(1.6666665459e-1)
        y = y * r + np.float32(5.0000001201e-1)
        y = y * r * r + r + np.float32(1.0)
        return y * _power_of_two(np.int32(n))

    return polynomial


# ── norms ─────────────────────────────────────────────────────────────────────────────────────────


@_compiled
def rms_norm(x, gain, epsilon, out, scale):
    tokens, width = x.shape
    one = x.dtype.type(1)
    for t in range(tokens):
        row, to = x[t], out[t]
        total = x.dtype.type(0)
        for i in range(width):
            total += row[i] * row[i]
        s = one / np.sqrt(total / x.dtype.type(width) + x.dtype.type(epsilon))
        scale[t] = s
        for i in range(width):
            to[i] = gain[i] * row[i] * s


@_compiled
def rms_norm_gradient(d_out, x, gain, scale, d_x, d_gain):
    tokens, width = x.shape
    if d_gain is not None:
        d_gain[:] = 0
    for t in range(tokens):
        row, d_row, to = x[t], d_out[t], d_x[t]
        s = scale[t]
        along = x.dtype.type(0)
        for i in range(width):
            along += d_row[i] * gain[i] * row[i]
        along *= s * s * s / x.dtype.type(width)
        for i in range(width):
            to[i] += d_row[i] * gain[i] * s - row[i] * along
        if d_gain is not None:
            for i in range(width):
                d_gain[i] += d_row[i] * row[i] * s


@_compiled
def layer_norm(x, gain, bias, epsilon, out, mean, scale):
    tokens, width = x.shape
    one, wide = x.dtype.type(1), x.dtype.type(width)
    for t in range(tokens):
        row, to = x[t], out[t]
        total = x.dtype.type(0)
        for i in range(width):
            total += row[i]
        middle = total / wide
        total = x.dtype.type(0)
        for i in range(width):
            total += (row[i] - middle) * (row[i] - middle)
        s = one / np.sqrt(total / wide + x.dtype.type(epsilon))
        mean[t], scale[t] = middle, s
        for i in range(width):
            to[i] = gain[i] * (row[i] - middle) * s + bias[i]


@_compiled
def layer_norm_gradient(d_out, x, gain, mean, scale, d_x, d_gain, d_bias):
    tokens, width = x.shape
    wide = x.dtype.type(width)
    if d_gain is not None:
        d_gain[:] = 0
    if d_bias is not None:
        d_bias[:] = 0
    for t in range(tokens):
        row, d_row, to = x[t], d_out[t], d_x[t]
        middle, s = mean[t], scale[t]
        along = x.dtype.type(0)
        level = x.dtype.type(0)
        for i in range(width):
            d = d_row[i] * gain[i]
            along += d * (row[i] - middle) * s
            level += d
        along /= wide
        level /= wide
        for i in range(width):
            to[i] += s * (d_row[i] * gain[i] - level - (row[i] - middle) * s * along)
        if d_gain is not None:
            for i in range(width):
                d_gain[i] += d_row[i] * (row[i] - middle) * s
        if d_bias is not None:
            for i in range(width):
                d_bias[i] += d_row[i]


# ── positions ─────────────────────────────────────────────────────────────────────────────────────


@_compiled
def rotate(heads, cos, sin):
    batch, time, count, width = heads.shape
    half = width // 2
    for b in range(batch):
        for t in range(time):
            c, s = cos[t], sin[t]
            for h in range(count):
                head = heads[b, t, h]
                for i in range(half):
                    first, second = head[i], head[i + half]
                    head[i] = first * c[i] - second * s[i]
                    head[i + half] = second * c[i] + first * s[i]


# ── attention's weights ───────────────────────────────────────────────────────────────────────────


@_compiled
def softmax(scores, scale, first, last):
    batch, key_heads, group, queries, keys = scores.shape
    zero, one = scores.dtype.type(0), scores.dtype.type(1)
    scale = scores.dtype.type(scale)
    for b in range(batch):
        for h in range(key_heads):
            for g in range(group):
                for q in range(queries):
                    row = scores[b, h, g, q]
                    begin, end = min(first[b, q], keys), min(last[b, q], keys)
                    row[:begin] = zero
                    row[max(begin, end) :] = zero
                    if end <= begin:
                        continue
                    highest = row[begin]
                    for k in range(begin + 1, end):
                        highest = max(highest, row[k])
                    total = zero
                    for k in range(begin, end):
                        value = _exp((row[k] - highest) * scale)
                        row[k] = value
                        total += value
                    share = one / total
                    for k in range(begin, end):
                        row[k] *= share


@_compiled
def softmax_gradient(d_out, probabilities, scale, first, last):
    batch, key_heads, group, queries, keys = probabilities.shape
    scale = probabilities.dtype.type(scale)
    for b in range(batch):
        for h in range(key_heads):
            for g in range(group):
                for q in range(queries):
                    p, d = probabilities[b, h, g, q], d_out[b, h, g, q]
                    begin, end = min(first[b, q], keys), min(last[b, q], keys)
                    inner = probabilities.dtype.type(0)
                    for k in range(begin, end):
                        inner += p[k] * d[k]
                    for k in range(begin, end):
                        p[k] *= (d[k] - inner) * scale


# ── activations ───────────────────────────────────────────────────────────────────────────────────


@_compiled
def swiglu(gate_up, out):
    tokens, inner = out.shape
    one = out.dtype.type(1)
    for t in range(tokens):
        gate, up, to = gate_up[t, :inner], gate_up[t, inner:], out[t]
        for i in range(inner):
            to[i] = gate[i] * up[i] / (one + _exp(-gate[i]))


@_compiled
def swiglu_gradient(d_out, gate_up):
    tokens, inner = d_out.shape
    one = d_out.dtype.type(1)
    for t in range(tokens):
        gate, up, d = gate_up[t, :inner], gate_up[t, inner:], d_out[t]
        for i in range(inner):
            opened = one / (one + _exp(-gate[i]))
            silu = gate[i] * opened
            gate[i] = d[i] * up[i] * (opened + silu * (one - opened))
            up[i] = d[i] * silu


@_compiled
def gelu(x, out):
    tokens, width = x.shape
    one, two = x.dtype.type(1), x.dtype.type(2)
    for t in range(tokens):
        row, to = x[t], out[t]
        for i in range(width):
            bend = x.dtype.type(GELU_A) * row[i] * (one + x.dtype.type(GELU_B) * row[i] * row[i])
            # x * (1 + tanh(bend)) / 2
            to[i] = row[i] / (one + _exp(-two * bend))


@_compiled
def gelu_gradient(d_out, x):
    tokens, width = x.shape
    one, two, three = x.dtype.type(1), x.dtype.type(2), x.dtype.type(3)
    a, b = x.dtype.type(GELU_A), x.dtype.type(GELU_B)
    for t in range(tokens):
        row, d = x[t], d_out[t]
        for i in range(width):
            square = row[i] * row[i]
            opened = one / (one + _exp(-two * a * row[i] * (one + b * square)))
            # (1 + tanh) / 2 = opened, so (1 - tanh²) / 2 = 2 opened (1 - opened)
            slope = opened + two * row[i] * opened * (one - opened) * a * (one + three * b * square)
            row[i] = slope * d[i]


# ── tokens in, tokens out ─────────────────────────────────────────────────────────────────────────


@_compiled
def embed(table, tokens, out):
    for t in range(len(tokens)):
        out[t] = table[tokens[t]]


@_compiled
def embed_gradient(d_out, tokens, d_table):
    for t in range(len(tokens)):
        row, d = d_table[tokens[t]], d_out[t]
        for i in range(len(row)):
            row[i] += d[i]


@_compiled
def cross_entropy(logits, targets, weights, losses):
    tokens, vocab = logits.shape
    for t in range(tokens):
        row = logits[t]
        highest = row[0]
        for i in range(1, vocab):
            highest = max(highest, row[i])
        wanted = row[targets[t]] - highest
        total = logits.dtype.type(0)
        for i in range(vocab):
            value = _exp(row[i] - highest)
            row[i] = value
            total += value
        losses[t] = np.log(total) - wanted
        share = weights[t] / total
        for i in range(vocab):
            row[i] *= share
        row[targets[t]] -= weights[t]


@_compiled
def stay_near(logits, kept, shares, weights, losses):
    tokens, vocab = logits.shape
    kind = logits.dtype.type
    one, least = kind(1), kind(LEAST)
    for t in range(tokens):
        row, ids, before = logits[t], kept[t], shares[t]
        highest = row[0]
        for i in range(1, vocab):
            highest = max(highest, row[i])
        total = kind(0)
        for i in range(vocab):
            value = _exp(row[i] - highest)
            row[i] = value
            total += value
        rest, said_rest, loss = one, one, kind(0)
        for i in range(len(ids)):
            said = max(row[ids[i]] / total, least)
            loss += before[i] * np.log(max(before[i], least) / said)
            rest -= before[i]
            said_rest -= said
            before[i] = (said - before[i]) * weights[t]
        rest, said_rest = max(rest, least), max(said_rest, least)
        losses[t] = loss + rest * np.log(rest / said_rest)
        share = (one - rest / said_rest) * weights[t] / total
        for i in range(vocab):
            row[i] *= share
        for i in range(len(ids)):
            row[ids[i]] = before[i]


# ── sums and the optimizer ────────────────────────────────────────────────────────────────────────


@_compiled
def _add(total, more):
    for i in range(len(total)):
        total[i] += more[i]


def add(total, more):
    """total += more: contiguous arrays of any one shape."""
    _add(total.reshape(-1), more.reshape(-1))


@_compiled
def add_bias(x, bias):
    for t in range(len(x)):
        row = x[t]
        for i in range(len(bias)):
            row[i] += bias[i]


@_compiled
def adamw(parameters, gradient, mean, square, rate, decay, beta_mean, beta_square, step, clip):
    kind = parameters.dtype.type
    one = kind(1)
    b1, b2, c = kind(beta_mean), kind(beta_square), kind(clip)
    m_share = kind(1 / (1 - beta_mean**step))
    s_share = kind(1 / (1 - beta_square**step))
    keep, r = kind(1 - rate * decay), kind(rate)
    tiny = kind(1e-8)
    for i in range(len(parameters)):
        g = gradient[i] * c
        m = b1 * mean[i] + (one - b1) * g
        s = b2 * square[i] + (one - b2) * g * g
        mean[i], square[i] = m, s
        parameters[i] = parameters[i] * keep - r * m * m_share / (np.sqrt(s * s_share) + tiny)
