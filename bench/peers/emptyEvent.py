"""What the events of a batch cost in fastai: nobody listens, and one empty callback does."""
from statistics import median
from time import perf_counter

from peer import allow_missing_operators, load_torch, run, versions

EVENTS = ["before_batch", "after_pred", "after_loss", "before_backward", "after_backward", "before_step", "after_step",
          "after_batch"]


def microseconds(call, seconds):
    times, end = [], perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        call()
        times.append((perf_counter() - start) * 1e6)
    return median(times)


def measure(job, params):
    torch = load_torch(job["threads"])
    allow_missing_operators(torch)
    from fastai.callback.core import Callback
    from fastai.data.core import DataLoaders
    from fastai.learner import Learner

    empty_callback = type("EmptyCallback", (Callback,), {event: lambda self: None for event in EVENTS})
    samples = {}
    for name, cbs in {"nobody": [], "empty": [empty_callback()]}.items():
        learn = Learner(DataLoaders([], []), torch.nn.Linear(1, 1), loss_func=torch.nn.MSELoss(), cbs=cbs)
        learn.remove_cbs([cb for cb in list(learn.cbs) if cb not in cbs])
        learn.training = True

        def fire():
            for event in EVENTS:
                learn(event)

        samples[name] = [microseconds(fire, params["seconds"])]
    return {"samples": samples, "versions": versions("fastai")}


run(measure)
