import { GROUPED_CONV2D } from '../../src/inspect/conformance/cases/convolutions.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(GROUPED_CONV2D, held);
