"""Golden integers of an int8 linear layer: weights, activations on both grids, sums, results.

    python Tests/Goldens/int8.py        # rewrites Tests/Goldens/data/int8.{json,bin}

Scales and roundings are made in float32 by torch, sums in int64, results in float64. The affine grid over a whole
tensor is checked against ONNX Runtime's DynamicQuantizeLinear and MatMulInteger before anything is written.
"""
from __future__ import annotations

import numpy
import torch

from bert import Golden

OUTPUTS, INPUTS, ROWS = 19, 37, 7


def weight_grid(w: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """max|w| / 127 an output; integers are w times 1 / scale, half to even; a row of zeros has scale 1."""
    bound = w.abs().amax(1)
    scale = torch.where(bound > 0, bound / 127, torch.ones_like(bound))
    return torch.clamp(torch.round(w * (1 / scale)[:, None]), -127, 127).int(), scale


def symmetric(x: torch.Tensor, shared: bool):
    bound = x.abs().max().expand(len(x)) if shared else x.abs().amax(1)
    scale = torch.where(bound > 0, bound / 127, torch.ones_like(bound))
    return torch.round(x * (1 / scale)[:, None]).int() + 128, scale, torch.full((len(x),), 128, dtype=torch.int32)


def affine(x: torch.Tensor, shared: bool):
    zero = torch.zeros(len(x))
    low = torch.minimum(x.min().expand(len(x)) if shared else x.amin(1), zero)
    high = torch.maximum(x.max().expand(len(x)) if shared else x.amax(1), zero)
    scale = (high - low) / 255
    scale = torch.where(scale > 0, scale, torch.ones_like(scale))
    point = torch.round(-low / scale).int()
    return torch.clamp(torch.round(x / scale[:, None]).int() + point[:, None], 0, 255), scale, point


def onnx_results(x: torch.Tensor, w: torch.Tensor):
    """Integers and sums of the operators themselves."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper
    nodes = [helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
             helper.make_node("MatMulInteger", ["q", "w", "zero"], ["sums"])]
    kinds = {"q": TensorProto.UINT8, "scale": TensorProto.FLOAT, "zero": TensorProto.UINT8, "sums": TensorProto.INT32}
    outputs = [helper.make_tensor_value_info(name, kind, None) for name, kind in kinds.items()]
    graph = helper.make_graph(
        nodes, "linear", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))], outputs,
        [numpy_helper.from_array(w.T.contiguous().numpy().astype(numpy.int8), "w")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x.numpy()})


def main() -> None:
    golden, generator = Golden("int8"), torch.Generator().manual_seed(41)
    weight = torch.randn(OUTPUTS, INPUTS, generator=generator) * torch.linspace(0.01, 3, OUTPUTS)[:, None]
    weight[4] = 0
    # Ties: with the largest weight 127 the scale is 1 and halves are exact.
    weight[5] = torch.arange(INPUTS) - 17.5
    weight[5, 0] = 127
    bias = torch.randn(OUTPUTS, generator=generator)
    wq, w_scale = weight_grid(weight)
    for name, tensor in (("weight", weight), ("bias", bias), ("weight_q", wq), ("weight_scale", w_scale)):
        golden.add(name, tensor)
    mixed = 2 * torch.randn(ROWS, INPUTS, generator=generator)
    mixed[2] = 0
    mixed[3] = torch.arange(INPUTS) - 20.5
    mixed[3, 1] = 127
    positive = torch.rand(ROWS, INPUTS, generator=generator) + 0.5
    for name, x in (("mixed", mixed), ("positive", positive), ("negative", -positive)):
        golden.add(f"{name}.x", x)
        for grid, function in (("symmetric", symmetric), ("affine", affine)):
            for granularity, shared in (("row", False), ("tensor", True)):
                q, scale, zero = function(x, shared)
                sums = q.long() @ wq.long().T
                exact = sums - zero.long()[:, None] * wq.long().sum(1)
                if grid == "affine" and shared:
                    theirs = onnx_results(x, wq)
                    assert theirs[1] == scale[0].item() and theirs[2] == zero[0].item()
                    assert (theirs[0] == q.numpy()).all() and (theirs[3] == exact.numpy()).all()
                y = exact.double() * scale.double()[:, None] * w_scale.double() + bias.double()
                key = f"{name}.{grid}.{granularity}"
                for part, tensor in (("q", q), ("scale", scale), ("zero", zero), ("sums", sums), ("y", y)):
                    golden.add(f"{key}.{part}", tensor)
    golden.write(torch=torch.__version__)


if __name__ == "__main__":
    main()
