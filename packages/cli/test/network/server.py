# Serves as many requests as the argument says, on a port that it prints.
import http.server
import sys


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def reply(self, body):
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(b'guest ' + self.path.encode() + b'\n' if self.path != '/big' else b'x' * 1000000)

    def do_POST(self):
        self.reply(b'%d bytes\n' % len(self.rfile.read(int(self.headers['Content-Length']))))

    def log_message(self, *arguments):
        pass


server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
print(server.server_address[1], flush=True)
for _ in range(int(sys.argv[1])):
    server.handle_request()
