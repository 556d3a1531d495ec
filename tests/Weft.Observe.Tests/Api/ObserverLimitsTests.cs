using System.Net;
using System.Net.Sockets;
using System.Text;
using Weft.Observe.Serving;
using static Weft.Observe.Tests.RunningObserver;

namespace Weft.Observe.Tests.Api;

/// <summary>Requests that ask too much, or are none, over real sockets.</summary>
public sealed class ObserverLimitsTests
{
    [Fact]
    public async Task Compressed_bodies_are_taken_within_the_limit()
    {
        using var observer = new RunningObserver(options => options with { Serving = new ServingLimits { MaxBodyBytes = 64 * 1024 } });
        Assert.Equal(HttpStatusCode.Accepted, await observer.Post("/api/v2/spans", Gzip(Encoding.UTF8.GetBytes(TestSpans.Chain())), "application/json", "gzip"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await observer.Post("/api/v2/spans", Gzip(new byte[10_000_000]), "application/json", "gzip"));
        Assert.Equal(HttpStatusCode.BadRequest, await observer.Post("/api/v2/spans", [1, 2, 3], "application/json", "gzip"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await observer.Post("/api/v2/spans", [1, 2, 3], "application/json", "br"));
        Assert.Equal(4, (await observer.Get("/api/v2/trace/463ac35c9f6413ad")).GetArrayLength());
    }

    [Theory]
    [InlineData("/api/v2/spans", "application/json", "[{")]
    [InlineData("/api/v2/spans", "application/x-protobuf", "\n\u0005x")]
    [InlineData("/api/v1/spans", "application/json", "{}")]
    [InlineData("/v1/traces", "application/json", "[]")]
    [InlineData("/v1/traces", "application/x-protobuf", "\n\u0005x")]
    [InlineData("/v1/logs", "application/x-protobuf", "\n\u0005x")]
    public async Task A_broken_body_is_answered_400_and_counted(string path, string type, string body)
    {
        using var observer = new RunningObserver();
        Assert.Equal(HttpStatusCode.BadRequest, await observer.Post(path, body, type));
        Assert.Contains("weft_observe_requests_malformed_total 1\n", await observer.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.Equal(0, observer.Observer.Traces.SpanCount);
    }

    [Fact]
    public async Task A_body_that_is_announced_or_grows_too_long_is_answered_413_before_it_is_read()
    {
        using var observer = new RunningObserver(options => options with { Serving = new ServingLimits { MaxBodyBytes = 1000 } });
        Assert.StartsWith("HTTP/1.1 413 ", await Raw(observer, "POST /api/v2/spans HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 413 ", await Raw(observer, "POST /api/v2/spans HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n" + new string('x', 2000)), StringComparison.Ordinal);
        Assert.Equal(0, observer.Observer.Traces.SpanCount);
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_has_no_more_time_than_another()
    {
        using var observer = new RunningObserver(options => options with { Serving = new ServingLimits { IdleMs = 300 } });
        using var client = new TcpClient();
        await client.ConnectAsync(observer.Observer.HttpAddress.ToIPAddress(), observer.Observer.HttpAddress.Port);
        var answered = client.GetStream().ReadAsync(new byte[1]).AsTask();
        await client.GetStream().WriteAsync("GET /health HTTP/1.1\r\nhost: a\r\nx: "u8.ToArray());
        try
        {
            for (var i = 0; i < 100_000 && !answered.IsCompleted; i++)
            {
                await client.GetStream().WriteAsync("x"u8.ToArray());
                await Task.WhenAny(answered, Task.Delay(10));
            }

            Assert.Equal(0, await answered.WaitAsync(TimeSpan.FromSeconds(120)));
        }
        catch (IOException)
        {
            // Closed while it was being written to.
        }
    }

    [Fact]
    public async Task What_all_bodies_under_way_may_hold_is_one_limit_of_all_ports()
    {
        using var observer = new RunningObserver(options => options with { Serving = new ServingLimits { MaxBodyBytes = 100_000, MaxPendingBytes = 100_000 } });
        using var first = new TcpClient();
        await first.ConnectAsync(observer.Observer.OtlpHttpAddress.ToIPAddress(), observer.Observer.OtlpHttpAddress.Port);
        await first.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST /v1/traces HTTP/1.1\r\nhost: a\r\ncontent-length: 99000\r\n\r\n" + new string(' ', 90_000)));
        await Until(async () => await observer.Post("/api/v2/spans", new string(' ', 50_000)) == HttpStatusCode.ServiceUnavailable);
        first.Client.Close();
        await Until(async () => await observer.Post("/api/v2/spans", "[]" + new string(' ', 50_000)) == HttpStatusCode.Accepted);
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ")]
    [InlineData("POST /api/v2/spans HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n", "HTTP/1.1 400 ")]
    public async Task What_is_no_request_is_refused(string request, string answer)
    {
        using var observer = new RunningObserver();
        Assert.StartsWith(answer, await Raw(observer, request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pipelined_requests_are_answered_in_their_order()
    {
        using var observer = new RunningObserver();
        var answer = await Raw(observer, "GET /health HTTP/1.1\r\nhost: a\r\n\r\nGET /none HTTP/1.1\r\nhost: a\r\n\r\nGET /api/v2/services HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        Assert.Equal(["200", "404", "200"], answer.Split("HTTP/1.1 ")[1..].Select(part => part[..3]));
    }

    [Fact]
    public async Task Too_many_connections_are_closed_and_counted()
    {
        using var observer = new RunningObserver(options => options with { Serving = new ServingLimits { MaxConnections = 2 } });
        var to = new IPEndPoint(observer.Observer.HttpAddress.ToIPAddress(), observer.Observer.HttpAddress.Port);
        using var one = new TcpClient();
        using var two = new TcpClient();
        await one.ConnectAsync(to);
        await two.ConnectAsync(to);
        await two.GetStream().WriteAsync("GET /health HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        Assert.NotEqual(0, await two.GetStream().ReadAsync(new byte[10]));
        using var three = new TcpClient();
        await three.ConnectAsync(to);
        try
        {
            Assert.Equal(0, await three.GetStream().ReadAsync(new byte[10]));
        }
        catch (IOException)
        {
            // Reset rather than closed in order.
        }

        Assert.Equal(1, observer.Observer.RefusedConnections);
    }

    private static async Task<string> Raw(RunningObserver observer, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(observer.Observer.HttpAddress.ToIPAddress(), observer.Observer.HttpAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await client.GetStream().ReadAsync(buffer)) > 0)
            answer.Append(Encoding.ASCII.GetString(buffer, 0, count));
        return answer.ToString();
    }
}
