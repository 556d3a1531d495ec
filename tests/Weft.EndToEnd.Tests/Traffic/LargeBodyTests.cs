using System.Net.Sockets;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Traffic;

/// <summary>Bodies far larger than any buffer: they pass whole, and the proxy's memory stays where it was.</summary>
public sealed class LargeBodyTests
{
    private const long BodyBytes = 100_000_000;
    private const long AllowedGrowthBytes = 40 << 20;

    private static readonly byte[] Block = [.. Enumerable.Range(0, 64 * 1024).Select(i => (byte)(i * 31))];

    [Fact]
    public async Task An_upload_passes_whole_in_bounded_memory()
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            var head = await peer.ReadUntilAsync("\r\n\r\n");
            var early = head.Length - head.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4;
            await ReceiveAsync(peer.Socket, BodyBytes - early);
            await peer.SendAsync(ScriptedUpstream.Ok("stored"));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        var before = weft.PeakResidentBytes;

        await client.SendAsync($"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {BodyBytes}\r\n\r\n");
        await SendAsync(client.Socket, BodyBytes);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", await client.ReadUntilAsync("stored"), StringComparison.Ordinal);
        Assert.InRange(weft.PeakResidentBytes - before, 0, AllowedGrowthBytes);
        await weft.WaitForStat("cluster.backend.upstream_cx_tx_bytes_total", BodyBytes);
    }

    [Theory]
    [InlineData("content-length: 100000000\r\n", false)]
    [InlineData("transfer-encoding: chunked\r\n", true)]
    public async Task A_download_passes_whole_in_bounded_memory(string framing, bool isChunked)
    {
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync($"HTTP/1.1 200 OK\r\n{framing}\r\n");
            if (isChunked)
                await peer.SendAsync($"{BodyBytes:x}\r\n");
            await SendAsync(peer.Socket, BodyBytes);
            if (isChunked)
                await peer.SendAsync("\r\n0\r\n\r\n");
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var http = new HttpClient();
        var port = await weft.Port("web");
        var before = weft.PeakResidentBytes;

        using var body = await http.GetStreamAsync(new Uri($"http://127.0.0.1:{port}/"));

        Assert.Equal(BodyBytes, await CountAsync(body));
        Assert.InRange(weft.PeakResidentBytes - before, 0, AllowedGrowthBytes);
    }

    [Fact]
    public async Task A_client_that_does_not_read_stops_the_upstream_and_costs_no_memory()
    {
        long sent = 0;
        using var upstream = new ScriptedUpstream(async (peer, _) =>
        {
            await peer.ReadUntilAsync("\r\n\r\n");
            await peer.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {BodyBytes}\r\n\r\n");
            await SendAsync(peer.Socket, BodyBytes, total => Volatile.Write(ref sent, total));
        });
        await using var weft = await WeftProcess.StartAsync(Configs.HttpProxy(upstream.Port));
        using var client = await RawPeer.ConnectAsync(await weft.Port("web"));
        client.Socket.ReceiveBufferSize = 64 * 1024;
        var before = weft.PeakResidentBytes;

        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        await weft.WaitForStat("cluster.backend.upstream_flow_control_paused_reading_total", 1);
        await UntilStill(() => Volatile.Read(ref sent));

        // What is under way fills the kernel's buffers, not the proxy.
        Assert.InRange(Volatile.Read(ref sent), 1, BodyBytes / 2);
        Assert.InRange(weft.PeakResidentBytes - before, 0, AllowedGrowthBytes);
        var head = await client.ReadUntilAsync("\r\n\r\n");
        var early = head.Length - head.IndexOf("\r\n\r\n", StringComparison.Ordinal) - 4;
        await ReceiveAsync(client.Socket, BodyBytes - early);
        // The kernel takes the last of it a moment before the sender hears so.
        await Wait.Until(() => Task.FromResult(Volatile.Read(ref sent) == BodyBytes), "the sender to have sent all");
    }

    /// <summary>Waits until a count has stood still for as many looks as a sender would need to go on.</summary>
    private static async Task UntilStill(Func<long> count)
    {
        var (last, still) = (-1L, 0);
        await Wait.Until(
            () =>
            {
                still = count() == last ? still + 1 : 0;
                last = count();
                return Task.FromResult(still >= 15);
            },
            "the sender to be stopped");
    }

    private static async Task SendAsync(Socket socket, long bytes, Action<long>? progress = null)
    {
        for (long sent = 0; sent < bytes; progress?.Invoke(sent))
            sent += await socket.SendAsync(Block.AsMemory(0, (int)Math.Min(Block.Length, bytes - sent)));
    }

    private static async Task ReceiveAsync(Socket socket, long bytes)
    {
        var buffer = new byte[256 * 1024];
        while (bytes > 0)
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
                throw new EndOfStreamException($"closed with {bytes} bytes to come");
            bytes -= count;
        }

        Assert.Equal(0, bytes);
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var buffer = new byte[256 * 1024];
        long total = 0;
        while (await stream.ReadAsync(buffer) is > 0 and var count)
            total += count;
        return total;
    }
}
