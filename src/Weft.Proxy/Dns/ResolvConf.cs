using System.Globalization;
using System.Net;
using Weft.Net;

namespace Weft.Proxy.Dns;

/// <summary>What resolv.conf(5) says. Immutable.</summary>
internal sealed record ResolvConf
{
    /// <summary>Without any <c>nameserver</c> line the one on this machine is meant.</summary>
    public IReadOnlyList<IPAddress> Nameservers { get; init; } = [IPAddress.Loopback];

    /// <summary>No <c>nameserver</c> line was found.</summary>
    public bool HasOnlyDefaultNameserver { get; init; } = true;

    /// <summary>The domains of the last <c>search</c> or <c>domain</c> line.</summary>
    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>A name with this many dots is first tried as it is. Default 1.</summary>
    public int Ndots { get; init; } = 1;

    /// <summary>For the first round over the nameservers; doubles each round. Default 2,000 (that of c-ares, not the 5,000 of libc).</summary>
    public int TimeoutMs { get; init; } = 2_000;

    /// <summary>Rounds over the nameservers. Default 3.</summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Begin each look-up with another nameserver.</summary>
    public bool Rotate { get; init; }

    public static ResolvConf Parse(string text)
    {
        var nameservers = new List<IPAddress>();
        var conf = new ResolvConf();
        foreach (var line in text.Split('\n'))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || words[0][0] is '#' or ';')
                continue;
            switch (words[0])
            {
                case "nameserver" when NetAddress.TryParseIP(words[1], 0, out var address):
                    nameservers.Add(address.ToIPAddress());
                    break;
                case "search":
                    conf = conf with { Search = words[1..] };
                    break;
                case "domain":
                    conf = conf with { Search = [words[1]] };
                    break;
                case "options":
                    foreach (var option in words.AsSpan(1))
                        conf = conf.WithOption(option);
                    break;
            }
        }
        return nameservers.Count == 0 ? conf : conf with { Nameservers = nameservers, HasOnlyDefaultNameserver = false };
    }

    /// <summary>Limits are those of libc: ndots 15, timeout 30 s, attempts 5.</summary>
    private ResolvConf WithOption(string option)
    {
        if (option == "rotate")
            return this with { Rotate = true };
        var colon = option.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || !int.TryParse(option.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return this;
        return option[..colon] switch
        {
            "ndots" => this with { Ndots = Math.Min(value, 15) },
            "timeout" => this with { TimeoutMs = 1_000 * Math.Clamp(value, 1, 30) },
            "attempts" => this with { Attempts = Math.Clamp(value, 1, 5) },
            _ => this,
        };
    }
}
