import { EmulatorError, type PageTable, type PageTableAllowance, type PageTableStrategy } from '@tally86/core';
import { lazy } from './lazy.ts';
import { qemu42 } from './qemu-4.2.ts';

/** The strategies of this package by name. */
export const pageTables: Readonly<Record<string, PageTableStrategy>> = { [lazy.name]: lazy, [qemu42.name]: qemu42 };

/** @throws EmulatorError E_NOT_FOUND, which lists the names there are. */
export function pageTableByName(name: string): PageTableStrategy {
  if (Object.hasOwn(pageTables, name)) return pageTables[name];
  const names = Object.keys(pageTables);
  throw new EmulatorError('E_NOT_FOUND', `no page table is called "${name}"; there are ${names.join(', ')}`, { details: { name, names } });
}

/** A page table of the strategy called `name`. @throws EmulatorError E_NOT_FOUND. */
export function createPageTable(name: string, allow: PageTableAllowance = () => true): PageTable {
  return pageTableByName(name).create(allow);
}
export { lazy, qemu42 };
