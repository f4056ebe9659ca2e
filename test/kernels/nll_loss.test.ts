import { NLL_LOSS } from '../../src/inspect/conformance/cases/losses.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(NLL_LOSS, held);
