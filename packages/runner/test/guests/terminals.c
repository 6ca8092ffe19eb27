// A pseudo-terminal made by hand: what each side reads, and who gets which signal. Numbers that differ between runs are not printed.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int master, slave;

static void show(const char *what, const char *bytes, long count) {
  printf("%s: %ld", what, count < 0 ? -(long)errno : count);
  for (long i = 0; i < count; i++) printf(bytes[i] < 32 || bytes[i] > 126 ? " %02x" : " %c", (unsigned char)bytes[i]);
  printf("\n");
}

static void get(const char *what, int fd, int size) {
  char bytes[16384];
  errno = 0;
  long count = read(fd, bytes, size);
  show(what, bytes, count);
}

/** What there is for the master, without waiting for more. */
static void echoed(const char *what) {
  struct pollfd p = {master, POLLIN, 0};
  usleep(20000);
  if (poll(&p, 1, 20) > 0 && (p.revents & POLLIN)) get(what, master, 8192);
  else printf("%s: nothing\n", what);
}

static void type(const char *bytes) { write(master, bytes, strlen(bytes)); usleep(20000); }

static void set(int input, int output, int local, int min, int time) {
  struct termios t;
  tcgetattr(slave, &t);
  t.c_iflag = input; t.c_oflag = output; t.c_lflag = local; t.c_cc[VMIN] = min; t.c_cc[VTIME] = time;
  printf("set %d\n", tcsetattr(slave, TCSANOW, &t));
}

static void got(int signal) {
  const char *text = signal == SIGHUP ? "signal HUP\n" : signal == SIGWINCH ? "signal WINCH\n" : "signal INT\n";
  write(1, text, strlen(text));
}

static void result(const char *what, long value) {
  printf("%s: %ld errno %d\n", what, value, value < 0 ? errno : 0);
}

static void states(void) {
  struct pollfd p[2] = {{master, POLLIN | POLLOUT, 0}, {slave, POLLIN | POLLOUT, 0}};
  poll(p, 2, 0);
  int waiting = -1, lines = -1;
  ioctl(slave, FIONREAD, &waiting);
  ioctl(master, TIOCOUTQ, &lines);
  printf("poll %x %x, waiting %d, out %d\n", p[0].revents, p[1].revents, waiting, lines);
}

static void pair(void) {
  master = posix_openpt(O_RDWR | O_NOCTTY);
  char *name = ptsname(master);
  int locked = -1;
  ioctl(master, TIOCGPTLCK, &locked);
  printf("locked %d\n", locked);
  result("open", open(name, O_RDWR | O_NOCTTY));
  printf("grant %d unlock %d\n", grantpt(master), unlockpt(master));
  slave = open(name, O_RDWR | O_NOCTTY);
  printf("same name %d, tty %d %d\n", !strcmp(name, ttyname(slave)), isatty(master), isatty(slave));
  int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  printf("peer %d, %s\n", peer >= 0, strcmp(ttyname(peer), name) ? "other" : "same");
  close(peer);
  struct termios t;
  tcgetattr(slave, &t);
  printf("flags %x %x %x %x, speed %d\n", t.c_iflag, t.c_oflag, t.c_cflag, t.c_lflag, (int)cfgetospeed(&t));
  show("characters", (char *)t.c_cc, 17);
}

static void lines(void) {
  type("one\ntwo\r"); echoed("echo"); states();
  get("line", slave, 100); get("part", slave, 2); get("rest", slave, 100);
  type("abc\x7f\x7fx\n"); echoed("erased"); get("line", slave, 100);
  type("some words here\x17\x17now\n"); echoed("word"); get("line", slave, 100);
  type("kill\x15it\n"); echoed("kill"); get("line", slave, 100);
  type("a\tb\t\x7f\x7f\x7f.\n"); echoed("tab"); get("line", slave, 100);
  type("\x16\x03\x16\x04\x01\n"); echoed("literal"); get("line", slave, 100);
  type("re\x12print\n"); echoed("reprint"); get("line", slave, 100);
  type("no newline\x04"); echoed("eof"); get("line", slave, 100);
  type("\x04"); get("end", slave, 100);
  type("1234\x04" "5\n"); get("exact", slave, 4); get("next", slave, 100); echoed("echo");
  type("left"); states();
  write(slave, "a\tb\nc\r\n", 7); echoed("output");
  tcflush(slave, TCIFLUSH); type("kept\n"); get("after flush", slave, 100); echoed("echo");
  type("\x13"); fcntl(slave, F_SETFL, O_NONBLOCK); printf("stopped %zd\n", write(slave, "held", 4)); type("\x11"); printf("going %zd\n", write(slave, "held", 4)); echoed("held");
  get("empty", slave, 10); fcntl(slave, F_SETFL, 0);
}

static void modes(void) {
  set(0, 0, 0, 1, 0);
  type("r\n\r\x03\x04"); get("raw", slave, 100); echoed("no echo"); write(slave, "\n", 1); echoed("no processing");
  set(0, 0, 0, 0, 0); get("none", slave, 10);
  set(0, 0, 0, 0, 1); get("late", slave, 10);
  set(0, 0, 0, 5, 1); type("abc"); get("between bytes", slave, 10);
  set(0, 0, 0, 3, 0); type("abcdef"); get("at least", slave, 2); get("rest", slave, 10);
  set(ICRNL | INLCR, OPOST | ONLCR, ECHO, 1, 0); type("\r\n"); get("crossed", slave, 10); echoed("crossed echo");
  set(IGNCR | ISTRIP, OPOST | OCRNL, ICANON | ECHO | ECHOK, 1, 0); type("\rq\xc1z\x15y\n"); get("stripped", slave, 10); echoed("echo"); write(slave, "a\rb\n", 4); echoed("output");
  set(ICRNL, OPOST | ONLCR, ICANON | ECHO | ECHOPRT | ECHOCTL | IEXTEN, 1, 0); type("abc\x7f\x7f" "de\n"); get("printed", slave, 10); echoed("echo");
  set(ICRNL, OPOST | ONLCR, ICANON | ECHONL, 1, 0); type("secret\n"); get("secret", slave, 10); echoed("echo");
  set(ICRNL | IUTF8, OPOST | ONLCR, ICANON | ECHO | ECHOE | ECHOK | ECHOKE | IEXTEN, 1, 0); type("x\xc3\xa9\x7fy\x01\x7f\n"); get("utf8", slave, 10); echoed("echo");
  set(ICRNL, OPOST | ONLCR, ICANON | ECHO, 1, 0); type("ab"); set(ICRNL, OPOST | ONLCR, ECHO, 1, 0); get("typed ahead", slave, 10); type("cd"); set(ICRNL, OPOST | ONLCR, ICANON | ECHO, 1, 0); get("became a line", slave, 10); echoed("echo");
  set(ICRNL | IXON, OPOST | ONLCR, ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | ISIG | IEXTEN, 1, 0);
}

static void child(int go, int ready) {
  char c;
  close(master);
  signal(SIGHUP, got); signal(SIGWINCH, got); signal(SIGTTOU, SIG_IGN);
  int group = -1;
  result("group", ioctl(slave, TIOCGPGRP, &group));
  setsid();
  result("no tty", open("/dev/tty", O_RDWR));
  result("take", ioctl(slave, TIOCSCTTY, 0));
  result("again", ioctl(slave, TIOCSCTTY, 0));
  int tty = open("/dev/tty", O_RDWR);
  ioctl(tty, TIOCGPGRP, &group);
  printf("tty %d, my group %d, my session %d\n", tty >= 0, group == getpid(), tcgetsid(slave) == getpid());
  struct winsize w = {24, 80, 1, 2};
  printf("size %d\n", ioctl(slave, TIOCSWINSZ, &w));
  printf("same size %d\n", ioctl(slave, TIOCSWINSZ, &w));
  result("bad group", tcsetpgrp(slave, 999999));
  result("negative group", tcsetpgrp(slave, -1));
  result("other session", tcsetpgrp(slave, getppid()));
  fflush(stdout);
  pid_t job = fork();
  if (job == 0) {
    setpgid(0, 0);
    signal(SIGINT, got);
    tcsetpgrp(slave, getpid());
    write(ready, "j", 1);
    errno = 0;
    siginterrupt(SIGINT, 1);
    char line[10];
    long n = read(slave, line, 10);
    printf("job read %ld errno %d\n", n, errno);
    fflush(stdout);
    _exit(0);
  }
  int status;
  waitpid(job, &status, 0);
  printf("job ended %x\n", status);
  fflush(stdout);
  // A group in the background: stopped at its read, not at its write.
  pid_t back = fork();
  tcsetpgrp(slave, getpgrp());
  if (back == 0) {
    setpgid(0, 0);
    write(slave, "background\n", 11);
    char line[10];
    read(slave, line, 10);
    _exit(1);
  }
  waitpid(back, &status, WUNTRACED);
  printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status) == SIGTTIN);
  kill(back, SIGKILL); waitpid(back, &status, 0);
  fflush(stdout);
  write(ready, "h", 1);
  read(slave, &c, 1);
  fflush(stdout);
  read(go, &c, 1);
  result("read after hangup", read(slave, &c, 1));
  result("write", write(slave, "x", 1));
  result("size", ioctl(slave, TIOCGWINSZ, &w));
  result("set group", tcsetpgrp(slave, getpgrp()));
  result("tty", open("/dev/tty", O_RDWR));
  struct pollfd p = {slave, POLLIN | POLLOUT, 0};
  poll(&p, 1, 0);
  printf("poll %x\n", p.revents);
  fflush(stdout);
  _exit(3);
}

static void control(void) {
  int go[2], ready[2], status;
  char c;
  pipe(go); pipe(ready);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) child(go[0], ready[1]);
  close(slave);
  read(ready[0], &c, 1); usleep(200000);
  type("x"); type("\x03"); usleep(200000);
  read(ready[0], &c, 1);
  struct winsize w, bigger = {50, 132, 0, 0};
  ioctl(master, TIOCGWINSZ, &w);
  echoed("job echo");
  printf("window %d %d %d %d\n", w.ws_row, w.ws_col, w.ws_xpixel, w.ws_ypixel);
  fflush(stdout);
  usleep(200000);
  ioctl(master, TIOCSWINSZ, &bigger); usleep(200000);
  type("z\n"); usleep(200000);
  close(master);
  write(go[1], "g", 1);
  waitpid(pid, &status, 0);
  printf("child %x\n", status);
}

/** The leader of a session ends: its group hears of it, and nobody has the terminal any more. */
static void leaving(void) {
  int ready[2];
  char c;
  pipe(ready);
  master = posix_openpt(O_RDWR | O_NOCTTY);
  unlockpt(master);
  fflush(stdout);
  pid_t pid = fork();
  if (pid == 0) {
    setsid();
    slave = open(ptsname(master), O_RDWR);
    result("opened as controlling", tcgetsid(slave) == getpid());
    fflush(stdout);
    int held[2];
    pipe(held);
    if (fork() == 0) {
      signal(SIGHUP, got);
      write(held[1], "r", 1);
      pause();
      result("tty", open("/dev/tty", O_RDWR));
      result("session", tcgetsid(slave));
      result("still open", write(slave, "x", 1));
      fflush(stdout);
      write(ready[1], "d", 1);
      _exit(0);
    }
    read(held[0], &c, 1);
    usleep(100000);
    _exit(0);
  }
  int status;
  waitpid(pid, &status, 0);
  read(ready[0], &c, 1);
  usleep(100000);
  close(master);
}

static void closing(void) {
  master = posix_openpt(O_RDWR | O_NOCTTY);
  unlockpt(master);
  slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  write(slave, "last\n", 5);
  close(slave);
  get("last words", master, 100); get("nobody", master, 100);
  struct pollfd p = {master, POLLIN | POLLOUT, 0};
  poll(&p, 1, 0);
  printf("poll %x\n", p.revents);
  slave = open(ptsname(master), O_RDWR | O_NOCTTY);
  type("back\n"); get("reopened", slave, 100);
  int n;
  result("not a master", ioctl(slave, TIOCGPTN, &n));
  result("not known", ioctl(slave, 0x5499, &n));
}

int main(void) {
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  signal(SIGPIPE, SIG_IGN);
  pair(); lines(); modes(); control(); leaving(); closing();
  return 0;
}
