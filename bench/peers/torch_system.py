"""CustomCNN, and torchvision's ResNet-18 and EfficientNet-B0, in PyTorch, eager, float32: answers the requests that training_system.ts describes.

Arguments: cpu | cuda | cuda-tf32 | cuda-autocast, the number of threads, and the network's name.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn


def read_safetensors(path):
    """Name -> array, of a file of F32 and U32 tensors. Source: https://huggingface.co/docs/safetensors"""
    with open(path, 'rb') as file:
        content = file.read()
    size = int.from_bytes(content[:8], 'little')
    header = json.loads(content[8 : 8 + size])
    types = {'F32': np.float32, 'U32': np.uint32}
    arrays = {}
    for name, entry in header.items():
        if name == '__metadata__':
            continue
        begin, end = (8 + size + offset for offset in entry['data_offsets'])
        arrays[name] = np.frombuffer(content[begin:end], types[entry['dtype']]).reshape(entry['shape'])
    return arrays


def from_engine(array):
    """The engine's layouts in PyTorch's: [KH, KW, CI, CO] -> [CO, CI, KH, KW], [in, out] -> [out, in]."""
    order = {4: (3, 2, 0, 1), 2: (1, 0)}.get(array.ndim)
    return torch.from_numpy(np.ascontiguousarray(array.transpose(order) if order else array))


def block(inputs, outputs, pool):
    layers = nn.Sequential()
    for half, channels in ((1, inputs), (2, outputs)):
        layers.add_module(f'conv{half}', nn.Conv2d(channels, outputs, 3, padding=1))
        layers.add_module(f'bn{half}', nn.BatchNorm2d(outputs))
        layers.add_module(f'relu{half}', nn.ReLU(inplace=True))
    if pool:
        layers.add_module('pool', nn.MaxPool2d(2))
    return layers


class CustomCNN(nn.Module):
    def __init__(self, state):
        super().__init__()
        channels = [len(state[f'features.block{i}.conv1.bias']) for i in (1, 2, 3, 4)]
        self.features = nn.Sequential()
        for i, (inputs, outputs) in enumerate(zip([3, *channels], channels), 1):
            self.features.add_module(f'block{i}', block(inputs, outputs, pool=i < 4))
        hidden, classes = (len(state[f'classifier.{name}.bias']) for name in ('fc1', 'fc2'))
        self.classifier = nn.Sequential()
        self.classifier.add_module('fc1', nn.Linear(channels[-1], hidden))
        self.classifier.add_module('relu', nn.ReLU(inplace=True))
        self.classifier.add_module('fc2', nn.Linear(hidden, classes))

    def forward(self, images):
        return self.classifier(self.features(images).mean((2, 3)))


def build(net, state):
    if net == 'custom-cnn':
        return CustomCNN(state)
    import torchvision

    if net == 'efficientnet-b0':
        model = torchvision.models.efficientnet_b0(num_classes=10, stochastic_depth_prob=0)
        model.classifier[0].p = 0
        return model
    # In its form for small images.
    model = torchvision.models.resnet18(num_classes=10)
    model.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    model.maxpool = nn.Identity()
    return model


def figures(gradient):
    """As gradient_figures.ts has them."""
    values = gradient.double().cpu().flatten()
    weights = torch.cos(torch.arange(len(values), dtype=torch.float64))
    return [values.norm().item(), (values * weights).sum().item()]


class System:
    def __init__(self, kind, threads, net):
        self.net = net
        self.autocast = kind == 'cuda-autocast'
        self.device = torch.device('cpu' if kind == 'cpu' else 'cuda')
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = kind == 'cuda-tf32'
        # Small enough for the first step not to overflow: its gradients are compared. In float32 it does nothing.
        self.scaler = torch.cuda.amp.GradScaler(init_scale=1024, enabled=self.autocast)
        # cuDNN tries its algorithms in the first step, outside the timed ones.
        torch.backends.cudnn.benchmark = True

    def name(self):
        if self.device.type == 'cuda':
            return f'{torch.cuda.get_device_name()}, PyTorch {torch.__version__}'
        return f'{torch.get_num_threads()} threads, PyTorch {torch.__version__}'

    def wait(self):
        if self.device.type == 'cuda':
            torch.cuda.synchronize()

    def prepare(self, file):
        state = read_safetensors(file)
        images, labels = state.pop('images'), state.pop('labels')
        self.images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy()).to(self.device)
        self.labels = torch.from_numpy(labels.astype(np.int64)).to(self.device)
        self.model = build(self.net, state)
        missing, unexpected = self.model.load_state_dict(
            {name: from_engine(array) for name, array in state.items()}, strict=False
        )
        missing = [name for name in missing if not name.endswith('num_batches_tracked')]
        if missing or unexpected:
            raise ValueError(f'the state lacks {missing} and has {unexpected} too many')
        self.model.to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.criterion = nn.CrossEntropyLoss()
        start = time.perf_counter()
        loss = self.step().item()
        self.wait()
        first = 1000 * (time.perf_counter() - start)
        gradients = {name: figures(p.grad) for name, p in self.model.named_parameters()}
        return {'firstLoss': loss, 'firstStepMs': first, 'gradients': gradients, 'device': self.name()}

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast('cuda', torch.float16, enabled=self.autocast):
            loss = self.criterion(self.model(self.images), self.labels)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        self.wait()
        return {'ms': 1000 * (time.perf_counter() - start)}


def main():
    system = System(sys.argv[1], int(sys.argv[2]), sys.argv[3])
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = system.prepare(request['prepare']) if 'prepare' in request else system.run(request['run'])
        except Exception as error:  # Told to the process that asked, which stops.
            reply = {'error': f'{type(error).__name__}: {error}'}
        print(json.dumps(reply), flush=True)


main()
