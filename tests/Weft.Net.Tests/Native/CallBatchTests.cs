using System.Net;
using System.Net.Sockets;
using Weft.Net.Native;

namespace Weft.Net.Tests.Native;

/// <summary>Calls made together do what each does by itself. Where the kernel has no io_uring there is nothing to test.</summary>
public sealed unsafe class CallBatchTests : IDisposable
{
    private readonly CallBatch? _batch = CallBatch.TryCreate();
    private readonly List<Socket> _sockets = [];

    public void Dispose()
    {
        _batch?.Dispose();
        _sockets.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public void Bytes_sent_together_arrive_and_are_received_together()
    {
        if (_batch is null)
            return;
        var pairs = Enumerable.Range(0, 5).Select(_ => Pair()).ToArray();
        fixed (byte* text = "hello"u8)
        {
            for (var i = 0; i < pairs.Length; i++)
                _batch.Send((int)pairs[i].Near.Handle, text, i + 1);
            _batch.Submit();
        }

        Assert.Equal([1, 2, 3, 4, 5], Results());
        _batch.Clear();
        var buffers = stackalloc byte[5 * 8];
        for (var i = 0; i < pairs.Length; i++)
            _batch.Receive((int)pairs[i].Far.Handle, buffers + i * 8, 8);
        _batch.Submit();
        Assert.Equal([1, 2, 3, 4, 5], Results());
        Assert.Equal("hello", System.Text.Encoding.ASCII.GetString(buffers + 32, 5));
    }

    [Fact]
    public void A_socket_with_nothing_to_read_a_closed_one_and_a_full_one_say_so_at_once()
    {
        if (_batch is null)
            return;
        var (empty, ended, full) = (Pair(), Pair(), Pair());
        ended.Far.Shutdown(SocketShutdown.Send);
        full.Near.SendBufferSize = 4096;
        var memory = new byte[4 * 1024 * 1024];
        fixed (byte* bytes = memory)
        {
            _batch.Receive((int)empty.Near.Handle, bytes, 10);
            _batch.Receive((int)ended.Near.Handle, bytes, 10);
            _batch.Send((int)full.Near.Handle, bytes, memory.Length);
            _batch.Receive(-1, bytes, 10);
            _batch.Submit();
        }

        Assert.Equal(-Errno.Again, _batch.Result(0));
        Assert.Equal(0, _batch.Result(1));
        Assert.InRange(_batch.Result(2), 1, memory.Length - 1);
        Assert.Equal(-9, _batch.Result(3));
    }

    [Fact]
    public void A_batch_can_be_used_again_and_again()
    {
        if (_batch is null)
            return;
        var pair = Pair();
        var buffer = stackalloc byte[256];
        var received = 0;
        for (var round = 0; round < 1000; round++)
        {
            _batch.Clear();
            for (var i = 0; i < 3; i++)
                _batch.Send((int)pair.Near.Handle, buffer, 3);
            _batch.Receive((int)pair.Far.Handle, buffer, 256);
            _batch.Submit();
            Assert.Equal([3, 3, 3], Results()[..3]);
            received += Math.Max(_batch.Result(3), 0);
        }

        for (var end = System.Diagnostics.Stopwatch.StartNew(); received < 9000 && end.Elapsed < TimeSpan.FromSeconds(120);)
        {
            _batch.Clear();
            _batch.Receive((int)pair.Far.Handle, buffer, 256);
            _batch.Submit();
            received += Math.Max(_batch.Result(0), 0);
        }

        Assert.Equal(9000, received);
    }

    private int[] Results() => [.. Enumerable.Range(0, _batch!.Count).Select(_batch.Result)];

    private (Socket Near, Socket Far) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndPoint!);
        var far = listener.Accept();
        near.Blocking = far.Blocking = false;
        _sockets.AddRange([near, far]);
        return (near, far);
    }
}
