import { ELEMENTWISE } from '../../src/inspect/conformance/cases/elementwise.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(ELEMENTWISE, held);
