/** @file The lab's figures: small functions from numbers to a picture as SVG and PNG, all in one visual style. */

export { bilinearResize } from './bilinear_resize.ts';
export { type BoxPlot, type BoxStatistics, boxPlot, boxStatistics } from './box_plot.ts';
export { type CalibrationBin, type CalibrationCurve, calibrationCurve } from './calibration_curve.ts';
export { type ClassDistribution, classDistribution } from './class_distribution.ts';
export { jet } from './colour_maps.ts';
export { type ConfidenceHistogram, confidenceHistogram } from './confidence_histogram.ts';
export {
  type ConfusionMatrices,
  type ConfusionMatrix,
  confusionMatrices,
  confusionMatrix,
} from './confusion_matrix.ts';
export { type DifferenceDots, differenceDots } from './difference_dots.ts';
export { type EmbeddingScatter, embeddingScatter } from './embedding_scatter.ts';
export type { Figure, FigureOptions } from './figure.ts';
export { type HeatMap, type HeatOverlayGrid, heatOverlay, heatOverlayGrid } from './heat_overlay.ts';
export { type CaptionLine, type ImageGrid, imageGrid } from './image_grid.ts';
export { metricBars, type ScoreTable } from './metric_bars.ts';
export { metricHeatmap } from './metric_heatmap.ts';
export { metricRadar } from './metric_radar.ts';
export { type RejectionCurve, rejectionCurve } from './rejection_curve.ts';
export { MEANING } from './style.ts';
export {
  type CurveGroup,
  type TrainingCurveGroups,
  type TrainingCurves,
  type TrainingRun,
  trainingCurveGroups,
  trainingCurves,
} from './training_curves.ts';
