/* openat2, files without names, statx, copies between files, times; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char text[4096];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)

static long open2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {flags, mode, resolve};
  long fd = R(syscall(SYS_openat2, dir, path, &how, sizeof how));
  if (fd >= 0) close(fd);
  return fd >= 0 ? 0 : fd;
}

static void resolutions(int dir) {
  static const char *paths[] = {"file", "sub/file", "../dir/file", "sub/../file", "/file", "/dir/file", "link", "absolute", "outside", "sub/up", "loop", "", "/proc/self/exe", "/proc/self/root/", "/dev/shm", "missing", "file/", "."};
  static const int resolve[] = {0, RESOLVE_NO_XDEV, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
  for (unsigned p = 0; p < sizeof paths / sizeof *paths; p++) {
    int used = snprintf(text, sizeof text, "%s:", paths[p]);
    for (unsigned r = 0; r < sizeof resolve / sizeof *resolve; r++) used += snprintf(text + used, sizeof text - used, " %ld", open2(dir, paths[p], O_RDONLY, 0, resolve[r]));
    used += snprintf(text + used, sizeof text - used, "\n");
    write(1, text, used);
  }
  char big[64];
  struct open_how how = {O_RDONLY, 0, 0};
  memset(big, 0, sizeof big);
  memcpy(big, &how, sizeof how);
  SAY("sizes %ld %ld", R(syscall(SYS_openat2, dir, "file", &how, 23)), R(syscall(SYS_openat2, dir, "file", big, sizeof big)) > 0);
  big[40] = 1;
  SAY(" %ld %ld fault %ld\n", R(syscall(SYS_openat2, dir, "file", big, sizeof big)), R(syscall(SYS_openat2, dir, "file", big, 5000)), R(syscall(SYS_openat2, dir, "file", 8, 24)));
  SAY("flags %ld mode %ld %ld resolve %ld both %ld\n", open2(dir, "file", 1ull << 40, 0, 0), open2(dir, "file", O_RDONLY, 0600, 0), open2(dir, "made", O_CREAT | O_RDWR, 010000, 0), open2(dir, "file", 0, 0, 0x40), open2(dir, "file", 0, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
  SAY("made beneath %ld outside %ld in root %ld\n", open2(dir, "made", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH), open2(dir, "../made", O_CREAT | O_RDWR, 0640, RESOLVE_BENEATH), open2(dir, "/made2", O_CREAT | O_RDWR, 0640, RESOLVE_IN_ROOT));
  SAY("there %ld %ld\n", R(faccessat(dir, "made", F_OK, 0)), R(faccessat(dir, "made2", F_OK, 0)));
  unlinkat(dir, "made", 0), unlinkat(dir, "made2", 0);
}

static void unnamed(int dir) {
  char path[64];
  struct stat st;
  int fd = openat(dir, ".", O_TMPFILE | O_RDWR, 0640), exclusive = openat(dir, ".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
  fstat(fd, &st);
  SAY("unnamed %d links %ld mode %o size %ld flags %x\n", fd > 0, (long)st.st_nlink, st.st_mode, (long)st.st_size, fcntl(fd, F_GETFL));
  SAY("read-only %ld file %ld missing %ld\n", R(openat(dir, ".", O_TMPFILE | O_RDONLY, 0600)), R(openat(dir, "file", O_TMPFILE | O_RDWR, 0600)), R(openat(dir, "missing", O_TMPFILE | O_RDWR, 0600)));
  write(fd, "hello", 5);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  SAY("link %ld", R(linkat(AT_FDCWD, path, dir, "named", AT_SYMLINK_FOLLOW)));
  fstat(fd, &st);
  SAY(" links %ld again %ld", (long)st.st_nlink, R(linkat(AT_FDCWD, path, dir, "named", AT_SYMLINK_FOLLOW)));
  snprintf(path, sizeof path, "/proc/self/fd/%d", exclusive);
  SAY(" exclusive %ld\n", R(linkat(AT_FDCWD, path, dir, "never", AT_SYMLINK_FOLLOW)));
  fstatat(dir, "named", &st, 0);
  SAY("named size %ld\n", (long)st.st_size);
  unlinkat(dir, "named", 0);
  fstat(fd, &st);
  SAY("unlinked links %ld\n", (long)st.st_nlink);
}

static void statxs(int dir) {
  struct statx x;
  memset(&x, 0xff, sizeof x);
  SAY("statx %ld", R(statx(dir, "file", 0, STATX_BASIC_STATS | STATX_BTIME, &x)));
  SAY(" mask %x mode %o links %u size %lu blocks %lu block %u born %d\n", x.stx_mask & 0xfff, x.stx_mode, x.stx_nlink, (long)x.stx_size, (long)x.stx_blocks, x.stx_blksize, x.stx_btime.tv_sec > 0);
  SAY("errors %ld %ld %ld %ld %ld %ld\n", R(statx(dir, "missing", 0, 0, &x)), R(statx(dir, "", 0, 0, &x)), R(statx(dir, "file", 0x6000, 0, &x)), R(statx(dir, "file", 0x10000, 0, &x)), R(statx(dir, "file", 0, 0x80000000, &x)), R(statx(dir, "file", 0, 0, (void *)8)));
  SAY("empty %ld", R(statx(dir, "", AT_EMPTY_PATH, 0, &x)));
  SAY(" mode %o link %ld", x.stx_mode, R(statx(dir, "link", AT_SYMLINK_NOFOLLOW, 0, &x)));
  SAY(" mode %o size %lu device %d\n", x.stx_mode, (long)x.stx_size, x.stx_dev_major == 0);
  struct timespec times[2] = {{100, 5}, {200, 7}};
  SAY("times %ld", R(utimensat(dir, "file", times, 0)));
  statx(dir, "file", 0, STATX_ALL, &x);
  SAY(" %ld.%u %ld.%u", (long)x.stx_atime.tv_sec, x.stx_atime.tv_nsec, (long)x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT;
  times[1] = (struct timespec){-5, 999999999};
  SAY(" omit %ld", R(utimensat(dir, "file", times, 0)));
  statx(dir, "file", 0, STATX_ALL, &x);
  SAY(" %ld.%u %ld.%u", (long)x.stx_atime.tv_sec, x.stx_atime.tv_nsec, (long)x.stx_mtime.tv_sec, x.stx_mtime.tv_nsec);
  times[0].tv_nsec = 1000000000;
  SAY(" bad %ld %ld %ld fault %ld\n", R(utimensat(dir, "file", times, 0)), R(utimensat(dir, "file", 0, 0x10)), R(utimensat(dir, "missing", 0, 0)), R(syscall(SYS_utimensat, dir, "file", 8, 0)));
}

static void copies(int dir) {
  int from = openat(dir, "from", O_RDWR | O_CREAT, 0600), to = openat(dir, "to", O_RDWR | O_CREAT, 0600), append = openat(dir, "to", O_WRONLY | O_APPEND), p[2], q[2];
  char buffer[10000];
  loff_t in = 2, out = 5;
  memset(buffer, 'a', sizeof buffer);
  write(from, buffer, 10000);
  pipe2(p, O_NONBLOCK);
  pipe2(q, O_NONBLOCK);
  SAY("copy %ld", R(copy_file_range(from, &in, to, &out, 5000, 0)));
  SAY(" %ld %ld position %ld size %ld", (long)in, (long)out, (long)lseek(from, 0, SEEK_CUR), (long)lseek(to, 0, SEEK_END));
  SAY(" at the end %ld", R(copy_file_range(from, 0, to, 0, 5000, 0)));
  in = 9990, out = 0;
  SAY(" short %ld", R(copy_file_range(from, &in, to, &out, 100, 0)));
  in = 0, out = 10;
  SAY(" overlap %ld flags %ld pipe %ld directory %ld append %ld read-only %ld\n", R(copy_file_range(from, &in, from, &out, 100, 0)), R(copy_file_range(from, &in, to, &out, 1, 1)), R(copy_file_range(p[0], 0, to, 0, 10, 0)), R(copy_file_range(dir, 0, to, 0, 10, 0)),
      R(copy_file_range(from, 0, append, 0, 10, 0)), R(copy_file_range(append, 0, to, 0, 10, 0)));
  in = -1;
  SAY("negative %ld fault %ld", R(copy_file_range(from, &in, to, 0, 10, 0)), R(syscall(SYS_copy_file_range, from, 8, to, 0, 10, 0)));
  in = 5000, out = 0;
  SAY(" not overlapping %ld zero %ld\n", R(copy_file_range(from, &in, from, &out, 100, 0)), R(copy_file_range(from, &in, to, &out, 0, 0)));
  in = 0;
  SAY("splice in %ld", R(splice(from, &in, p[1], 0, 5000, 0)));
  SAY(" offset %ld tee %ld", (long)in, R(tee(p[0], q[1], 100000, 0)));
  out = 100;
  SAY(" out %ld", R(splice(p[0], 0, to, &out, 3000, 0)));
  SAY(" offset %ld rest %ld empty %ld between %ld\n", (long)out, R(read(p[0], buffer, 10000)), R(splice(p[0], 0, to, 0, 10, SPLICE_F_NONBLOCK)), R(splice(q[0], 0, p[1], 0, 10000, 0)));
  SAY("errors %ld %ld %ld %ld %ld\n", R(splice(from, 0, to, 0, 10, 0)), R(splice(p[0], &in, to, 0, 10, 0)), R(splice(p[0], 0, p[1], 0, 10, 0)), R(splice(from, 0, p[1], 0, 10, 0x100)), R(tee(from, p[1], 10, 0)));
  struct iovec v[2] = {{"abc", 3}, {"defg", 4}}, w = {buffer, 100};
  while (read(p[0], buffer, sizeof buffer) > 0) ;
  SAY("vmsplice %ld", R(vmsplice(p[1], v, 2, 0)));
  SAY(" read %ld %.7s back", R(vmsplice(p[0], &w, 1, 0)), buffer);
  SAY(" empty %ld file %ld fault %ld\n", R(vmsplice(p[0], &w, 1, SPLICE_F_NONBLOCK)), R(vmsplice(from, v, 1, 0)), R(vmsplice(p[1], (void *)8, 1, 0)));
  SAY("handle %ld\n", R(syscall(SYS_name_to_handle_at, dir, "file", buffer, buffer + 200, 0x4000000)));
  unlinkat(dir, "from", 0), unlinkat(dir, "to", 0);
}

static void renames(int dir) {
  static const char *paths[] = {"a", "b", "d", "d/x", "missing", "e"};
  static const int flags[] = {0, 1, 2, 3, 8};
  for (unsigned f = 0; f < 5; f++) {
    for (int i = 0; i < 6; i++) {
      int used = snprintf(text, sizeof text, "rename %s %d:", paths[i], flags[f]);
      for (int j = 0; j < 6; j++) {
        close(openat(dir, "a", O_CREAT | O_RDWR, 0600));
        close(openat(dir, "b", O_CREAT | O_RDWR, 0600));
        mkdirat(dir, "d", 0700), mkdirat(dir, "e", 0700);
        close(openat(dir, "d/x", O_CREAT | O_RDWR, 0600));
        used += snprintf(text + used, sizeof text - used, " %ld", R(syscall(SYS_renameat2, dir, paths[i], dir, paths[j], flags[f])));
        for (int k = 0; k < 2; k++) {
          unlinkat(dir, "d/x", 0), unlinkat(dir, "e/x", 0), unlinkat(dir, "b/x", 0), unlinkat(dir, "missing/x", 0), unlinkat(dir, "a/x", 0);
          for (int m = 0; m < 6; m++) unlinkat(dir, paths[m], 0), unlinkat(dir, paths[m], AT_REMOVEDIR);
        }
      }
      used += snprintf(text + used, sizeof text - used, "\n");
      write(1, text, used);
    }
  }
}

int main(void) {
  char path[] = "/dev/shm/names-XXXXXX";
  umask(022);
  mkdtemp(path);
  chdir(path);
  mkdir("dir", 0755), mkdir("dir/sub", 0755);
  int dir = open("dir", O_RDONLY | O_DIRECTORY);
  close(openat(dir, "file", O_CREAT | O_RDWR, 0644)), close(openat(dir, "sub/file", O_CREAT | O_RDWR, 0644)), close(open("other", O_CREAT | O_RDWR, 0644));
  symlinkat("file", dir, "link"), symlinkat("/file", dir, "absolute"), symlinkat("../other", dir, "outside"), symlinkat("../file", dir, "sub/up"), symlinkat("loop", dir, "loop");
  resolutions(dir);
  unnamed(dir);
  statxs(dir);
  copies(dir);
  mkdir("r", 0755);
  renames(open("r", O_RDONLY));
  rmdir("r");
  static const char *made[] = {"link", "absolute", "outside", "sub/up", "loop", "file", "sub/file"};
  for (unsigned i = 0; i < sizeof made / sizeof *made; i++) unlinkat(dir, made[i], 0);
  unlinkat(dir, "sub", AT_REMOVEDIR);
  unlink("other");
  rmdir("dir");
  chdir("/");
  rmdir(path);
  return 0;
}
