using Weft.Net;
using Weft.Observe.Proxies;

namespace Weft.Observe.Configs;

/// <summary>The configuration of one proxy: read when it is wanted, again when what is there has grown old, forgotten when nobody wants it. Loop thread.</summary>
internal sealed class WatchedConfig(EventLoop loop, AdminClient client)
{
    /// <summary>What is older is read again.</summary>
    private const int FreshMs = 10_000;

    private long _readAtMs;

    /// <summary>As it was read last; null: not yet.</summary>
    public ProxyConfig? Current { get; private set; }

    /// <summary>What the last attempt to read it failed with; "" when it did not.</summary>
    public string Error { get; private set; } = "";

    public bool IsReading { get; private set; }

    public bool IsFresh => _readAtMs > 0 && loop.NowMs - _readAtMs < FreshMs;

    /// <summary>How long ago it was read, or could not be.</summary>
    public long AgeMs => loop.NowMs - _readAtMs;

    /// <param name="bootstrapFile">Path of the bootstrap.</param>
    /// <param name="maxBytes">Memory that it may take.</param>
    public void Read(string bootstrapFile, long maxBytes)
    {
        IsReading = true;
        _ = Task.Run(async () =>
        {
            try
            {
                // Endpoints are asked for with the rest; a proxy that does not know the parameter leaves them out.
                var config = ConfigDumpReader.Read(await client.ReadAsync("config_dump?include_eds").ConfigureAwait(false), bootstrapFile, maxBytes);
                loop.Post(() => Take(config, ""));
            }
            catch (Exception e) when (AdminClient.IsFailure(e))
            {
                loop.Post(() => Take(Current, e.Message));
            }
        });
    }

    public void Forget() => (Current, Error, _readAtMs) = (null, "", 0);

    private void Take(ProxyConfig? config, string error)
    {
        (Current, Error, IsReading, _readAtMs) = (config, error, false, loop.NowMs);
    }
}
