// The door of `wgrad/onnx`: networks for other systems to run.
export { exportOnnx, ONNX_IR_VERSION, ONNX_OPSET, type OnnxOptions } from './export_onnx.ts';
