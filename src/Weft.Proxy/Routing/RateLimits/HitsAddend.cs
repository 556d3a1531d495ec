using System.Buffers.Text;
using Weft.Base.Buffers;
using Weft.Config;
using Weft.Proxy.Formatting;
using HitsMessage = Envoy.Config.Route.V3.RateLimit.Types.HitsAddend;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>hits_addend: how many requests one counts for at a rate limit service. Immutable; any thread.</summary>
internal sealed class HitsAddend
{
    private const double Max = 1_000_000_000;

    private readonly ulong _number;
    private readonly SubstitutionFormat? _format;

    private HitsAddend(ulong number, SubstitutionFormat? format) => (_number, _format) = (number, format);

    /// <summary>Null when there is none; faults are reported.</summary>
    public static HitsAddend? Create(HitsMessage? config, ConfigContext context)
    {
        if (config is null) return null;
        if ((config.Number is not null) == (config.Format.Length > 0))
            context.Error(config, null, "hits_addend must contain either a format or a number");
        return new HitsAddend(config.Number ?? 0, config.Format.Length > 0 ? SubstitutionFormat.Parse(config.Format, context, config, "format") : null);
    }

    /// <summary>Null: the format gives no number from 0 to a billion.</summary>
    public ulong? Of(in RateLimitContext context)
    {
        if (_format is null) return _number;
        var output = new ByteWriter();
        _format.Format(new FormatContext(context.Info, context.Headers), output);
        return Utf8Parser.TryParse(output.Written, out double hits, out var read) && read == output.Length && hits is >= 0 and <= Max ? (ulong)hits : null;
    }
}
