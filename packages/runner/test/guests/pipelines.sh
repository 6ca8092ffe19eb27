# Pipelines, subshells, substitutions, traps and jobs of a shell.
set -u
echo start $((1+2))
x=$(echo hello | tr a-z A-Z)
echo "$x"
for i in 1 2 3; do (echo sub $i; exit $i); echo "rc $?"; done
cat <<E | sort -r | head -3
b
a
c
d
E
sleep 0.05 & p=$!
wait $p; echo "bg $?"
trap 'echo usr1' USR1; kill -USR1 $$;
f() { return 7; }; f; echo $?
seq 1 200 | awk '{s+=$1} END {print s}'
ls /usr/include/linux | wc -l | tr -d ' '
f=$(mktemp); echo abc > $f; cat < $f; rm $f
(sleep 0.01; echo late) | cat
sleep 9 & kill -TERM $!; wait $!; echo "killed $?"
trap 'echo bye' EXIT
false || echo or
echo done | tee /dev/null | wc -c
