namespace Weft.Proxy.Dns;

/// <summary>The system's resolver settings, read again when the file changed (a container joins a network, a laptop moves). Main thread.</summary>
internal sealed class SystemDnsConfig(string path, DnsStats stats)
{
    private ResolvConf _current = new();
    private FileStamp _stamp;

    public ResolvConf Current
    {
        get
        {
            Refresh();
            return _current;
        }
    }

    private void Refresh()
    {
        var stamp = FileStamp.Of(path);
        if (stamp == _stamp)
            return;
        try
        {
            _current = stamp == default ? new ResolvConf() : ResolvConf.Parse(File.ReadAllText(path));
            if (_stamp != default)
                stats.Reinits.Inc();
            _stamp = stamp;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Being replaced: keep what is known and look again at the next look-up.
        }
    }
}
