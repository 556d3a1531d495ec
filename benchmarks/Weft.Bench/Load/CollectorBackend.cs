using System.Buffers.Text;
using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>Takes what is posted, and forgets it: the collector of traces.</summary>
internal sealed class CollectorBackend : IAcceptHandler
{
    private static readonly byte[] s_taken = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"u8.ToArray();

    public IConnectionHandler? OnAccept(Connection connection) => new Exchange(connection);

    public void OnAcceptError(int errno) => throw new BenchException($"the collector cannot accept: {NetException.Text(errno)}");

    private sealed class Exchange(Connection connection) : Quiet
    {
        private byte[] _head = [];
        private int _bodyLeft;

        public override void OnData(ReadOnlySpan<byte> data)
        {
            while (!data.IsEmpty)
                data = _bodyLeft > 0 ? TakeBody(data) : TakeHead(data);
        }

        public override void OnReadEnd() => connection.Close(CloseMode.Now);

        private ReadOnlySpan<byte> TakeBody(ReadOnlySpan<byte> data)
        {
            var taken = Math.Min(_bodyLeft, data.Length);
            _bodyLeft -= taken;
            if (_bodyLeft == 0)
                connection.Write(s_taken);
            return data[taken..];
        }

        private ReadOnlySpan<byte> TakeHead(ReadOnlySpan<byte> data)
        {
            data = _head = [.. _head, .. data];
            if (data.IndexOf("\r\n\r\n"u8) is not (>= 0 and var end))
                return default;
            _head = [];
            var length = data[..end].IndexOf("content-length: "u8);
            if (length < 0 || !Utf8Parser.TryParse(data[(length + 16)..end], out _bodyLeft, out _) || _bodyLeft == 0)
                throw new BenchException("the collector got a request without a body");
            return data[(end + 4)..];
        }
    }
}
