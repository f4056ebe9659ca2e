import { AVG_POOL } from '../../src/inspect/conformance/cases/windows.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(AVG_POOL, held);
