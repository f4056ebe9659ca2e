import { UserError } from '../user_error.ts';

/** A dataset that is nowhere at hand and could not be fetched: whoever asked may go on with another one. */
export class DatasetUnavailable extends UserError {
  readonly dataset: string;

  constructor(dataset: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.dataset = dataset;
  }
}
