import { takesPyTorchsSteps } from './golden_trajectories.ts';

takesPyTorchsSteps('LinearLR');
