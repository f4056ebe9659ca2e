import { PAD2D } from '../../src/inspect/conformance/cases/windows.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(PAD2D, held);
