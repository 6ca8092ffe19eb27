#include "kernels.h"
#include <math.h>
struct body { double x, y, z, vx, vy, vz, mass; };
static struct body bodies[5] = {
  {0, 0, 0, 0, 0, 0, 39.47}, {4.84, -1.16, -0.10, 0.606, 2.81, -0.02, 0.037}, {8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011},
  {12.89, -15.11, -0.22, 1.08, 0.868, -0.01, 0.0017}, {15.37, -25.9, 0.179, 0.979, 0.594, -0.034, 0.002}};
int main(int argc, char **argv) {
  for (long n = scale(argc, argv, 800000); n > 0; n--) {
    for (int i = 0; i < 5; i++)
      for (int j = i + 1; j < 5; j++) {
        struct body *p = &bodies[i], *q = &bodies[j];
        double dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z, d = dx * dx + dy * dy + dz * dz, m = 0.001 / (d * sqrt(d));
        p->vx -= dx * q->mass * m, p->vy -= dy * q->mass * m, p->vz -= dz * q->mass * m;
        q->vx += dx * p->mass * m, q->vy += dy * p->mass * m, q->vz += dz * p->mass * m;
      }
    for (int i = 0; i < 5; i++) bodies[i].x += 0.001 * bodies[i].vx, bodies[i].y += 0.001 * bodies[i].vy, bodies[i].z += 0.001 * bodies[i].vz;
  }
  printf("%.17g\n", bodies[0].x + bodies[4].y);
}
