using System.Buffers.Text;
using Weft.Net;

namespace Weft.Bench.Load;

/// <summary>The server behind the proxies: answers <c>GET /bytes/N</c> with N bytes, as cheaply as can be.</summary>
internal sealed class HttpBackend : IAcceptHandler
{
    private readonly Dictionary<int, byte[]> _responses = [];

    /// <summary>Makes the answer of a size, so that no request has to.</summary>
    public void Prepare(int bodyBytes) => _responses.TryAdd(bodyBytes, Messages.Response(bodyBytes));

    public IConnectionHandler? OnAccept(Connection connection) => new Exchange(this, connection);

    public void OnAcceptError(int errno) => throw new BenchException($"the backend cannot accept: {NetException.Text(errno)}");

    private byte[] ResponseTo(ReadOnlySpan<byte> request)
    {
        if (request.Length > Messages.SizeOffset && Utf8Parser.TryParse(request[Messages.SizeOffset..], out int size, out _) && _responses.TryGetValue(size, out var response))
            return response;
        throw new BenchException("the backend got a request it does not know");
    }

    private sealed class Exchange(HttpBackend owner, Connection connection) : Quiet
    {
        private byte[] _partial = [];

        public override void OnData(ReadOnlySpan<byte> data)
        {
            if (_partial.Length > 0)
                data = _partial = [.. _partial, .. data];
            while (data.IndexOf("\r\n\r\n"u8) is var end and >= 0)
            {
                connection.Write(owner.ResponseTo(data));
                data = data[(end + 4)..];
            }
            if (data.Length != 0 || _partial.Length > 0)
                _partial = data.ToArray();
        }

        public override void OnReadEnd() => connection.Close(CloseMode.Now);
    }
}
