import { describe } from 'vitest';
import { testRows } from './harness.ts';

/** Programs whose result is the state of the file system. */
describe('file programs', () => {
  testRows([
    { name: 'ls -lR /etc', commands: [['ls', '-lR', '/etc']] },
    { name: 'ls', commands: [['ls', '-la', '--full-time', 'tree'], ['ls', '-1S'], ['ls', '-ltF', '--color=always']] },
    { name: 'find', unordered: true, commands: [['find', 'tree', '-printf', '%p %s %m %y %l %TY-%Tm-%Td\\n'], ['find', '.', '-name', '*.txt', '-newermt', '2020-01-01', '-size', '-2k'], ['find', '/usr/share/doc', '-maxdepth', '1', '-name', 'lib*']] },
    { name: 'stat, readlink, realpath, du, file tests', commands: [['stat', '-c', '%n %s %a %F %h %Y %U %G', 'words.txt', 'tree', 'tree/link'], ['readlink', '-f', 'tree/link'], ['readlink', 'tree/dangling'], ['realpath', '--relative-to=tree/a', 'tree/c/four.txt'], ['du', '-b', '-s', 'tree'], ['basename', '/a/b.c', '.c'], ['dirname', '/a/b.c'], ['pwd']] },
    { name: 'cp -a, mv, ln, chmod, touch, rm', commands: [['cp', '-a', 'tree', 'copy'], ['mv', 'copy/a', 'moved'], ['ln', 'words.txt', 'hard'], ['ln', '-s', '../words.txt', 'tree/soft'], ['chmod', '-R', 'u+x,go-r', 'moved'], ['touch', '-d', '2001-02-03 04:05:06', 'empty', 'fresh'], ['rm', '-r', 'tree/c'], ['rm', 'missing'], ['mkdir', '-p', '-m', '750', 'x/y/z'], ['rmdir', 'x/y/z'], ['install', '-m', '600', 'words.txt', 'x/installed'], ['truncate', '-s', '10000', 'fresh']] },
    { name: 'dd', commands: [['dd', 'if=noise.bin', 'of=out.bin', 'bs=100', 'skip=3', 'seek=2', 'count=5', 'conv=notrunc', 'status=none'], ['dd', 'if=words.txt', 'conv=ucase', 'bs=64', 'count=2', 'status=none'], ['dd', 'if=/dev/zero', 'of=zero', 'bs=4096', 'count=3', 'status=noxfer']] },
    { name: 'tar', commands: [['tar', '-cf', 'out.tar', '--sort=name', 'tree', 'words.txt'], ['tar', '-tvf', 'out.tar'], ['mkdir', 'there'], ['tar', '-xf', 'out.tar', '-C', 'there']] },
    { name: 'tee, cat', commands: [{ argv: ['tee', 'one', 'two'], input: 'to both\n' }, { argv: ['tee', '-a', 'words.txt'], input: 'appended\n' }, ['cat', '-A', 'utf8.txt'], { argv: ['cat', '-', 'left.txt'], input: 'first\n' }] },
    { name: 'of /proc and /dev', commands: [{ argv: ['cat', '/dev/null', '/proc/self/comm', '/proc/self/cmdline'], input: '' }, ['readlink', '/proc/self/exe'], ['head', '-c', '16', '/dev/zero'], ['stat', '-c', '%n %t,%T %a %F', '/dev/null', '/dev/zero', '/dev/full'], ['dd', 'if=/dev/zero', 'of=/dev/full', 'count=1', 'status=none']] },
  ]);
});
