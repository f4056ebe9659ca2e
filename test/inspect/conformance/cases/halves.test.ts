import { IN_HALF_PRECISION } from '../../../../src/inspect/conformance/cases/halves.ts';
import { useGpu } from '../../../gpu.ts';
import { checkFamily } from '../../../kernels/check_family.ts';

const held = useGpu();

for (const family of IN_HALF_PRECISION) checkFamily(family, held);
