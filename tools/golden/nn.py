"""Numbers of PyTorch's and fastai's layers: packages/core/test/golden/nn*.json. Run: python tools/golden/nn.py"""

import json
from pathlib import Path

import fastai
import torch
import torch.nn as nn
from fastai import layers as fl
from fastai.layers import NormType

OUT = Path(__file__).parents[2] / "packages/core/test/golden"
HEADER = {"madeBy": "tools/golden/nn.py", "torch": torch.__version__, "fastai": fastai.__version__}


def numbers(t):
    return [float(f"{v:.5g}") for v in t.detach().reshape(-1).tolist()]


def packed(t):
    return {"shape": list(t.shape), "values": numbers(t)}


def last(t):
    """Channels last: [N, C, ...] to [N, ..., C]."""
    return t if t.dim() < 3 else t.movedim(1, -1).contiguous()


def rounded(t):
    """Few digits, so that the file holds exactly what was computed with."""
    return torch.round(t, decimals=3) if t.is_floating_point() else t


def reseed(module, scale=0.5):
    """Weights that do not depend on first draws, so that zero-started branches show too."""
    for p in module.parameters():
        with torch.no_grad():
            p.copy_(torch.randn_like(p) * scale + 0.1)
    return module


def case(name, module, x, channels_first=True, seed=0, train=True, call=None, keep=False):
    torch.manual_seed(seed)
    if not keep:
        reseed(module)
    with torch.no_grad():
        for t in [*module.parameters(), *module.buffers()]:
            t.copy_(rounded(t))
    module.zero_grad()
    module.train(train)
    x = rounded(x)
    entry = {"name": name, "state": {k: packed(v) for k, v in module.state_dict().items() if "num_batches" not in k}}
    if x.is_floating_point():
        x = x.clone().requires_grad_()
    y = (call or module)(x)
    out = y[0] if isinstance(y, tuple) else y
    dy = rounded(torch.randn_like(out))
    (out * dy).sum().backward()
    to = last if channels_first else (lambda t: t)
    entry["x"] = packed(to(x))
    entry["y"] = packed(to(out))
    entry["dy"] = packed(to(dy))
    if x.grad is not None:
        entry["dx"] = packed(to(x.grad))
    entry["grads"] = {k: packed(p.grad) for k, p in module.named_parameters() if p.grad is not None}
    after = {k: packed(v) for k, v in module.named_buffers() if "num_batches" not in k}
    if after:
        entry["buffers"] = after
    return entry


def write(name, cases):
    text = json.dumps({"header": HEADER, "cases": cases}, separators=(",", ":"))
    (OUT / f"{name}.json").write_text(text + "\n")
    print(name, len(cases), "cases", len(text) // 1000, "KB")


def img(n=2, c=4, h=6, w=5, seed=1):
    return torch.randn(n, c, h, w, generator=torch.Generator().manual_seed(seed))


def seq(n=2, c=4, length=7, seed=2):
    return torch.randn(n, c, length, generator=torch.Generator().manual_seed(seed))


def vol(n=2, c=2, d=5, h=4, w=3, seed=8):
    return torch.randn(n, c, d, h, w, generator=torch.Generator().manual_seed(seed))


def rows(n=3, c=4, seed=3):
    return torch.randn(n, c, generator=torch.Generator().manual_seed(seed))


def convolutions():
    c2, ct = nn.Conv2d, nn.ConvTranspose2d
    yield case("conv2d", c2(4, 3, 3), img())
    yield case("conv2d padded", c2(4, 3, 3, stride=2, padding=1, bias=False), img())
    yield case("conv2d uneven", c2(4, 3, (3, 2), stride=(2, 1), padding=(0, 1)), img())
    yield case("conv2d 1x1", c2(4, 3, 1, stride=2), img())
    yield case("conv2d groups", c2(4, 6, 3, padding=1, groups=2), img())
    yield case("conv2d depthwise", c2(4, 8, 3, padding=1, stride=2, groups=4), img())
    yield case("conv2d depthwise dilated", c2(4, 4, 3, padding=2, dilation=2, groups=4), img())
    yield case("conv2d dilated", c2(4, 3, 3, padding=2, dilation=2), img(h=7))
    yield case("conv2d dilated uneven", c2(4, 3, (3, 2), padding=(1, 3), dilation=(2, 3)), img(h=8, w=7))
    yield case("conv2d dilated strided", c2(4, 3, 3, padding=2, dilation=2, stride=2), img(h=7))
    for mode in ["reflect", "replicate", "circular"]:
        yield case(f"conv2d {mode}", c2(4, 3, 3, padding=(2, 1), padding_mode=mode), img())
    yield case("conv1d", nn.Conv1d(4, 3, 3, stride=2, padding=1), seq())
    yield case("conv1d dilated", nn.Conv1d(4, 4, 3, padding=2, dilation=2), seq())
    yield case("conv1d depthwise", nn.Conv1d(4, 4, 3, padding=1, groups=4), seq())
    yield case("convTranspose2d", ct(4, 3, 3, stride=2, padding=1, output_padding=1), img(h=4))
    yield case("convTranspose2d groups", ct(4, 6, (3, 2), stride=(2, 1), groups=2), img(h=4))
    yield case("convTranspose2d dilated", ct(4, 3, 3, dilation=2), img(h=4))
    ct1 = nn.ConvTranspose1d
    yield case("convTranspose1d", ct1(4, 3, 3, stride=2, padding=1, output_padding=1), seq(length=4))


def norms():
    yield case("batchNorm2d", nn.BatchNorm2d(4), img())
    yield case("batchNorm2d eval", nn.BatchNorm2d(4), img(), train=False)
    yield case("batchNorm1d", nn.BatchNorm1d(4, momentum=0.01), rows(5))
    yield case("batchNorm1d sequence", nn.BatchNorm1d(4), seq())
    yield case("instanceNorm2d", nn.InstanceNorm2d(4, affine=True), img())
    yield case("layerNorm", nn.LayerNorm(4), rows())
    yield case("layerNorm two axes", nn.LayerNorm([3, 4]), torch.randn(2, 5, 3, 4), channels_first=False)
    yield case("groupNorm", nn.GroupNorm(2, 4), img())
    yield case("instanceNorm1d", nn.InstanceNorm1d(4), seq())


def pools():
    big = img(c=2, h=7, w=6)
    yield case("maxPool2d", nn.MaxPool2d(2), big)
    yield case("maxPool2d padded", nn.MaxPool2d(3, stride=2, padding=1), big - 5)
    yield case("maxPool2d ceil", nn.MaxPool2d(2, stride=2, ceil_mode=True), big)
    yield case("maxPool2d ceil padded", nn.MaxPool2d(3, stride=3, padding=1, ceil_mode=True), big)
    yield case("avgPool2d", nn.AvgPool2d(2), big)
    yield case("avgPool2d padded", nn.AvgPool2d(3, stride=2, padding=1), big)
    yield case("avgPool2d padded exclude", nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), big)
    yield case("avgPool2d ceil", nn.AvgPool2d(2, ceil_mode=True), big)
    yield case("avgPool2d ceil padded", nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True), big)
    yield case("adaptiveAvgPool2d 1", nn.AdaptiveAvgPool2d(1), big)
    yield case("adaptiveAvgPool2d 3", nn.AdaptiveAvgPool2d((3, 4)), big)
    yield case("adaptiveMaxPool2d 1", nn.AdaptiveMaxPool2d(1), big)
    yield case("adaptiveMaxPool2d 3", nn.AdaptiveMaxPool2d((3, 4)), big)
    yield case("adaptiveConcatPool2d", fl.AdaptiveConcatPool2d(1), big)
    yield case("adaptiveConcatPool1d", fl.AdaptiveConcatPool1d(2), seq())
    yield case("maxPool1d", nn.MaxPool1d(3, stride=2, padding=1), seq())
    yield case("pixelShuffle", nn.PixelShuffle(2), img(c=8, h=2, w=3))
    yield case("avgPool1d", nn.AvgPool1d(3, stride=2, padding=1), seq())


def activations():
    x = torch.linspace(-4, 4, 24).reshape(6, 4) + 0.013
    for name, module in {
        "ReLU": nn.ReLU(), "ReLU6": nn.ReLU6(), "LeakyReLU": nn.LeakyReLU(), "PReLU": nn.PReLU(4), "ELU": nn.ELU(),
        "ELU 0.5": nn.ELU(0.5), "SELU": nn.SELU(), "GELU": nn.GELU(), "GELU tanh": nn.GELU(approximate="tanh"),
        "Sigmoid": nn.Sigmoid(), "LogSigmoid": nn.LogSigmoid(), "Tanh": nn.Tanh(), "Softsign": nn.Softsign(),
        "Softplus": nn.Softplus(), "Softmax": nn.Softmax(-1), "LogSoftmax": nn.LogSoftmax(-1), "Mish": nn.Mish(),
        "SiLU": nn.SiLU(), "Hardsigmoid": nn.Hardsigmoid(), "Hardswish": nn.Hardswish(), "Hardtanh": nn.Hardtanh(),
    }.items():
        yield case(name, module, x)


def recurrent():
    x = rounded(torch.randn(3, 5, 4, generator=torch.Generator().manual_seed(4)))
    options = dict(num_layers=2, batch_first=True, bidirectional=True)
    yield case("LSTM", nn.LSTM(4, 3, batch_first=True), x, channels_first=False)
    yield case("LSTM deep", nn.LSTM(4, 3, **options), x, channels_first=False)
    yield case("GRU", nn.GRU(4, 3, batch_first=True), x, channels_first=False)
    yield case("GRU deep", nn.GRU(4, 3, **options), x, channels_first=False)
    state = rounded(torch.randn(2, 1, 3, 3, generator=torch.Generator().manual_seed(5)))
    lstm = nn.LSTM(4, 3, batch_first=True)
    entry = case("LSTM state", lstm, x, channels_first=False, call=lambda x: lstm(x, (state[0], state[1])))
    _, (h, c) = lstm(x, (state[0], state[1]))
    yield entry | {"h0": packed(state[0]), "c0": packed(state[1]), "h": packed(h), "c": packed(c)}
    mha = nn.MultiheadAttention(4, 2, batch_first=True)
    yield case("attention", mha, x, channels_first=False, call=lambda x: mha(x, x, x, need_weights=False))
    memory = rounded(torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(6)))
    mask = torch.tensor([[False, False, True, True], [False] * 4, [False, True, False, False]])
    causal = torch.ones(5, 4).triu(1).bool()
    cross = lambda x: mha(x, memory, memory * 2, key_padding_mask=mask, attn_mask=causal, need_weights=False)
    yield case("attention cross", mha, x, channels_first=False, call=cross) | {
        "memory": packed(memory), "mask": packed(mask.float()), "causal": packed(causal.float())}


def symmetric(attention, x):
    """What `sym=True` says. fastai's own has no effect: the hook of spectral norm puts the plain weight back."""
    flat = x.flatten(2)
    attention.conv(flat)
    weight = attention.conv.weight[..., 0]
    mixed = (flat @ flat.transpose(1, 2)) @ ((weight + weight.t()) / 2 @ flat)
    return (attention.gamma * mixed + flat).view_as(x)


def blocks():
    x8 = img(c=8, h=5, w=5)
    yield case("linear", nn.Linear(4, 3), rows())
    yield case("linear sequence", nn.Linear(4, 3), torch.randn(2, 5, 4), channels_first=False)
    yield case("embedding", nn.Embedding(6, 3), torch.tensor([[0, 5, 2], [2, 2, 1]]), channels_first=False)
    yield case("linBnDrop", fl.LinBnDrop(4, 3, act=nn.ReLU()), rows(5))
    yield case("linBnDrop linFirst", fl.LinBnDrop(4, 3, act=nn.ReLU(), lin_first=True), rows(5))
    yield case("resBlock", fl.ResBlock(1, 6, 6), img(c=6, h=4))
    yield case("resBlock stride", fl.ResBlock(1, 6, 4, stride=2, act_cls=nn.Mish), img(c=6, h=5))
    yield case("resBlock bottleneck", fl.ResBlock(4, 2, 3, stride=2), x8)
    yield case("seBlock", fl.SEBlock(1, 6, 4, reduction=4), img(c=6, h=5, w=5))
    yield case("seResNeXtBlock", fl.SEResNeXtBlock(2, 4, 8, groups=2, reduction=8, base_width=16), img(c=8, h=3, w=3))
    yield case("separableBlock", fl.SeparableBlock(1, 8, 4, reduction=4), img(c=8, h=3, w=3))
    yield case("selfAttention", fl.SelfAttention(8), img(c=8, h=3, w=3))
    yield case("pooledSelfAttention2d", fl.PooledSelfAttention2d(8), img(c=8, h=4, w=4))
    yield case("simpleSelfAttention", fl.SimpleSelfAttention(4), img(c=4, h=3, w=3))
    yield case("pixelShuffleIcnr", fl.PixelShuffle_ICNR(4, 2, blur=True), img(h=3, w=3))
    yield case("simpleCNN", fl.SimpleCNN([3, 4, 5]), img(c=3, h=9, w=9))
    small = img(c=4, h=3, w=2)
    sym = fl.SimpleSelfAttention(4)
    yield case("simpleSelfAttention sym", sym, small, call=lambda x: symmetric(sym, x))
    yield case("resBlock attention", fl.ResBlock(1, 4, 4, sa=True, reduction=2), small)
    yield case("resBlock pool last", fl.ResBlock(1, 4, 3, stride=2, pool_first=False, act_cls=nn.Tanh), small)
    grouped = dict(groups=2, g2=2, nh1=6, nh2=4, norm_type=NormType.Instance)
    yield case("resBlock groups", fl.ResBlock(2, 2, 4, **grouped), small)
    yield case("mergeLayer dense", fl.SequentialEx(nn.Conv2d(4, 3, 1), fl.MergeLayer(dense=True)), small)
    yield case("prodLayer", fl.SequentialEx(nn.Conv2d(4, 4, 1), fl.ProdLayer()), small)
    yield case("cat", fl.Cat([nn.Conv2d(4, 3, 1), nn.Conv2d(4, 2, 1)]), small)
    time = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(9))
    yield case("timeDistributed", fl.TimeDistributed(nn.Linear(4, 2)), time, channels_first=False)
    yield case("timeDistributed low memory", fl.TimeDistributed(nn.Linear(4, 2), low_mem=True), time, channels_first=False)
    yield case("timeDistributed axis 2", fl.TimeDistributed(nn.Linear(3, 2), tdim=2), time, channels_first=False)
    yield case("batchNorm1dFlat", fl.BatchNorm1dFlat(4), time, channels_first=False)
    yield case("embedding rows", fl.Embedding(5, 2), torch.tensor([4, 0, 4]), channels_first=False)
    yield case("resBlock 1d", fl.ResBlock(1, 4, 6, ndim=1, stride=2), seq())


def conv_layers():
    yield case("convLayer", fl.ConvLayer(4, 3, stride=2), img())
    yield case("convLayer actFirst", fl.ConvLayer(4, 3, ks=1, bn_1st=False, act_cls=nn.SiLU), img())
    yield case("convLayer weight", fl.ConvLayer(4, 3, norm_type=NormType.Weight), img())
    yield case("convLayer spectral", fl.ConvLayer(4, 3, ks=1, norm_type=NormType.Spectral), img(), keep=True)
    yield case("convLayer spectral eval", fl.ConvLayer(4, 3, ks=1, norm_type=NormType.Spectral), img(), train=False, keep=True)
    yield case("convLayer instance", fl.ConvLayer(4, 3, norm_type=NormType.Instance), img())
    yield case("convLayer 1d", fl.ConvLayer(4, 3, ndim=1), seq())
    weight, spectral = NormType.Weight, NormType.Spectral
    yield case("convLayer 1d transposed", fl.ConvLayer(4, 3, ndim=1, stride=2, transpose=True), seq(length=3))
    yield case("convLayer 2d transposed", fl.ConvLayer(4, 3, ks=2, stride=2, transpose=True, bn_1st=False), img(h=3, w=2))
    yield case("convLayer weight transposed", fl.ConvLayer(4, 3, transpose=True, norm_type=weight), img(h=3))
    for name, train in {"": True, " eval": False}.items():
        conv = fl.ConvLayer(3, 4, ks=(3, 2), padding=0, norm_type=spectral)
        yield case(f"convLayer spectral 3x2{name}", conv, img(c=3, h=4), train=train, keep=True)
        conv = fl.ConvLayer(3, 4, ks=2, transpose=True, norm_type=spectral)
        yield case(f"convLayer spectral transposed{name}", conv, img(c=3, h=3), train=train, keep=True)


def volumes():
    c3, ct3 = nn.Conv3d, nn.ConvTranspose3d
    yield case("conv3d", c3(2, 3, (2, 3, 2)), vol())
    yield case("conv3d padded", c3(2, 3, 3, stride=2, padding=1), vol())
    yield case("conv3d uneven", c3(2, 2, (3, 1, 2), stride=(3, 2, 1), padding=(2, 0, 1), dilation=(2, 1, 1)), vol())
    yield case("conv3d groups", c3(2, 4, 2, padding=1, groups=2, bias=False), vol())
    yield case("conv3d replicate", c3(2, 2, 3, padding=(2, 1, 1), padding_mode="replicate"), vol())
    yield case("convTranspose3d", ct3(2, 3, 2), vol(d=3))
    yield case("convTranspose3d strided", ct3(2, 3, 3, stride=2, padding=1, output_padding=1), vol(d=3))
    uneven = dict(stride=(3, 1, 2), padding=(0, 1, 0), output_padding=(2, 0, 1), dilation=(2, 1, 1), groups=2)
    yield case("convTranspose3d uneven", ct3(2, 4, (2, 3, 1), **uneven), vol(d=2))
    yield case("batchNorm3d", nn.BatchNorm3d(2), vol())
    yield case("instanceNorm3d", nn.InstanceNorm3d(2, affine=True), vol())
    yield case("maxPool3d", nn.MaxPool3d(2), vol(h=5))
    yield case("maxPool3d padded", nn.MaxPool3d((3, 2, 3), stride=(2, 1, 2), padding=(1, 1, 0)), vol() - 5)
    yield case("maxPool3d ceil", nn.MaxPool3d(2, ceil_mode=True), vol())
    yield case("avgPool3d", nn.AvgPool3d((2, 1, 3), stride=1), vol())
    yield case("avgPool3d padded", nn.AvgPool3d(3, stride=2, padding=1), vol())
    yield case("avgPool3d ceil exclude", nn.AvgPool3d(3, stride=2, padding=1, ceil_mode=True, count_include_pad=False), vol(d=6))
    yield case("adaptiveAvgPool3d", nn.AdaptiveAvgPool3d((2, 3, 1)), vol())
    yield case("adaptiveMaxPool3d", nn.AdaptiveMaxPool3d((3, 1, 2)), vol())
    yield case("convLayer 3d", fl.ConvLayer(2, 3, ndim=3, stride=2), vol())
    yield case("convLayer 3d transposed", fl.ConvLayer(2, 3, ks=2, ndim=3, transpose=True, norm_type=NormType.Instance), vol(d=2))
    yield case("resBlock 3d", fl.ResBlock(1, 2, 3, ndim=3, stride=2), vol())


if __name__ == "__main__":
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(7)
    write("nnConv", list(convolutions()))
    write("nnNorm", list(norms()))
    write("nnPool", list(pools()))
    write("nnActivation", list(activations()))
    write("nnRecurrent", list(recurrent()))
    write("nnBlock", list(blocks()))
    write("nnConvLayer", list(conv_layers()))
    write("nnVolume", list(volumes()))
