import type { Mount, MountFlags } from '@tally86/core';
import { pathOf, type Vfs } from '@tally86/vfs';

function flagNames({ readOnly, noSuid, noDev, noExec }: MountFlags): string {
  return [readOnly ? 'ro' : 'rw', noSuid ? 'nosuid' : '', noDev ? 'nodev' : '', noExec ? 'noexec' : '', 'relatime'].filter((name) => name !== '').join(',');
}

/** Blanks and the like as octal (fs/proc_namespace.c, mangle). */
const mangle = (text: string): string => text.replace(/[ \t\n\\#]/g, (char) => `\\0${char.charCodeAt(0).toString(8)}`.replace(/^\\0(\d\d\d)$/, '\\$1'));
const placeOf = (vfs: Vfs, mount: Mount): string => mangle(pathOf(mount.root, vfs.root));

/** /proc/PID/mounts. */
export function mountsText(vfs: Vfs): string {
  return vfs.mounts.map((mount) => `${mangle(mount.source)} ${placeOf(vfs, mount)} ${mount.fileSystem.type} ${flagNames(mount.flags)} 0 0\n`).join('');
}

/** /proc/PID/mountinfo (Documentation/filesystems/proc.rst, 3.5). */
export function mountInfoText(vfs: Vfs): string {
  return vfs.mounts.map((mount) => {
    const parent = mount.parent?.mount.id ?? 0;
    const options = flagNames(mount.flags);
    return `${mount.id} ${parent} 0:${mount.device} / ${placeOf(vfs, mount)} ${options} - ${mount.fileSystem.type} ${mangle(mount.source)} ${mount.flags.readOnly ? 'ro' : 'rw'}\n`;
  }).join('');
}
