# vim in a pseudo-terminal: what it draws for keys that are typed, what it saves and how it ends.
import fcntl
import os
import pty
import select
import shutil
import struct
import tempfile
import termios

STEPS = [
    "ione two three\rfour five six\rseven\x1b",
    "ggyyp:%s/e/E/g\r",
    "ggdwA, appended\x1b0\x16jI# \x1b",
    "Goindented\r  more\x1b>>:silent undo\r:silent redo\r:silent undo\r",
    "gg/sEvEn\rciwSEVEN\x1b:2,3sort!\r",
    "qaA!\x1bjq2@a:split\r\x17w:set number\r",
    "gg=G:g/four/m0\r:%!tr a-z A-Z\r",
    ":r !echo $((6 * 7))\r:resize 4\r\x17c",
    ":silent undo\r:silent undo\r:silent redo\r:let @b='x' | put b\r:w\r",
]

directory = tempfile.mkdtemp()
path = os.path.join(directory, "file")
pid, master = pty.fork()
if pid == 0:
    os.chdir(directory)
    environment = {"TERM": "vt100", "HOME": directory, "PATH": "/usr/bin:/bin", "LC_ALL": "C", "SHELL": "/bin/sh"}
    os.read(0, 1)  # until the window has its size
    os.execve("/usr/bin/vim", ["vim", "-u", "NONE", "-i", "NONE", "-N", "-n", "--cmd", "set ruler showcmd hlsearch", "file"], environment)

fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 16, 60, 0, 0))
os.write(master, b"\n")


def drawn(marker):
    """What comes until the marker is there and nothing more comes."""
    seen = b""
    while True:
        ready, _, _ = select.select([master], [], [], 0.3 if marker in seen else 30)
        if not ready:
            return seen
        try:
            chunk = os.read(master, 65536)
        except OSError:
            return seen
        if not chunk:
            return seen
        seen += chunk


print(drawn(b"file"))
for number, keys in enumerate(STEPS):
    os.write(master, f"{keys}:echo 1000+{number}\r".encode())
    print(drawn(b"%d" % (1000 + number)))
os.write(master, b":q!\r")
print(drawn(b"never"))
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
print(open(path).read())
shutil.rmtree(directory)
