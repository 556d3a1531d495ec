using System.Globalization;
using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Scenarios;

/// <summary>One line per request, in the format of the file, where the file says.</summary>
public sealed class AccessLogTests
{
    private const string RequestId = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

    [NetnsFact]
    public async Task Text_goes_to_standard_output()
    {
        using var site = new Site();
        await using var weft = await WeftProcess.StartOnAsync(site.Front, "AccessLog/text.yaml");
        await site.Client.Curl("-A", "curl/test", "http://172.31.72.3/service/blue?a=b");
        await site.Client.Curl("-A", "curl/test", "-X", "POST", "-d", "12345", "-H", "X-Forwarded-For: 1.2.3.4", "http://172.31.72.3/hostname");

        var lines = await LinesAsync(weft, 2);

        Assert.Matches(
            @"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] ""GET /service/blue\?a=b HTTP/1\.1"" 200 - 0 \d+ \d+ \d+ ""-"" ""curl/test"" """ + RequestId + @""" ""172\.31\.72\.3"" ""172\.31\.72\.11:80"" ""172\.31\.72\.2""$",
            lines.Single(line => line.Contains("GET /service/blue", StringComparison.Ordinal)));
        Assert.Matches(@"\] ""POST /hostname HTTP/1\.1"" 200 - 5 24 \d+ \d+ ""1\.2\.3\.4"" ""curl/test"" ", lines.Single(line => line.Contains("POST /hostname", StringComparison.Ordinal)));
    }

    [NetnsFact]
    public async Task Json_goes_to_standard_output_with_numbers_and_null()
    {
        using var site = new Site();
        await using var weft = await WeftProcess.StartOnAsync(site.Front, "AccessLog/json-stdout.yaml");
        await site.Client.Curl("-A", "curl/test", "http://172.31.72.3/hostname", "http://172.31.72.3/hostname", "http://172.31.72.3/hostname");
        var lines = await LinesAsync(weft, 3);
        Assert.Equal(3, lines.Count);
        Assert.All(lines, CheckJson);
    }

    [NetnsFact]
    public async Task Json_goes_to_a_file_that_is_reopened_on_a_signal()
    {
        using var site = new Site();
        await using var weft = await WeftProcess.StartOnAsync(site.Front, "AccessLog/json-file.yaml");
        var file = Path.Combine(weft.WorkingDirectory, "envoy_access.log");
        await site.Client.Curl("-A", "curl/test", "http://172.31.72.3/hostname", "http://172.31.72.3/hostname");
        CheckJson((await Wait.ForLines(file, 2))[1]);

        File.Move(file, file + ".1");
        weft.Signal("USR1");
        await Wait.Until(() => Task.FromResult(File.Exists(file)), "a new file", () => weft.Log);
        await site.Client.Curl("-A", "curl/test", "http://172.31.72.3/hostname");

        CheckJson(Assert.Single(await Wait.ForLines(file, 1)));
        Assert.Equal(2, File.ReadAllLines(file + ".1").Length);
    }

    private static void CheckJson(string line)
    {
        using var json = JsonDocument.Parse(line);
        var entry = json.RootElement;
        string? Text(string key) => entry.GetProperty(key).GetString();
        Assert.Equal(
            ["authority", "bytes-received", "bytes-sent", "duration", "method", "protocol", "remote-ip", "request-id", "respflags", "start", "status", "upstream-host", "upstream-service-time", "url", "user-agent", "x-forwarded-for"],
            entry.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.Matches(@"^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] $", Text("start"));
        Assert.Equal(("GET", "/hostname", "HTTP/1.1"), (Text("method"), Text("url"), Text("protocol")));
        Assert.Equal((200, 0, 24), (entry.GetProperty("status").GetInt32(), entry.GetProperty("bytes-received").GetInt32(), entry.GetProperty("bytes-sent").GetInt32()));
        Assert.Equal(JsonValueKind.Number, entry.GetProperty("duration").ValueKind);
        // A header is a text even if it looks like a number; what is missing is null.
        Assert.True(int.TryParse(Text("upstream-service-time"), CultureInfo.InvariantCulture, out _));
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("x-forwarded-for").ValueKind);
        Assert.Equal(("-", "curl/test"), (Text("respflags") ?? "-", Text("user-agent")));
        Assert.Equal(("172.31.72.3", "172.31.72.11:80", "172.31.72.2"), (Text("authority"), Text("upstream-host"), Text("remote-ip")));
        Assert.Matches("^" + RequestId + "$", Text("request-id"));
    }

    /// <summary>The access log's lines among all that the proxy printed: its own log goes to standard error, with its component.</summary>
    private static async Task<List<string>> LinesAsync(WeftProcess weft, int count)
    {
        List<string> Lines() => [.. weft.Log.Split('\n').Where(line => line.Contains("HTTP/1.1", StringComparison.Ordinal))];
        await Wait.Until(() => Task.FromResult(Lines().Count >= count), $"{count} lines", () => weft.Log);
        return Lines();
    }

    private sealed class Site : IDisposable
    {
        private readonly TestNetwork _network = new();

        public Site()
        {
            Client = _network.AddHost("client", "172.31.72.2");
            Front = _network.AddHost("front", "172.31.72.3");
            Front.SetNames("172.31.72.11 myservice");
            _network.AddHost("webserver01", "172.31.72.11").AddWebServer(80);
        }

        public NetworkHost Client { get; }

        public NetworkHost Front { get; }

        public void Dispose() => _network.Dispose();
    }
}
