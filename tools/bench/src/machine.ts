import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem, type as systemName } from 'node:os';

/** Where figures were measured. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** GiB, rounded. */
  readonly memory: number;
  readonly kernel: string;
  readonly node: string;
  /** null: not installed. */
  readonly qemu: string | null;
}

export function thisMachine(): Machine {
  const { status, stdout } = spawnSync('qemu-x86_64', ['--version'], { encoding: 'utf8' });
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown', cores: cores.length, memory: Math.round(totalmem() / 2 ** 30),
    kernel: `${systemName()} ${release()}`, node: process.version,
    qemu: status === 0 ? (/version (\S+)/.exec(stdout)?.[1] ?? 'unknown') : null,
  };
}

export function machineText({ cpu, cores, memory, kernel, node, qemu }: Machine): string {
  return `${cpu}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${memory} GiB, ${kernel}, Node ${node}, ${qemu === null ? 'no QEMU' : `QEMU ${qemu}`}`;
}
