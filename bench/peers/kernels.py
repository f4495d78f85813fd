"""Matrix product, and 3x3 convolutions forward and backward, in PyTorch: GFLOP/s."""
from statistics import median
from time import perf_counter

from peer import load_torch, run, versions


def median_seconds(call, seconds):
    """Median time of a call, of at least three and as many as fit."""
    call()
    times, end = [], perf_counter() + seconds
    while len(times) < 3 or perf_counter() < end:
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times)


def measure(job, params):
    torch = load_torch(job["threads"])
    n, bs, seconds = params["n"], params["bs"], params["seconds"]
    a, b = torch.randn(n, n), torch.randn(n, n)
    samples = {f"matMul {n}": [2 * n**3 / median_seconds(lambda: a @ b, seconds) / 1e9]}
    for c, side in zip(params["channels"], params["sides"]):
        x = torch.randn(bs, c, side, side, requires_grad=True)
        weight = torch.randn(c, c, 3, 3, requires_grad=True)
        dy = torch.randn(bs, c, side, side)

        def call():
            y = torch.nn.functional.conv2d(x, weight, padding=1)
            torch.autograd.grad(y, [x, weight], dy)

        flops = 3 * 2 * bs * side * side * 9 * c * c
        samples[f"conv {c}ch {side}px"] = [flops / median_seconds(call, seconds) / 1e9]
    return {"samples": samples, "versions": versions("torch")}


run(measure)
