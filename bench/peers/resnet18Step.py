"""One training step of torchvision's resnet18 in a plain PyTorch loop."""
from passes import time_passes, torch_step
from peer import allow_missing_operators, load_torch, run, versions


def measure(job, params):
    torch = load_torch(job["threads"])
    allow_missing_operators(torch)
    from torchvision.models import resnet18

    bs, size, classes = params["bs"], params["size"], params["classes"]
    xb = [torch.randn(bs, 3, size, size)]
    yb = torch.randint(0, classes, (bs,))
    step = torch_step(torch, resnet18(num_classes=classes), torch.nn.CrossEntropyLoss(), xb, yb)
    samples = time_passes(step, params["steps"], params["passes"])
    return {"samples": {"resnet18Step": samples}, "versions": versions("torch", "torchvision")}


run(measure)
