import type { BadCommand } from './bad_command.ts';

/** What is given on the command line. */
export const COMMAND_LINE: readonly BadCommand[] = [
  ['-x', "unknown option '-x'"],
  ['--nosuch', "unknown option '--nosuch'"],
  ['nosuch', "unknown command 'nosuch'"],
  ['trian', "unknown command 'trian'"],
  [
    'evaluate --weights @weights/small.safetensors --adapter-index 0 --adapter software',
    "option '--adapter-index <k>' cannot be used with option '--adapter <text>'",
  ],
  [
    'sweep @sweeps/good.yaml --jobs 0',
    "option '--jobs <n>' argument '0' is invalid. It must be a whole number from 1 to 256.",
  ],
  [
    'sweep @sweeps/good.yaml --stop-after 0m',
    "option '--stop-after <time>' argument '0m' is invalid. It must be a time such as 90s, 55m or 1h30m, of at most 24 days.",
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
    "option '--rung <name>' argument 'fastest' is invalid. There are: naive, tiled, blocked, subgroup, winograd; and of the blocked one's tiles: blocked:64x64x16/4x4, …",
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
  [
    'gradcheck --rung fastest',
    "option '--rung <name>' argument 'fastest' is invalid. There are: naive, tiled, blocked, subgroup, winograd; and of the blocked one's tiles: blocked:64x64x16/4x4, …",
  ],
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
    'merge @runs/null-json --into @merged',
    '@runs/null-json holds neither a sweep nor a run of the lab: there is nothing to merge.',
  ],
  [
    'ladder matmul --shape 1e9x1e9x1e9 --out @ladder',
    '--shape 1e9x1e9x1e9: an input of 1000000000000000000 numbers is needed, and this adapter takes …',
  ],
  [
    'predict --weights w --background #12 image.png',
    "option '--background <colour>' argument '#12' is invalid. It must be white, black, grey, or # and six hexadecimal digits.",
  ],
];
