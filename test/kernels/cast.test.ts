import { CAST } from '../../src/inspect/conformance/cases/halves.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(CAST, held);
