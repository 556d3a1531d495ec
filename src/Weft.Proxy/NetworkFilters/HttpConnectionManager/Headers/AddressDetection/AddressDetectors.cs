using Envoy.Extensions.Http.OriginalIpDetection.CustomHeader.V3;
using Envoy.Extensions.Http.OriginalIpDetection.Xff.V3;
using Google.Protobuf;
using Weft.Config;
using Weft.Proxy.Routing.Matching;
using HcmMessage = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace Weft.Proxy.NetworkFilters.HttpConnectionManager.Headers.AddressDetection;

/// <summary>Which configuration message makes which <see cref="AddressDetector"/>. Main thread.</summary>
internal static class AddressDetectors
{
    private const string Field = "original_ip_detection_extensions";

    /// <summary>Those of a connection manager, in order; without any, x-forwarded-for alone. Faults are reported in the context.</summary>
    public static AddressDetector[] Create(HcmMessage source, ConfigContext context)
    {
        if (source.OriginalIpDetectionExtensions.Count == 0)
            return [new ForwardedForDetector(source.XffNumTrustedHops)];
        if (source.UseRemoteAddress ?? false)
            context.Error(source, Field, "Original IP detection extensions and use_remote_address may not be mixed");
        else if (source.XffNumTrustedHops > 0)
            context.Error(source, Field, "Original IP detection extensions and xff_num_trusted_hops may not be mixed");
        var detectors = new List<AddressDetector>();
        foreach (var extension in source.OriginalIpDetectionExtensions)
        {
            switch (context.Unpack(extension.TypedConfig))
            {
                case XffConfig forwarded:
                    detectors.Add(Of(forwarded, context));
                    break;
                case CustomHeaderConfig custom:
                    detectors.Add(new CustomHeaderDetector(custom));
                    break;
                case IMessage other:
                    context.Error(extension, "typed_config", $"original IP detection by {other.Descriptor.FullName} is not implemented yet");
                    break;
            }
        }

        return [.. detectors];
    }

    private static AddressDetector Of(XffConfig config, ConfigContext context)
    {
        var appends = !(config.SkipXffAppend ?? true);
        if (config.XffTrustedCidrs is not { Cidrs.Count: > 0 } trusted)
            return new ForwardedForDetector(config.XffNumTrustedHops, appends);
        if (config.XffNumTrustedHops > 0)
            context.Error(config, "xff_trusted_cidrs", "Cannot set both xff_num_trusted_hops and xff_trusted_cidrs");
        return new TrustedProxiesDetector(AddressRanges.Create(trusted.Cidrs, context), appends);
    }
}
