# asyncio with a subprocess and a server, and a pool of processes.
import asyncio
from concurrent.futures import ProcessPoolExecutor


async def main():
    process = await asyncio.create_subprocess_exec("sh", "-c", "echo out; exit 5", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    print(out, process.returncode)

    async def answer(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    print(await reader.read())
    writer.close()
    server.close()
    await asyncio.gather(*[asyncio.sleep(0.01 * i) for i in range(10)])
    print("slept")


def total(x):
    return sum(range(x))


if __name__ == "__main__":
    asyncio.run(main())
    with ProcessPoolExecutor(2) as pool:
        print(list(pool.map(total, [10, 100, 1000])))
