import { UserError } from '../../runtime/errors.ts';

/** A dataset that is nowhere at hand and could not be fetched: whoever asked may go on with another one. */
export class DatasetUnavailable extends UserError {}
