# nginx with its workers, and a client.
d=$(mktemp -d)
cd $d
mkdir www logs
echo 'from nginx' > www/index.html
cat > nginx.conf <<E
daemon off;
pid $d/pid;
error_log $d/logs/error.log;
worker_processes 2;
$([ $(id -u) = 0 ] && echo 'user root;')
events { worker_connections 16; }
http {
  access_log off;
  client_body_temp_path $d/t1; proxy_temp_path $d/t2; fastcgi_temp_path $d/t3; uwsgi_temp_path $d/t4; scgi_temp_path $d/t5;
  server { listen 127.0.0.1:7392; root $d/www; }
}
E
nginx -p $d -c $d/nginx.conf &
server=$!
for i in 1 2 3; do curl -s --retry 20 --retry-connrefused --retry-delay 0 http://127.0.0.1:7392/; done
curl -s -o /dev/null -w '%{http_code}\n' http://127.0.0.1:7392/none
kill -QUIT $server
wait $server
echo $?
