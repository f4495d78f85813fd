"""Elementwise work and reductions on many numbers in PyTorch: GB/s."""
from time import perf_counter

from peer import load_torch, run, versions


def measure(job, params):
    torch = load_torch(job["threads"])
    rows, columns = params["rows"], params["columns"]
    x = torch.rand(rows, columns) - 0.5
    y, row, to = x + 1, torch.ones(columns), torch.zeros(rows, columns)
    # bytes read and written per element
    cases = {
        "copy": (8, lambda: to.copy_(x)),
        "add": (12, lambda: x + y),
        "add a row": (8, lambda: x + row),
        "relu": (8, lambda: torch.relu(x)),
        "exp": (8, lambda: torch.exp(x)),
        "sigmoid": (8, lambda: torch.sigmoid(x)),
        "tanh": (8, lambda: torch.tanh(x)),
        "sum of all": (4, lambda: torch.sum(x)),
        "sum of columns": (4, lambda: torch.sum(x, 0)),
        "softmax": (8, lambda: torch.softmax(x, 1)),
        "transpose": (8, lambda: x.t().contiguous()),
    }

    def sample(size, op):
        start = perf_counter()
        op()
        return size * rows * columns / (perf_counter() - start) / 1e9

    samples = {}
    with torch.no_grad():
        for name, (size, op) in cases.items():
            op()
            samples[name] = [sample(size, op) for _ in range(params["runs"])]
    return {"samples": samples, "versions": versions("torch")}


run(measure)
