"""Reads words, reports on them in many ways: reaches through much of the standard library, with fixed dates and seeds."""
import base64
import binascii
import bisect
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import hashlib
import heapq
import io
import itertools
import json
import math
import os
import random
import re
import struct
import sys
import textwrap
import zlib


class Kind(enum.Enum):
    LOWER = 'lower'
    UPPER = 'upper'


@dataclasses.dataclass(frozen=True, order=True)
class Word:
    text: str
    number: int = 0
    tags: tuple = ()

    @property
    def kind(self):
        return Kind.UPPER if self.text[:1].isupper() else Kind.LOWER


LINE = re.compile(r'^(?P<first>\w+) (?P<second>[A-Za-z]+)-(?P<number>\d+) (?P<third>\w+)$', re.MULTILINE)


def parse(text):
    for match in LINE.finditer(text):
        yield Word(match['second'], int(match['number']), (match['first'], match['third']))


def frequencies(words):
    counter = collections.Counter(word.text.lower() for word in words)
    for name, count in sorted(counter.most_common(), key=lambda item: (-item[1], item[0])):
        print(f'{name:>10} {count:4d} {count / len(words):8.4%} {"#" * count}')
    return counter


def groups(words):
    by_kind = collections.defaultdict(list)
    for word in words:
        by_kind[word.kind].append(word)
    for kind in Kind:
        numbers = [word.number for word in by_kind[kind]]
        mean = sum(numbers) / len(numbers)
        deviation = math.sqrt(sum((n - mean) ** 2 for n in numbers) / len(numbers))
        print(kind.name, len(numbers), repr(mean), repr(deviation), heapq.nlargest(3, numbers))


def digests(data):
    for name in ('md5', 'sha1', 'sha256', 'sha3_256', 'blake2b'):
        print(name, hashlib.new(name, data).hexdigest()[:40])
    print(zlib.crc32(data), zlib.adler32(data), binascii.hexlify(data[:8]))
    packed = zlib.compress(data, 9)
    assert zlib.decompress(packed) == data
    print(len(packed), base64.b85encode(packed[:20]).decode())


def numbers():
    decimal.getcontext().prec = 50
    print(decimal.Decimal(2).sqrt(), decimal.Decimal(1) / 7)
    print(fractions.Fraction(355, 113) + fractions.Fraction(1, 3), float(fractions.Fraction(1, 3)))
    print(0.1 + 0.2, 1e16, 1e-7, float('inf'), -0.0, float.hex(0.1), round(2.5), 7 // -2, divmod(-7, 2))
    print(math.factorial(30), math.comb(40, 20), pow(3, 10**6, 10**9 + 7), math.isqrt(10**40), math.gamma(5.5))
    print([f'{f(0.7):.15g}' for f in (math.sin, math.cos, math.tan, math.exp, math.log, math.erf, math.sinh)])
    print((12345678901234567890).bit_length(), hex(2**100), int('zz', 36), bin(1000))


def binary():
    packed = struct.pack('<bHiqfd4s?', -1, 65535, -2**31, 2**62, 1.5, math.pi, b'abcd', True)
    print(len(packed), packed.hex(), struct.unpack('<bHiqfd4s?', packed))
    print(struct.unpack('>f', struct.pack('>I', 0x7f7fffff))[0], memoryview(packed)[3:7].tolist())


def dates():
    start = datetime.datetime(2024, 2, 28, 23, 59, 58, tzinfo=datetime.timezone.utc)
    for days in (0, 1, 2, 366):
        moment = start + datetime.timedelta(days=days, microseconds=5)
        print(moment.isoformat(), moment.strftime('%a %d %b %Y'), moment.toordinal(), moment.isocalendar().week)
    print(datetime.date.fromisoformat('1999-12-31') - datetime.date(1970, 1, 1))


def sequences():
    rng = random.Random(20240229)
    values = [rng.randrange(1000) for _ in range(40)]
    print(values[:12], rng.random(), rng.gauss(0, 1), rng.sample(range(50), 5))
    ordered = []
    for value in values:
        bisect.insort(ordered, value)
    assert ordered == sorted(values)
    print([len(list(group)) for _, group in itertools.groupby(ordered, key=lambda v: v // 100)])
    print(list(itertools.islice(itertools.accumulate(values, max), 5)), functools.reduce(lambda a, b: a ^ b, values))
    queue = collections.deque(values, maxlen=5)
    queue.rotate(2)
    print(list(queue), set(values) & set(range(0, 1000, 7)) == {v for v in values if v % 7 == 0})


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


def generator():
    received = yield 'ready'
    while received is not None:
        received = yield received.upper()


def control():
    gen = generator()
    print(next(gen), gen.send('abc'), gen.send('d'))
    try:
        gen.send(None)
    except StopIteration:
        print('stopped')
    try:
        {}['missing']
    except KeyError as error:
        print('KeyError', error, type(error).__mro__[1].__name__)
    try:
        raise ValueError('outer') from OSError(2, 'inner')
    except ValueError as error:
        print(repr(error), repr(error.__cause__), error.__cause__.errno)
    print(fibonacci(90), [x for x in range(30) if all(x % d for d in range(2, x)) and x > 1])
    try:
        sys.setrecursionlimit(200)
        (lambda f: f(f))(lambda f: f(f))
    except RecursionError as error:
        print(error)
    finally:
        sys.setrecursionlimit(1000)


def text():
    print(textwrap.fill('The quick brown fox jumps over the lazy dog. ' * 3, width=40, initial_indent='* '))
    print('naïve'.encode('utf-8'), 'ß'.upper(), 'İ'.lower().encode(), '日本'.center(8, '-'), ascii('é🙂'))
    print(re.sub(r'(\d+)', lambda m: str(int(m[1]) * 2), 'a1b22c333'), re.split(r'[,;]\s*', 'a, b;c'), re.findall(r'(?i)\bf\w+', 'Fig fog of'))
    print('{:>8.3f}|{:<6}|{:^7}|{:+d}|{:,}|{!r}'.format(3.14159, 'ab', 'mid', 5, 1234567, 'q'))


def main(source, target):
    with open(source, encoding='utf-8') as stream:
        contents = stream.read()
    words = list(parse(contents))
    print(len(words), words[0], max(words))
    counter = frequencies(words)
    groups(words)
    digests(contents.encode())
    numbers()
    binary()
    dates()
    sequences()
    control()
    text()
    with open(target, 'w', encoding='utf-8') as stream:
        json.dump({'counter': counter, 'words': [dataclasses.asdict(word) for word in words[:20]], 'π': math.pi}, stream, indent=1, sort_keys=True)
    with open(target, encoding='utf-8') as stream:
        again = json.load(stream)
    print(again['words'][0], again['π'] == math.pi, os.stat(target).st_size)
    buffer = io.StringIO()
    json.dump([1.0, None, True, 'é', {'a': [1, 2]}], buffer, ensure_ascii=False, separators=(',', ':'))
    print(buffer.getvalue())
    print('to stderr', file=sys.stderr)
    return 11


sys.exit(main(*sys.argv[1:]))
