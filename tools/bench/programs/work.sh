# Loops of a shell, no other process; the argument scales the work.
n=$1 i=0 sum=0 text=
while [ $i -lt $n ]; do
  i=$((i + 1))
  case $((i * 7919 % 13)) in
    0 | 5) sum=$((sum + i % 97)) ;;
    [1-4]) sum=$((sum ^ i)) ;;
    *) text=${text#??????}$i ;;
  esac
  for part in a-$i b-$sum; do
    [ "${part%%-*}" = a ] && last=${part##*-}
  done
done
echo "$sum $last ${#text}"
step() { [ "$1" -gt 0 ] && count=$((count + $1)) && step $(($1 - 1)); }
i=0 count=0
while [ $((i += 1)) -le $((n / 100)) ]; do step 20; done
echo "$count"
