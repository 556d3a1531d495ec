using System.Buffers.Text;
using System.Text;
using Weft.Http;
using Weft.Proxy.HttpFilters.Router.Retries;

namespace Weft.Proxy.HttpFilters.Router;

/// <summary>strict_check_headers: headers whose values must make sense, or the request is refused. Immutable; any thread.</summary>
internal sealed class StrictHeaders(IEnumerable<string> names)
{
    private readonly HeaderName[] _names = [.. names.Select(static name => new HeaderName(name))];

    public bool IsEmpty => _names.Length == 0;

    /// <summary>What is wrong, for the client; null when nothing is.</summary>
    public byte[]? Check(HeaderMap headers)
    {
        foreach (var name in _names)
        {
            var at = headers.IndexOf(name);
            if (at >= 0 && !IsValid(name.Known, headers.ValueAt(at)))
                return Encoding.UTF8.GetBytes($"invalid header '{name}' with value '{Encoding.UTF8.GetString(headers.ValueAt(at))}'");
        }

        return null;
    }

    private static bool IsValid(KnownHeader header, ReadOnlySpan<byte> value) => header switch
    {
        KnownHeader.XEnvoyRetryOn => AreConditions(value, static name => RetryOnNames.ParseHttp(name)),
        KnownHeader.XEnvoyRetryGrpcOn => AreConditions(value, static name => RetryOnNames.ParseGrpc(name)),
        _ => Utf8Parser.TryParse(value, out ulong _, out var read) && read == value.Length,
    };

    private static bool AreConditions(ReadOnlySpan<byte> value, Func<ReadOnlySpan<byte>, RetryOn> parse)
    {
        foreach (var name in new CommaList(value))
        {
            if (parse(name) == RetryOn.None)
                return false;
        }

        return true;
    }
}
