import { SQUEEZE_EXCITATION } from '../../src/inspect/conformance/cases/squeeze_excitation.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(SQUEEZE_EXCITATION, held);
