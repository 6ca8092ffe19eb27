# A server and a client of TLS.
cd $(mktemp -d)
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 -subj /CN=localhost 2> /dev/null
openssl s_server -accept 7393 -key key -cert cert -quiet -www > /dev/null 2>&1 &
server=$!
sleep 0.5
printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -connect 127.0.0.1:7393 -quiet 2> /dev/null | head -1
kill $server
wait $server
echo $?
