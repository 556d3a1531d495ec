using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A headless Chromium with one page, driven over its DevTools protocol.</summary>
internal sealed partial class Browser : IAsyncDisposable
{
    private readonly ServerProcess _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly List<string> _problems = [];
    private int _calls;

    private Browser(ServerProcess process, string profile) => (_process, _profile) = (process, profile);

    public static bool IsInstalled => Shell.IsInstalled("chromium");

    public static async Task<Browser> StartAsync(Uri page)
    {
        var profile = Directory.CreateTempSubdirectory("weft-browser-").FullName;
        var browser = new Browser(
            ServerProcess.Start(
                Shell.PathOf("chromium"),
                ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server", "--window-size=1300,900", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank"]),
            profile);
        try
        {
            await browser.ConnectAsync(page);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Errors and warnings of the page's console, and exceptions that nobody caught, so far.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Runs an expression in the page and gives its value as text.</summary>
    public async Task<string> Evaluate(string expression)
    {
        var result = await CallAsync("Runtime.evaluate", json => json.WriteString("expression", $"String({expression})"));
        return result.GetProperty("result").TryGetProperty("value", out var value) ? value.GetString() ?? "" : throw new InvalidOperationException($"{expression}: {result}");
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public Task Until(string expression) =>
        Wait.Until(async () => await Evaluate(expression) == "true", expression, () => Evaluate("document.body.innerText").GetAwaiter().GetResult());

    /// <summary>Types a text into what has the focus.</summary>
    public Task Type(string text) => CallAsync("Input.insertText", json => json.WriteString("text", text));

    /// <summary>Has the page look as somebody wants it who prefers it so.</summary>
    /// <param name="colours">"light" or "dark".</param>
    public Task Prefer(string colours) => CallAsync("Emulation.setEmulatedMedia", json =>
    {
        json.WriteStartArray("features");
        json.WriteStartObject();
        json.WriteString("name", "prefers-color-scheme");
        json.WriteString("value", colours);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    /// <summary>Presses a key, as a person would.</summary>
    public async Task Press(string key)
    {
        foreach (var type in (string[])["keyDown", "keyUp"])
        {
            await CallAsync("Input.dispatchKeyEvent", json =>
            {
                json.WriteString("type", type);
                json.WriteString("key", key);
                json.WriteString("code", key);
                if (key is "Enter" or "Tab")
                    json.WriteNumber("windowsVirtualKeyCode", key == "Tab" ? '\t' : '\r');
                if (key.Length == 1 || key == "Enter")
                    json.WriteString("text", key == "Enter" ? "\r" : key);
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _process.DisposeAsync();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper of the browser may still write to it.
        }
    }

    private async Task ConnectAsync(Uri page)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        await _process.WaitForLog("DevTools listening on");
        var port = ListeningPattern().Match(_process.Log).Groups[1].Value;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var response = await http.PutAsync(new Uri($"http://127.0.0.1:{port}/json/new?about:blank"), null, limit.Token);
        using var target = JsonDocument.Parse(await response.Content.ReadAsStringAsync(limit.Token));
        _socket.Options.Proxy = null;
        await _socket.ConnectAsync(new Uri(target.RootElement.GetProperty("webSocketDebuggerUrl").GetString()!), limit.Token);
        await CallAsync("Runtime.enable", static _ => { });
        await CallAsync("Log.enable", static _ => { });
        await CallAsync("Page.navigate", json => json.WriteString("url", page.ToString()));
    }

    private async Task<JsonElement> CallAsync(string method, Action<Utf8JsonWriter> parameters)
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        var id = ++_calls;
        using var request = new MemoryStream();
        using (var json = new Utf8JsonWriter(request))
        {
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("method", method);
            json.WriteStartObject("params");
            parameters(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        await _socket.SendAsync(request.ToArray(), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        while (true)
        {
            using var answer = JsonDocument.Parse(await ReadAsync(limit.Token));
            if (!answer.RootElement.TryGetProperty("id", out var of))
                Note(answer.RootElement);
            else if (of.GetInt32() == id)
                return answer.RootElement.TryGetProperty("result", out var result) ? result.Clone() : throw new InvalidOperationException($"{method}: {answer.RootElement}");
        }
    }

    /// <summary>Keeps an event that tells of something wrong.</summary>
    private void Note(JsonElement happened)
    {
        var about = happened.GetProperty("params");
        switch (happened.GetProperty("method").GetString())
        {
            case "Runtime.exceptionThrown":
                _problems.Add(about.GetProperty("exceptionDetails").ToString());
                break;
            case "Runtime.consoleAPICalled" when about.GetProperty("type").GetString() is "error" or "warning" or "assert":
                _problems.Add(about.GetProperty("args").ToString());
                break;
            case "Log.entryAdded" when about.GetProperty("entry").GetProperty("level").GetString() is "error" or "warning":
                _problems.Add(about.GetProperty("entry").ToString());
                break;
        }
    }

    private async Task<string> ReadAsync(CancellationToken limit)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var piece = await _socket.ReceiveAsync(buffer, limit);
            text.Append(Encoding.UTF8.GetString(buffer, 0, piece.Count));
            if (piece.EndOfMessage)
                return text.ToString();
        }
    }

    [GeneratedRegex("DevTools listening on ws://127\\.0\\.0\\.1:(\\d+)/")]
    private static partial Regex ListeningPattern();
}

/// <summary>A test that looks at a page in a browser.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (!Browser.IsInstalled)
            Skip = "needs Chromium (chromium), which is not installed";
    }
}
