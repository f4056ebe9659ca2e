import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareStudies } from '../../../scripts/cluster/same_study.ts';

let folder: string;
const at = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array) => writeFileSync(at(name), content);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wgrad-same-'));
  mkdirSync(at('a/trainings/1/checkpoints'), { recursive: true });
  write('a/results.json', '{"trainings": {"1": {"loss": 2}}, "timings": {"1": 3}}');
  write('a/trainings/1/results.json', '{"training": {"loss": 2}, "timings": {"seconds": 3}}');
  write('a/trainings/1/history.csv', 'epoch,loss,seconds\n1,2.5,3\n');
  write('a/trainings/1/weights.safetensors', Uint8Array.of(1, 2, 3));
  write('a/trainings/1/checkpoints/x.safetensors', 'a');
  cpSync(at('a'), at('b'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('compareStudies', () => {
  it('passes over timings and checkpoints', () => {
    write('b/results.json', '{"trainings": {"1": {"loss": 2}}, "timings": {"1": 4}}');
    write('b/trainings/1/history.csv', 'epoch,loss,seconds\n1,2.5,9\n');
    write('b/trainings/1/checkpoints/x.safetensors', 'b');
    expect(compareStudies(at('a'), at('b'))).toEqual({ compared: 4, differences: [] });
  });

  it.each([
    ['results.json', '{"trainings": {"1": {"loss": 3}}, "timings": {"1": 3}}'],
    ['trainings/1/results.json', '{"training": {"loss": 2.5}, "timings": {"seconds": 3}}'],
    ['trainings/1/history.csv', 'epoch,loss,seconds\n1,2.6,3\n'],
    ['trainings/1/weights.safetensors', Uint8Array.of(1, 2, 4)],
  ])('sees a difference in %s', (name, content) => {
    write(`b/${name}`, content);
    expect(compareStudies(at('a'), at('b')).differences).toEqual([`${name} differs`]);
  });

  it('sees a file that one of them has alone', () => {
    rmSync(at('b/trainings/1/weights.safetensors'));
    write('b/lock.json', '{}');
    expect(compareStudies(at('a'), at('b')).differences).toEqual([
      `trainings/1/weights.safetensors is in ${at('a')} alone`,
      `lock.json is in ${at('b')} alone`,
    ]);
  });
});
