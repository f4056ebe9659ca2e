// The package's `main` is no module that Node.js can import; the file that is one has its types at the package's name.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
