# Hashes, regular expressions, sorting and strings; the argument scales the work.
use strict;
use warnings;
use integer;

my $n = shift;
my $seed = 42;
sub random { $seed = ($seed * 1103515245 + 12345) & 0x7fffffff; return ($seed >> 16) % $_[0] }

my %count;
$count{'k' . random(5000)} += $_ for 1 .. $n * 2;
my @keys = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print scalar(@keys), " $keys[0] $keys[-1]\n";

my $text = join ' ', map { sprintf '%05d:%s', random(99999), 'ab' x random(6) } 1 .. $n;
my ($digits, $letters) = (0, 0);
while ($text =~ /(\d+):((?:ab)*)/g) { $digits += $1; $letters += length $2 }
(my $copy = $text) =~ s/(\d)(\d)/$2$1/g;
print length($text), " $digits $letters ", ($copy =~ tr/0//), "\n";

my @words = split /[ :]+/, $text;
my %seen = map { (substr($_, 0, 3) => 1) } grep { /^\d*[13579]$/ } @words;
print scalar(@words), ' ', scalar(keys %seen), ' ', join(',', (sort { $a <=> $b } keys %seen)[0 .. 4]), "\n";

my @composite;
my $primes = 0;
for my $i (2 .. $n) {
  next if $composite[$i];
  $primes++;
  for (my $k = $i * $i; $k <= $n; $k += $i) { $composite[$k] = 1 }
}
print "$primes\n";
