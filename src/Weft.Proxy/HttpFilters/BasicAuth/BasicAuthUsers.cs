using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Envoy.Config.Core.V3;
using Envoy.Extensions.Filters.Http.BasicAuth.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching;
using Weft.Proxy.Routing;

namespace Weft.Proxy.HttpFilters.BasicAuth;

/// <summary>Who may come, of the filter or of a route: names and hashes of passwords as <c>htpasswd -s</c> writes them. Immutable; any thread.</summary>
internal sealed class BasicAuthUsers : FilterRouteConfig
{
    private const string Scheme = "{SHA}";
    private const int HashTextLength = 28;

    private readonly Dictionary<byte[], byte[]>.AlternateLookup<ReadOnlySpan<byte>> _hashes;

    private BasicAuthUsers(Dictionary<byte[], byte[]> hashes) => _hashes = hashes.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Faults are reported.</summary>
    /// <param name="at">Has it as <c>users</c>.</param>
    public static BasicAuthUsers Create(DataSource? source, IMessage at, ConfigContext context)
    {
        var hashes = new Dictionary<byte[], byte[]>(BytesKey.Instance);
        var text = source is null ? null : DataSourceReader.Read(source, long.MaxValue, context);
        foreach (var line in Encoding.UTF8.GetString(text ?? []).Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#' || TryAdd(line, hashes) is not { } fault) continue;
            context.Error(at, "users", "basic auth: " + fault);
            break;
        }

        return new BasicAuthUsers(hashes);
    }

    public static BasicAuthUsers OfRoute(BasicAuthPerRoute config, FactoryContext context) => Create(config.Users, config, context.Config);

    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "the form of the file is given")]
    public bool Knows(ReadOnlySpan<byte> name, ReadOnlySpan<byte> password)
    {
        if (!_hashes.TryGetValue(name, out var expected)) return false;
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData(password, hash);
        return CryptographicOperations.FixedTimeEquals(hash, expected);
    }

    /// <summary>Null, or what is wrong with the line.</summary>
    private static string? TryAdd(string line, Dictionary<byte[], byte[]> hashes)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return "invalid htpasswd format, username:password is expected";
        var (name, hash) = (Encoding.UTF8.GetBytes(line[..colon]), line[(colon + 1)..]);
        if (name.Length == 0 || hash.Length == 0) return "empty user name or password";
        if (hashes.ContainsKey(name)) return "duplicate users";
        if (!hash.StartsWith(Scheme, StringComparison.Ordinal)) return "unsupported htpasswd format: please use {SHA}";
        var bytes = new byte[SHA1.HashSizeInBytes];
        var isHash = hash.Length == Scheme.Length + HashTextLength && Convert.TryFromBase64String(hash[Scheme.Length..], bytes, out var length) && length == bytes.Length;
        if (!isHash) return "invalid htpasswd format, invalid SHA hash length";
        hashes.Add(name, bytes);
        return null;
    }
}
