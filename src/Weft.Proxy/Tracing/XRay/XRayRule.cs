using System.Text;
using Weft.Http;

namespace Weft.Proxy.Tracing.XRay;

/// <summary>A rule of the manifest: patterns with * and ?, and how much of what they fit is traced. Shared by all workers.</summary>
internal sealed class XRayRule(string host, string method, string path, uint perSecond, double rate)
{
    private readonly byte[] _host = Encoding.UTF8.GetBytes(host.ToLowerInvariant());
    private readonly byte[] _method = Encoding.UTF8.GetBytes(method.ToLowerInvariant());
    private readonly byte[] _path = Encoding.UTF8.GetBytes(path.ToLowerInvariant());

    /// <summary>The second since 1970 in the upper half, what was taken in it in the lower.</summary>
    private long _taken;

    /// <summary>X-Ray's own: one request a second, and 5 % of the others.</summary>
    public static XRayRule Default => new("*", "*", "*", 1, 0.05);

    /// <summary>The share of what goes beyond the fixed number, 0 to 1.</summary>
    public double Rate => rate;

    /// <summary>What a request has not, fits.</summary>
    public bool Fits(HeaderMap headers) =>
        Fits(_host, headers.Get(KnownHeader.Authority)) && Fits(_method, headers.Get(KnownHeader.Method)) && Fits(_path, headers.Get(KnownHeader.Path));

    /// <summary>One of the requests that are traced in every second, whatever the share.</summary>
    public bool TryTake(DateTime now)
    {
        var second = (now.Ticks / TimeSpan.TicksPerSecond) << 32;
        while (true)
        {
            var taken = Volatile.Read(ref _taken);
            var next = (taken >> 32) << 32 == second ? taken + 1 : second + 1;
            if ((next & uint.MaxValue) > perSecond)
                return false;
            if (Interlocked.CompareExchange(ref _taken, next, taken) == taken)
                return true;
        }
    }

    private static bool Fits(byte[] pattern, ReadOnlySpan<byte> text) => text.IsEmpty || Matches(pattern, text);

    /// <summary>Capitals do not matter. Time is bounded by the product of both lengths, for one star linear.</summary>
    private static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        var (at, p, starAt, star) = (0, 0, -1, 0);
        while (at < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (starAt, star) = (at, p++);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == Lower(text[at])))
            {
                at++;
                p++;
            }
            else if (starAt >= 0)
            {
                at = ++starAt;
                p = star + 1;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim((byte)'*').IsEmpty;
    }

    private static byte Lower(byte character) => character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
}
