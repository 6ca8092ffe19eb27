# A long script: much of what bash has, in an order that does not depend on time.
set -u
work=$(mktemp -d)
cd "$work" || exit 1
exec < /dev/null
trap 'echo "exit trap, status $?"; rm -rf "$work"' EXIT
section() { printf '== %s ==\n' "$1"; }

section pipelines
seq 1 50 | grep -v '[05]$' | sed 's/^/n/' | sort -r | head -4
printf '%s\n' pear apple fig apple fig apple | sort | uniq -c | sort -rn | awk '{ print $2 "=" $1 }'
seq 1 1000 | awk '{ s += $1 * $1 } END { print s }'
false | true | (exit 3) | true
echo "status of each: ${PIPESTATUS[*]}"
set -o pipefail
true | (exit 4) | true
echo "pipefail $?"
set +o pipefail
yes | head -3 | tr 'y\n' 'n,'
echo
echo error >&2 |& cat
{ echo out; echo err >&2; } 2>&1 | sort
seq 1 20000 | tee copy | tail -1
wc -l < copy | tr -d ' '

section 'command substitution'
outer=$(echo "$(echo "$(echo deep)er") still")
echo "$outer"
echo "lines: $(printf 'a\nb\n\n\n' | wc -l | tr -d ' ') kept: [$(printf 'a\nb\n\n\n')]"
size=$(wc -c < copy)
echo $((size))
echo "first $(< <(echo of a file))"
status=$(exit 9); echo "status $?"
echo `echo back\`echo ticks\``

section here-documents
name=world
cat << END
hello $name, $((6 * 7)), $(echo substituted) \$escaped
END
cat << 'END'
hello $name, $((6 * 7)), $(echo kept)
END
cat <<- END | sed 's/^/> /'
	tabs are
		removed
	END
cat /dev/fd/3 3<< THREE - << ZERO
on three
THREE
on zero
ZERO
tr a-z A-Z <<< "here string $name"
read -r one two rest <<< 'a b c d'
echo "$two|$rest|$one"

section functions
factorial() { if (($1 < 2)); then echo 1; else echo $(($1 * $(factorial $(($1 - 1))))); fi; }
factorial 7
scope=global
inner() { echo "inner sees $scope"; scope=changed; }
scoped() { local scope=local; inner; echo "scoped has $scope"; }
scoped
echo "outside $scope"
arguments() { echo "$# [$1] [$*] [${@:2}] [${*: -1}]"; shift 2; echo "$# $1"; }
arguments 'a b' c d e
set -- x 'y z'
for argument; do echo "<$argument>"; done
reference() { local -n target=$1; target+=" by reference"; }
value=changed; reference value; echo "$value"
early() { for i in 1 2 3; do ((i == 2)) && return "$i"; done; }
early; echo "returned $?"
subshell_function() ( cd /; scope=lost; pwd )
subshell_function; echo "$scope"
unset -f early; type -t early || echo 'no early'

section arrays
list=(zero one two three)
list+=(four)
list[7]=seven
echo "${#list[@]} ${!list[*]} ${list[-1]} ${list[@]:1:2}"
unset 'list[1]'
for i in "${!list[@]}"; do printf '%d:%s ' "$i" "${list[i]}"; done; echo
echo "${list[@]/o/0}" "${list[@]^}" "${list[@]#t}"
mapfile -t lines < <(seq 5 8); echo "${lines[2]} of ${#lines[@]}"
copy=("${list[@]}"); echo "${!copy[@]}"
IFS=, ; echo "${lines[*]}"; unset IFS
IFS=: read -ra fields <<< 'a:b::d'; echo "${#fields[@]} ${fields[3]}"
declare -A age=([ann]=30 [bob]=25 ['two words']=7)
age[carol]=41; ((age[bob] += 1))
for key in "${!age[@]}"; do echo "$key is ${age[$key]}"; done | sort
echo "${#age[@]} ${age[nobody]-none} ${age[ann]+some}"
unset 'age[ann]'; [[ -v age[ann] ]] || echo 'ann is gone'
declare -p lines

section 'background jobs'
job() { sleep "0.0$1"; echo "job $1" > "job.$1"; return "$1"; }
pids=()
for i in 1 2 3 4; do job "$i" & pids+=($!); done
for i in "${!pids[@]}"; do wait "${pids[i]}"; echo "wait $i: $?"; done
cat job.*
mkfifo ready
(echo > ready; exec sleep 5) & read -r < ready; kill %%; wait $!; echo "killed $?"
(exit 6) & only=$!; wait -n "$only"; echo "wait -n $?"
sleep 0.01 & wait; echo "all $?"
(trap '' TERM; kill -TERM $BASHPID; echo 'ignored TERM')
{ (kill -KILL $BASHPID); } 2> /dev/null; echo "subshell $?"
for i in {1..20}; do (echo $((i * i)) > "square.$i") & done; wait
cat square.* | sort -n | awk '{ s += $1 } END { print NR, s }'
wait 1 2> /dev/null; echo "not a child: $?"

section traps
(trap 'echo int; exit 40' INT; kill -INT $BASHPID; echo unreached); echo "after $?"
count=0; trap '((count += 1))' USR1
for i in 1 2 3; do kill -USR1 $$; done
echo "USR1 came $count times"
trap - USR1
(trap 'echo "ERR $? at ${BASH_COMMAND}"' ERR; false; (exit 5); false || true; if false; then :; fi; echo end)
(set -e; trap 'echo leaving $?' EXIT; false; echo unreached); echo "after $?"
(set -E; trap 'echo inherited' ERR; failing() { false; true; }; failing)
(trap 'echo return' RETURN; returning() { trap 'echo in' RETURN; :; }; returning)
child=$(bash -c 'trap "echo got TERM; exit 3" TERM; kill -TERM $$; while :; do :; done'); echo "$child $?"
waiting() {
  trap 'echo "trap during wait"' USR2
  (sleep 0.03; kill -USR2 $$) &
  sleep 0.3 &
  wait $!; echo "interrupted $(($? > 128))"
  trap - USR2; wait
}
waiting
(trap 'echo child USR1' USR1; trap -p USR1)
(trap 'printf "%s " "$BASH_COMMAND"' DEBUG; : one; : two; trap - DEBUG); echo

section subshells
variable=before
(variable=inside; echo "$variable $BASH_SUBSHELL"; (echo "$BASH_SUBSHELL"))
echo "$variable $BASH_SUBSHELL"
{ variable=group; }; echo "$variable"
echo piped | read -r variable; echo "$variable"
(shopt -s lastpipe; echo piped | read -r variable; echo "$variable")
(exit 12); echo $?
! (exit 12); echo $?

section 'process substitution'
diff <(seq 1 5) <(seq 2 6)
echo "differ $?"
paste -d+ <(seq 1 3) <(seq 4 6) <(seq 7 9)
echo through > >(sed 's/^/out: /'); wait $!
while read -r a b; do echo "$b-$a"; done < <(printf '1 2\n3 4\n')
join <(printf 'a 1\nb 2\n') <(printf 'a x\nb y\n')
comm -12 <(seq 1 2 20) <(seq 1 3 20 | sort) 2> /dev/null | tr '\n' ' '; echo

section case
shopt -s extglob
kind() {
  case $1 in
    '') echo empty ;;
    [0-9]*([0-9])) echo number ;;
    *.tar.@(gz|xz)) echo archive ;;
    -?) echo option ;;&
    -[a-m]) echo 'early letter' ;;
    -*) echo 'late letter' ;&
    fall) echo 'fell through' ;;
    *) echo other ;;
  esac
}
source /dev/stdin <<< "$(declare -f kind)"
for word in '' 123 x.tar.gz -b -z fall thing; do kind "$word"; done
[[ abc123 =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[2]} ${BASH_REMATCH[1]}"
[[ a < b && ! -e nothing || x == y ]] && echo 'compared'

section getopts
options() {
  local OPTIND=1 OPTARG option verbose=0 output=
  while getopts ':vo:n:' option; do
    case $option in
      v) ((verbose += 1)) ;;
      o) output=$OPTARG ;;
      n) printf 'number %d\n' "$OPTARG" ;;
      :) echo "-$OPTARG needs a value" ;;
      \?) echo "no option -$OPTARG" ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "verbose $verbose output '$output' rest $*"
}
options -vv -o file -n 12 a b
options -x -v -- -o
options -o

section printf
printf '%5d|%-5s|%05.1f|%x|%X|%o|%e\n' 42 ab 3.14159 255 255 8 12345.678
printf '%s-%s\n' a b c
printf '%q %q\n' 'a b' "it's"
printf '%b' 'tab\there\n'
printf '%(%Y-%m-%d)T\n' 86400
printf -v padded '%*s' 6 hi; echo "[$padded]"
printf '%c%c%c\n' alpha beta gamma
printf '%d %d\n' 0x1f 010 "'A" 7
printf '%d\n' 12x 2> /dev/null; echo "bad number $?"

section 'read loops'
printf 'a=1\nb=2\n\n# comment\nc=3\n' > settings
while IFS='=' read -r key value; do
  [[ -z $key || $key == \#* ]] && continue
  echo "$key -> $value"
done < settings
total=0; while read -r number; do ((total += number)); done < <(seq 1 300); echo $total
while read -rn2 pair; do printf '[%s]' "$pair"; done <<< abcde; echo
exec 4< settings; read -ru4 line; echo "$line"; read -ru4 line; echo "$line"; exec 4<&-
printf 'x\0y\0' | while IFS= read -rd '' item; do printf '<%s>' "$item"; done; echo
read -rt 0.05 nothing < <(sleep 0.3); echo "timed out $(($? > 128))"
until ((total < 100)); do ((total /= 3)); done; echo $total
for ((i = 0, j = 10; i < j; i += 3, j--)); do printf '%d,%d ' $i $j; done; echo
for i in {a..e} {10..2..-4}; do [[ $i == c ]] && continue; [[ $i == 6 ]] && break; printf '%s ' "$i"; done; echo
select choice in red green; do echo "chose $choice"; break; done <<< 2 2> /dev/null

section arithmetic
echo $((2 ** 62)) $((9223372036854775807 + 1)) $((-7 / 2)) $((-7 % 3)) $((1 << 40 | 5))
echo $((16#ff)) $((2#1010)) $((0x10 + 010)) $((36#zz))
x=5; echo $((x++ + ++x)) $x $((x > 6 ? 1 : 0)) $((x ^= 3)) $((~x)) $((!x))
let 'y = x * 2' 'z = y - 1'; echo $y $z
((0)); echo "zero is $?"
(echo $((1 / 0))) 2> /dev/null; echo "division $?"
declare -i integer=3*4; integer+=2; echo $integer
primes() { local n d; for ((n = 2; n < $1; n++)); do for ((d = 2; d * d <= n; d++)); do ((n % d)) || continue 2; done; printf '%d ' $n; done; echo; }
primes 60
collatz() { local n=$1 steps=0; while ((n != 1)); do ((n = n % 2 ? 3 * n + 1 : n / 2, steps++)); done; echo $steps; }
collatz 27
echo 'scale' | awk '{ printf "%.6f %.3e\n", atan2(0, -1), exp(10) }'

section strings
text='The quick brown fox'
echo "${#text} ${text:4:5} ${text: -3} ${text:(-9):5}"
echo "${text^^} ${text,,} ${text~}"
echo "${text/quick/slow} ${text//o/0} ${text/#The/A} ${text/%fox/dog}"
path=/usr/local/lib/file.tar.gz
echo "${path##*/} ${path%/*} ${path%%.*} ${path#*.}"
echo "${unset_variable:-default} ${text:+set} ${#path}"
: "${assigned:=value}"; echo $assigned
(: "${missing:?is needed}") 2> /dev/null; echo "missing $?"
pointer=text; echo "${!pointer}" "${!pa@}"
echo "${text@Q} ${text@U}" $'\x41\t\u42' "${text@L}"
reversed=; for ((i = ${#text} - 1; i >= 0; i--)); do reversed+=${text:i:1}; done; echo "$reversed"
echo {x,y}{1..3} {01..03} pre{a,,b}post
sed -nE 's/([a-z]+) ([a-z]+)/\2 \1/p; $=' <<< "$text"
awk -F: '{ n = split($0, part, ":"); for (i = n; i > 0; i--) printf "%s%s", part[i], (i > 1 ? "/" : "\n") }' <<< a:b:c
words=($text); sorted=($(printf '%s\n' "${words[@]}" | sort -f)); echo "${sorted[@]}"

section coproc
coproc UPPER { while read -r line; do echo "${line^^}"; done; }
upper=$UPPER_PID
for word in alpha beta gamma; do
  echo $word >&"${UPPER[1]}"
  read -ru "${UPPER[0]}" answer
  echo "$answer"
done
eval "exec ${UPPER[1]}>&-"
wait "$upper"; echo "coproc $?"

section files
mkdir -p tree/{a,b}/{c,d}; touch tree/a/c/{1,2,3} tree/b/d/.hidden
shopt -s globstar nullglob dotglob
echo tree/**/*
echo tree/*/nothing*
echo none > tree/a/file; chmod 640 tree/a/file; stat -c '%a %s %F' tree/a/file
ln -s a/file tree/link; readlink tree/link; cat tree/link
[[ -L tree/link && -f tree/link && ! -d tree/link ]] && echo 'a link to a file'
set -C; (echo twice > tree/a/file) 2> /dev/null; echo "noclobber $?"; set +C
exec 5>&1 1> captured; echo captured; exec 1>&5 5>&-; cat captured
mkfifo fifo; (echo through a fifo > fifo) & cat fifo; wait
umask 077; touch private; stat -c %a private; umask
find tree -type f | sort | xargs -n 2 echo
tar cf - tree 2> /dev/null | tar tf - | sort | tail -2

section statuses
not-a-command 2> /dev/null; echo $?
/etc/passwd 2> /dev/null; echo $?
bash -c 'exit 300'; echo $?
{ bash -c 'kill -SEGV $$'; } 2> /dev/null; echo $?
(set -u; echo "$never_set") 2> /dev/null; echo $?
bash -c 'if'  2> /dev/null; echo $?
timeout 0.05 sleep 5; echo $?
env -i A=1 bash -c 'echo $A ${PATH:+path}'
eval 'echo "evaluated $((1 + 1))"; (exit 8)'; echo $?
(ulimit -n 20; ulimit -n)
command -v printf; command -V section | head -1
exit 21
