import type { BadCommand } from './bad_command.ts';

/** Files of weights. */
export const WEIGHTS: readonly BadCommand[] = [
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/empty.pth',
    'The weights @weights/empty.pth cannot be used: The file of 0 bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/one-byte.pth',
    'The weights @weights/one-byte.pth cannot be used: The file of 1 bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/text.pth',
    'The weights @weights/text.pth cannot be used: The file of 27 bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/page.safetensors',
    'The weights @weights/page.safetensors cannot be used: The file of 29 bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/lfs.safetensors',
    'The weights @weights/lfs.safetensors cannot be used: The file of 67 bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/header-huge.safetensors',
    'The weights @weights/header-huge.safetensors cannot be used: The safetensors header claims 1099511627776 bytes, more than the 100000000 allowed: the file is damaged or in another format.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/header-beyond.safetensors',
    'The weights @weights/header-beyond.safetensors cannot be used: The safetensors header claims 1000 bytes, but only 2 follow: the file is cut off or in another format.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/header-cut.safetensors',
    'The weights @weights/header-cut.safetensors cannot be used: The safetensors header is not JSON: the file is damaged or in another format.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/header-list.safetensors',
    "The weights @weights/header-list.safetensors cannot be used: The safetensors header describes 'w' by something that is not an object.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/header-number.safetensors',
    "The weights @weights/header-number.safetensors cannot be used: The safetensors header describes 'w' by something that is not an object.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/twice.safetensors',
    "The weights @weights/twice.safetensors cannot be used: The safetensors header holds 'w' twice.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/metadata-list.safetensors',
    "The weights @weights/metadata-list.safetensors cannot be used: The safetensors header's __metadata__ is not an object of texts.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/metadata-number.safetensors',
    "The weights @weights/metadata-number.safetensors cannot be used: The safetensors header's __metadata__ holds 'epoch', which is not a text.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/dtype.safetensors',
    'The weights @weights/dtype.safetensors cannot be used: \'w\' is of dtype "F8_E4M3"; these can be read: …',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/dtype-number.safetensors',
    "The weights @weights/dtype-number.safetensors cannot be used: 'w' is of dtype 5; these can be read: …",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/shape-negative.safetensors',
    "The weights @weights/shape-negative.safetensors cannot be used: 'w' has the shape [-2]; a list of whole numbers is needed.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/shape-half.safetensors',
    "The weights @weights/shape-half.safetensors cannot be used: 'w' has the shape [1.5]; a list of whole numbers is needed.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/shape-text.safetensors',
    'The weights @weights/shape-text.safetensors cannot be used: \'w\' has the shape "2"; a list of whole numbers is needed.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/shape-huge.safetensors',
    "The weights @weights/shape-huge.safetensors cannot be used: 'w' has the shape [2147483648,2147483648]; a list of whole numbers is needed.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/shape-other.safetensors',
    "The weights @weights/shape-other.safetensors cannot be used: 'w' of shape [3] and dtype F32 needs 12 bytes, but its data_offsets span 8.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/offsets-one.safetensors',
    "The weights @weights/offsets-one.safetensors cannot be used: 'w' has the data_offsets [0]; two whole numbers, begin and end, are needed.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/offsets-turned.safetensors',
    "The weights @weights/offsets-turned.safetensors cannot be used: 'w' has the data_offsets [8,0]; two whole numbers, begin and end, are needed.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/offsets-beyond.safetensors',
    "The weights @weights/offsets-beyond.safetensors cannot be used: 'w' ends at byte 16 of the data, but only 8 are there: the file is cut off.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/offsets-gap.safetensors',
    "The weights @weights/offsets-gap.safetensors cannot be used: The bytes from 0 to 8 before 'w' belong to no tensor.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/offsets-rest.safetensors',
    'The weights @weights/offsets-rest.safetensors cannot be used: The tensors end at byte 8 of the data, but 16 are there.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/offsets-overlap.safetensors',
    "The weights @weights/offsets-overlap.safetensors cannot be used: 'b' begins at byte 4 of the data, inside the tensor before it, which ends at 8.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/bias.safetensors',
    '@weights/bias.safetensors does not fit custom-cnn: of its tensors 52 are missing (features.block1.conv1.weight, features.block1.conv1.bias, features.block1.bn1.weight, …), 1 is unexpected (fc.bias).',
  ],
  [
    'evaluate --data mnist --weights @weights/width-0.safetensors',
    "The weights @weights/width-0.safetensors cannot be used: Its metadata says that width is '0', which no network has.",
  ],
  [
    'evaluate --data mnist --weights @weights/width-huge.safetensors',
    "The weights @weights/width-huge.safetensors cannot be used: Its metadata says that width is '1e9', which no network has.",
  ],
  [
    'evaluate --data mnist --weights @weights/std-0.safetensors',
    "The weights @weights/std-0.safetensors cannot be used: Its metadata says that std is '0,0,0', which no network has.",
  ],
  [
    'evaluate --data mnist --weights @weights/mean-nan.safetensors',
    "The weights @weights/mean-nan.safetensors cannot be used: Its metadata says that mean is 'NaN,0,0', which no network has.",
  ],
  [
    'evaluate --data mnist --weights @weights/model-unknown.safetensors',
    'The weights @weights/model-unknown.safetensors do not say which network they are of; name it with --model.',
  ],
  [
    'evaluate --data mnist --weights @weights/mean-one.safetensors',
    '--mean needs a number for each of 3 channels; 1 were given.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-cut.pth',
    'The weights @weights/zip-cut.pth cannot be used: The zip archive is damaged or cut off: its end was not found.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-half.pth',
    'The weights @weights/zip-half.pth cannot be used: The zip archive is damaged or cut off: its end was not found.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-compressed.pth',
    "The weights @weights/zip-compressed.pth cannot be used: The zip archive's 'archive/data.pkl' is compressed, which PyTorch's files never are; give the file as torch.save wrote it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-encrypted.pth',
    "The weights @weights/zip-encrypted.pth cannot be used: The zip archive's 'archive/data.pkl' is encrypted, which PyTorch's files never are.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-elsewhere.pth',
    "The weights @weights/zip-elsewhere.pth cannot be used: The zip archive is damaged or cut off: 'archive/data.pkl' is not where its directory says.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-no-pickle.pth',
    'The weights @weights/zip-no-pickle.pth cannot be used: The zip archive is no PyTorch file: it has 0 pickles FOLDER/data.pkl where one is needed.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-no-storage.pth',
    "The weights @weights/zip-no-storage.pth cannot be used: The storage '0' of 4 elements of F32 needs 16 bytes; the file has none for it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-docx.pth',
    'The weights @weights/zip-docx.pth cannot be used: The zip archive is no PyTorch file: it has 0 pickles FOLDER/data.pkl where one is needed.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/zip-short-storage.pth',
    "The weights @weights/zip-short-storage.pth cannot be used: The storage '0' of 4 elements of F32 needs 16 bytes; the file has 8 for it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/tensor-beyond.pth',
    "The weights @weights/tensor-beyond.pth cannot be used: A tensor in the storage '0', of shape [5] and stride [1] from element 0 on, reaches beyond its 4 elements.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/tensor-negative.pth',
    "The weights @weights/tensor-negative.pth cannot be used: A tensor in the storage '0' has the size [-2], the stride [1] and the offset 0; whole numbers are needed, as many strides as sizes, and of both 64 at most.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/tensor-offset.pth',
    "The weights @weights/tensor-offset.pth cannot be used: A tensor in the storage '0' has the size [2], the stride [1] and the offset -1; whole numbers are needed, as many strides as sizes, and of both 64 at most.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/tensor-type.pth',
    "The weights @weights/tensor-type.pth cannot be used: The pickle would call 'torch.ComplexDoubleStorage', which reading weights never does; save the model's state_dict() with nothing but numbers and texts beside it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/calls-system.pth',
    "The weights @weights/calls-system.pth cannot be used: The pickle would call 'os.system', which reading weights never does; save the model's state_dict() with nothing but numbers and texts beside it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/calls-eval.pth',
    "The weights @weights/calls-eval.pth cannot be used: The pickle would call 'builtins.eval', which reading weights never does; save the model's state_dict() with nothing but numbers and texts beside it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/whole-model.pth',
    "The weights @weights/whole-model.pth cannot be used: The pickle would call 'torchvision.models.resnet.ResNet', which reading weights never does; save the model's state_dict() with nothing but numbers and texts beside it.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-number.pth',
    'The weights @weights/pickle-number.pth cannot be used: The PyTorch file holds no state dict: it is no dictionary.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-list.pth',
    'The weights @weights/pickle-list.pth cannot be used: The PyTorch file holds no state dict: it is no dictionary.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-empty-dict.pth',
    'The weights @weights/pickle-empty-dict.pth cannot be used: The PyTorch file holds no state dict: at its top are no names.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-no-tensors.pth',
    'The weights @weights/pickle-no-tensors.pth cannot be used: The PyTorch file holds no state dict: at its top are "epoch".',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-cut.pth',
    'The weights @weights/pickle-cut.pth cannot be used: The pickle is cut off: 1 more bytes are needed at byte 3.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-opcode.pth',
    'The weights @weights/pickle-opcode.pth cannot be used: The pickle uses the opcode 0xff, which no state dict needs: the file is damaged or not one.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-protocol.pth',
    'The weights @weights/pickle-protocol.pth cannot be used: The pickle is of protocol 99; up to 5 can be read.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-stack.pth',
    'The weights @weights/pickle-stack.pth cannot be used: The pickle is damaged: it takes more from its stack than is there.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/pickle-memo.pth',
    'The weights @weights/pickle-memo.pth cannot be used: The pickle is damaged: it refers to entry 9 of its memo, which is not there.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/name-number.pth',
    'The weights @weights/name-number.pth cannot be used: The state dict names a tensor 7, which is no text.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/legacy-cut.pth',
    "The weights @weights/legacy-cut.pth cannot be used: The storage '0' of 4 elements of F32 ends at byte 190, but the file has only 185: it is cut off.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/legacy-count.pth',
    "The weights @weights/legacy-count.pth cannot be used: The storage '0' is of 4 elements, but 5 are announced before them.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/legacy-negative.pth',
    "The weights @weights/legacy-negative.pth cannot be used: The storage '0' is of 4 elements, but -1 are announced before them.",
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/legacy-key.pth',
    'The weights @weights/legacy-key.pth cannot be used: The PyTorch file lists a storage "1" twice, or one that no tensor uses.',
  ],
  [
    'evaluate --data mnist --model custom-cnn --weights @weights/legacy-magic.pth',
    'The weights @weights/legacy-magic.pth cannot be used: The file is a pickle, but not of PyTorch: its magic number is another.',
  ],
  [
    'train --data mnist --weights @weights/none.pth',
    'The weights @weights/none.pth cannot be read: there is no such file.',
  ],
  [
    'train --data mnist --weights @weights/text.pth',
    'The weights @weights/text.pth cannot be used: The file of 27 bytes is neither safetensors nor a PyTorch file (.pth), or its beginning is damaged.',
  ],
  [
    'train --data mnist --weights @weights/bias.safetensors',
    'The weights @weights/bias.safetensors do not say which network they are of; name it with --model.',
  ],
  [
    'train --data mnist --model resnet20 --weights @weights/bias.safetensors',
    '@weights/bias.safetensors does not fit resnet20: of its tensors 95 are missing (conv1.weight, bn1.weight, bn1.bias, …), 1 is unexpected (fc.bias).',
  ],
  [
    'train --data mnist --model resnet20 --weights @weights/bias.safetensors --mean 0.5',
    '--mean needs a number for each of 3 channels; 1 were given.',
  ],
];
