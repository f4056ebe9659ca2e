/** What an adapter says of itself. */
export interface AdapterDescription {
  vendor: string;
  architecture: string;
  device: string;
  description: string;
  /** True for a driver that computes on the CPU. */
  software: boolean;
  /** Lanes of a subgroup, smallest and largest; 0 where there are none. */
  subgroupSizes: readonly [number, number];
}

/** What the device allows. Read once: Dawn makes an object with a finalizer of its own each time `GPUDevice.limits` is asked for. */
export interface DeviceLimits {
  /** Bytes of one array. */
  arrayBytes: number;
  /** Workgroups in each dimension of a grid. */
  workgroups: number;
  /** Invocations of a workgroup, and bytes of the memory that they share. */
  workgroupInvocations: number;
  workgroupBytes: number;
}

/** What a device allows. */
export function limitsOf({ limits }: GPUDevice): DeviceLimits {
  const { maxStorageBufferBindingSize, maxBufferSize } = limits;
  return {
    arrayBytes: Math.min(maxStorageBufferBindingSize, maxBufferSize),
    workgroups: limits.maxComputeWorkgroupsPerDimension,
    workgroupInvocations: Math.min(limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
    workgroupBytes: limits.maxComputeWorkgroupStorageSize,
  };
}
