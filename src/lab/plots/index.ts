/** @file The lab's figures: small functions from numbers to a picture as SVG and PNG, all in one visual style. */

export { boxPlot } from './box_plot.ts';
export { calibrationCurve } from './calibration_curve.ts';
export { classDistribution } from './class_distribution.ts';
export { confidenceHistogram } from './confidence_histogram.ts';
export { confusionMatrices, confusionMatrix } from './confusion_matrix.ts';
export { differenceDots } from './difference_dots.ts';
export { type DifferenceInterval, differenceIntervals } from './difference_intervals.ts';
export { embeddingScatter } from './embedding_scatter.ts';
export type { Figure } from './figure.ts';
export { filterGrid } from './filter_grid.ts';
export { heatOverlayGrid } from './heat_overlay_grid.ts';
export { imageGrid } from './image_grid.ts';
export { type LinePanel, type LinePlot, linePlot, type PlotLine } from './line_plot.ts';
export { metricBars, type ScoreTable } from './metric_bars.ts';
export { metricHeatmap } from './metric_heatmap.ts';
export { metricRadar } from './metric_radar.ts';
export { rejectionCurve } from './rejection_curve.ts';
export { type Roofline, roofline } from './roofline.ts';
export { MEANING } from './style.ts';
export { type TrainingCourse, trainingCurveGroups, trainingCurves } from './training_curves.ts';
export { type BarPanel, type ValueBars, valueBars } from './value_bars.ts';
export { type ValueMatrices, type ValueMatrix, valueMatrices } from './value_matrices.ts';
