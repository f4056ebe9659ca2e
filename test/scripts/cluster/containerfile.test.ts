import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseContainerfile, stepsOf } from '../../../scripts/cluster/containerfile.ts';

const TEXT = `# A comment
FROM debian:trixie-slim

RUN one \\
  && two
# In between.
ENV A=1 B=x,y
COPY a-*.tgz b /to/
USER other
RUN three
WORKDIR /work
ENTRYPOINT ["wgrad"]
CMD ["doctor", "--json"]
`;

describe('a Containerfile', () => {
  it('is read as the steps that change files, and what the image is left with', () => {
    expect(stepsOf(parseContainerfile(TEXT))).toEqual({
      steps: [
        { run: 'one && two', env: {}, user: 'root' },
        { copy: ['a-*.tgz', 'b'], to: '/to/' },
        { run: 'three', env: { A: '1', B: 'x,y' }, user: 'other' },
      ],
      image: {
        ...{ base: 'debian:trixie-slim', env: { A: '1', B: 'x,y' }, user: 'other', folder: '/work' },
        command: ['wgrad', 'doctor', '--json'],
      },
    });
  });

  it('is refused where it says what is not known here', () => {
    expect(() => stepsOf(parseContainerfile('VOLUME /x'))).toThrow('The instruction VOLUME is not known here.');
    expect(() => parseContainerfile('!?')).toThrow('No instruction of a Containerfile: !?');
  });
});

it("the project's own is not root, passes on NVIDIA's graphics, and names no registry", () => {
  const text = readFileSync(new URL('../../../Containerfile', import.meta.url), 'utf8');
  const { image } = stepsOf(parseContainerfile(text));
  expect(image).toMatchObject({
    base: 'debian:trixie-slim',
    user: 'wgrad',
    folder: '/work',
    command: ['wgrad', 'doctor'],
  });
  expect(image.env.NVIDIA_DRIVER_CAPABILITIES.split(',')).toContain('graphics');
  expect(text).not.toMatch(/https?:|\.(io|org|com)\b/);
});
