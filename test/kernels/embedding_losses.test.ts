import { EMBEDDING_LOSSES } from '../../src/inspect/conformance/cases/embedding_losses.ts';
import { useGpu } from '../gpu.ts';
import { checkFamily } from './check_family.ts';

const held = useGpu();

checkFamily(EMBEDDING_LOSSES, held);
