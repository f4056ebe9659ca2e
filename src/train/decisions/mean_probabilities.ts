/**
 * The mean of several models' probabilities, or of one model's for several views of the same images: what an ensemble decides by.
 *
 * predictions: [N, C] each.
 * @throws RangeError for no predictions, or for lengths that differ.
 */
export function meanProbabilities(predictions: readonly Float32Array[]): Float32Array {
  if (predictions.length === 0)
    throw new RangeError('meanProbabilities: there are no predictions to take the mean of.');
  const { length } = predictions[0];
  const other = predictions.find((probabilities) => probabilities.length !== length);
  if (other) {
    throw new RangeError(`meanProbabilities: ${length} and ${other.length} probabilities; expected as many of each.`);
  }
  return Float32Array.from({ length }, (_, i) => {
    let sum = 0;
    for (const probabilities of predictions) sum += probabilities[i];
    return sum / predictions.length;
  });
}
