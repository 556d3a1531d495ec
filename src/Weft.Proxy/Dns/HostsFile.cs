using System.Net;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>
/// The names of a hosts file (hosts(5)): one address and its names per line. Read again when the file changed. Main thread.
/// </summary>
internal sealed class HostsFile(string path)
{
    private Dictionary<string, List<IPAddress>> _byName = new(StringComparer.OrdinalIgnoreCase);
    private FileStamp _stamp;

    /// <summary>The addresses of a name in the order of the file; empty when it is not listed.</summary>
    public IReadOnlyList<IPAddress> Find(string name)
    {
        Refresh();
        return _byName.TryGetValue(name.TrimEnd('.'), out var addresses) ? addresses : [];
    }

    private void Refresh()
    {
        var stamp = FileStamp.Of(path);
        if (stamp == _stamp)
            return;
        try
        {
            _byName = Parse(stamp == default ? "" : File.ReadAllText(path));
            _stamp = stamp;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Being replaced: keep what is known and look again at the next look-up.
        }
    }

    internal static Dictionary<string, List<IPAddress>> Parse(string text)
    {
        var byName = new Dictionary<string, List<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n'))
        {
            var words = WithoutComment(line).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !NetAddress.TryParseIP(words[0], 0, out var parsed))
                continue;
            var address = parsed.ToIPAddress();
            foreach (var name in words.AsSpan(1))
            {
                if (!byName.TryGetValue(name, out var addresses))
                    byName[name] = addresses = [];
                if (!addresses.Contains(address))
                    addresses.Add(address);
            }
        }
        return byName;
    }

    private static string WithoutComment(string line)
    {
        var comment = line.IndexOf('#', StringComparison.Ordinal);
        return comment < 0 ? line : line[..comment];
    }
}
