import { CLIP } from '../../src/inspect/conformance/cases/updates.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(CLIP, held);
