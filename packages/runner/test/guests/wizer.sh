# wizer (Wasmtime): $1 compiles the module $2, runs its initializer and writes the module that results, $3 times; threads start and end each time.
for ((i = 0; i < $3; i++)); do "$1" -f wizer.initialize "$2" | md5sum; done | sort | uniq -c
