"""Matrix product, and the convolutions of residual networks forward and backward, in PyTorch: GFLOP/s."""
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
    sizes = zip(*(params[name] for name in ("inputs", "outputs", "sides", "filters", "strides")))
    for c, out, side, k, stride in sizes:
        first = c == 3  # a network's first convolution needs no gradient by its input
        x = torch.randn(bs, c, side, side, requires_grad=not first)
        weight = torch.randn(out, c, k, k, requires_grad=True)
        places = (side - 1) // stride + 1
        dy = torch.randn(bs, out, places, places)

        def call():
            y = torch.nn.functional.conv2d(x, weight, stride=stride, padding=(k - 1) // 2)
            torch.autograd.grad(y, [weight] if first else [x, weight], dy)

        flops = (2 if first else 3) * 2 * bs * places**2 * k**2 * c * out
        name = f"conv {k}x{k} {c}-{out} {side}px" + (f" /{stride}" if stride > 1 else "")
        samples[name] = [flops / median_seconds(call, seconds) / 1e9]
    return {"samples": samples, "versions": versions("torch")}


run(measure)
