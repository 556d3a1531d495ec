using Weft.Base.Buffers;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Formatting;
using Weft.Proxy.Routing.Matching;
using MatchMessage = Envoy.Config.Route.V3.RateLimit.Types.Action.Types.RemoteAddressMatch;

namespace Weft.Proxy.Routing.RateLimits;

/// <summary>remote_address_match: an entry for clients of some addresses; there is no descriptor for the others. Immutable; any thread.</summary>
internal sealed class RemoteAddressMatch : RateLimitAction
{
    private const string DefaultKey = "remote_address_match";

    [ThreadStatic]
    private static ByteWriter? t_formatted;

    private readonly byte[] _key;
    private readonly SubstitutionFormat _value;
    private readonly byte[] _default;
    private readonly AddressRanges _ranges;
    private readonly bool _isInverted;

    public RemoteAddressMatch(MatchMessage config, FactoryContext context)
    {
        _key = Bytes(config.DescriptorKey.Length > 0 ? config.DescriptorKey : DefaultKey);
        _value = SubstitutionFormat.Parse(config.DescriptorValue, context.Config, config, "descriptor_value", omitEmptyValues: true);
        _default = Bytes(config.DefaultValue);
        _ranges = AddressRanges.Create(config.AddressMatcher?.Ranges ?? [], context.Config);
        _isInverted = config.AddressMatcher?.InvertMatch ?? false;
    }

    public override bool TryWrite(in RateLimitContext context, ByteWriter output)
    {
        if (_ranges.Contains(context.Info.DownstreamRemoteAddress) == _isInverted) return false;
        if (_value.Constant is { } text) return TryWrite(text, output);
        var formatted = t_formatted ??= new ByteWriter(64);
        formatted.Clear();
        _value.Format(new FormatContext(context.Info, context.Headers), formatted);
        return TryWrite(formatted.Written, output);
    }

    private bool TryWrite(ReadOnlySpan<byte> value, ByteWriter output)
    {
        if (value.IsEmpty) value = _default;
        if (value.IsEmpty) return false;
        RateLimitDescriptor.WriteEntry(output, _key, value);
        return true;
    }
}
