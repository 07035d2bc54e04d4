"""The same Llama in PyTorch, as its users write it: the other side of the bench of speed. Needs torch."""

from typing import Any

import numpy as np
import torch
from torch.nn import functional

from engine.train.config import ModelConfig
from engine.train.parameters import Parameters, decays


class TorchLearner:
    """Takes steps on batches of whole rows. `kind`: eager, compiled, or bf16 (autocast)."""

    def __init__(
        self, config: ModelConfig, weights: Parameters, kind: str, threads: int, *, decay: float, clip: float
    ) -> None:
        torch.set_num_threads(threads)
        self._config, self._kind, self._clip = config, kind, clip
        self._weights = {
            name: torch.nn.Parameter(torch.from_numpy(np.array(weights[name]))) for name in weights
        }
        split: dict[bool, list[Any]] = {True: [], False: []}
        for name, parameter in self._weights.items():
            split[decays(name, tuple(parameter.shape))].append(parameter)
        groups = [
            {"params": some, "weight_decay": decay if matrices else 0.0} for matrices, some in split.items()
        ]
        self._optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), eps=1e-8, fused=True)
        half = config.head_width // 2
        speeds = config.rope_base ** (-torch.arange(half) / half)
        angles = torch.arange(config.context)[:, None] * speeds
        self._cos, self._sin = angles.cos(), angles.sin()
        self._loss = torch.compile(self._forward) if kind == "compiled" else self._forward

    def learn(self, tokens: Any, targets: Any, rate: float) -> float:
        """One step on (rows, time) of token ids; the loss before it."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        said, wanted = torch.from_numpy(tokens).long(), torch.from_numpy(targets).long()
        with torch.autocast("cpu", torch.bfloat16, enabled=self._kind == "bf16"):
            loss = self._loss(said, wanted)
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self._weights.values()), self._clip)
        self._optimizer.step()
        return float(loss.detach())

    def _forward(self, tokens: Any, targets: Any) -> Any:
        config, weights = self._config, self._weights
        rows, time = tokens.shape
        x = weights["token_embedding"][tokens]
        for layer in range(config.layers):
            name = f"blocks.{layer}"
            qkv = functional.linear(self._norm(f"{name}.attention_norm", x), weights[f"{name}.qkv"])
            q, k, v = (
                part.view(rows, time, config.heads, config.head_width).transpose(1, 2)
                for part in qkv.split(config.width, -1)
            )
            mixed = functional.scaled_dot_product_attention(self._turn(q), self._turn(k), v, is_causal=True)
            mixed = mixed.transpose(1, 2).reshape(rows, time, config.width)
            x = x + functional.linear(mixed, weights[f"{name}.attention_out"])
            gate, up = functional.linear(self._norm(f"{name}.mlp_norm", x), weights[f"{name}.up"]).chunk(
                2, -1
            )
            x = x + functional.linear(functional.silu(gate) * up, weights[f"{name}.down"])
        logits = functional.linear(self._norm("final_norm", x), weights["token_embedding"])
        return functional.cross_entropy(logits.view(rows * time, -1), targets.reshape(-1))

    def _norm(self, name: str, x: Any) -> Any:
        return functional.rms_norm(x, (x.shape[-1],), self._weights[name], self._config.norm_epsilon)

    def _turn(self, heads: Any) -> Any:
        first, second = heads.chunk(2, -1)
        cos, sin = self._cos[: heads.shape[2]].to(heads.dtype), self._sin[: heads.shape[2]].to(heads.dtype)
        return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)
