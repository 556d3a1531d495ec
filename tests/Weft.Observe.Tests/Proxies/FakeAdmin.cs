using System.Collections.Concurrent;
using System.Text;
using Weft.Net;
using Weft.Observe.Serving;

namespace Weft.Observe.Tests.Proxies;

/// <summary>The admin interface of a proxy that does not exist: answers each path with a text, others with 404.</summary>
internal sealed class FakeAdmin : IHttpHandler, IDisposable
{
    private readonly EventLoop _loop = new("admin");
    private readonly Thread _thread;
    private readonly ServingSocket _socket;
    private bool _isGone;

    public FakeAdmin(string node)
    {
        Answers["/server_info"] = $$$"""
            {"version":"0123456789abcdef/1.2.3/Clean/RELEASE/BoringSSL","state":"LIVE","uptime_current_epoch":"3725s","node":{"id":"{{{node}}}","cluster":"shop","locality":{"zone":"z1"}},
             "command_line_options":{"concurrency":2,"config_path":"/etc/{{{node}}}.yaml"}}
            """;
        Answers["/stats/prometheus"] = "envoy_cluster_upstream_rq_total{envoy_cluster_name=\"backend\"} 5\n";
        Assert.True(NetAddress.TryParseIP("127.0.0.1", 0, out var any));
        _socket = new ServingSocket(_loop, any, this, new ServingLimits(), new ServingLoad());
        _socket.Start();
        _thread = new Thread(_loop.Run);
        _thread.Start();
    }

    public ConcurrentDictionary<string, string> Answers { get; } = new(StringComparer.Ordinal);

    public string Address => _socket.Address.ToString();

    public HttpAnswer Answer(HttpCall call) => Answers.TryGetValue(call.Path, out var text) ? HttpAnswer.Json(Encoding.UTF8.GetBytes(text)) : HttpAnswer.Empty(404);

    public GrpcCall? Begin(string path) => null;

    /// <summary>May be called again.</summary>
    public void Dispose()
    {
        if (_isGone)
            return;
        _isGone = true;
        _loop.Stop();
        _thread.Join();
        _socket.Dispose();
        _loop.Dispose();
    }
}
