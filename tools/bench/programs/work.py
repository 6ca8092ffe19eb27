# Dictionaries, strings, classes, sorting and integers of any size; the argument scales the work.
import sys

n = int(sys.argv[1])
seed = 42


def random(limit):
    global seed
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    return (seed >> 16) % limit


counts = {}
for i in range(n * 2):
    key = f'k{random(5000)}'
    counts[key] = counts.get(key, 0) + i
ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
print(len(ranked), ranked[0], ranked[-1])


class Account:
    __slots__ = ('balance', 'moves')

    def __init__(self):
        self.balance, self.moves = 0, []

    def move(self, amount):
        self.balance += amount
        self.moves.append(amount)


accounts = [Account() for _ in range(100)]
for i in range(n):
    accounts[random(100)].move(random(1000) - 480)
print(max(a.balance for a in accounts), sum(len(a.moves) for a in accounts))

words = [''.join(chr(97 + random(26)) for _ in range(3 + random(5))) for _ in range(n // 4)]
text = ' '.join(words)
print(len(text), text.upper().count('A'), len({w[:2] for w in text.split()}), hash(tuple(map(len, words))) & 0xFFFF)

a, b = 0, 1
for _ in range(n // 8):
    a, b = b, (a + b) % (1 << 4096)
print(a % 1000000007)

sieve = bytearray([1]) * (n * 4)
for i in range(2, int(len(sieve) ** 0.5) + 1):
    if sieve[i]:
        sieve[i * i :: i] = bytes(len(range(i * i, len(sieve), i)))
print(sum(sieve) - 2, sum(x * x % 7 for x in range(n * 2)), sum(1.0 / (i * i) for i in range(1, n)))
