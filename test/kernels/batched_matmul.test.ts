import { BATCHED_MATMUL } from '../../src/inspect/conformance/cases/products.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(BATCHED_MATMUL, held);
