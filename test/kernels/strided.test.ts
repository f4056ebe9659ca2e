import { STRIDED } from '../../src/inspect/conformance/cases/layouts.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(STRIDED, held);
