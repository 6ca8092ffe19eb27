/**
 * The micro-operations that are executed where others are told apart: those that were more than one in 20,000 over cc1, python3, perl and sqlite3, and
 * those that end a run. The others lie in a function of their own: one with all of them would be too large for V8's better register allocator.
 */
export const COMMON: ReadonlySet<string> = new Set(`
  enter count translated goto link exact jump call ret helper const pop push vmov vzero
  branchcc.2 branchcc.3 branchcc.4 branchcc.5 branchcc.6 branchcc.7 branchcc.8 branchcc.9 branchcc.12 branchcc.13 branchcc.14 branchcc.15
  sub.1.3 sub.1.4 sub.1.4.imm sub.1.5 sub.1.5.imm sub.1.6.imm sub.1.7.imm sub.1.8.imm sub.1.9.imm sub.1.14.imm sub.1.15.imm sub.2.2 sub.2.3
  sub.2.4.imm sub.2.5.imm sub.2.6.imm sub.2.7.imm sub.2.9.imm sub.4.2 sub.4.2.imm sub.4.3 sub.4.3.imm sub.4.4 sub.4.4.imm sub.4.5 sub.4.5.imm
  sub.4.6.imm sub.4.7.imm sub.4.12 sub.4.12.imm sub.4.13 sub.4.13.imm sub.4.14 sub.4.14.imm sub.4.15 sub.4.15.imm sub.8.2 sub.8.2.imm sub.8.3 sub.8.4
  sub.8.4.imm sub.8.5 sub.8.5.imm sub.8.6.imm sub.8.7 sub.8.7.imm sub.8.12 sub.8.13 sub.8.14 sub.8.14.imm sub.8.15 sub.8.15.imm sub.32 sub.32.imm
  sub.64 sub.64.imm
  logic.1.4 logic.1.5 logic.1.8 logic.1.9 logic.1.14 logic.2.4 logic.2.5 logic.4.4 logic.4.5 logic.4.8 logic.4.9 logic.4.14 logic.4.15 logic.8.4
  logic.8.5 logic.8.8 logic.8.9 logic.8.14
  add.32 add.32.imm add.64 add.64.imm
  and.32 and.32.imm and.64 and.64.imm
  or.32 or.32.imm or.64 or.64.imm
  xor.32 xor.32.imm xor.64
  shl.32 shl.32.imm shl.64 shl.64.imm
  shr.32 shr.32.imm shr.64 shr.64.imm
  sar.32 sar.32.imm sar.64 sar.64.imm
  mul.32 mul.32.imm mul.64 mul.64.imm
  rotl.32.imm rotl.64.imm
  mov.32 mov.64
  sext8.32
  zext8.32 zext8.64
  zext16.32 zext16.64
  neg.32 neg.64
  not.32 not.64
  sext32.64
  deposit.0.8 deposit.0.8.imm deposit.8.8 deposit.0.16
  extract.8.8
  flags.1 flags.2 flags.imm flags.3 flags.add.32 flags.add.32.imm flags.sub.32 flags.sub.32.imm flags.and.32 flags.and.32.imm flags.or.32
  flags.or.32.imm flags.xor.32 flags.xor.32.imm flags.add.64 flags.add.64.imm flags.sub.64 flags.sub.64.imm flags.and.64 flags.and.64.imm flags.or.64
  flags.or.64.imm flags.xor.64
  getcc.0 getcc.2 getcc.4 getcc.5 getcc.6 getcc.15
  selectcc.2.32 selectcc.2.64 selectcc.3.32 selectcc.4.32 selectcc.4.64 selectcc.5.32 selectcc.5.64 selectcc.6.64 selectcc.7.32 selectcc.7.64
  selectcc.8.32 selectcc.12.32 selectcc.14.64 selectcc.15.32 selectcc.15.64
  load.1/0.base load.1/0.index load.1/0.absolute load.2/0.base load.2/0.index load.2/0.absolute load.4/0.base load.4/0.index load.4/0.segment
  load.4/0.absolute load.8/0.base load.8/0.index load.8/0.segment load.8/0.absolute load.1/32.base load.1/32.absolute load.2/32.index load.1/64.base
  load.1/64.index load.2/64.index load.4/64.base load.4/64.index load.1/0w.base load.2/0w.base load.4/0w.base load.4/0w.index load.4/0w.absolute
  load.8/0w.base load.8/0w.index load.8/0w.absolute
  store.1.base store.1.index store.2.base store.2.index store.4.base store.4.index store.4.segment store.4.absolute store.8.base store.8.index
  store.8.absolute
  storei.1.base storei.1.index storei.4.base storei.4.index storei.4.absolute storei.8.base storei.8.index storei.8.absolute
  vload.8.base vload.16.base vload.16.index vload.aligned.base vload.aligned.absolute
  vstore.8.base vstore.16.base vstore.16.index vstore.aligned.base
  lea.32.index lea.64.index
  v128.and v128.or v128.xor
  i8x16.sub i8x16.min_u i8x16.eq i8x16.bitmask
  vget.4 vget.8
  vset.4 vset.8
`.trim().split(/\s+/));
