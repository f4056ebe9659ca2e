/** An instruction of a Containerfile: its name in capitals, and the rest. */
export interface Instruction {
  name: string;
  text: string;
}

/** The instructions of a Containerfile, lines that go on put together, comments left out. */
export function parseContainerfile(text: string): Instruction[] {
  return text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name, rest] = /^\s*(\w+)\s+(.*)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`No instruction of a Containerfile: ${line}`);
      return { name: name.toUpperCase(), text: rest };
    });
}

/** What the instructions leave beside the files: variables, user, folder and command. */
export interface Image {
  base: string;
  env: Record<string, string>;
  user: string;
  folder: string;
  command: string[];
}

/** What a step does to files: a command for the shell, as whom and with which variables, or files to be copied. */
export type Step = { run: string; env: Record<string, string>; user: string } | { copy: string[]; to: string };

/** The steps of a Containerfile in order, and the image that is left. @throws for an instruction that is not known here. */
export function stepsOf(instructions: readonly Instruction[]): { steps: Step[]; image: Image } {
  const image: Image = { base: '', env: {}, user: 'root', folder: '/', command: [] };
  const steps: Step[] = [];
  let parts: { ENTRYPOINT?: string[]; CMD?: string[] } = {};
  for (const { name, text } of instructions) {
    if (name === 'FROM') image.base = text;
    else if (name === 'RUN') steps.push({ run: text, env: { ...image.env }, user: image.user });
    else if (name === 'COPY') {
      const words = text.split(/\s+/);
      steps.push({ copy: words.slice(0, -1), to: words[words.length - 1] });
    } else if (name === 'ENV') {
      for (const [, key, value] of text.matchAll(/(\w+)=(\S+)/g)) image.env[key] = value;
    } else if (name === 'USER') image.user = text;
    else if (name === 'WORKDIR') image.folder = text;
    else if (name === 'ENTRYPOINT' || name === 'CMD') parts = { ...parts, [name]: JSON.parse(text) as string[] };
    else throw new Error(`The instruction ${name} is not known here.`);
  }
  image.command = [...(parts.ENTRYPOINT ?? []), ...(parts.CMD ?? [])];
  return { steps, image };
}
