import { CONV2D_TILES, MATMUL_TILES } from '../../src/inspect/conformance/cases/tiles.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(MATMUL_TILES, held);
checkFamily(CONV2D_TILES, held);
