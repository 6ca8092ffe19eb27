/* What inotify tells of; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char text[65536];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)

static int in;
static unsigned cookie;
static void show(const char *what) {
  static char buffer[65536] __attribute__((aligned(8)));
  int ready = 0;
  ioctl(in, FIONREAD, &ready);
  long n = R(read(in, buffer, sizeof buffer));
  int used = snprintf(text, sizeof text, "%s: %ld %d", what, n, n > 0 ? ready == n : ready);
  for (long at = 0; at < n;) {
    struct inotify_event *event = (void *)(buffer + at);
    int same = event->cookie != 0 && event->cookie == cookie;
    used += snprintf(text + used, sizeof text - used, " [%d %x %s%s %u]", event->wd, event->mask, event->len ? event->name : "-", event->cookie == 0 ? "" : same ? " same" : " cookie", event->len);
    if (event->cookie) cookie = event->cookie;
    at += sizeof *event + event->len;
  }
  used += snprintf(text + used, sizeof text - used, "\n");
  write(1, text, used);
}

static int make(const char *path, int flags) { return open(path, O_CREAT | flags, 0644); }

int main(void) {
  char dir[] = "/tmp/inotify-XXXXXX", buffer[100];
  mkdtemp(dir);
  chdir(dir);
  in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  SAY("init %ld flags %x\n", R(inotify_init1(1)), fcntl(in, F_GETFL));
  int d = inotify_add_watch(in, ".", IN_ALL_EVENTS);
  SAY("watch %d again %d errors %ld %ld %ld %ld %ld %ld\n", d, inotify_add_watch(in, dir, IN_ALL_EVENTS), R(inotify_add_watch(in, ".", 0)), R(inotify_add_watch(in, "nowhere", IN_OPEN)), R(inotify_add_watch(1, ".", IN_OPEN)),
      R(inotify_add_watch(99, ".", IN_OPEN)), R(inotify_add_watch(in, ".", IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE)), R(inotify_add_watch(in, ".", IN_OPEN | IN_MASK_CREATE)));
  SAY("bits %ld directory %ld fault %ld remove %ld %ld\n", R(inotify_add_watch(in, ".", 0x1000)), R(inotify_add_watch(in, "/proc/self/exe", IN_OPEN | IN_ONLYDIR)), R(inotify_add_watch(in, (void *)8, IN_OPEN)), R(inotify_rm_watch(in, 77)), R(inotify_rm_watch(1, 1)));
  show("nothing");
  int fd = make("a", O_RDWR);
  show("created");
  write(fd, "hello", 5);
  write(fd, "hello", 5);
  pwrite(fd, "x", 1, 20);
  show("written");
  pread(fd, buffer, 3, 0);
  read(fd, buffer, 100);
  lseek(fd, 0, SEEK_SET);
  write(fd, buffer, 0);
  read(fd, buffer, 0);
  show("read");
  ftruncate(fd, 3);
  fallocate(fd, 0, 0, 100);
  show("truncated");
  fchmod(fd, 0600);
  show("mode");
  fchown(fd, -1, -1);
  show("owner");
  futimens(fd, 0);
  show("times");
  futimens(fd, (struct timespec[]){{1, 0}, {0, UTIME_OMIT}});
  futimens(fd, (struct timespec[]){{0, UTIME_OMIT}, {1, 0}});
  show("one time");
  dup(fd);
  close(fd);
  show("dup");
  close(fd + 1);
  show("closed");
  fd = open("a", O_RDONLY);
  close(fd);
  show("reader");
  close(open("a", O_WRONLY | O_TRUNC));
  show("open truncated");
  truncate("a", 10);
  show("truncated by name");
  close(open("a", O_PATH));
  access("a", R_OK);
  struct stat st;
  stat("a", &st);
  show("path");
  int f = inotify_add_watch(in, "a", IN_ALL_EVENTS);
  fd = open("a", O_RDWR);
  write(fd, "x", 1);
  show("file and directory");
  link("a", "b");
  show("linked");
  symlink("a", "s");
  mkdir("sub", 0755);
  mknod("fifo", S_IFIFO | 0600, 0);
  show("made");
  int s = inotify_add_watch(in, "sub", IN_ALL_EVENTS);
  SAY("watches %d %d\n", f, s);
  DIR *open_dir = opendir("sub");
  while (readdir(open_dir)) ;
  closedir(open_dir);
  show("directory read");
  rename("a", "c");
  show("renamed");
  rename("c", "sub/c");
  show("moved");
  close(make("sub/e", O_WRONLY));
  rename("sub/e", "b");
  show("replaced");
  mkdir("other", 0755);
  rename("other", "sub/other");
  show("directory moved");
  close(make("x", O_WRONLY));
  close(make("sub/y", O_WRONLY));
  show("two");
  syscall(SYS_renameat2, AT_FDCWD, "x", AT_FDCWD, "sub/y", 2);
  show("exchanged");
  unlink("sub/c");
  show("unlinked while open");
  write(fd, "y", 1);
  show("written without a name");
  close(fd);
  show("closed without a name");
  close(make("g", O_RDWR));
  int g = inotify_add_watch(in, "g", IN_ALL_EVENTS);
  show("g");
  unlink("g");
  show("unlinked");
  SAY("gone %ld next %d\n", R(inotify_rm_watch(in, g)), inotify_add_watch(in, "x", IN_OPEN) - g);
  unlink("sub/y");
  rmdir("sub/other");
  show("removed");
  rmdir("sub");
  show("rmdir");
  inotify_add_watch(in, "x", IN_OPEN | IN_ONESHOT);
  close(open("x", O_RDONLY));
  close(open("x", O_RDONLY));
  show("once");
  int x = inotify_add_watch(in, "x", IN_OPEN);
  inotify_add_watch(in, "x", IN_CLOSE | IN_MASK_ADD);
  close(open("x", O_RDONLY));
  show("added");
  inotify_add_watch(in, "x", IN_MODIFY);
  close(open("x", O_WRONLY));
  SAY("remove %ld %ld\n", R(inotify_rm_watch(in, x)), R(inotify_rm_watch(in, x)));
  show("removed");
  int link_watch = inotify_add_watch(in, "s", IN_ALL_EVENTS | IN_DONT_FOLLOW);
  SAY("link %d followed %ld\n", link_watch > x, R(inotify_add_watch(in, "s", IN_OPEN)));
  unlink("s");
  show("link");
  inotify_add_watch(in, ".", IN_ALL_EVENTS | IN_EXCL_UNLINK);
  fd = make("u", O_RDWR);
  unlink("u");
  write(fd, "z", 1);
  close(fd);
  show("excluded");
  fd = open("x", O_RDWR);
  int to = make("t", O_RDWR);
  write(fd, "0123456789", 10);
  lseek(fd, 0, SEEK_SET);
  show("before");
  sendfile(to, fd, 0, 10);
  show("sendfile");
  close(fd);
  close(to);
  show("closed");
  close(open("x", O_RDONLY));
  SAY("small %ld %ld\n", R(read(in, buffer, 15)), R(read(in, buffer, 31)));
  SAY("one %ld\n", R(read(in, buffer, 40)));
  show("rest");
  struct pollfd p = {in, POLLIN | POLLOUT, 0};
  SAY("poll %d", poll(&p, 1, 0));
  chmod("x", 0600);
  SAY(" %d %x\n", poll(&p, 1, 0), p.revents);
  show("chmod");
  for (int i = 0; i < 9000; i++) close(open("x", O_RDONLY));
  long total = 0, last_mask = 0;
  static char big[1 << 20] __attribute__((aligned(8)));
  for (;;) {
    long n = read(in, big, sizeof big);
    if (n <= 0) break;
    for (long at = 0; at < n;) {
      struct inotify_event *event = (void *)(big + at);
      total++;
      last_mask = event->mask * 2 + (event->wd == -1);
      at += sizeof *event + event->len;
    }
  }
  SAY("overflow %ld last %lx\n", total, last_mask);
  inotify_rm_watch(in, d);
  show("end");
  unlink("x"), unlink("t"), unlink("b"), unlink("fifo");
  chdir("/");
  rmdir(dir);
  return 0;
}
