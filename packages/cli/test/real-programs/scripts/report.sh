# builtins only: no fork
set -u
declare -A count
while read -r first second third; do
  key=${first,,}
  count[$key]=$((${count[$key]:-0} + 1))
  [[ $second =~ ^([A-Za-z]+)-([0-9]+)$ ]] && last=${BASH_REMATCH[2]}
done < words.txt
mapfile -t lines < left.txt
for key in apple fig kale; do printf '%-8s %d\n' "$key" "${count[$key]}"; done
echo "$# args: $*; last $last; ${#lines[@]} lines; ${lines[-1]}"
text='The quick brown fox'
echo "${text//o/0} ${text^^} ${text:4:5} ${text#* } ${text%% *} ${#text}"
echo $((2**62)) $((16#ff)) $((-7 / 2)) $((-7 % 3)) $((1 << 40 | 5)) $(( 5 > 3 ? 10 : 20 ))
printf '%q %b %5.2f|%-5s|%05d\n' "a b'c" 'tab\there' 3.14159 x 42
printf -v when '%(%Y-%m-%d)T' 0
echo "$when" {a..e}{1..3} tree/*
shopt -s globstar extglob
echo tree/**/*.txt !(tree|*.txt)
f() { local n=$1; ((n <= 1)) && { result=1; return; }; f $((n - 1)); ((result *= n)); }
f 20
echo "20! = $result"
select_case() { case $1 in a*) echo starts;; *[0-9]) echo digit;;& *) echo other;; esac; }
select_case apple; select_case x9; select_case zzz
trap 'echo leaving with $?' EXIT
{ echo one; echo two >&2; } > bash-out.txt
exec 3< right.txt
read -r -u 3 line
exec 3<&-
echo "$line"
[[ -f words.txt && ! -e missing ]] && echo present
cd missing
kill -0 $$ && echo alive
trap 'echo got USR1' USR1
kill -USR1 $$
exit 6
