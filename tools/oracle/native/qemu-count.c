/*
 * A QEMU plugin that counts instructions as the usual plugins do: one callback for each execution QEMU tells of.
 *   qemu-x86_64 -plugin qemu-count.so,out=FILE[,trace=FILE]
 * The declarations are those of the plugin interface, version 1 (docs/devel/tcg-plugins in QEMU), written down here
 * because Debian does not ship the header.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t count;
static char out_path[4096];
static FILE *trace;

static void executed(unsigned cpu, void *address) {
  (void)cpu;
  count++;
  if (trace) fprintf(trace, "%" PRIx64 "\n", (uint64_t)address);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0, (void *)qemu_plugin_insn_vaddr(insn));
  }
}

static void finished(qemu_plugin_id_t id, void *data) {
  (void)id;
  (void)data;
  FILE *f = fopen(out_path, "w");
  if (f) {
    fprintf(f, "%" PRIu64 "\n", count);
    fclose(f);
  }
  if (trace) fclose(trace);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (!strncmp(argv[i], "out=", 4)) snprintf(out_path, sizeof out_path, "%s", argv[i] + 4);
    else if (!strncmp(argv[i], "trace=", 6)) trace = fopen(argv[i] + 6, "w");
    else return 1;
  }
  if (!out_path[0]) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}
