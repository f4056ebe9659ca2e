/** A storage buffer of a shader, as its WGSL declares it. */
export interface ShaderBinding {
  name: string;
  binding: number;
  access: 'read' | 'read_write';
}

export interface ShaderParam {
  name: string;
  type: 'u32' | 'i32' | 'f32';
}

/** What a WGSL file says of itself: enough to bind and call it by name. */
export interface ShaderInterface {
  bindings: ShaderBinding[];
  /** Fields of the uniform struct, in order, four bytes each; empty where there is none. */
  params: ShaderParam[];
  /** Binding number of the uniform struct, or −1. */
  paramsBinding: number;
  needsSubgroups: boolean;
}

/**
 * Reads the interface of a shader from its text. The house form: everything in group 0, storage buffers declared one a line, at most one
 * uniform, whose struct holds scalars only (so its layout is its order).
 */
export function parseShader(name: string, source: string): ShaderInterface {
  const code = source.replace(/\/\/.*$/gm, '');
  const bindings: ShaderBinding[] = [];
  for (const match of code.matchAll(
    /@group\(0\)\s*@binding\((\d+)\)\s*var<storage,\s*(read|read_write)>\s*(\w+)\s*:/g,
  )) {
    bindings.push({ binding: Number(match[1]), access: match[2] as 'read' | 'read_write', name: match[3] });
  }
  const uniform = code.match(/@group\(0\)\s*@binding\((\d+)\)\s*var<uniform>\s*\w+\s*:\s*(\w+)\s*;/);
  const params: ShaderParam[] = [];
  if (uniform) {
    const body = code.match(new RegExp(`struct\\s+${uniform[2]}\\s*\\{([^}]*)\\}`))?.[1] ?? '';
    for (const field of body.split(',')) {
      const parts = field.trim().match(/^(\w+)\s*:\s*(u32|i32|f32)$/);
      if (parts) params.push({ name: parts[1], type: parts[2] as ShaderParam['type'] });
      else if (field.trim() !== '') {
        throw new Error(
          `shaders/${name}.wgsl: the uniform struct may hold u32, i32 and f32 only, not '${field.trim()}'.`,
        );
      }
    }
  }
  return {
    bindings,
    params,
    paramsBinding: uniform ? Number(uniform[1]) : -1,
    needsSubgroups: /enable\s+subgroups\s*;/.test(code),
  };
}
