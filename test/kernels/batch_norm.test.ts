import { BATCH_NORM } from '../../src/inspect/conformance/cases/normalisations.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(BATCH_NORM, held);
