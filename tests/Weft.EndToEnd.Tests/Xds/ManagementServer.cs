using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Weft.EndToEnd.Tests.Harness;

namespace Weft.EndToEnd.Tests.Xds;

/// <summary>A management server on grpc-js that serves what the test says, and tells what it is asked.</summary>
internal sealed class ManagementServer : IDisposable
{
    public const string Clusters = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
    public const string Endpoints = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
    public const string Listeners = "type.googleapis.com/envoy.config.listener.v3.Listener";
    public const string Routes = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";

    private readonly Process _process;
    private readonly List<JsonElement> _requests = [];
    private readonly TaskCompletionSource<int> _port = new();
    private int _version;

    private ManagementServer(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, line) => Add(line.Data);
        _process.BeginOutputReadLine();
    }

    public int Port => _port.Task.Result;

    /// <summary>What it was asked so far.</summary>
    public IReadOnlyList<JsonElement> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public static async Task<ManagementServer> StartAsync(string folder, int port)
    {
        var start = new ProcessStartInfo(Shell.PathOf("node"), [Path.Combine(folder, "server.js")]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        start.Environment["XDS_PORT"] = port.ToString(CultureInfo.InvariantCulture);
        var server = new ManagementServer(Process.Start(start)!);
        await server._port.Task.WaitAsync(Patience.Limit);
        return server;
    }

    /// <summary>Serves these resources of some types from now on, under the next version. Each is JSON of protobuf.js: durations and wrappers in full.</summary>
    /// <returns>The version.</returns>
    public string Set(params (string Type, IEnumerable<string> Resources)[] state)
    {
        var version = (++_version).ToString(CultureInfo.InvariantCulture);
        var types = state.Select(one => $"\"{one.Type}\": [{string.Join(",", one.Resources.Select(resource => $"{{ \"@type\": \"{one.Type}\", {resource.Trim()[1..]}"))}]");
        Say($"{{ \"version\": \"{version}\", \"set\": {{ {string.Join(", ", types)} }} }}");
        return version;
    }

    /// <summary>Sends a response as it is on every open stream.</summary>
    public void Push(string response) => Say($"{{ \"push\": {response} }}");

    /// <summary>Sends bytes in the place of a response.</summary>
    public void PushRaw(byte[] message) => Say($"{{ \"raw\": \"{Convert.ToBase64String(message)}\" }}");

    /// <summary>Waits for a request, and gives the first.</summary>
    public async Task<JsonElement> WaitForRequest(Func<JsonElement, bool> predicate, string what)
    {
        JsonElement found = default;
        await Wait.Until(() => Task.FromResult((found = Requests.FirstOrDefault(predicate)).ValueKind != JsonValueKind.Undefined), what, () => string.Join('\n', Requests));
        return found;
    }

    /// <summary>Waits until a version of a type was accepted.</summary>
    public Task WaitForAck(string type, string version) => WaitForRequest(request => IsOf(request, type) && Text(request, "version_info") == version && !request.TryGetProperty("error_detail", out _), $"an ACK of {type} {version}");

    /// <summary>Waits for a refusal of a type, and gives its text.</summary>
    public async Task<string> WaitForNack(string type) =>
        Text((await WaitForRequest(request => IsOf(request, type) && request.TryGetProperty("error_detail", out _), $"a NACK of {type}")).GetProperty("error_detail"), "message");

    public void Signal(string name) => Signals.Send(_process.Id, name);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    public static string Text(JsonElement request, string field) => request.TryGetProperty(field, out var value) ? value.GetString() ?? "" : "";

    private static bool IsOf(JsonElement request, string type) => Text(request, "type_url") == type;

    private void Say(string command)
    {
        _process.StandardInput.WriteLine(command.ReplaceLineEndings(" "));
        _process.StandardInput.Flush();
    }

    private void Add(string? line)
    {
        if (line is null || _port.TrySetResult(int.TryParse(line, CultureInfo.InvariantCulture, out var port) ? port : 0))
            return;
        lock (_requests)
            _requests.Add(JsonDocument.Parse(line).RootElement);
    }
}
