use strict;
use warnings;
use List::Util qw(sum max first shuffle);
use POSIX qw(floor strftime);
use Digest::SHA qw(sha1_hex);

my ($path) = @ARGV;
open my $in, '<:encoding(UTF-8)', $path or die "cannot open $path: $!";
my (%count, @numbers);
while (my $line = <$in>) {
    $count{lc $1}++ while $line =~ /([[:alpha:]]+)/g;
    push @numbers, $1 if $line =~ /-(?<n>\d+)\b/;
}
close $in;
printf "%-10s %3d\n", $_, $count{$_} for sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
printf "%d numbers, sum %d, max %d, mean %.12f, first over 90: %d\n", scalar @numbers, sum(@numbers), max(@numbers), sum(@numbers) / @numbers, first { $_ > 90 } @numbers;
print join(',', map { sprintf '%x', $_ ** 3 } 1 .. 10), "\n";
print strftime('%Y-%m-%d %H:%M:%S', gmtime 86_400 * 365), ' ', floor(-2.5), ' ', sha1_hex('abc'), "\n";
print "1e15+0.3: ", 1e15 + 0.3, ' ', 1 / 3, ' ', 10 ** 20, ' ', -7 % 3, ' ', 18446744073709551615, "\n";
(my $text = 'The quick brown fox') =~ s/(\w+)/\u\L$1\E!/g;
print "$text\n", scalar reverse('abc'), ' ', join('|', split /,\s*/, 'a, b,c'), "\n";
my @packed = unpack 'nNvVqd', pack 'nNvVqd', 1, 2, 3, 4, -5, 6.25;
print "@packed\n";
eval { die { code => 7 } };
print "caught $@->{code}\n";
local $@;
eval { my $zero = 0; my $x = 1 / $zero; };
print "error: $@";
open my $out, '>', 'perl-out.txt' or die;
print {$out} "line $_\n" for 1 .. 3;
close $out;
print -s 'perl-out.txt', ' ', join(' ', sort glob 'tree/*'), "\n";
warn "to stderr\n";
exit 4;
