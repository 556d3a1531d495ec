using Weft.Bench.Peers;
using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>The server behind the TCP proxies: sends as much as is taken.</summary>
internal sealed class BulkBackend : IAcceptHandler
{
    private readonly byte[] _block = new byte[EventLoop.ScratchBytes];

    public IConnectionHandler? OnAccept(Connection connection)
    {
        // Only what one write leaves over is queued; more is made when that is gone.
        connection.HighWatermarkBytes = 1;
        var source = new Source(connection, _block);
        source.OnBelowLowWatermark();
        return source;
    }

    public void OnAcceptError(int errno) => throw new BenchException($"the backend cannot accept: {NetException.Text(errno)}");

    private sealed class Source(Connection connection, byte[] block) : Quiet, ITurnEndWork
    {
        private const int BlocksPerTurn = 4;

        public override void OnData(ReadOnlySpan<byte> data)
        {
        }

        public override void OnReadEnd() => connection.Close(CloseMode.Now);

        public override void OnBelowLowWatermark() => OnTurnEnd();

        public void OnTurnEnd()
        {
            for (var i = 0; i < BlocksPerTurn && CanSend; i++)
                connection.Write(block);
            // A proxy that takes it as fast as it comes must not keep this thread from the other end.
            if (CanSend)
                connection.Loop.AtTurnEnd(this);
        }

        private bool CanSend => connection.IsOpen && !connection.IsAboveHighWatermark;
    }
}

/// <summary>Bulk data through a TCP proxy to this thread.</summary>
internal static class TcpLoad
{
    public static Round Run(EventLoop loop, Peer peer, int port, int connections, double settleSeconds, double seconds, CancellationToken stop)
    {
        var address = NetAddress.FromIP(System.Net.IPAddress.Loopback, port);
        var sinks = Enumerable.Range(0, connections).Select(_ => new Sink(loop, address)).ToList();
        try
        {
            TurnFor(settleSeconds);
            var (bytes, startedUs, usage) = (sinks.Sum(s => s.Bytes), loop.NowUs, peer.Usage);
            TurnFor(seconds);
            var round = new Round { Usage = peer.Usage - usage, Seconds = (loop.NowUs - startedUs) / 1e6, Count = sinks.Sum(s => s.Bytes) - bytes };
            return round.Count > 0 ? round : throw new LoadException("carried nothing");
        }
        finally
        {
            sinks.ForEach(s => s.Connection.Close(CloseMode.Abort));
            loop.RunTurn(0);
        }

        void TurnFor(double duration)
        {
            for (var end = loop.NowUs + (long)(duration * 1e6); loop.NowUs < end;)
            {
                loop.RunTurn(50);
                stop.ThrowIfCancellationRequested();
            }
        }
    }

    private sealed class Sink : Quiet
    {
        public Sink(EventLoop loop, NetAddress proxy) => Connection = Connection.Connect(loop, proxy, 5_000, this);

        public Connection Connection { get; }

        public long Bytes { get; private set; }

        public override void OnData(ReadOnlySpan<byte> data) => Bytes += data.Length;
    }
}
