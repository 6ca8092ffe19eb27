/** Whether an address, as signed, is one of user space. */
export function isUser(address: number): boolean {
  return address >= 0 && address < 0x8000_0000_0000;
}
