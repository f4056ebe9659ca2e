"""One training as PyTorch does it, on the CPU in float32: the network, the recipe and the data of a training of wgrad, with its own random numbers.

Standard input: JSON with the recipe as results.json of `wgrad train` holds it, `data` (the folder that fidelity.ts writes), `counts` (training images of
each class), `testPerClass` (null for all) and `threads`. Standard output: JSON with `history` (mean loss and accuracy of each epoch, in training
mode), `accuracy` and `recall` of each class on the test images after the last epoch.

The losses are written from their papers, with the settings that wgrad's have:
  focal             Lin et al., ICCV 2017, over a softmax
  class-balanced    Cui et al., CVPR 2019: focal loss, its classes weighted by the inverse of their effective number
  class-balanced-ce Cui et al., CVPR 2019: the same weights on cross-entropy
  ldam              Cao et al., NeurIPS 2019, with deferred re-weighting in the last fifth of the epochs. Where the last layer gives cosines, their scale is
                    the paper's 30; with a plain linear layer the scale of the logits is 1
  balanced-softmax  Ren et al., NeurIPS 2020
  logit-adjustment  Menon et al., ICLR 2021, in the loss
"""

import json
import math
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
PADDING = 4


def read_split(folder, name):
    """Images [N, 3, 32, 32] and labels [N] of the files that fidelity.ts writes."""
    labels = np.fromfile(pathlib.Path(folder) / f"{name}_labels.bin", np.uint8)
    images = np.fromfile(pathlib.Path(folder) / f"{name}_images.bin", np.uint8).reshape(len(labels), 32, 32, 3)
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy()), torch.from_numpy(labels.astype(np.int64))


def pick(labels, counts, generator):
    """Positions of counts[c] images of each class c, drawn without replacement."""
    picked = []
    for label, count in enumerate(counts):
        places = torch.nonzero(labels == label)[:, 0]
        picked.append(places[torch.randperm(len(places), generator=generator)[:count]])
    return torch.cat(picked)


def augment(images, generator):
    """A crop at random of each image with 4 pixels of black around it, and a mirrored half of them. images: bytes [N, 3, 32, 32]."""
    n = len(images)
    padded = functional.pad(images, [PADDING] * 4)
    at = torch.randint(0, 2 * PADDING + 1, (2, n, 1), generator=generator)
    rows, columns = (offset + torch.arange(32) for offset in at)
    mirrored = torch.rand(n, generator=generator) < 0.5
    columns = torch.where(mirrored[:, None], columns.flip(1), columns)
    each = torch.arange(n)[:, None, None]
    return padded[each, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def normalise(images):
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    return (images.float() / 255 - mean) / std


class CosineLinear(nn.Module):
    """Cosines of the angles between the input and the weights of each class, times the scale; Cao et al., NeurIPS 2019."""

    def __init__(self, features, classes, scale):
        super().__init__()
        self.weight = nn.Parameter(functional.normalize(torch.rand(classes, features) * 2 - 1))
        self.scale = scale

    def forward(self, x):
        return self.scale * functional.linear(functional.normalize(x), functional.normalize(self.weight))


def custom_cnn(width, dropout, last):
    """(conv 3x3, batch norm, ReLU) twice in each of four blocks, max pools after three of them; PyTorch's own first weights."""
    layers, before = [], 3
    for i, channels in enumerate(int(count * width) for count in (64, 128, 256, 512)):
        for _ in range(2):
            layers += [nn.Conv2d(before, channels, 3, padding=1), nn.BatchNorm2d(channels), nn.ReLU()]
            before = channels
        if i < 3:
            layers.append(nn.MaxPool2d(2))
    hidden = int(256 * width)
    head = [nn.Dropout(dropout), nn.Linear(before, hidden), nn.ReLU(), nn.Dropout(dropout), last(hidden)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), *head)


class ResidualBlock(nn.Module):
    def __init__(self, before, channels):
        super().__init__()
        self.stride = 1 if before == channels else 2
        self.added = channels - before
        self.conv1 = nn.Conv2d(before, channels, 3, self.stride, 1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn1, self.bn2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)

    def forward(self, x):
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.stride == 2:
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.added // 2, self.added // 2))
        return functional.relu(x + y)


def resnet20(width):
    """He et al., CVPR 2016, section 4.2: shortcuts without parameters, weights of kaiming_normal_."""
    channels = [int(count * width) for count in (16, 32, 64)]
    layers = [nn.Conv2d(3, channels[0], 3, 1, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()]
    before = channels[0]
    for own in channels:
        for _ in range(3):
            layers.append(ResidualBlock(before, own))
            before = own
    model = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 10))
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight)
    return model


def build_model(recipe):
    scale = recipe.get("classifierScale", 30)
    cosine = recipe.get("classifier") == "cosine"
    if recipe["model"] == "custom-cnn":
        last = (lambda features: CosineLinear(features, 10, scale)) if cosine else (lambda features: nn.Linear(features, 10))
        return custom_cnn(recipe["width"], recipe["dropout"], last)
    if recipe["model"] == "resnet20" and not cosine:
        return resnet20(recipe["width"])
    raise SystemExit(f"There is no network {recipe['model']} with this last layer here.")


def effective_weights(counts, beta):
    """(1 - beta) / (1 - beta^n) of each class, scaled to add up to the number of classes."""
    weights = (1 - beta) / (1 - beta ** counts.double())
    return (weights * len(counts) / weights.sum()).float()


def build_loss(recipe, counts):
    """A function of logits, labels and the epoch, from 0."""
    name = recipe["loss"]
    n = torch.tensor(counts)
    if name == "ce":
        return lambda x, y, epoch: functional.cross_entropy(x, y)
    if name in ("focal", "class-balanced"):
        gamma = recipe.get("gamma", 2)
        alpha = effective_weights(n, recipe.get("beta", 0.9999)) if name == "class-balanced" else torch.ones(len(counts))

        def focal(x, y, epoch):
            p = torch.softmax(x, 1).gather(1, y[:, None])[:, 0]
            return -(alpha[y] * (1 - p) ** gamma * torch.log_softmax(x, 1).gather(1, y[:, None])[:, 0]).mean()

        return focal
    deferred_to = min(math.ceil(recipe.get("deferWeights", 0.8 if name == "ldam" else 0) * recipe["epochs"]), recipe["epochs"] - 1)
    if name == "class-balanced-ce":
        weights = effective_weights(n, recipe.get("beta", 0.9999))
        return lambda x, y, epoch: functional.cross_entropy(x, y, weight=weights if epoch >= deferred_to else None)
    if name == "ldam":
        margins = n.double() ** -0.25
        margins = (0.5 * margins / margins.max()).float()
        # The scale is in cosines already, so margins are multiplied with it.
        margins *= recipe.get("classifierScale", 30) if recipe.get("classifier") == "cosine" else 1
        weights = effective_weights(n, 0.9999)

        def ldam(x, y, epoch):
            lowered = x - margins[y][:, None] * functional.one_hot(y, len(counts))
            return functional.cross_entropy(lowered, y, weight=weights if epoch >= deferred_to else None)

        return ldam
    if name == "balanced-softmax":
        return lambda x, y, epoch: functional.cross_entropy(x + n.float().log(), y)
    if name == "logit-adjustment":
        priors = recipe.get("tau", 1) * (n.double() / n.sum()).log().float()
        return lambda x, y, epoch: functional.cross_entropy(x + priors, y)
    raise SystemExit(f"There is no loss {name} here.")


def check(recipe):
    """What this file does, and nothing else."""
    done = {"optimizer": ("adam", "sgd"), "schedule": ("constant", "deferred"), "sampler": ("none",), "augmentation": ("lab",)}
    for field, values in done.items():
        if recipe[field] not in values:
            raise SystemExit(f"The {field} of the recipe must be {' or '.join(values)}, not {recipe[field]}.")


def build_optimizer(recipe, parameters):
    if recipe["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, lr=recipe["lr"], momentum=recipe["momentum"], weight_decay=recipe["weightDecay"])
    betas, eps = recipe.get("betas", (0.9, 0.999)), recipe.get("eps", 1e-8)
    return torch.optim.Adam(parameters, lr=recipe["lr"], betas=betas, eps=eps, weight_decay=recipe["weightDecay"])


def learning_rate(recipe, epoch):
    """Of 'deferred', Cao et al., NeurIPS 2019: it climbs for a fortieth of the epochs, falls to a hundredth after four fifths, and again half-way from there."""
    if recipe["schedule"] == "constant":
        return recipe["lr"]
    epochs = recipe["epochs"]
    warm_up = round(epochs / 40)
    first = min(math.ceil(recipe.get("deferWeights", 0.8) * epochs), epochs - 1)
    if epoch < warm_up:
        return recipe["lr"] * (epoch + 1) / warm_up
    return recipe["lr"] * 0.01 ** sum(epoch >= milestone for milestone in (first, math.ceil((first + epochs) / 2)))


def train(request):
    recipe = request["recipe"]
    check(recipe)
    torch.set_num_threads(request["threads"])
    torch.manual_seed(recipe["seed"])
    generator = torch.Generator().manual_seed(recipe["seed"] + 1)
    images, labels = read_split(request["data"], "train")
    test_images, test_labels = read_split(request["data"], "test")
    own = pick(labels, request["counts"], generator)
    images, labels = images[own], labels[own]
    if request["testPerClass"] is not None:
        tested = pick(test_labels, [request["testPerClass"]] * 10, generator)
        test_images, test_labels = test_images[tested], test_labels[tested]

    model = build_model(recipe)
    loss_of = build_loss(recipe, request["counts"])
    optimizer = build_optimizer(recipe, model.parameters())
    history = []
    for epoch in range(recipe["epochs"]):
        model.train()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(recipe, epoch)
        total, right = 0.0, 0
        for batch in torch.randperm(len(labels), generator=generator).split(recipe["batchSize"]):
            y = labels[batch]
            logits = model(normalise(augment(images[batch], generator)))
            loss = loss_of(logits, y, epoch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
            right += (logits.argmax(1) == y).sum().item()
        history.append({"epoch": epoch + 1, "loss": total / len(labels), "accuracy": right / len(labels)})
        print(f"  epoch {epoch + 1}/{recipe['epochs']}: loss {total / len(labels):.4f}", file=sys.stderr)

    model.eval()
    with torch.no_grad():
        predicted = torch.cat([model(normalise(part)).argmax(1) for part in test_images.split(500)])
    hits = (predicted == test_labels).double()
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "history": history,
        "accuracy": hits.mean().item(),
        "recall": [hits[test_labels == label].mean().item() for label in range(10)],
        "torch": torch.__version__,
    }


json.dump(train(json.load(sys.stdin)), sys.stdout)
