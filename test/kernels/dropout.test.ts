import { DROPOUT } from '../../src/inspect/conformance/cases/images.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(DROPOUT, held);
