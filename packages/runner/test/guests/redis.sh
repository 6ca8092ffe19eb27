# redis with its benchmark.
cd $(mktemp -d)
redis-server --port 7391 --save "" --daemonize no --logfile log &
server=$!
until redis-cli -p 7391 ping > /dev/null 2>&1; do sleep 0.05; done
redis-cli -p 7391 set key value
redis-cli -p 7391 get key
redis-benchmark -p 7391 -n 500 -c 5 -t set,get -q | sed 's/:.*//' | tr -d '\r'
redis-cli -p 7391 shutdown nosave
wait $server
echo $?
