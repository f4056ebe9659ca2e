import { createInterface } from 'node:readline';
import type { Gradients } from './gradient_figures.ts';

/** What the first training step gave. */
export interface FirstStep {
  firstLoss: number;
  /** From its call until the device is done with it: kernels are compiled, or traced, in it. */
  firstStepMs: number;
  /** Its gradients, where the system shows them. */
  gradients?: Gradients;
  device: string;
}

/** A system that trains a network, in a process of its own, which is given the network's name. */
export interface TrainingSystem {
  /** Loads weights, images and labels from a safetensors file (see initial_state.ts) and does the first training step. */
  prepare(file: string): Promise<FirstStep>;
  /** Does so many training steps and waits until the device is done with them. */
  run(steps: number): Promise<void>;
}

/** What a system's process is asked, one JSON object a line. */
export type Request = { prepare: string } | { run: number };
/** What it answers. */
export type Reply = FirstStep | { ms: number } | { error: string };

/** Answers the requests on standard input until it ends, then exits. */
export async function serve(system: TrainingSystem): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    let reply: Reply;
    try {
      if ('prepare' in request) reply = await system.prepare(request.prepare);
      else {
        const start = performance.now();
        await system.run(request.run);
        reply = { ms: performance.now() - start };
      }
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit();
}
