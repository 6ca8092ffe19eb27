# Talks to an HTTP server and a UDP echo at the ports given, and to itself; what it prints does not depend on ports.
import asyncio
import socket
import sys
import urllib.request

HTTP, UDP = int(sys.argv[1]), int(sys.argv[2])


async def streams():
    reader, writer = await asyncio.open_connection('127.0.0.1', HTTP)
    writer.write(b'GET /async HTTP/1.0\r\n\r\n')
    await writer.drain()
    print((await reader.read()).split(b'\n')[-2])
    writer.close()
    try:
        await asyncio.open_connection('127.0.0.1', 1)
    except OSError as error:
        print(type(error).__name__)

    async def echo(reader, writer):
        while data := await reader.read(100):
            writer.write(data.upper())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, '127.0.0.1', 0)
    reader, writer = await asyncio.open_connection('127.0.0.1', server.sockets[0].getsockname()[1])
    writer.write(b'inner')
    print(await reader.read(5))
    writer.write_eof()
    print(await reader.read())
    server.close()


def datagrams():
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(5)
    udp.sendto(b'ping', ('127.0.0.1', UDP))
    print(udp.recvfrom(100)[0], udp.getsockname()[1] > 0)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(('127.0.0.1', UDP))
    udp.send(b'connected')
    print(udp.recv(100), udp.getsockname()[0], udp.getpeername()[1] == UDP)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    server.settimeout(5)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.sendto(b'closed at once', server.getsockname())
    udp.close()
    print(server.recv(100))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(('127.0.0.1', 0))
    print(udp.getsockname()[0], udp.send(b'nobody'))
    try:
        socket.create_connection(('127.0.0.1', 0))
    except OSError as error:
        print(type(error).__name__)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(('127.0.0.1', 9))
    udp.send(b'x')
    udp.settimeout(5)
    try:
        udp.recv(1)
    except OSError as error:
        print(type(error).__name__)


def both_families():
    server = socket.create_server(('::', 0), family=socket.AF_INET6, dualstack_ipv6=True)
    port = server.getsockname()[1]
    client = socket.create_connection(('127.0.0.1', port))
    accepted, address = server.accept()
    print(address[0], accepted.getsockname()[0], client.getpeername()[0])
    try:
        socket.socket().bind(('127.0.0.1', port))
    except OSError as error:
        print(error.errno)
    accepted.send(b'z' * 1000)
    client.settimeout(0.2)
    print(len(client.recv(2000)))
    try:
        client.recv(1)
    except OSError as error:
        print(type(error).__name__)
    client.close()
    print(accepted.recv(1))


asyncio.run(streams())
print(urllib.request.urlopen('http://127.0.0.1:%d/urllib' % HTTP).read())
datagrams()
both_families()
print(socket.getaddrinfo('localhost', 80, socket.AF_INET, socket.SOCK_STREAM)[0][4])
