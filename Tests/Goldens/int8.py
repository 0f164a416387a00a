"""Golden integers of an int8 linear layer: weights, activations on both grids, sums, results.

    python Tests/Goldens/int8.py        # rewrites Tests/Goldens/data/{int8,quantization}.{json,bin}

int8: scales and roundings are made in float32 by torch, sums in int64, results in float64. The affine grid over a whole
tensor is checked against ONNX Runtime's DynamicQuantizeLinear and MatMulInteger before anything is written.

quantization: what PyTorch's observers and quantized tensors and ONNX Runtime's quantize_dynamic and quantize_static
themselves make of the same numbers, and the ranges and outputs of a tiny BERT with static activations.
"""
from __future__ import annotations

import copy
import tempfile
import warnings
from pathlib import Path

import numpy
import torch
from torch.ao import quantization

from bert import Golden, build, inputs, packed

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


def linear_data():
    generator = torch.Generator().manual_seed(41)
    weight = torch.randn(OUTPUTS, INPUTS, generator=generator) * torch.linspace(0.01, 3, OUTPUTS)[:, None]
    weight[4] = 0
    # Ties: with the largest weight 127 the scale is 1 and halves are exact.
    weight[5] = torch.arange(INPUTS) - 17.5
    weight[5, 0] = 127
    bias = torch.randn(OUTPUTS, generator=generator)
    mixed = 2 * torch.randn(ROWS, INPUTS, generator=generator)
    mixed[2] = 0
    mixed[3] = torch.arange(INPUTS) - 20.5
    mixed[3, 1] = 127
    positive = torch.rand(ROWS, INPUTS, generator=generator) + 0.5
    return weight, bias, mixed, positive


def layer() -> None:
    golden = Golden("int8")
    weight, bias, mixed, positive = linear_data()
    wq, w_scale = weight_grid(weight)
    for name, tensor in (("weight", weight), ("bias", bias), ("weight_q", wq), ("weight_scale", w_scale)):
        golden.add(name, tensor)
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


# --- what PyTorch and ONNX Runtime make of it ---------------------------------------------------

def torch_weights(golden: Golden, weight: torch.Tensor) -> None:
    """qint8, symmetric: 2 * max|w| / 255, a scale an output and a scale a tensor."""
    observer = quantization.PerChannelMinMaxObserver(dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
    observer(weight)
    scale, zero = observer.calculate_qparams()
    integers = torch.quantize_per_channel(weight, scale, zero, 0, torch.qint8).int_repr()
    assert integers.min() == -128
    golden.add("torch.channel.scale", scale)
    golden.add("torch.channel.q", integers)
    observer = quantization.MinMaxObserver(dtype=torch.qint8, qscheme=torch.per_tensor_symmetric)
    observer(weight)
    scale, zero = observer.calculate_qparams()
    golden.add("torch.tensor.scale", scale)
    golden.add("torch.tensor.q", torch.quantize_per_tensor(weight, scale.item(), 0, torch.qint8).int_repr())


def torch_activations(golden: Golden, weight, bias, mixed, positive) -> None:
    """quint8, affine, on the range of other numbers: 8 bits, and the 7 of reduce_range; outputs of the dequantized."""
    calibration = mixed[:2]
    golden.add("calibration", calibration)
    observer = quantization.PerChannelMinMaxObserver(dtype=torch.qint8, qscheme=torch.per_channel_symmetric)
    observer(weight)
    channels = torch.quantize_per_channel(weight, *observer.calculate_qparams(), 0, torch.qint8)
    for name, reduced in (("full", False), ("reduced", True)):
        observer = quantization.MinMaxObserver(dtype=torch.quint8, qscheme=torch.per_tensor_affine,
                                               reduce_range=reduced)
        observer(calibration)
        scale, zero = observer.calculate_qparams()
        top = 127 if reduced else 255
        # fake_quantize clamps to the reduced range; quantize_per_tensor would use all 8 bits for what lies outside.
        integers = torch.clamp(torch.quantize_per_tensor(mixed, scale.item(), zero.item(), torch.quint8).int_repr()
                               .int(), 0, top)
        fake = torch.fake_quantize_per_tensor_affine(mixed, scale.item(), zero.item(), 0, top)
        assert torch.equal((integers - zero) * scale, fake)
        y = fake.double() @ channels.dequantize().double().T + bias.double()
        for part, tensor in (("scale", scale), ("zero", zero.int()), ("q", integers), ("y", y)):
            golden.add(f"torch.static.{name}.{part}", tensor)
    # The dynamic layer itself, with PyTorch's own choice of a grid.
    for name, reduced in (("full", False), ("reduced", True)):
        dynamic = torch.ops.quantized.linear_dynamic(
            mixed, torch.ops.quantized.linear_prepack(channels, bias), reduce_range=reduced)
        golden.add(f"torch.dynamic.{name}.y", dynamic)


def observers(golden: Golden) -> None:
    """Ranges of skewed batches with an outlier."""
    generator = torch.Generator().manual_seed(43)
    batches = [torch.nn.functional.gelu((1 + index) * torch.randn(20, 40, generator=generator)) for index in range(5)]
    batches[3][7, 11] = 90
    data = torch.stack(batches)
    golden.add("batches", data)
    for name, observer in (
            ("minMax", quantization.MinMaxObserver(dtype=torch.quint8)),
            ("movingAverage", quantization.MovingAverageMinMaxObserver(dtype=torch.quint8, averaging_constant=0.01))):
        for batch in batches:
            observer(batch)
        golden.add(f"observer.{name}", torch.stack([observer.min_val, observer.max_val]))
    observer = quantization.HistogramObserver(dtype=torch.quint8)
    observer(data.reshape(1, -1))
    golden.add("observer.histogram", torch.stack([torch.as_tensor(end) for end in observer._non_linear_param_search()]))
    # So many that the search gives up tails: 8 u^5 for u = -1 ... 1, which the test makes anew.
    u = torch.arange(-50_000, 50_001).double() / 50_000
    observer = quantization.HistogramObserver(dtype=torch.quint8)
    observer((8 * u * u * u * u * u).float())
    golden.add("observer.histogram.tails",
               torch.stack([torch.as_tensor(end) for end in observer._non_linear_param_search()]))
    # The outermost numbers that are kept; shares that cut between two numbers.
    for percent in (98.77, 99.93):
        cut, numbers = (100 - percent) / 2, data.double().numpy()
        golden.add(f"observer.percentile.{percent}", torch.tensor([
            numpy.percentile(numbers, cut, method="lower"), numpy.percentile(numbers, 100 - cut, method="higher")]))


def matmul_model(weight: torch.Tensor, bias: torch.Tensor, path: Path) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    nodes = [helper.make_node("MatMul", ["x", "w"], ["product"]), helper.make_node("Add", ["product", "b"], ["y"])]
    graph = helper.make_graph(
        nodes, "linear", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows", INPUTS])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["rows", OUTPUTS])],
        [numpy_helper.from_array(weight.T.contiguous().numpy(), "w"), numpy_helper.from_array(bias.numpy(), "b")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def onnx_tools(golden: Golden, weight, bias, mixed) -> None:
    """quantize_dynamic and quantize_static, a scale an output and a scale a tensor."""
    import onnx
    import onnxruntime
    from onnx import numpy_helper
    from onnxruntime.quantization import (CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic,
                                          quantize_static)

    def run(path: Path, x: torch.Tensor) -> torch.Tensor:
        options = onnxruntime.SessionOptions()
        # Fused operators would quantize the output too.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return torch.from_numpy(session.run(None, {"x": x.numpy()})[0])

    def tensors(path: Path):
        return {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(path).graph.initializer}

    class Reader(CalibrationDataReader):
        def __init__(self):
            self.batches = iter([{"x": mixed[:2].numpy()}])

        def get_next(self):
            return next(self.batches, None)

    with tempfile.TemporaryDirectory() as folder:
        plain, made = Path(folder) / "plain.onnx", Path(folder) / "made.onnx"
        matmul_model(weight, bias, plain)
        for name, channels in (("channel", True), ("tensor", False)):
            quantize_dynamic(plain, made, per_channel=channels, weight_type=QuantType.QInt8)
            found = tensors(made)
            golden.add(f"onnx.{name}.q", torch.from_numpy(found["w_quantized"].astype(numpy.int32).T.copy()))
            golden.add(f"onnx.{name}.scale", torch.from_numpy(numpy.atleast_1d(found["w_scale"])))
            golden.add(f"onnx.{name}.dynamic.y", run(made, mixed))
            quantize_static(plain, made, Reader(), quant_format=QuantFormat.QDQ, per_channel=channels,
                            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                            op_types_to_quantize=["MatMul"],
                            extra_options={"OpTypesToExcludeOutputQuantization": ["MatMul"]})
            found = tensors(made)
            golden.add(f"onnx.{name}.static.scale", torch.from_numpy(numpy.atleast_1d(found["x_scale"])))
            golden.add(f"onnx.{name}.static.zero", torch.from_numpy(numpy.atleast_1d(found["x_zero_point"]
                                                                                    .astype(numpy.int32))))
            golden.add(f"onnx.{name}.static.y", run(made, mixed))


def static_bert(golden: Golden) -> None:
    """A classifier whose linear layers have static inputs, on the ranges of its own tokens (no padding)."""
    from transformers import BertForSequenceClassification
    batch = inputs()
    model = build(BertForSequenceClassification, 1, num_labels=3).eval()
    layers = {name: module for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    seen = {name: quantization.MinMaxObserver(dtype=torch.quint8) for name in layers}

    def observe(name):
        def look(module, given):
            seen[name]((packed(given[0]) if given[0].ndim == 3 else given[0]).float())
        return look

    hooks = [module.register_forward_pre_hook(observe(name)) for name, module in layers.items()]
    with torch.no_grad():
        model(**batch)
        for hook in hooks:
            hook.remove()
        for name, observer in seen.items():
            golden.add(f"bert.range.{name}", torch.stack([observer.min_val, observer.max_val]))
        quantized = copy.deepcopy(model)
        for name, parameter in quantized.named_parameters():
            if parameter.ndim == 2:
                integers, scale = weight_grid(parameter.float())
                parameter.copy_(integers.double() * scale.double()[:, None])

        def fake(name):
            scale, zero = (value.item() for value in seen[name].calculate_qparams())

            def quantize(module, given):
                integers = torch.clamp(torch.round(given[0].float() / scale) + zero, 0, 255)
                return ((integers.double() - zero) * scale,)
            return quantize

        for name, module in quantized.named_modules():
            if name in layers:
                module.register_forward_pre_hook(fake(name))
        golden.add("bert.logits", quantized(**batch).logits)
        golden.add("bert.dense", model(**batch).logits)


def quantized() -> None:
    golden = Golden("quantization")
    weight, bias, mixed, positive = linear_data()
    torch_weights(golden, weight)
    torch_activations(golden, weight, bias, mixed, positive)
    observers(golden)
    onnx_tools(golden, weight, bias, mixed)
    static_bert(golden)
    golden.write(torch=torch.__version__)


if __name__ == "__main__":
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    layer()
    quantized()
