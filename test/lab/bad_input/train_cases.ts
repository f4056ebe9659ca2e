import type { BadCommand } from './bad_command.ts';

/** What is given to `wgrad train` on the command line. */
export const TRAIN: readonly BadCommand[] = [
  ['train extra', "too many arguments for 'train'. Expected 0 arguments but got 1."],
  ['train --epochs', "option '--epochs <n>' argument missing"],
  ['train --epochs 0', "option '--epochs <n>' argument '0' is invalid. It must be a whole number from 1 to 65536."],
  ['train --epochs -3', "option '--epochs <n>' argument '-3' is invalid. It must be a whole number from 1 to 65536."],
  ['train --epochs 2.5', "option '--epochs <n>' argument '2.5' is invalid. It must be a whole number from 1 to 65536."],
  ['train --epochs 1e9', "option '--epochs <n>' argument '1e9' is invalid. It must be a whole number from 1 to 65536."],
  [
    'train --epochs three',
    "option '--epochs <n>' argument 'three' is invalid. It must be a whole number from 1 to 65536.",
  ],
  [
    'train --epochs 65537',
    "option '--epochs <n>' argument '65537' is invalid. It must be a whole number from 1 to 65536.",
  ],
  [
    'train --batch-size 0',
    "option '--batch-size <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --batch-size -1',
    "option '--batch-size <n>' argument '-1' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --batch-size 1e400',
    "option '--batch-size <n>' argument '1e400' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --batch-size 3.5',
    "option '--batch-size <n>' argument '3.5' is invalid. It must be a whole number of at least 1.",
  ],
  ['train --seed -1', "option '--seed <n>' argument '-1' is invalid. It must be a whole number of at least 0."],
  ['train --seed 1e300', "option '--seed <n>' argument '1e300' is invalid. It must be a whole number of at least 0."],
  ['train --seed x', "option '--seed <n>' argument 'x' is invalid. It must be a whole number of at least 0."],
  ['train --lr zero', "option '--lr <rate>' argument 'zero' is invalid. It must be a number of at least 0."],
  ['train --lr -0.1', "option '--lr <rate>' argument '-0.1' is invalid. It must be a number of at least 0."],
  ['train --lr NaN', "option '--lr <rate>' argument 'NaN' is invalid. It must be a number of at least 0."],
  ['train --lr Infinity', "option '--lr <rate>' argument 'Infinity' is invalid. It must be a number of at least 0."],
  ['train --lr 1e999', "option '--lr <rate>' argument '1e999' is invalid. It must be a number of at least 0."],
  [
    'train --weight-decay -1',
    "option '--weight-decay <factor>' argument '-1' is invalid. It must be a number of at least 0.",
  ],
  [
    'train --weight-decay x',
    "option '--weight-decay <factor>' argument 'x' is invalid. It must be a number of at least 0.",
  ],
  [
    'train --momentum -0.1',
    "option '--momentum <factor>' argument '-0.1' is invalid. It must be a number of at least 0 and below 1.",
  ],
  [
    'train --momentum 1',
    "option '--momentum <factor>' argument '1' is invalid. It must be a number of at least 0 and below 1.",
  ],
  [
    'train --momentum 1.5',
    "option '--momentum <factor>' argument '1.5' is invalid. It must be a number of at least 0 and below 1.",
  ],
  [
    'train --betas 1',
    "option '--betas <numbers>' argument '1' is invalid. It must be two numbers of at least 0 and below 1, with a comma between them.",
  ],
  [
    'train --betas 0.9,1.1',
    "option '--betas <numbers>' argument '0.9,1.1' is invalid. It must be two numbers of at least 0 and below 1, with a comma between them.",
  ],
  [
    'train --betas 0.9,0.99,0.999',
    "option '--betas <numbers>' argument '0.9,0.99,0.999' is invalid. It must be two numbers of at least 0 and below 1, with a comma between them.",
  ],
  [
    'train --betas a,b',
    "option '--betas <numbers>' argument 'a,b' is invalid. It must be two numbers of at least 0 and below 1, with a comma between them.",
  ],
  ['train --eps -1', "option '--eps <number>' argument '-1' is invalid. It must be a number above 0."],
  ['train --eps x', "option '--eps <number>' argument 'x' is invalid. It must be a number above 0."],
  ['train --clip-norm -1', "option '--clip-norm <norm>' argument '-1' is invalid. It must be a number above 0."],
  ['train --clip-norm x', "option '--clip-norm <norm>' argument 'x' is invalid. It must be a number above 0."],
  ['train --dropout -0.1', "option '--dropout <p>' argument '-0.1' is invalid. It must be a number from 0 to 1."],
  ['train --dropout 2', "option '--dropout <p>' argument '2' is invalid. It must be a number from 0 to 1."],
  [
    'train --stochastic-depth 1.01',
    "option '--stochastic-depth <p>' argument '1.01' is invalid. It must be a number from 0 to 1.",
  ],
  [
    'train --label-smoothing -1',
    "option '--label-smoothing <share>' argument '-1' is invalid. It must be a number from 0 to 1.",
  ],
  [
    'train --label-smoothing 1.5',
    "option '--label-smoothing <share>' argument '1.5' is invalid. It must be a number from 0 to 1.",
  ],
  ['train --gamma -1', "option '--gamma <number>' argument '-1' is invalid. It must be a number of at least 0."],
  ['train --gamma x', "option '--gamma <number>' argument 'x' is invalid. It must be a number of at least 0."],
  [
    'train --beta 1',
    "option '--beta <number>' argument '1' is invalid. It must be a number of at least 0 and below 1.",
  ],
  [
    'train --beta -1',
    "option '--beta <number>' argument '-1' is invalid. It must be a number of at least 0 and below 1.",
  ],
  ['train --tau -1', "option '--tau <factor>' argument '-1' is invalid. It must be a number of at least 0."],
  ['train --tau x', "option '--tau <factor>' argument 'x' is invalid. It must be a number of at least 0."],
  ['train --warm-up-epochs -1', "option '--warm-up-epochs <n>' argument '-1' is invalid. It must be a number above 0."],
  [
    'train --plateau-epochs -1',
    "option '--plateau-epochs <n>' argument '-1' is invalid. It must be a whole number of at least 0.",
  ],
  [
    'train --plateau-epochs 0',
    '--plateau-epochs says nothing with --schedule constant; leave it out, or take reduce-on-plateau.',
  ],
  [
    'train --validation 2',
    "option '--validation <share>' argument '2' is invalid. It must be a number of at least 0 and below 1, or own.",
  ],
  [
    'train --validation -0.5',
    "option '--validation <share>' argument '-0.5' is invalid. It must be a number of at least 0 and below 1, or own.",
  ],
  [
    'train --validation x',
    "option '--validation <share>' argument 'x' is invalid. It must be a number of at least 0 and below 1, or own.",
  ],
  ['train --keep-by magic', "option '--keep-by <metric>' argument 'magic' is invalid. Allowed choices are …"],
  ['train --keep never', "option '--keep <epoch>' argument 'never' is invalid. Allowed choices are …"],
  [
    'train --patience 0.5',
    "option '--patience <n>' argument '0.5' is invalid. It must be a whole number of at least 1.",
  ],
  ['train --patience -1', "option '--patience <n>' argument '-1' is invalid. It must be a whole number of at least 1."],
  ['train --width 0', "option '--width <factor>' argument '0' is invalid. It must be a number above 0, at most 16."],
  ['train --width -1', "option '--width <factor>' argument '-1' is invalid. It must be a number above 0, at most 16."],
  [
    'train --width 1e9',
    "option '--width <factor>' argument '1e9' is invalid. It must be a number above 0, at most 16.",
  ],
  ['train --width x', "option '--width <factor>' argument 'x' is invalid. It must be a number above 0, at most 16."],
  ['train --model', "option '--model <name>' argument missing"],
  ['train --model vgg16', "option '--model <name>' argument 'vgg16' is invalid. Allowed choices are …"],
  [
    'train --model custom-cnn,resnet18',
    "option '--model <name>' argument 'custom-cnn,resnet18' is invalid. Allowed choices are …",
  ],
  ['train --loss mse', "option '--loss <name>' argument 'mse' is invalid. Allowed choices are …"],
  ['train --optimizer lion', "option '--optimizer <name>' argument 'lion' is invalid. Allowed choices are …"],
  ['train --schedule linear', "option '--schedule <name>' argument 'linear' is invalid. Allowed choices are …"],
  ['train --sampler weighted', "option '--sampler <name>' argument 'weighted' is invalid. Allowed choices are …"],
  ['train --augmentation magic', "option '--augmentation <name>' argument 'magic' is invalid. Allowed choices are …"],
  ['train --imbalance 0', "option '--imbalance <ratio>' argument '0' is invalid. It must be a number of at least 1."],
  ['train --imbalance -5', "option '--imbalance <ratio>' argument '-5' is invalid. It must be a number of at least 1."],
  ['train --imbalance x', "option '--imbalance <ratio>' argument 'x' is invalid. It must be a number of at least 1."],
  [
    'train --max-per-class 0',
    "option '--max-per-class <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --max-per-class 1.5',
    "option '--max-per-class <n>' argument '1.5' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --test-per-class 0',
    "option '--test-per-class <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --test-per-class -1',
    "option '--test-per-class <n>' argument '-1' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'train --image-size 7',
    "option '--image-size <pixels>' argument '7' is invalid. It must be a whole number from 8 to 1024.",
  ],
  [
    'train --image-size 1025',
    "option '--image-size <pixels>' argument '1025' is invalid. It must be a whole number from 8 to 1024.",
  ],
  [
    'train --image-size 32.5',
    "option '--image-size <pixels>' argument '32.5' is invalid. It must be a whole number from 8 to 1024.",
  ],
  [
    'train --test-share 0',
    "option '--test-share <share>' argument '0' is invalid. It must be a number above 0 and below 1.",
  ],
  [
    'train --test-share 1',
    "option '--test-share <share>' argument '1' is invalid. It must be a number above 0 and below 1.",
  ],
  [
    'train --test-share x',
    "option '--test-share <share>' argument 'x' is invalid. It must be a number above 0 and below 1.",
  ],
  [
    'train --rung fastest',
    "option '--rung <name>' argument 'fastest' is invalid. There are: naive, tiled, blocked, subgroup, winograd; and of the blocked one's tiles: blocked:64x64x16/4x4, …",
  ],
  ['train --log csv', "option '--log <kind>' argument 'csv' is invalid. Allowed choices are …"],
  [
    'train --image-memory -1',
    "option '--image-memory <MB>' argument '-1' is invalid. It must be a number of at least 0.",
  ],
  [
    'train --image-memory lots',
    "option '--image-memory <MB>' argument 'lots' is invalid. It must be a number of at least 0.",
  ],
  [
    'train --into @runs/training --resume @runs/training',
    "option '--into <folder>' cannot be used with option '--resume <folder>'",
  ],
  [
    'train --adapter-index first',
    "option '--adapter-index <k>' argument 'first' is invalid. It must be a whole number from 0 to 9999.",
  ],
  [
    'train --stop-after soon',
    "option '--stop-after <time>' argument 'soon' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
  ],
  [
    'train --stop-after 55',
    "option '--stop-after <time>' argument '55' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
  ],
  ['train --resume @runs/training --lr 0.1', "option '--resume <folder>' cannot be used with option '--lr <rate>'"],
  [
    'train --resume @runs/training --model resnet18',
    "option '--resume <folder>' cannot be used with option '--model <name>'",
  ],
  [
    'train --resume @runs/training --data mnist',
    "option '--resume <folder>' cannot be used with option '--data <name or path>'",
  ],
  ['train --resume @runs/training --out x', "option '--resume <folder>' cannot be used with option '--out <folder>'"],
  [
    'train --resume @runs/training --imbalance 10',
    "option '--resume <folder>' cannot be used with option '--imbalance <ratio>'",
  ],
  [
    'train --keep best --data mnist --out @empty',
    '--keep needs images to choose by, which are held out by --validation; give it a share.',
  ],
  [
    'train --patience 3 --data mnist --out @empty',
    '--patience needs images to choose by, which are held out by --validation; give it a share.',
  ],
  [
    'train --keep-by loss --data mnist --out @empty',
    '--keep-by needs images to choose by, which are held out by --validation; give it a share.',
  ],
  [
    'train --optimizer adam --nesterov --data mnist --out @empty',
    '--nesterov says nothing with --optimizer adam; leave it out, or take sgd.',
  ],
  [
    'train --optimizer adam --momentum 0.9 --data mnist --out @empty',
    '--momentum says nothing with --optimizer adam; leave it out, or take sgd or rmsprop.',
  ],
  [
    'train --optimizer sgd --betas 0.9,0.99 --data mnist --out @empty',
    '--betas says nothing with --optimizer sgd; leave it out, or take adam or adamw.',
  ],
  [
    'train --optimizer sgd --nesterov --momentum 0 --data mnist --out @empty',
    '--nesterov looks ahead along the momentum, which is 0; leave it out, or give --momentum.',
  ],
  [
    'train --loss ce --gamma 2 --data mnist --out @empty',
    '--gamma says nothing with --loss ce; leave it out, or take focal or class-balanced or cdt.',
  ],
  [
    'train --loss focal --tau 1 --data mnist --out @empty',
    '--tau says nothing with --loss focal; leave it out, or take logit-adjustment.',
  ],
  [
    'train --loss focal --label-smoothing 0.1 --data mnist --out @empty',
    '--label-smoothing says nothing with --loss focal; leave it out, or take ce or weighted-ce or sqrt-weighted-ce or label-smoothing.',
  ],
  [
    'train --schedule constant --warm-up-epochs 1 --data mnist --out @empty',
    '--warm-up-epochs says nothing with --schedule constant; leave it out, or take warm-up or deferred.',
  ],
  [
    'train --model resnet20 --dropout 0.5 --data mnist --out @empty',
    '--dropout says nothing with --model resnet20; leave it out, or take custom-cnn or efficientnet-b0.',
  ],
  [
    'train --model custom-cnn --stochastic-depth 0.5 --data mnist --out @empty',
    '--stochastic-depth says nothing with --model custom-cnn; leave it out, or take efficientnet-b0.',
  ],
  [
    'train --classifier-scale 16 --data mnist --out @empty',
    '--classifier-scale says nothing with --classifier left out; leave it out, or take cosine.',
  ],
  [
    'train --classifier cosine --classifier-scale 0',
    "option '--classifier-scale <s>' argument '0' is invalid. It must be a number above 0, or learned.",
  ],
  [
    'train --loss ldam --classifier cosine --classifier-scale learned --data mnist --out @empty',
    'The margins of ldam are cosines, so their scale must be known; give --classifier-scale a number.',
  ],
  [
    'train --loss focal --defer-weights 0.8 --data mnist --out @empty',
    '--defer-weights says nothing with --loss focal; leave it out, or take weighted-ce or sqrt-weighted-ce or class-balanced or class-balanced-ce or ldam.',
  ],
  [
    'train --loss weighted-ce --defer-weights 1',
    "option '--defer-weights <share>' argument '1' is invalid. It must be a number above 0 and below 1.",
  ],
  [
    'train --second-stage tau-norm --data mnist --out @empty',
    '--second-stage tau-norm chooses τ by images held out by --validation; give it a share.',
  ],
  [
    'train --second-stage lws --classifier cosine --data mnist --out @empty',
    '--second-stage lws changes the lengths of weights, which --classifier cosine has not; leave one of them out.',
  ],
  [
    'train --second-stage tau-norm --second-epochs 3 --validation 0.1 --data mnist --out @empty',
    '--second-epochs says nothing with --second-stage tau-norm; leave it out, or take crt or lws or cam.',
  ],
  [
    'train --imbalance-type step --data mnist --out @empty',
    '--imbalance-type says how an imbalance is made; give --imbalance a ratio above 1, or leave it out.',
  ],
  ['train --data nosuch', 'There is no data set "nosuch": choose one of …'],
  ['train --data', "option '--data <name or path>' argument missing"],
  ['train --data CIFAR10', 'There is no data set "CIFAR10": choose one of …'],
  ['train --data @nosuch', 'There is no data set "@nosuch": choose one of …'],
  ['train --data @link', 'There is no data set "@link": choose one of …'],
  ['train --data @loop', 'There is no data set "@loop": choose one of …'],
  [
    'train --out @file/x --data mnist',
    '@file/x cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  [
    'train --out @file --data mnist',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  [
    'train --into @file --data mnist',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  ['train --out /proc/nosuch --data mnist', 'No folder can be made at /proc/nosuch; choose another with --out.'],
  [
    'train --out /proc/nosuch/deep/er --data mnist',
    'No folder can be made at /proc/nosuch/deep/er; choose another with --out.',
  ],
  ['train --into /proc/nosuch --data mnist', 'No folder can be made at /proc/nosuch; choose another with --out.'],
  [
    'train --out @NAME300 --data mnist',
    'nnnnnnnnnnnnnnnnnnnn… cannot be made, as its name is too long; choose another with --out.',
  ],
  ['train --freeze features', '--freeze says how to go on from weights; give their file with --weights as well.'],
  ['train --head-lr 0.1', '--head-lr says how to go on from weights; give their file with --weights as well.'],
  ['train --mean 0,0,0', '--mean says how to go on from weights; give their file with --weights as well.'],
  ['train --std 1,1,1', '--std says how to go on from weights; give their file with --weights as well.'],
  ['train --freeze', "option '--freeze <names...>' argument missing"],
  ['train --head-lr -1', "option '--head-lr <rate>' argument '-1' is invalid. It must be a number of at least 0."],
  ['train --head-lr fast', "option '--head-lr <rate>' argument 'fast' is invalid. It must be a number of at least 0."],
  ['train --form square', "option '--form <name>' argument 'square' is invalid. Allowed choices are cifar, imagenet."],
  ['train --form imagenet', '--form says nothing with --model custom-cnn; leave it out, or take resnet18 or resnet34.'],
  ['train --continue a --resume b', "option '--continue <folder>' cannot be used with option '--resume <folder>'"],
  ['train --continue a --lr 0.1', "option '--continue <folder>' cannot be used with option '--lr <rate>'"],
  ['train --continue a --weights w', "option '--continue <folder>' cannot be used with option '--weights <file>'"],
  ['train --resume a --freeze features', "option '--resume <folder>' cannot be used with option '--freeze <names...>'"],
  [
    'train --background blue',
    "option '--background <colour>' argument 'blue' is invalid. It must be white, black, grey, or # and six hexadecimal digits.",
  ],
  ['train --data mnist --background black', '--background is for images of your own; mnist is as it is.'],
];
