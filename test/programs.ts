/** Tests that run whole programs or networks, and take long: `npm run test:programs`. */
export const PROGRAMS = [
  'test/examples.test.ts',
  'test/lab/commands/train.test.ts',
  'test/lab/own_images.test.ts',
  'test/lab/smoke.test.ts',
  'test/nn/onnx/export_onnx.test.ts',
  'test/nn/weights/load_pretrained.test.ts',
  'test/package.test.ts',
  'test/inspect/diagnose/lab_recipes.test.ts',
  'test/scripts/imports.test.ts',
  'test/train/pretrained_resnet20.test.ts',
];
