"""Rampart's encoder in torch: six layers of BERT, whose weights come from the ONNX file and go back into it.

Shapes are written as B (windows), T (pieces of a window) and D (384).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from compliance.redact.detect.windows import KINDS

WIDTH, INNER, HEADS, LAYERS = 384, 1536, 12, 6
PIECES, PLACES = 19_730, 512
EPSILON = 1e-12
DROPPED = 0.1
"""Of what passes between layers, so much is left out at random while it learns."""


class Layer(nn.Module):
    """Attention of every piece to every other, and a step of its own for each."""

    def __init__(self) -> None:
        """Weights are drawn at random; ``weights.load`` puts Rampart's in their place."""
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.attended = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.stepped = nn.LayerNorm(WIDTH, eps=EPSILON)

    def forward(self, seen: Tensor, is_there: Tensor) -> Tensor:
        """(B, T, D) to (B, T, D); ``is_there`` (B, 1, 1, T) tells pieces from filling."""
        heads = [self._split(part(seen)) for part in (self.query, self.key, self.value)]
        dropped = DROPPED if self.training else 0.0
        met = functional.scaled_dot_product_attention(*heads, attn_mask=is_there, dropout_p=dropped)
        joined = self.output(met.transpose(1, 2).reshape(seen.shape))
        seen = self.attended(seen + functional.dropout(joined, DROPPED, self.training))
        step = self.outer(functional.gelu(self.inner(seen)))
        return self.stepped(seen + functional.dropout(step, DROPPED, self.training))

    @staticmethod
    def _split(whole: Tensor) -> Tensor:
        """(B, T, D) to (B, heads, T, D / heads)."""
        return whole.view(*whole.shape[:2], HEADS, WIDTH // HEADS).transpose(1, 2)


class Encoder(nn.Module):
    """Pieces with their kinds to a score for every label."""

    def __init__(self, labels: int) -> None:
        """``labels`` is how many there are."""
        super().__init__()
        self.piece, self.place = nn.Embedding(PIECES, WIDTH), nn.Embedding(PLACES, WIDTH)
        self.kind = nn.Embedding(KINDS, WIDTH)
        self.embedded = nn.LayerNorm(WIDTH, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.classifier = nn.Linear(WIDTH, labels)
        # What pieces mean is known from more text than there is here.
        self.piece.requires_grad_(False)
        self.place.requires_grad_(False)

    def forward(self, pieces: Tensor, kinds: Tensor, is_there: Tensor) -> Tensor:
        """(B, T) each to scores (B, T, labels)."""
        places = self.place(torch.arange(pieces.shape[1]))
        seen = self.embedded(self.piece(pieces) + self.kind(kinds) + places[None])
        seen = functional.dropout(seen, DROPPED, self.training)
        for layer in self.layers:
            seen = layer(seen, is_there[:, None, None, :])
        return self.classifier(seen)
