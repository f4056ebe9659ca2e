import type { BadCommand } from './bad_command.ts';

/** What is given on the command line. */
export const COMMAND_LINE: readonly BadCommand[] = [
  ['-x', "unknown option '-x'"],
  ['--nosuch', "unknown option '--nosuch'"],
  ['nosuch', "unknown command 'nosuch'"],
  ['trian', "unknown command 'trian'"],
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
  ['train --rung fastest', "option '--rung <name>' argument 'fastest' is invalid. Allowed choices are …"],
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
    'evaluate --weights @weights/small.safetensors --adapter-index 0 --adapter software',
    "option '--adapter-index <k>' cannot be used with option '--adapter <text>'",
  ],
  [
    'sweep @sweeps/good.yaml --jobs 0',
    "option '--jobs <n>' argument '0' is invalid. It must be a whole number from 1 to 256.",
  ],
  ['lab --jobs 2 --resume @runs/lab', "option '--jobs <n>' cannot be used with option '--resume <folder>'"],
  ['lab --jobs 2 --shard 1/2', '--jobs parts the experiments itself; leave out --shard, or --jobs.'],
  [
    'train --stop-after soon',
    "option '--stop-after <time>' argument 'soon' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
  ],
  [
    'train --stop-after 55',
    "option '--stop-after <time>' argument '55' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
  ],
  [
    'sweep @sweeps/good.yaml --stop-after 0m',
    "option '--stop-after <time>' argument '0m' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
  ],
  [
    'lab --stop-after 25d',
    "option '--stop-after <time>' argument '25d' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
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
  ['compare', "required option '--data <name or path>' not specified"],
  ['compare --data nosuch', 'There is no data set "nosuch": choose one of …'],
  [
    'compare --data mnist --remedies drw,magic',
    "option '--remedies <names>' argument 'drw,magic' is invalid. There is no remedy \"magic\": choose from …",
  ],
  [
    'compare --data mnist --remedies drw,drw',
    "option '--remedies <names>' argument 'drw,drw' is invalid. The remedy drw is named twice; name it once.",
  ],
  [
    'compare --data mnist --by accuracy',
    "option '--by <score>' argument 'accuracy' is invalid. There is no score \"accuracy\": choose one of …",
  ],
  [
    'compare --data mnist --by recall:eleven --into @empty/c',
    'There is no class "eleven" to compare recalls of: choose one of …',
  ],
  ['compare --data mnist --seeds 0', "option '--seeds <n>' argument '0' is invalid. It must be …"],
  ['compare --data mnist --budget soon', "option '--budget <time>' argument 'soon' is invalid. It must be …"],
  [
    'compare --data mnist --budget 1h --shard 1/2',
    "option '--budget <time>' cannot be used with option '--shard <i/n>'",
  ],
  ['compare --data mnist --into @file/x', '@file/x cannot be made, as part of that path is a file; choose …'],
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
  ['diagnose --steps 0', "option '--steps <n>' argument '0' is invalid. It must be a whole number of at least 1."],
  ['diagnose --steps -1', "option '--steps <n>' argument '-1' is invalid. It must be a whole number of at least 1."],
  ['diagnose --steps 1.5', "option '--steps <n>' argument '1.5' is invalid. It must be a whole number of at least 1."],
  ['diagnose --steps', "option '--steps <n>' argument missing"],
  ['diagnose extra', "too many arguments for 'diagnose'. Expected 0 arguments but got 1."],
  ['diagnose --lr -1', "option '--lr <rate>' argument '-1' is invalid. It must be a number of at least 0."],
  ['diagnose --data nosuch', 'There is no data set "nosuch": choose one of …'],
  [
    'diagnose --keep best --data mnist',
    '--keep needs images to choose by, which are held out by --validation; give it a share.',
  ],
  ['lab ps9', "There is no experiment 'ps9'; the experiments are: …"],
  ['lab ps1 ps1x', "There is no experiment 'ps1x'; the experiments are: …"],
  ['lab PS1', "There is no experiment 'PS1'; the experiments are: …"],
  ['lab list all', "'list' names the experiments and stands alone: npm run lab -- list."],
  ['lab --preset big', "option '--preset <name>' argument 'big' is invalid. Allowed choices are …"],
  ['lab --preset', "option '--preset <name>' argument missing"],
  ['lab --seeds 0', "option '--seeds <n>' argument '0' is invalid. It must be a whole number of at least 1."],
  ['lab --seeds 1.5', "option '--seeds <n>' argument '1.5' is invalid. It must be a whole number of at least 1."],
  ['lab --seeds x', "option '--seeds <n>' argument 'x' is invalid. It must be a whole number of at least 1."],
  ['lab --epochs -1', "option '--epochs <n>' argument '-1' is invalid. It must be a whole number from 1 to 65536."],
  ['lab --width 99', "option '--width <factor>' argument '99' is invalid. It must be a number above 0, at most 16."],
  ['lab --imbalance 0', "option '--imbalance <ratio>' argument '0' is invalid. It must be a number of at least 1."],
  [
    'lab --batch-size 1e99',
    "option '--batch-size <n>' argument '1e99' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'lab --shard 0/2',
    "option '--shard <i/n>' argument '0/2' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --shard 3/2',
    "option '--shard <i/n>' argument '3/2' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  ['lab --shard 1', "option '--shard <i/n>' argument '1' is invalid. It must be i/n with i from 1 to n, such as 2/4."],
  [
    'lab --shard 1/0',
    "option '--shard <i/n>' argument '1/0' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --shard a/b',
    "option '--shard <i/n>' argument 'a/b' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --shard -1/2',
    "option '--shard <i/n>' argument '-1/2' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'lab --improvements nothing',
    "option '--improvements <names>' argument 'nothing' is invalid. There is no improvement 'nothing'; the improvements are: …",
  ],
  [
    'lab --improvements se,,mixup',
    "option '--improvements <names>' argument 'se,,mixup' is invalid. There is no improvement ''; the improvements are: …",
  ],
  [
    'lab --improvements ,',
    "option '--improvements <names>' argument ',' is invalid. There is no improvement ''; the improvements are: …",
  ],
  ['lab --log csv', "option '--log <kind>' argument 'csv' is invalid. Allowed choices are …"],
  ['lab --rung best', "option '--rung <name>' argument 'best' is invalid. Allowed choices are …"],
  [
    'lab --image-memory -5',
    "option '--image-memory <MB>' argument '-5' is invalid. It must be a number of at least 0.",
  ],
  ['lab --data nosuch', 'There is no data set "nosuch": choose one of …'],
  ['lab --resume @runs/lab --shard 1/2', "option '--resume <folder>' cannot be used with option '--shard <i/n>'"],
  [
    'lab --resume @runs/lab --data mnist',
    "option '--resume <folder>' cannot be used with option '--data <name or path>'",
  ],
  ['lab --resume @runs/lab --seed 1', "option '--resume <folder>' cannot be used with option '--seed <n>'"],
  [
    'lab --resume @nosuch',
    'There is no run to resume in @nosuch: it holds no results.json; name a folder under runs/.',
  ],
  ['lab --resume @file', 'There is no run to resume in @file: it holds no results.json; name a folder under runs/.'],
  ['lab --resume @runs', 'There is no run to resume in @runs: it holds no results.json; name a folder under runs/.'],
  ['lab --resume', "option '--resume <folder>' argument missing"],
  [
    'lab --into @runs/lab --resume @runs/lab',
    "option '--into <folder>' cannot be used with option '--resume <folder>'",
  ],
  [
    'lab --into @runs/lab --seed 5',
    '@runs/lab holds a run by another configuration or on other images; name another folder, or remove it.',
  ],
  ['lab --into @runs/training', '@runs/training/results.json is not that of a run of this version; start a new run.'],
  [
    'lab --into @file --data mnist',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  [
    'lab --pretrained @nosuch --data mnist --out @empty ps5',
    '--pretrained names @nosuch, which is not there; name a file of weights.',
  ],
  [
    'lab --out @file --data mnist --preset smoke ps1',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  ['evaluate', "required option '--weights <file>' not specified"],
  ['evaluate --weights', "option '--weights <file>' argument missing"],
  [
    'evaluate extra --weights @weights/bias.safetensors',
    "too many arguments for 'evaluate'. Expected 0 arguments but got 1.",
  ],
  ['evaluate --weights @nosuch', 'The weights @nosuch cannot be read: there is no such file.'],
  ['evaluate --weights @weights', 'The weights @weights cannot be read: it is a folder.'],
  ['evaluate --weights @link', 'The weights @link cannot be read: there is no such file.'],
  [
    'evaluate --weights @loop',
    "The weights @loop cannot be read: ELOOP: too many symbolic links encountered, open '@loop'.",
  ],
  ['evaluate --weights @file/x', "The weights @file/x cannot be read: ENOTDIR: not a directory, open '@file/x'."],
  [
    'evaluate --weights @weights/bias.safetensors --first -1',
    "option '--first <n>' argument '-1' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --first 1.5',
    "option '--first <n>' argument '1.5' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --batch-size 0',
    "option '--batch-size <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --batch-size x',
    "option '--batch-size <n>' argument 'x' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --mean 2,0,0',
    "option '--mean <numbers>' argument '2,0,0' is invalid. It must be numbers from 0 to 1 with commas between them.",
  ],
  ['evaluate --weights @weights/bias.safetensors --mean', "option '--mean <numbers>' argument missing"],
  [
    'evaluate --weights @weights/bias.safetensors --mean ,,',
    "option '--mean <numbers>' argument ',,' is invalid. It must be numbers from 0 to 1 with commas between them.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --std -1,1,1',
    "option '--std <numbers>' argument '-1,1,1' is invalid. It must be numbers above 0 with commas between them.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --std 0,0,0',
    "option '--std <numbers>' argument '0,0,0' is invalid. It must be numbers above 0 with commas between them.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --std NaN,1,1',
    "option '--std <numbers>' argument 'NaN,1,1' is invalid. It must be numbers above 0 with commas between them.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --width 0',
    "option '--width <factor>' argument '0' is invalid. It must be a number above 0, at most 16.",
  ],
  [
    'evaluate --weights @weights/bias.safetensors --model magic',
    "option '--model <name>' argument 'magic' is invalid. Allowed choices are …",
  ],
  ['evaluate --weights @weights/bias.safetensors --data nosuch', 'There is no data set "nosuch": choose one of …'],
  [
    'evaluate --weights @weights/bias.safetensors --image-size 1',
    "option '--image-size <pixels>' argument '1' is invalid. It must be a whole number from 8 to 1024.",
  ],
  [
    'evaluate --weights @weights/recorded.safetensors --model resnet20',
    '--model resnet20 contradicts the weights @weights/recorded.safetensors, which are of a network with model custom-cnn; leave the option out.',
  ],
  [
    'evaluate --weights @weights/recorded.safetensors --width 1',
    '--width 1 contradicts the weights @weights/recorded.safetensors, which are of a network with width 0.0625; leave the option out.',
  ],
  [
    'evaluate --weights @weights/recorded.safetensors --mean 0.1,0.1,0.1',
    '--mean 0.1,0.1,0.1 contradicts the weights @weights/recorded.safetensors, which are of a network with mean 0.5,0.5,0.5; leave the option out.',
  ],
  [
    'evaluate --weights @weights/recorded.safetensors --std 0.1,0.1,0.1',
    '--std 0.1,0.1,0.1 contradicts the weights @weights/recorded.safetensors, which are of a network with std 0.5,0.5,0.5; leave the option out.',
  ],
  ['predict', "required option '--weights <file>' not specified"],
  ['predict @data/good.png', "required option '--weights <file>' not specified"],
  ['predict --weights @weights/recorded.safetensors', "missing required argument 'images'"],
  ['predict @data/good.png --weights @nosuch', 'The weights @nosuch cannot be read: there is no such file.'],
  ['predict @sets/empty --weights @weights/recorded.safetensors', 'There are no images in @sets/empty.'],
  ['predict @sets/text --weights @weights/recorded.safetensors', 'There are no images in @sets/text.'],
  [
    'predict @data/good.png --weights @weights/bias.safetensors',
    'The weights @weights/bias.safetensors do not say which network they are of; name it with --model.',
  ],
  [
    'predict @data/good.png --weights @weights/bias.safetensors --model resnet20',
    'The weights @weights/bias.safetensors do not say their classes; give it with --classes.',
  ],
  [
    'predict @data/good.png --weights @weights/bias.safetensors --model resnet20 --classes a,b',
    'The weights @weights/bias.safetensors do not say their mean; give it with --mean.',
  ],
  [
    'predict @data/good.png --weights @weights/bias.safetensors --model resnet20 --classes a,b --mean 0,0,0',
    'The weights @weights/bias.safetensors do not say their std; give it with --std.',
  ],
  [
    'predict @data/good.png --weights @weights/bias.safetensors --model resnet20 --classes a,b --mean 0 --std 1',
    '--mean needs a number for each of 3 channels; 1 were given.',
  ],
  [
    'predict @data/good.png --weights @weights/mean-one.safetensors',
    '--mean needs a number for each of 3 channels; 1 were given.',
  ],
  [
    'predict @data/good.png --weights @weights/recorded.safetensors --top 0',
    "option '--top <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'predict @data/good.png --weights @weights/recorded.safetensors --top x',
    "option '--top <n>' argument 'x' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'predict @data/good.png --weights @weights/recorded.safetensors --csv --json',
    "option '--csv' cannot be used with option '--json'",
  ],
  [
    'predict @data/good.png --weights @weights/recorded.safetensors --grad-cam @file/x',
    '@file/x cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  [
    'predict @data/good.png --weights @weights/recorded.safetensors --image-size 4',
    "option '--image-size <pixels>' argument '4' is invalid. It must be a whole number from 8 to 1024.",
  ],
  [
    'predict @data/good.png --weights @weights/recorded.safetensors --batch-size 0',
    "option '--batch-size <n>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  ['export', "required option '--weights <file>' not specified"],
  ['export --weights @weights/bias.safetensors', "required option '--onnx <file>' not specified"],
  ['export --onnx @out.onnx', "required option '--weights <file>' not specified"],
  ['export --weights @nosuch --onnx @out.onnx', 'The weights @nosuch cannot be read: there is no such file.'],
  [
    'export --weights @weights/bias.safetensors --onnx @out.onnx',
    'The weights @weights/bias.safetensors do not say which network they are of; name it with --model.',
  ],
  [
    'export --weights @weights/bias.safetensors --onnx @out.onnx --model magic',
    "option '--model <name>' argument 'magic' is invalid. Allowed choices are …",
  ],
  [
    'export --weights @weights/bias.safetensors --onnx @out.onnx --model resnet20 --mean 0,0,0',
    '--mean and --std are needed together, or neither: then the file takes normalised images.',
  ],
  [
    'export --weights @weights/bias.safetensors --onnx @out.onnx --model resnet20 --std 1,1,1',
    '--mean and --std are needed together, or neither: then the file takes normalised images.',
  ],
  [
    'export --weights @weights/bias.safetensors --onnx @out.onnx --image-size 0',
    "option '--image-size <pixels>' argument '0' is invalid. It must be a whole number of at least 1.",
  ],
  [
    'export --weights @weights/bias.safetensors --onnx @out.onnx --image-size 1.5',
    "option '--image-size <pixels>' argument '1.5' is invalid. It must be a whole number of at least 1.",
  ],
  ['inspect --step -1', "option '--step <n>' argument '-1' is invalid. It must be a whole number of at least 0."],
  ['inspect --step 1.5', "option '--step <n>' argument '1.5' is invalid. It must be a whole number of at least 0."],
  ['inspect --image -1', "option '--image <n>' argument '-1' is invalid. It must be a whole number of at least 0."],
  ['inspect --image x', "option '--image <n>' argument 'x' is invalid. It must be a whole number of at least 0."],
  [
    'inspect --module @number.mjs --model resnet20',
    "option '--module <file>' cannot be used with option '--model <name>'",
  ],
  [
    'inspect --module @number.mjs --weights w',
    "option '--module <file>' cannot be used with option '--weights <file>'",
  ],
  ['inspect --data nosuch', 'There is no data set "nosuch": choose one of …'],
  ['inspect --lr -1', "option '--lr <rate>' argument '-1' is invalid. It must be a number of at least 0."],
  ['inspect --module @nosuch --data mnist --out @empty', '@nosuch is not there.'],
  ['inspect --module @weights --data mnist --out @empty', '@weights is no file.'],
  ['inspect --module @throws.mjs --data mnist --out @empty', '@throws.mjs cannot be loaded: not today.'],
  [
    'inspect --module @syntax.mjs --data mnist --out @empty',
    '@syntax.mjs cannot be loaded: Failed to parse source for import analysis because the content contains invalid JS syntax. If you are using JSX, make sure to name the file with the .jsx or .tsx extension..',
  ],
  [
    'inspect --module @nothing.mjs --data mnist --out @empty',
    '@nothing.mjs has no default export that is a function (gpu, images, recipe) => Module.',
  ],
  [
    'inspect --module @number.mjs --data mnist --out @empty',
    '@number.mjs has no default export that is a function (gpu, images, recipe) => Module.',
  ],
  ['inspect --weights @nosuch --data mnist --out @empty', 'The weights @nosuch cannot be read: there is no such file.'],
  ['sweep', "missing required argument 'file'"],
  ['sweep @nosuch --count', "The sweep @nosuch cannot be read: ENOENT: no such file or directory, open '@nosuch'."],
  ['sweep @sweeps --count', 'The sweep @sweeps cannot be read: EISDIR: illegal operation on a directory, read.'],
  [
    'sweep @sweeps/good.yaml --shard 0/1',
    "option '--shard <i/n>' argument '0/1' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'sweep @sweeps/good.yaml --shard 2/1',
    "option '--shard <i/n>' argument '2/1' is invalid. It must be i/n with i from 1 to n, such as 2/4.",
  ],
  [
    'sweep @sweeps/good.yaml --rung fastest',
    "option '--rung <name>' argument 'fastest' is invalid. Allowed choices are …",
  ],
  [
    'sweep @sweeps/good.yaml --into @file',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  [
    'sweep @sweeps/good.yaml --into @runs/lab',
    '@runs/lab/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'sweep @sweeps/good.yaml --into @runs/sweep',
    '@runs/sweep holds another sweep; name another folder with --into, or remove it.',
  ],
  ['sweep @sweeps/good.yaml extra', "too many arguments for 'sweep'. Expected 1 argument but got 2."],
  ['sweep @sweeps/good.yaml --json', '--json is for --status; a sweep writes results.json.'],
  [
    'sweep @sweeps/good.yaml --status --into @runs/lab',
    '@runs/lab/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'sweep @sweeps/good.yaml --status --into @runs/sweep',
    '@runs/sweep holds another sweep; name another folder with --into, or remove it.',
  ],
  ['merge', "required option '--into <folder>' not specified"],
  ['merge @runs/sweep', "required option '--into <folder>' not specified"],
  [
    'merge @nosuch --into @merged',
    'There is no run to resume in @nosuch: it holds no results.json; name a folder under runs/.',
  ],
  [
    'merge @file --into @merged',
    'There is no run to resume in @file: it holds no results.json; name a folder under runs/.',
  ],
  ['merge @runs/no-json --into @merged', '@runs/no-json/results.json is damaged and cannot be read; start a new run.'],
  [
    'merge @runs/list-json --into @merged',
    '@runs/list-json holds neither a sweep nor a run of the lab: there is nothing to merge.',
  ],
  [
    'merge @runs/other-format --into @merged',
    '@runs/other-format holds neither a sweep nor a run of the lab: there is nothing to merge.',
  ],
  [
    'merge @runs/training --into @merged',
    '@runs/training holds neither a sweep nor a run of the lab: there is nothing to merge.',
  ],
  [
    'merge @runs/lab @runs/sweep --into @merged',
    'Shards of one kind can be merged; these are of wgrad-results and wgrad-sweep.',
  ],
  [
    'merge @runs/lab-version --into @merged',
    '@runs/lab-version/results.json has version 99, expected 2; start a new run.',
  ],
  [
    'merge @runs/lab-more --into @merged',
    '@runs/lab-more/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'merge @runs/lab @runs/lab-seed --into @merged',
    '@runs/lab-seed/results.json is not that of a run of this version; start a new run.',
  ],
  [
    'merge @runs/lab --into @runs/sweep',
    '@runs/sweep holds a run already; name another folder with --into, or go on with it by npx wgrad lab --resume @runs/sweep.',
  ],
  [
    'merge @runs/sweep --into @merged',
    '1 training is missing: 1-custom-cnn-ce-adam-seed-42; make them, or take what is there by --partial.',
  ],
  [
    'merge @runs/sweep-version --into @merged',
    '@runs/sweep-version/results.json has version 99, expected 1; start a new run.',
  ],
  [
    'merge @runs/sweep --into @file --partial',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  ['models extra', "too many arguments for 'models'. Expected 0 arguments but got 1."],
  ['models --width 0', "option '--width <factor>' argument '0' is invalid. It must be a number above 0, at most 16."],
  ['models --width -1', "option '--width <factor>' argument '-1' is invalid. It must be a number above 0, at most 16."],
  [
    'models --width 100',
    "option '--width <factor>' argument '100' is invalid. It must be a number above 0, at most 16.",
  ],
  ['models --width x', "option '--width <factor>' argument 'x' is invalid. It must be a number above 0, at most 16."],
  ['gradcheck nosuch', "There is no check 'nosuch'; 'npx wgrad gradcheck' lists them, and a file ends in .js or .ts."],
  [
    'gradcheck matmul nosuch',
    "There is no check 'nosuch'; 'npx wgrad gradcheck' lists them, and a file ends in .js or .ts.",
  ],
  ['gradcheck --break nosuch', "There is no broken rule 'nosuch'; there are: …"],
  ['gradcheck --rung fastest', "option '--rung <name>' argument 'fastest' is invalid. Allowed choices are …"],
  ['gradcheck @nosuch.js', '@nosuch.js is not there.'],
  ['gradcheck @throws.mjs', '@throws.mjs cannot be loaded: not today.'],
  [
    'gradcheck @nothing.mjs',
    "@nothing.mjs has no default export; write 'export default { inputs: [[2, 3]], f: (x) => … };'.",
  ],
  ['ladder nosuch', "command-argument value 'nosuch' is invalid for argument 'kernel'. Allowed choices are …"],
  ['ladder matmul --shape 0x1x1', "--shape of matmul is M x K x N, as in 512x576x512, not '0x1x1'."],
  ['ladder matmul --shape 1', "--shape of matmul is M x K x N, as in 512x576x512, not '1'."],
  ['ladder matmul --shape axbxc', "--shape of matmul is M x K x N, as in 512x576x512, not 'axbxc'."],
  ['ladder matmul --shape 1x2x3x4', "--shape of matmul is M x K x N, as in 512x576x512, not '1x2x3x4'."],
  ['ladder matmul --shape -1x2x3', "--shape of matmul is M x K x N, as in 512x576x512, not '-1x2x3'."],
  ['ladder matmul --runs 0', "option '--runs <n>' argument '0' is invalid. It must be a whole number of at least 1."],
  ['ladder matmul --runs x', "option '--runs <n>' argument 'x' is invalid. It must be a whole number of at least 1."],
  ['ladder --shape 1x1x1', '--shape is of a kernel; name it, as in wgrad ladder matmul.'],
  ['learn nosuch', "unknown command 'nosuch'"],
  ['learn start nosuch --into @learn', "There is no exercise 'nosuch'; there are: …"],
  ['learn check nosuch --into @learn', "There is no exercise 'nosuch'; there are: …"],
  ['learn hint nosuch --into @learn', "There is no exercise 'nosuch'; there are: …"],
  ['learn check --into @file', "@file/map.wgsl cannot be read: ENOTDIR: not a directory, open '@file/map.wgsl'."],
  [
    'learn start --into @file',
    '@file cannot be made, as part of that path is a file; choose another folder with --out.',
  ],
  ['learn check relu --into @nosuch', "There is no exercise 'relu'; there are: …"],
  ['benchmark extra', "too many arguments for 'benchmark'. Expected 0 arguments but got 1."],
  ['benchmark --out', "option '--out <folder>' argument missing"],
  ['benchmark --out /proc/nosuch', 'No folder can be made at /proc/nosuch; choose another with --out.'],
  ['verify extra', "too many arguments for 'verify'. Expected 0 arguments but got 1."],
  ['verify --nosuch', "unknown option '--nosuch'"],
  ['verify --out', "option '--out <folder>' argument missing"],
  ['verify --out @file', '@file cannot be made, as part of that path is a file; choose another folder with --out.'],
  ['verify --out /proc/nosuch', 'No folder can be made at /proc/nosuch; choose another with --out.'],
  ['doctor extra', "too many arguments for 'doctor'. Expected 0 arguments but got 1."],
  ['doctor --nosuch', "unknown option '--nosuch'"],
  ['doctor --data-dir @nosuch', '--data-dir names @nosuch, which does not exist: name the folder that holds the data.'],
  ['doctor --data-dir @file', '--data-dir names @file, which is not a folder: name the folder that holds the data.'],
  [
    'evaluate --model custom-cnn --weights @weights/bias.safetensors --test-share 0.5 --data @sets/damaged',
    'cat/a.png in @sets/damaged cannot be decoded: the file has corrupt header; mend or remove it, or go on without by --skip-damaged.',
  ],
  [
    'train --out /proc/nosuch/deep/er --data mnist',
    'No folder can be made at /proc/nosuch/deep/er; choose another with --out.',
  ],
  ['train --into /proc/nosuch --data mnist', 'No folder can be made at /proc/nosuch; choose another with --out.'],
  [
    'train --out @NAME300 --data mnist',
    'nnnnnnnnnnnnnnnnnnnn… cannot be made, as its name is too long; choose another with --out.',
  ],
  [
    'merge @runs/null-json --into @merged',
    '@runs/null-json holds neither a sweep nor a run of the lab: there is nothing to merge.',
  ],
  ['lab --resume @runs/lab-experiment', "There is no experiment 'ps99'; the experiments are: …"],
  [
    'ladder matmul --shape 1e9x1e9x1e9 --out @ladder',
    '--shape 1e9x1e9x1e9: an input of 1000000000000000000 numbers is needed, and this adapter takes …',
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
  [
    'predict --weights w --background #12 image.png',
    "option '--background <colour>' argument '#12' is invalid. It must be white, black, grey, or # and six hexadecimal digits.",
  ],
  ['train --data mnist --background black', '--background is for images of your own; mnist is as it is.'],
];
