import { LOSS_SCALE } from '../../src/inspect/conformance/cases/loss_scale.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(LOSS_SCALE, held);
