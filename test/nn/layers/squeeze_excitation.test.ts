import { SqueezeExcitation } from '../../../src/node.ts';
import { attendsAsPyTorch } from './golden_attention.ts';

attendsAsPyTorch('SqueezeExcitation', (gpu) => new SqueezeExcitation(gpu, 5));
