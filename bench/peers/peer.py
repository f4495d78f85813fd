"""What every Python peer shares: reading the job, importing packages that may not be there, reporting.

A peer is a script of the form

    from peer import run
    def measure(job, params): ...; return {"samples": {"case": [numbers]}, "versions": {...}}
    run(measure)
"""
import json
import sys

RESULT_MARK = "BENCH-RESULT "


def run(measure):
    """Calls `measure` with the job from the command line and prints what it gives; a missing package is no failure."""
    job = json.loads(sys.argv[1])
    try:
        outcome = measure(job, job["params"])
    except ImportError as error:
        outcome = {"skipped": f"Python cannot import what it needs: {error}"}
    sys.stdout.flush()
    print(RESULT_MARK + json.dumps(outcome), flush=True)


def load_torch(threads):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(42)
    return torch


def allow_missing_operators(torch):
    """A torchvision without compiled operators refuses to load on some builds of PyTorch; nothing here needs them."""
    original = torch.library.register_fake

    def lenient(*args, **kwargs):
        def wrap(function):
            try:
                return original(*args, **kwargs)(function)
            except RuntimeError:
                return function

        return wrap

    torch.library.register_fake = lenient


def versions(*names):
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    return found
