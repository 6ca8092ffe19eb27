/* Benchmark kernels print one check value; the first argument scales the work. */
#ifndef KERNELS_H
#define KERNELS_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static inline long scale(int argc, char **argv, long standard) { return argc > 1 ? atol(argv[1]) : standard; }
#endif
