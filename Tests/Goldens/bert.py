"""Golden values for Tensors and Models: a tiny BERT with each head, losses on rows and AdamW, from PyTorch.

    python Tests/Goldens/bert.py        # rewrites Tests/Goldens/data/{bert,losses,adamw}.{json,bin}

Everything is computed in float64 and stored as little-endian float32 (integers as int32). NAME.json lists each tensor's
type, shape and byte offset in NAME.bin. Activations are stored packed: the rows of padding are left out.
"""
from __future__ import annotations

import json
from pathlib import Path

import torch
from torch.nn import functional
from transformers import AttentionInterface, BertConfig, BertForMaskedLM, BertForSequenceClassification
from transformers.masking_utils import AttentionMaskInterface, eager_mask

DATA = Path(__file__).parent / "data"
# Widths that are no multiple of a vector register, one sequence longer than two, one of a single token.
SHAPE = {"vocab_size": 60, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40,
         "max_position_embeddings": 40, "type_vocab_size": 2, "hidden_dropout_prob": 0.0,
         "attention_probs_dropout_prob": 0.0}
LENGTHS = (9, 37, 1, 6, 3)


class Golden:
    """Tensors on their way to NAME.bin and NAME.json."""

    def __init__(self, name: str):
        self.name, self.index, self.bytes = name, {}, bytearray()

    def add(self, key: str, tensor: torch.Tensor) -> None:
        integer = not tensor.is_floating_point()
        array = tensor.detach().to(torch.int32 if integer else torch.float32).contiguous().numpy()
        self.index[key] = {"type": "int32" if integer else "float32", "shape": list(tensor.shape),
                           "offset": len(self.bytes)}
        self.bytes += array.astype(array.dtype.newbyteorder("<")).tobytes()

    def write(self, **facts) -> None:
        DATA.mkdir(exist_ok=True)
        (DATA / f"{self.name}.bin").write_bytes(self.bytes)
        text = json.dumps({"facts": facts, "tensors": self.index}, separators=(",", ":"))
        (DATA / f"{self.name}.json").write_text(text + "\n")


# --- BERT --------------------------------------------------------------------------------------

def scores_attention(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **_):
    """Attention that reports query · keyᵀ / √size before mask and softmax in the place of the probabilities."""
    scores = torch.matmul(query, key.transpose(-1, -2)) * scaling
    masked = scores if attention_mask is None else scores + attention_mask
    mixed = torch.matmul(torch.softmax(masked, -1), value)
    return mixed.transpose(1, 2).contiguous(), scores


AttentionInterface.register("raw_scores", scores_attention)
AttentionMaskInterface.register("raw_scores", eager_mask)


def inputs() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(11)
    shape = (len(LENGTHS), max(LENGTHS))
    mask = torch.arange(shape[1])[None, :] < torch.tensor(LENGTHS)[:, None]
    ids = torch.randint(5, SHAPE["vocab_size"], shape, generator=generator) * mask
    types = ((torch.arange(shape[1])[None, :] >= torch.tensor(LENGTHS)[:, None] // 2) & mask).long()
    return {"input_ids": ids, "attention_mask": mask.long(), "token_type_ids": types}


def build(kind, seed: int, **changes):
    """Weights far enough from 0 that scores, softmax and gradients are not trivial."""
    model = kind(BertConfig(**SHAPE, attn_implementation="raw_scores", **changes))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.copy_(1 + 0.1 * noise if name.endswith("LayerNorm.weight") else 0.25 * noise)
    return model.double().train()


def packed(tensor: torch.Tensor) -> torch.Tensor:
    return torch.cat([tensor[index, :length] for index, length in enumerate(LENGTHS)])


def packed_pairs(tensor: torch.Tensor) -> torch.Tensor:
    """[batch, heads, width, width] as Retort lays it out: a sequence after the other, each [heads, length, length]."""
    return torch.cat([tensor[index, :, :length, :length].reshape(-1) for index, length in enumerate(LENGTHS)])


def dump(golden: Golden, case: str, model, loss: torch.Tensor, **tensors: torch.Tensor) -> None:
    loss.backward()
    golden.add(f"{case}.loss", loss.reshape(1))
    for name, tensor in tensors.items():
        golden.add(f"{case}.{name}", tensor)
    for name, parameter in model.named_parameters():
        golden.add(f"{case}.parameter.{name}", parameter)
        # A parameter that the case does not use has no gradient in PyTorch.
        golden.add(f"{case}.gradient.{name}", torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)


def bert() -> None:
    golden, batch = Golden("bert"), inputs()
    golden.add("lengths", torch.tensor(LENGTHS))
    golden.add("ids", packed(batch["input_ids"]))
    golden.add("types", packed(batch["token_type_ids"]))

    model = build(BertForSequenceClassification, 1, num_labels=3)
    labels = torch.tensor([0, 2, 1, 1, 0])
    out = model(**batch, output_hidden_states=True, output_attentions=True)
    states = {f"hidden.{index}": packed(state) for index, state in enumerate(out.hidden_states)}
    states |= {f"scores.{index}": packed_pairs(score) for index, score in enumerate(out.attentions)}
    dump(golden, "classifier", model, functional.cross_entropy(out.logits, labels), labels=labels, logits=out.logits,
         **states)

    model = build(BertForSequenceClassification, 2, num_labels=1)
    targets = torch.tensor([[0.5], [-1.25], [2.0], [0.0], [4.5]]).double()
    logits = model(**batch).logits
    dump(golden, "regression", model, functional.mse_loss(logits, targets), targets=targets, logits=logits)

    model = build(BertForMaskedLM, 3)
    rows = torch.tensor([2, 7, 12, 20, 33, 45, 46, 50, 55])
    labels = torch.tensor([5, 17, 9, 9, 59, 30, 41, 6, 22])
    logits = packed(model(**batch).logits)[rows]
    dump(golden, "maskedLM", model, functional.cross_entropy(logits, labels), rows=rows, labels=labels, logits=logits)

    # Everything a distillation may pull at, at once: softened logits, a hidden state, raw scores.
    model = build(BertForSequenceClassification, 4, num_labels=3)
    generator = torch.Generator().manual_seed(12)
    out = model(**batch, output_hidden_states=True, output_attentions=True)
    teacher = torch.randn(out.logits.shape, generator=generator).double()
    middle, score = packed(out.hidden_states[1]), packed_pairs(out.attentions[0])
    hidden_target = torch.randn(middle.shape, generator=generator).double()
    score_target = torch.randn(score.shape, generator=generator).double()
    soft = 4 * functional.kl_div(functional.log_softmax(out.logits / 2, -1), functional.softmax(teacher / 2, -1),
                                 reduction="batchmean")
    loss = soft + functional.mse_loss(middle, hidden_target) + functional.mse_loss(score, score_target)
    dump(golden, "distilled", model, loss, teacher=teacher, hidden_target=hidden_target, score_target=score_target)
    golden.write(config=SHAPE, torch=torch.__version__)


# --- losses ------------------------------------------------------------------------------------

def losses() -> None:
    golden = Golden("losses")
    generator = torch.Generator().manual_seed(21)
    rows, columns = 7, 21
    x = (3 * torch.randn(rows, columns, generator=generator)).double()
    target = (3 * torch.randn(rows, columns, generator=generator)).double()
    weights = torch.tensor([1.0, 0.5, 0.0, 2.0, 1.0, 0.25, 3.0]).double()
    labels = torch.tensor([3, 20, 0, -100, 7, 7, 12])
    for name, tensor in (("x", x), ("target", target), ("weights", weights), ("labels", labels)):
        golden.add(name, tensor)

    def log_both(leaf, temperature):
        return functional.log_softmax(leaf / temperature, -1), functional.log_softmax(target / temperature, -1)

    def soft(leaf):
        mine, theirs = log_both(leaf, 3.0)
        return -(theirs.exp() * mine).sum(-1)

    def forward(leaf):
        mine, theirs = log_both(leaf, 3.0)
        return functional.kl_div(mine, theirs, log_target=True, reduction="none").sum(-1)

    def reverse(leaf):
        mine, theirs = log_both(leaf, 3.0)
        return functional.kl_div(theirs, mine, log_target=True, reduction="none").sum(-1)

    formulas = {
        "crossEntropy": lambda leaf: functional.cross_entropy(leaf, labels, reduction="none"),
        "softCrossEntropy": soft, "forwardKL": forward, "reverseKL": reverse,
        "squaredError": lambda leaf: functional.mse_loss(leaf, target, reduction="none").sum(-1),
        "cosineDistance": lambda leaf: functional.cosine_embedding_loss(leaf, target, torch.ones(rows), reduction="none"),
    }
    for name, formula in formulas.items():
        leaf = x.clone().requires_grad_()
        value = (weights * formula(leaf)).sum()
        value.backward()
        golden.add(f"{name}.value", value.reshape(1))
        golden.add(f"{name}.gradient", leaf.grad)
    golden.write(temperature=3.0, torch=torch.__version__)


# --- AdamW -------------------------------------------------------------------------------------

def adamw() -> None:
    golden = Golden("adamw")
    generator = torch.Generator().manual_seed(31)
    parameter = torch.nn.Parameter(torch.randn(37, generator=generator).double())
    golden.add("start", parameter)
    optimizer = torch.optim.AdamW([parameter], lr=5e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)
    for step in range(1, 6):
        parameter.grad = torch.randn(37, generator=generator).double()
        golden.add(f"gradient.{step}", parameter.grad)
        norm = torch.nn.utils.clip_grad_norm_([parameter], 2.0)
        golden.add(f"norm.{step}", norm.reshape(1))
        optimizer.step()
        golden.add(f"parameter.{step}", parameter)
    golden.write(learning_rate=5e-3, decay=0.1, maximum_norm=2.0, torch=torch.__version__)


if __name__ == "__main__":
    torch.manual_seed(0)
    bert()
    losses()
    adamw()
