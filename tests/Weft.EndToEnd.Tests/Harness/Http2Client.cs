using System.Net;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>.NET's own HTTP/2 client, which speaks it without being asked to (prior knowledge).</summary>
internal static class Http2Client
{
    public static HttpClient Create(int port) => new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{port}"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Patience.Limit,
    };
}
