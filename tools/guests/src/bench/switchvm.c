#include "kernels.h"
enum { PUSH, ADD, MUL, DUP, SWAP, DEC, JNZ, XOR, DROP, HALT };
int main(int argc, char **argv) {
  static const uint8_t program[] = {PUSH, 7, SWAP, DUP, PUSH, 13, MUL, PUSH, 5, XOR, SWAP, DEC, DUP, JNZ, 0, HALT};
  uint64_t stack[64], total = 0;
  for (long n = scale(argc, argv, 1500); n > 0; n--) {
    int sp = 0, pc = 0;
    stack[sp++] = 20000;
    for (int running = 1; running;) {
      switch (program[pc++]) {
        case PUSH: stack[sp & 63] = program[pc++]; sp++; break;
        case ADD: sp--; stack[(sp - 1) & 63] += stack[sp & 63]; break;
        case MUL: sp--; stack[(sp - 1) & 63] *= stack[sp & 63]; break;
        case DUP: stack[sp & 63] = stack[(sp - 1) & 63]; sp++; break;
        case SWAP: { uint64_t t = stack[(sp - 1) & 63]; stack[(sp - 1) & 63] = stack[(sp - 2) & 63]; stack[(sp - 2) & 63] = t; break; }
        case DEC: stack[(sp - 1) & 63]--; break;
        case XOR: sp--; stack[(sp - 1) & 63] ^= stack[sp & 63]; break;
        case JNZ: sp--; if (total++ % 20000 != 19999) pc = program[pc]; else pc++; break;
        case DROP: sp--; break;
        default: running = 0;
      }
    }
  }
  printf("%lu\n", (unsigned long)total);
}
