using System.Diagnostics;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>A peer written in JavaScript, run by Node.js: one script, which prints its port on its first line.</summary>
internal sealed class NodeProcess : IDisposable
{
    private readonly Process _process;

    private NodeProcess(Process process, int port) => (_process, Port) = (process, port);

    public static bool IsInstalled => Shell.IsInstalled("node");

    public int Port { get; }

    /// <param name="script">JavaScript; ends with <c>console.log(port)</c>.</param>
    /// <param name="folder">Where it runs, for what it requires.</param>
    public static async Task<NodeProcess> StartAsync(string script, string? folder = null)
    {
        var start = new ProcessStartInfo(Shell.PathOf("node"), ["-e", script]) { RedirectStandardOutput = true, WorkingDirectory = folder ?? "" };
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Patience.Limit);
        return new NodeProcess(process, int.Parse(line ?? throw new InvalidOperationException("node printed no port")));
    }

    /// <summary>An HTTP/2 server in clear text. Its paths say what it does: /reset, /refuse-once, /goaway, /trailers, /big, /together (40 requests are answered when all have come); it tells the method, the scheme and the length of the body.</summary>
    /// <param name="maxStreams">How many streams it takes at once on a connection.</param>
    public static Task<NodeProcess> StartHttp2ServerAsync(int maxStreams = 100) => StartAsync($$"""
        const http2 = require('http2');
        const server = http2.createServer({ settings: { maxConcurrentStreams: {{maxStreams}} } });
        const together = [];
        let connections = 0, refused = 0;
        server.on('session', () => connections++);
        server.on('stream', (stream, headers) => {
          let length = 0;
          const path = headers[':path'];
          stream.on('data', data => length += data.length);
          stream.on('error', () => {});
          stream.on('end', () => {
            if (path == '/reset') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
            if (path == '/refuse-once' && refused++ == 0) return stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
            if (path == '/goaway') stream.session.goaway(0);
            const waitForTrailers = path == '/trailers';
            if (waitForTrailers) stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '7' }));
            const answer = () => {
              stream.respond({ ':status': 200, 'x-connections': connections, 'x-method': headers[':method'], 'x-scheme': headers[':scheme'], 'x-length': length }, { waitForTrailers });
              stream.end(path == '/big' ? Buffer.alloc(3e6, 'b') : 'hello');
            };
            if (path != '/together') answer();
            else if (together.push(answer) == 40) together.forEach(answerOne => answerOne());
          });
        });
        server.listen(0, '127.0.0.1', () => console.log(server.address().port));
        """);

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}

/// <summary>A test with a peer that runs on Node.js.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute()
    {
        if (!NodeProcess.IsInstalled)
            Skip = "needs Node.js (node), which is not installed";
    }
}
