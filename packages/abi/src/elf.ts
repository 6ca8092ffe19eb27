/** ELF-64 as the gABI and the x86-64 psABI have it (elf.h). */
export const EI = { CLASS: 4, DATA: 5, VERSION: 6, OSABI: 7, ABIVERSION: 8, NIDENT: 16 } as const;
export const ELFCLASS = { NONE: 0, '32': 1, '64': 2 } as const;
export const ELFDATA = { NONE: 0, LSB: 1, MSB: 2 } as const;
export const ET = { NONE: 0, REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const;
export const EM_X86_64 = 62;
/** Names of machines people try by mistake. */
export const EM_NAMES: Readonly<Record<number, string>> = {
  0: 'no machine', 2: 'SPARC', 3: 'Intel 80386', 8: 'MIPS', 20: 'PowerPC', 21: 'PowerPC 64', 22: 'S/390', 40: 'ARM', 43: 'SPARC V9',
  50: 'IA-64', 62: 'x86-64', 183: 'AArch64', 243: 'RISC-V', 247: 'BPF', 258: 'LoongArch',
};
export const PT = {
  NULL: 0, LOAD: 1, DYNAMIC: 2, INTERP: 3, NOTE: 4, SHLIB: 5, PHDR: 6, TLS: 7,
  GNU_EH_FRAME: 0x6474_e550, GNU_STACK: 0x6474_e551, GNU_RELRO: 0x6474_e552, GNU_PROPERTY: 0x6474_e553,
} as const;
export const PF = { X: 1, W: 2, R: 4 } as const;
export const SHT = { NULL: 0, PROGBITS: 1, SYMTAB: 2, STRTAB: 3, RELA: 4, HASH: 5, DYNAMIC: 6, NOTE: 7, NOBITS: 8, REL: 9, DYNSYM: 11 } as const;
export const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4, COMPRESSED: 0x800 } as const;
export const SHN = { UNDEF: 0, LORESERVE: 0xff00, ABS: 0xfff1, COMMON: 0xfff2, XINDEX: 0xffff } as const;
export const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3, FILE: 4, COMMON: 5, TLS: 6, GNU_IFUNC: 10 } as const;
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;
/** Sizes in bytes of the ELF-64 records. */
export const ELF64 = { EHDR: 64, PHDR: 56, SHDR: 64, SYM: 24 } as const;
/** e_phnum when the real number is in section header 0. */
export const PN_XNUM = 0xffff;
