/** Sixty-four bits that are no register: a double's encoding or an integer, as unsigned halves. */
export class WordPair {
  hi: number;
  lo: number;

  constructor(hi = 0, lo = 0) {
    this.hi = 0xffffffff;
    this.lo = 0xffffffff;
    this.hi = hi;
    this.lo = lo;
  }
}
