/** Where WebGPU is switched on, by browser and platform. */
function setting(agent: string): string {
  const linux = /Linux|X11/.test(agent) && !/Android/.test(agent);
  if (/Firefox\//.test(agent)) {
    return 'In Firefox, open about:config, set dom.webgpu.enabled and gfx.webgpu.ignore-blocklist to true, and load this page again.';
  }
  if (/Edg\/|Chrome\/|Chromium\//.test(agent)) {
    const name = /Edg\//.test(agent) ? 'edge' : 'chrome';
    return linux
      ? `On Linux, open ${name}://flags, enable “Unsafe WebGPU Support” (or start the browser with --enable-unsafe-webgpu) and, for a GPU, “Vulkan”, and load this page again.`
      : `Open ${name}://settings/system, switch graphics acceleration on, and load this page again; ${name}://gpu says what is missing.`;
  }
  if (/Safari\//.test(agent)) {
    return 'Safari has WebGPU from version 26 on; in earlier ones switch it on under Settings, Feature Flags, WebGPU, and load this page again.';
  }
  return 'Take a current Chrome, Edge, Firefox or Safari.';
}

/** What to do where the engine found no GPU: one sentence with the flag or setting for this browser. Other troubles say themselves what they are. */
export function noAdapterSentence({ message }: Error, agent = navigator.userAgent): string {
  if (!/WebGPU|adapter/i.test(message)) return message;
  return `This browser gives the page no GPU. ${setting(agent)}`;
}
