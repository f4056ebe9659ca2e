import { describe, expect, it } from 'vitest';
import { compareVersions, nodeVersionProblem } from '../../../scripts/setup/node_version.mjs';

describe('nodeVersionProblem', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '100.1.0'])('accepts Node.js %s', (found) => {
    expect(nodeVersionProblem(found, '>=20.19')).toBeNull();
  });

  it.each(['20.18.3', '18.20.8', '9.11.2'])('refuses Node.js %s in one sentence with both versions', (found) => {
    const problem = nodeVersionProblem(found, '>=20.19');
    expect(problem).toContain('Node.js 20.19 or newer');
    expect(problem).toContain(`Node.js ${found}`);
  });
});

describe('compareVersions', () => {
  it('orders by number, not by text', () => {
    expect(compareVersions('20.9', '20.19')).toBeLessThan(0);
    expect(compareVersions('24.04', '24.4')).toBe(0);
    expect(compareVersions('13', '12.5')).toBeGreaterThan(0);
  });
});
