import { BROADCAST } from '../../src/inspect/conformance/cases/reductions.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(BROADCAST, held);
