"""What an op on a few numbers costs in PyTorch: microseconds."""
from time import perf_counter

from peer import load_torch, run, versions


def measure(job, params):
    torch = load_torch(job["threads"])
    a, b, rows = torch.tensor([1.0, 2, 3, 4]), torch.tensor([5.0, 6, 7, 8]), torch.ones(3, 4)
    cases = {
        "add": lambda: a + b,
        "add a row": lambda: rows + b,
        "exp": lambda: torch.exp(a),
        "sum of rows": lambda: torch.sum(rows, 1),
        "reshape": lambda: rows.reshape(4, 3),
    }

    def sample(op):
        start = perf_counter()
        for _ in range(params["calls"]):
            op()
        return (perf_counter() - start) / params["calls"] * 1e6

    samples = {}
    with torch.no_grad():
        for name, op in cases.items():
            sample(op)
            samples[name] = [sample(op) for _ in range(params["batches"])]
    return {"samples": samples, "versions": versions("torch")}


run(measure)
