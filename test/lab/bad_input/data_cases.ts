import type { BadCommand } from './bad_command.ts';

/** Data sets. */
export const DATA: readonly BadCommand[] = [
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/empty.csv',
    '@data/empty.csv has no column image: its first line must name the columns image and label, and may name split.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/columns.csv',
    '@data/columns.csv has no column image: its first line must name the columns image and label, and may name split.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/header.csv',
    '@data/header.csv has no column image: its first line must name the columns image and label, and may name split.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/no-label.csv',
    '@data/no-label.csv, line 2: there is no label.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/no-image.csv',
    '@data/no-image.csv, line 2: there is no image.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/split.csv',
    '@data/split.csv, line 2: "learn" is no split; it must be train, val or test.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/split-lines.csv',
    '@data/split-lines.csv, line 3: "a\\nb" is no split; it must be train, val or test.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/cells.csv',
    '@data/cells.csv is no table of comma-separated values: Invalid Record Length: columns length is 2, got 4 on line 2.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/quote.csv',
    '@data/quote.csv is no table of comma-separated values: Quote Not Closed: the parsing is finished with an opening quote at line 2.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/missing.csv',
    'none.png in @data/missing.csv cannot be decoded: it is not there; mend or remove it, or go on without by --skip-damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/one-class.csv',
    '@data/one-class.csv has one class, cat: a network needs two or more to tell apart.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/binary.csv',
    '@data/binary.csv has no column image: its first line must name the columns image and label, and may name split.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/text.csv',
    'notes.txt in @data/text.csv cannot be decoded: the file contains unsupported image format; mend or remove it, or go on without by --skip-damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/image-cut.csv',
    'cut.png in @data/image-cut.csv cannot be decoded: it is cut short or damaged; mend or remove it, or go on without by --skip-damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/image-empty.csv',
    'empty.png in @data/image-empty.csv cannot be decoded: the file contains unsupported image format; mend or remove it, or go on without by --skip-damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/outside.csv',
    '/etc/hostname in @data/outside.csv cannot be decoded: the file contains unsupported image format; mend or remove it, or go on without by --skip-damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/only-test.csv',
    'The classes cat, dog of @data/only-test.csv have no training images: add some, or remove the classes.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/single.csv',
    '@data/single.csv has one image of each class: none can be set aside to test on; add images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/empty.npz',
    '@data/empty.npz cannot be used: End of central directory record signature not found. Either not a zip file, or file is truncated.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/text.npz',
    '@data/text.npz cannot be used: End of central directory record signature not found. Either not a zip file, or file is truncated.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/cut.npz',
    '@data/cut.npz cannot be used: End of central directory record signature not found. Either not a zip file, or file is truncated.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/no-arrays.npz',
    '@data/no-arrays.npz cannot be used: it holds no array train_images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/no-labels.npz',
    '@data/no-labels.npz cannot be used: it holds no array train_labels.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/no-images.npz',
    '@data/no-images.npz cannot be used: it holds no array train_images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/float.npz',
    '@data/float.npz cannot be used: train_images is <f4 of shape [4, 6, 5, 3]; uint8 [N, H, W] or [N, H, W, 3] is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/big-endian.npz',
    '@data/big-endian.npz cannot be used: train_labels: its elements are >i8, not whole numbers.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/labels-float.npz',
    '@data/labels-float.npz cannot be used: train_labels: its elements are <f8, not whole numbers.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/labels-two.npz',
    '@data/labels-two.npz cannot be used: train_labels has shape [4, 2]; one label for each image, [N] or [N, 1], is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/labels-few.npz',
    '@data/labels-few.npz cannot be used: train_images are 4 and train_labels 3; as many are needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/labels-cut.npz',
    '@data/labels-cut.npz cannot be used: train_labels: it is damaged: 16 bytes of elements, expected 32.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/labels-more.npz',
    '@data/labels-more.npz cannot be used: train_labels: it is damaged: it holds more than 4 labels.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/dimensions.npz',
    '@data/dimensions.npz cannot be used: train_images is |u1 of shape [360]; uint8 [N, H, W] or [N, H, W, 3] is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/channels.npz',
    '@data/channels.npz cannot be used: train_images is |u1 of shape [4, 6, 3, 5]; uint8 [N, H, W] or [N, H, W, 3] is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/height-0.npz',
    '@data/height-0.npz cannot be used: train_images is |u1 of shape [4, 0, 5, 3]; uint8 [N, H, W] or [N, H, W, 3] is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/count-0.npz',
    '@data/count-0.npz holds no images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/count-huge.npz',
    '@data/count-huge.npz cannot be used: train_images is |u1 of shape [4000000000, 6, 5, 3]; uint8 [N, H, W] or [N, H, W, 3] is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/pixels-cut.npz',
    '@data/pixels-cut.npz cannot be used: train_images ends after 3 of 4 images: it is damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/fortran.npz',
    '@data/fortran.npz cannot be used: train_images: it is in Fortran order; save it with numpy.ascontiguousarray.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/pickled.npz',
    '@data/pickled.npz cannot be used: train_images is |O of shape [4]; uint8 [N, H, W] or [N, H, W, 3] is needed.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/no-npy.npz',
    '@data/no-npy.npz cannot be used: train_images: it is no array in NumPy’s format.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/header-long.npz',
    '@data/header-long.npz cannot be used: train_images: it ends before its header does.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/checksum.npz',
    '@data/checksum.npz cannot be used: its checksum differs from the one in the archive: it is damaged.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/data.tar',
    '@data/data.tar is no data set: name a folder of images, a .csv or an .npz file.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @data/data.json',
    '@data/data.json is no data set: name a folder of images, a .csv or an .npz file.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/empty',
    '@sets/empty holds no folders of classes: put the images of each class into a folder with its name.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/no-classes',
    '@sets/no-classes holds no folders of classes: put the images of each class into a folder with its name.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/only-test',
    '@sets/only-test has test but no train: name the folder with the training images train.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/one-class',
    '@sets/one-class has one class, cat: a network needs two or more to tell apart.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/text',
    '@sets/text holds no images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/one-each',
    '@sets/one-each has one image of each class: none can be set aside to test on; add images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/empty-classes',
    '@sets/empty-classes holds no images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/cifar',
    '@sets/cifar holds no images.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --data cifar10 --data-dir @sets/cifar',
    '@sets/cifar/cifar-10-batches-bin/data_batch_1.bin is missing: other files of CIFAR-10 are there; add it, or remove them all.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --data cifar10 --data-dir @file',
    '--data-dir names @file, which is not a folder: name the folder that holds the data.',
  ],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --data cifar100 --data-dir @nosuch',
    '--data-dir names @nosuch, which does not exist: name the folder that holds the data.',
  ],
];
